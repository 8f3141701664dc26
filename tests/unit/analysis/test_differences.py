"""Central differences: exact on a parabola, second order in the step, and aware of kinks."""

import numpy as np
import pytest

from downhill.analysis.curvature import flat
from downhill.analysis.differences import central_differences, relative_difference
from downhill.config.network import Network
from downhill.network import reference


def drawn(sizes=((4, 3), (3, 2)), seed=0):
    random = np.random.default_rng(seed)
    weights = [(random.normal(size=shape), random.normal(size=shape[1])) for shape in sizes]
    return weights, random.uniform(size=(6, 4)), random.integers(2, size=6)


def test_differences_of_a_quadratic_function_are_exact():
    """A linear network with one layer and quadratic cost: no third derivative, so a large step does no harm."""
    weights, images, labels = drawn(((4, 2),))
    net = Network(hidden_layers=(), output="linear")
    found, _ = central_differences(weights, images, labels, net, np.arange(10), 0.5)
    np.testing.assert_allclose(
        found, flat(reference.loss_and_gradient(weights, images, labels, net)[1]), rtol=1e-12
    )


def test_the_error_falls_with_the_square_of_the_step():
    weights, images, labels = drawn()
    net = Network(hidden_layers=(3,))
    true = flat(reference.loss_and_gradient(weights, images, labels, net)[1])
    errors = [
        abs(central_differences(weights, images, labels, net, np.arange(len(true)), h)[0] - true).max()
        for h in (0.02, 0.01)
    ]
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.02)


def test_copies_are_computed_in_parts_with_the_same_result(monkeypatch):
    weights, images, labels = drawn()
    arguments = (weights, images, labels, Network(hidden_layers=(3,)), [3, 0, 22, 7], 1e-4)
    at_once, _ = central_differences(*arguments)
    monkeypatch.setattr("downhill.analysis.differences._NUMBERS_AT_A_TIME", 1)
    np.testing.assert_array_equal(central_differences(*arguments)[0], at_once)
    backwards = central_differences(*arguments[:4], [7, 22, 0, 3], 1e-4)[0]
    np.testing.assert_allclose(backwards[::-1], at_once, rtol=1e-12)


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "step"])
def test_a_nudge_across_a_kink_is_noticed(activation):
    """One hidden unit with z = w·x + b = 0.1 for the only image: its bias may fall by 0.1 and its weight by 0.2."""
    weights = [(np.array([[0.2]]), np.array([0.0])), (np.array([[1.0, 1.0]]), np.zeros(2))]
    net = Network(hidden_layers=(1,), activation=activation)
    images, labels = np.array([[0.5]]), np.array([0])
    for step, expected in ((0.05, [False, False]), (0.15, [False, True]), (0.25, [True, True])):
        _, crosses = central_differences(weights, images, labels, net, np.arange(6), step)
        assert crosses.tolist() == [*expected, False, False, False, False]


def test_smooth_units_have_no_kink():
    weights, images, labels = drawn()
    _, crosses = central_differences(
        weights, images, labels, Network(hidden_layers=(3,)), np.arange(23), 10.0
    )
    assert not crosses.any()


def test_relative_difference():
    assert relative_difference([3.0, 4.0], [3.0, 4.0]) == 0
    assert relative_difference([3.0, 4.0], [-3.0, -4.0]) == 1
    assert relative_difference([1.0, 0.0], [0.0, 0.0]) == 1
    assert relative_difference(np.zeros(3), np.zeros(3)) == 0
    assert np.isnan(relative_difference([], []))
    assert relative_difference([1.0], [1.5]) == pytest.approx(0.2)
