"""The bowl: its curvatures, and descent on it, whose factors and largest stable rate are known."""

import numpy as np
import pytest

from downhill.analysis import bowl


def test_slope_is_the_derivative_of_the_cost():
    random = np.random.default_rng(0)
    for w in random.normal(size=(5, 2)):
        moves = 1e-6 * np.eye(2)
        expected = [(bowl.cost(w + move) - bowl.cost(w - move)) / 2e-6 for move in moves]
        np.testing.assert_allclose(bowl.slope(w), expected, atol=1e-8)


def test_curvatures_are_those_of_the_bowl_everywhere():
    for w in ([0.0, 0.0], [3.0, -2.0]):
        np.testing.assert_allclose(bowl.curvatures(bowl.slope, w), bowl.CURVATURES, rtol=1e-9)


@pytest.mark.parametrize("rate", [0.01, 0.2, 0.26])
def test_each_step_multiplies_the_distance_by_one_minus_rate_times_curvature(rate: float):
    path = bowl.descend(bowl.slope, bowl.START, rate, 7)
    matrix = np.array([bowl.slope(row) for row in np.eye(2)])
    values, vectors = np.linalg.eigh(matrix)
    along = path @ vectors
    expected = along[0] * (1 - rate * values) ** np.arange(8)[:, None]
    np.testing.assert_allclose(along, expected, atol=1e-12)


def test_the_largest_stable_rate_is_two_over_the_largest_curvature():
    assert bowl.stable_rate(bowl.slope, bowl.START) == pytest.approx(2 / max(bowl.CURVATURES), rel=1e-5)


@pytest.mark.parametrize("curvature", [0.3, 5.0, 1e3])
def test_the_largest_stable_rate_of_a_parabola(curvature: float):
    found = bowl.stable_rate(lambda w: curvature * w, np.array([2.0]))
    assert found == pytest.approx(2 / curvature, rel=1e-5)


def test_rates_just_below_and_above_the_limit_converge_and_diverge():
    limit = 2 / max(bowl.CURVATURES)
    below, above = (
        np.linalg.norm(bowl.descend(bowl.slope, bowl.START, share * limit, 2000)[-1])
        for share in (0.99, 1.01)
    )
    assert below < 1e-6
    assert above > 1e6
