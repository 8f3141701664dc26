"""Costs after small moves, compared with the reference at the moved weights."""

from itertools import pairwise

import numpy as np
import pytest

from downhill import Network, reference
from downhill.analysis.curvature import flat, layers_of
from downhill.analysis.moves import Along, Neighbourhood, can_change, layer_of_each

PIXELS, CLASSES, IMAGES = 6, 3, 7
NETS = [
    Network(hidden_layers=(4, 5)),
    Network(hidden_layers=(4,), activation="relu", output="softmax", loss="cross_entropy"),
    Network(hidden_layers=(), loss="cross_entropy"),
    Network(hidden_layers=(3,), activation="step", output="linear"),
]


def weights_of(net: Network, seed: int = 0):
    random = np.random.default_rng(seed)
    sizes = net.layer_sizes(PIXELS, CLASSES)
    return [(random.normal(size=pair), random.normal(size=pair[1])) for pair in pairwise(sizes)]


def images_and_labels():
    images = np.random.default_rng(3).integers(0, 256, (IMAGES, 1, PIXELS), dtype=np.uint8)
    images[:, :, 2] = 0
    return images, np.arange(IMAGES) % CLASSES


def cost_at(vector: np.ndarray, net: Network) -> float:
    images, labels = images_and_labels()
    return reference.loss_and_gradient(layers_of(vector, weights_of(net)), images, labels, net)[0]


@pytest.mark.parametrize("net", NETS)
def test_costs_along_directions(net: Network):
    images, labels = images_and_labels()
    weights = weights_of(net)
    start = flat(weights)
    directions = np.random.default_rng(1).normal(size=(30, len(start)))
    near = Neighbourhood(weights, images, labels, net)
    assert near.cost() == pytest.approx(cost_at(start, net), rel=1e-12)
    found = near.costs_along(Along(directions, weights, images), 0.3)
    expected = [cost_at(start + 0.3 * direction, net) for direction in directions]
    np.testing.assert_allclose(found, expected, rtol=1e-10)


@pytest.mark.parametrize("net", NETS)
def test_cost_after_a_nudge_of_every_weight_and_bias(net: Network):
    images, labels = images_and_labels()
    weights = weights_of(net)
    start, near = flat(weights), Neighbourhood(weights, images, labels, net)
    for parameter in range(len(start)):
        moved = start.copy()
        moved[parameter] += 0.7
        assert near.cost_after_nudge(parameter, 0.7) == pytest.approx(cost_at(moved, net), rel=1e-10)


@pytest.mark.parametrize("net", NETS[:3])
def test_weights_of_dark_pixels_and_no_others_cannot_change_the_cost(net: Network):
    images, labels = images_and_labels()
    _, gradient = reference.loss_and_gradient(weights_of(net), images, labels, net)
    moving = can_change(images, net.layer_sizes(PIXELS, CLASSES))
    width = net.layer_sizes(PIXELS, CLASSES)[1]
    assert not flat(gradient)[~moving].any()
    assert np.flatnonzero(~moving).tolist() == list(range(2 * width, 3 * width))


def test_layers_of_parameters():
    assert layer_of_each((2, 3, 1)).tolist() == [0] * 9 + [1] * 4
