"""Costs along lines and planes, compared with the reference and with known planes."""

from itertools import pairwise

import numpy as np
import pytest

from downhill import Network, reference
from downhill.analysis.curvature import flat, layers_of
from downhill.analysis.surface import Surface, cost_between_outputs, principal_plane

PIXELS, CLASSES, IMAGES = 5, 3, 7


def random_weights(net: Network, seed: int):
    random = np.random.default_rng(seed)
    return [
        (random.normal(size=sizes), random.normal(size=sizes[1]))
        for sizes in pairwise(net.layer_sizes(PIXELS, CLASSES))
    ]


@pytest.mark.parametrize("hidden", [(), (4,), (4, 3)])
@pytest.mark.parametrize(
    ("activation", "output", "loss"),
    [
        ("sigmoid", "sigmoid", "mse"),
        ("relu", "softmax", "cross_entropy"),
        ("step", "linear", "mse"),
        ("tanh", "sigmoid", "cross_entropy"),
    ],
)
def test_cost_is_that_of_the_reference_at_the_moved_weights(hidden, activation, output, loss):
    net = Network(hidden_layers=hidden, activation=activation, output=output, loss=loss)
    origin, first, second = (random_weights(net, seed) for seed in range(3))
    images = np.random.default_rng(3).integers(0, 256, (IMAGES, 1, PIXELS), dtype=np.uint8)
    labels = np.arange(IMAGES) % CLASSES
    plane = Surface(origin, [first, second], images, labels, net)
    for s, t in ((0, 0), (0.3, -2), (1, 0)):
        moved = layers_of(flat(origin) + s * flat(first) + t * flat(second), origin)
        expected, _ = reference.loss_and_gradient(moved, images, labels, net)
        assert plane.cost(s, t) == pytest.approx(expected, rel=1e-12)


def test_cost_that_overflows_is_not_finite_and_gives_no_warning():
    net = Network(hidden_layers=(2,), activation="relu", output="linear")
    weights = random_weights(net, 0)
    line = Surface(weights, [weights], np.ones((2, PIXELS)), np.zeros(2, int), net)
    assert not np.isfinite(line.cost(1e200))


@pytest.mark.parametrize("loss", ["mse", "cross_entropy"])
def test_cost_between_outputs_is_that_of_their_mean(loss):
    net = Network(loss=loss)
    random = np.random.default_rng(1)
    z, other = random.normal(size=(2, 6, CLASSES))
    labels = np.arange(6) % CLASSES
    y = np.eye(CLASSES)[labels]
    for share in (0, 0.25, 0.5, 1):
        a = (1 - share) / (1 + np.exp(-z)) + share / (1 + np.exp(-other))
        each = 0.5 * (a - y) ** 2 if loss == "mse" else -(y * np.log(a) + (1 - y) * np.log(1 - a))
        expected = each.sum(axis=1).mean()
        assert cost_between_outputs(z, other, share, labels, net) == pytest.approx(expected, rel=1e-12)


def test_cross_entropy_between_outputs_that_round_to_one_is_exact():
    z, other = np.array([[800.0, -800.0]]), np.array([[-800.0, 800.0]])
    found = cost_between_outputs(z, other, 0.5, np.array([0]), Network(loss="cross_entropy"))
    assert found == pytest.approx(2 * np.log(2))
    assert cost_between_outputs(z, other, 1, np.array([0]), Network(loss="cross_entropy")) == 1600


def test_plane_through_points_of_a_plane_holds_them_all():
    random = np.random.default_rng(5)
    like = [(np.zeros((3, 2)), np.zeros(2))]
    u, v, origin = random.normal(size=(3, 8))
    points = [origin + s * u + t * v for s, t in ((3, 1), (2, -1), (1, 0.5), (0, 0))]
    directions, coordinates, share = principal_plane([layers_of(point, like) for point in points])
    np.testing.assert_allclose(directions @ directions.T, np.eye(2), atol=1e-12)
    np.testing.assert_allclose(origin + coordinates @ directions, points, atol=1e-12)
    assert share == pytest.approx(1)
    assert (coordinates[0] > 0).all()
    np.testing.assert_allclose(coordinates[-1], 0)


def test_share_of_a_plane_leaves_out_what_lies_beside_it():
    like = [(np.zeros((1, 2)), np.zeros(1))]
    points = [layers_of(point, like) for point in ([3, 0, 0], [0, 2, 0], [0, 0, 1], [0, 0, 0])]
    _, coordinates, share = principal_plane(points)
    assert share == pytest.approx(13 / 14)
    np.testing.assert_allclose(np.abs(coordinates), [[3, 0], [0, 2], [0, 0], [0, 0]], atol=1e-12)


@pytest.mark.parametrize(
    "points", [[[1, 2, 3], [0, 0, 0]], [[1, 1, 1], [2, 2, 2], [0, 0, 0]], [[1, 2, 3]] * 3]
)
def test_points_on_a_line_span_no_plane(points):
    like = [(np.zeros((1, 2)), np.zeros(1))]
    directions, _, _ = principal_plane([layers_of(point, like) for point in points])
    assert np.isnan(directions[-1]).all()
