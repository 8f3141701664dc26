"""Barriers of curves with known shapes."""

import math
import warnings

import numpy as np
import pytest

from downhill import Network, reference
from downhill.analysis.barriers import barrier, between, chord, costs_along

SHARES = np.linspace(0, 1, 25)


def test_a_hill_has_its_height():
    costs = 2 + np.sin(np.pi * SHARES)  # 1 above ends of 2
    assert barrier(costs, SHARES) == pytest.approx(0.5)


def test_the_chord_is_subtracted_and_both_ends_count():
    costs = 1 + 2 * SHARES + 3 * np.sin(np.pi * SHARES)
    np.testing.assert_allclose(chord(costs, SHARES), 1 + 2 * SHARES)
    assert barrier(costs, SHARES) == pytest.approx(3 / 2)
    assert barrier(costs[::-1], SHARES) == pytest.approx(3 / 2)
    assert barrier(10 * costs, SHARES) == pytest.approx(3 / 2)


def test_there_is_no_barrier_in_a_bowl_or_on_a_slope():
    assert barrier((SHARES - 0.3) ** 2, SHARES) == 0
    assert barrier(1 + SHARES, SHARES) == pytest.approx(0, abs=1e-15)


def test_a_dip_and_a_hill_count_as_the_hill():
    costs = 1 + 0.5 * np.sin(2 * np.pi * SHARES)
    assert barrier(costs, SHARES) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("costs", "expected"),
    [
        ([0, 1, 0], math.inf),
        ([0, 0, 0], 0),
        ([1, math.inf, 1], math.inf),
        ([1, math.nan, 1], math.nan),
        ([math.inf, 1, 1], math.nan),
        ([3], 0),
    ],
)
def test_odd_costs_have_a_barrier_without_warnings(costs: list[float], expected: float):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = barrier(costs, np.linspace(0, 1, len(costs)))
    np.testing.assert_equal(found, expected)


def test_a_quadratic_cost_of_weights_has_no_barrier_between_any_two_points():
    """Linear outputs without a hidden layer: the cost is a bowl."""
    net = Network(hidden_layers=(), output="linear")
    random = np.random.default_rng(0)
    images, labels = random.uniform(0, 1, (50, 4)), random.integers(0, 3, 50)
    for _ in range(5):
        first, second = ([(random.normal(size=(4, 3)), random.normal(size=3))] for _ in range(2))

        def cost(weights) -> float:
            return reference.loss_and_gradient(weights, images, labels, net)[0]

        assert barrier(costs_along(cost, first, second, SHARES), SHARES) == 0


def test_the_line_goes_from_one_network_to_the_other():
    first, second = [(np.zeros((2, 2)), np.zeros(2))], [(np.ones((2, 2)), np.full(2, 4.0))]
    (W, b) = between(first, second, 0.25)[0]
    np.testing.assert_array_equal(W, np.full((2, 2), 0.25))
    np.testing.assert_array_equal(b, [1, 1])
    np.testing.assert_array_equal(between(first, second, 0)[0][1], first[0][1])
    np.testing.assert_array_equal(between(first, second, 1)[0][1], second[0][1])
