"""Lines through the falling part of a curve, compared with SciPy."""

import numpy as np
import pytest
from scipy import stats

from downhill.analysis.straightness import line, line_of_fall, places_of_fall


def test_line_is_that_of_least_squares():
    x = np.array([0.0, 1, 2, 5, 7, 11])
    y = np.random.default_rng(0).normal(size=6) - 0.3 * x
    expected = stats.linregress(x, y)
    found = line(x, y)
    np.testing.assert_allclose(found, [expected.intercept, expected.slope, expected.rvalue**2])


@pytest.mark.parametrize(
    ("x", "y"), [([0, 1], [2, 1]), ([0, 1, 2], [3, 3, 3]), ([1, 1, 1], [1, 2, 3]), ([], [])]
)
def test_there_is_no_line_through_too_few_or_equal_values(x: list[float], y: list[float]):
    assert np.isnan(line(x, y)).all()


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 3), (0.75, 4), (0.76, 5), (0.9, 5), (0.99, 6), (1.0, 6)]
)
def test_fall_ends_where_its_share_has_happened(share: float, expected: int):
    cost = [10.0, 6, 4, 2.5, 1, 0, 0, 3]
    assert places_of_fall(cost, share) == expected


def test_sharp_fall_still_has_three_places():
    assert places_of_fall([10.0, 0, 0, 0], 0.99) == 3
    assert places_of_fall([10.0, 0], 0.99) == 2


def test_curve_that_does_not_fall_has_no_line():
    assert places_of_fall([1.0, 1, 2], 0.99) == 0
    assert np.isnan(line_of_fall([0, 1, 2], [1.0, 1, 2], 0.99)).all()


def test_lowest_value_counts_whatever_rounding_does():
    rng = np.random.default_rng(0)
    for cost in np.sort(rng.uniform(0, 1e-3, (200, 5)), axis=1)[:, ::-1] + 0.1:
        assert places_of_fall(cost, 1.0) == 5


def test_straight_fall_is_straighter_than_a_sharp_one():
    epochs = np.arange(51)
    straight = np.maximum(0.0, 3 - 0.1 * epochs)
    assert line_of_fall(epochs, straight, 1.0).r_squared == pytest.approx(1)
    sharp = 3 * np.exp(-epochs / 3)
    assert line_of_fall(epochs, sharp, 0.99).r_squared < 0.75
    # Scales do not matter.
    assert line_of_fall(7 * epochs, 5 * sharp, 0.99).r_squared == pytest.approx(
        line_of_fall(epochs, sharp, 0.99).r_squared
    )
