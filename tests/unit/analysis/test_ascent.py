"""Ascent in the pixels: gradients compared with central differences, and ascents whose end is known."""

from itertools import pairwise
from typing import get_args

import numpy as np
import pytest

from downhill import Network, reference
from downhill.analysis.ascent import SMOOTHING, Climb, total_variation, weighted_sums
from downhill.config.network import Activation

SHAPE, CLASSES = (3, 4), 5


def network(activation: str, hidden: tuple[int, ...], output: str = "sigmoid"):
    net = Network(hidden_layers=hidden, activation=activation, output=output)
    random = np.random.default_rng(len(activation))
    sizes = net.layer_sizes(12, CLASSES)
    return [(random.normal(size=(a, b)), random.normal(size=b)) for a, b in pairwise(sizes)], net


@pytest.mark.parametrize("hidden", [(), (6,), (6, 4)])
@pytest.mark.parametrize("activation", [name for name in get_args(Activation) if name != "step"])
def test_gradient_equals_central_differences(activation: str, hidden: tuple[int, ...]):
    weights, net = network(activation, hidden)
    images, outputs = np.random.default_rng(1).uniform(size=(7, 12)), np.arange(7) % CLASSES
    z, gradient = weighted_sums(weights, images, outputs, net)
    np.testing.assert_allclose(z, reference.forward(weights, images, net)[1][np.arange(7), outputs])
    expected = np.empty_like(images)
    for pixel, step in enumerate(1e-6 * np.eye(12)):
        ends = [weighted_sums(weights, images + sign * step, outputs, net)[0] for sign in (1, -1)]
        expected[:, pixel] = (ends[0] - ends[1]) / 2e-6
    np.testing.assert_allclose(gradient, expected, rtol=1e-5, atol=1e-7)


def test_total_variation_and_its_gradient():
    images = np.random.default_rng(2).uniform(size=(3, *SHAPE))
    total, gradient = total_variation(images)
    by_hand = 0.0
    for y in range(3):
        for x in range(4):
            right = images[0, y, x + 1] - images[0, y, x] if x < 3 else 0
            down = images[0, y + 1, x] - images[0, y, x] if y < 2 else 0
            by_hand += np.sqrt(right**2 + down**2 + SMOOTHING**2)
    assert total[0] == pytest.approx(by_hand)
    for place in np.ndindex(SHAPE):
        step = np.zeros(SHAPE)
        step[place] = 1e-6
        difference = (total_variation(images + step)[0] - total_variation(images - step)[0]) / 2e-6
        np.testing.assert_allclose(gradient[(slice(None), *place)], difference, atol=1e-6)


def test_a_single_pixel_has_no_gradient_of_total_variation():
    total, gradient = total_variation(np.full((2, 1, 1), 0.3))
    np.testing.assert_allclose(total, SMOOTHING)
    assert not gradient.any()


def test_a_linear_output_is_largest_at_a_corner_of_the_cube():
    (layer,), net = network("sigmoid", ())
    weights = [(layer[0] + 0.3 * np.sign(layer[0]), layer[1])]
    outputs = np.arange(CLASSES)
    found = Climb(weights, net, 0.1, 300).images(np.full((CLASSES, *SHAPE), 0.5), outputs)
    np.testing.assert_array_equal(found.reshape(CLASSES, -1), (weights[0][0].T > 0).astype(float))


def test_a_step_has_the_length_that_is_asked_for_and_climbs():
    weights, net = network("tanh", (6,))
    start, outputs = np.full((CLASSES, *SHAPE), 0.5), np.arange(CLASSES)
    one = Climb(weights, net, 0.1, 1).images(start, outputs)
    np.testing.assert_allclose(np.linalg.norm((one - start).reshape(CLASSES, -1), axis=1), 0.1)
    z = [
        weighted_sums(weights, images.reshape(CLASSES, -1), outputs, net)[0]
        for images in (start, one, Climb(weights, net, 0.1, 60).images(start, outputs))
    ]
    assert (z[0] < z[1]).all()
    assert (z[1] < z[2]).all()


def test_images_stay_in_the_cube_and_a_strong_penalty_keeps_them_flat():
    weights, net = network("sigmoid", (6,))
    noise = np.random.default_rng(3).uniform(size=(2, *SHAPE))
    found = Climb(weights, net, 0.1, 200).images(noise, [0, 0], [0.0, 100.0])
    assert found.min() >= 0
    assert found.max() <= 1
    assert np.ptp(found[0]) == 1
    assert np.ptp(found[1]) < 0.3


def test_without_a_gradient_an_image_stays_as_it_is():
    weights, net = network("step", (6,))
    start = np.random.default_rng(4).uniform(size=(2, *SHAPE))
    np.testing.assert_array_equal(Climb(weights, net, 0.1, 5).images(start, [0, 1]), start)
    tiny = [(W * 1e-200, b) for W, b in network("linear", ())[0]]
    assert (Climb(tiny, network("linear", ())[1], 0.1, 5).images(start, [0, 1]) != start).any()
