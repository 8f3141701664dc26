"""Lorenz curves and Gini indices, compared with their definitions."""

import numpy as np
import pytest

from downhill.analysis.concentration import gini, lorenz_curve, normal_lorenz_curve, share_of_largest


def test_gini_is_half_the_relative_mean_difference():
    for seed in range(5):
        sizes = np.random.default_rng(seed).exponential(size=40)
        differences = np.abs(sizes[:, None] - sizes[None, :]).mean()
        assert gini(sizes) == pytest.approx(differences / (2 * sizes.mean()))


def test_gini_is_twice_the_area_above_the_curve():
    sizes = np.random.default_rng(0).lognormal(size=100)
    curve = lorenz_curve(sizes, 101)  # the corners of the curve, with 100 sizes
    assert gini(sizes) == pytest.approx(1 - 2 * np.trapezoid(curve, dx=0.01))


@pytest.mark.parametrize(
    ("sizes", "expected"), [([2, 2, 2], 0), ([0, 0, 0, 5], 0.75), ([1], 0), ([1, 3], 0.25)]
)
def test_known_indices(sizes: list[float], expected: float):
    assert gini(sizes) == pytest.approx(expected)


def test_the_curve_of_few_sizes():
    np.testing.assert_allclose(lorenz_curve([3, 1], 5), [0, 0.125, 0.25, 0.625, 1])


@pytest.mark.parametrize("sizes", [[], [0, 0]])
def test_without_a_total_there_is_no_curve(sizes: list[float]):
    assert np.isnan(lorenz_curve(sizes, 3)).all()
    assert np.isnan(gini(sizes))
    assert np.isnan(share_of_largest(sizes, 0.1))


def test_the_share_of_the_largest():
    assert share_of_largest(np.arange(1, 11), 0.1) == pytest.approx(10 / 55)


def test_normal_numbers_have_the_curve_of_normal_numbers():
    sizes = np.abs(np.random.default_rng(0).standard_normal(200_000))
    np.testing.assert_allclose(lorenz_curve(sizes, 21), normal_lorenz_curve(21), atol=3e-3)
    assert gini(sizes) == pytest.approx(np.sqrt(2) - 1, abs=3e-3)
