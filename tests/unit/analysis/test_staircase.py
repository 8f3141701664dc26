"""A network written by hand is a staircase, and as close to a function as its total variation allows."""

import numpy as np
import pytest

from downhill.analysis.function_fits import recipe
from downhill.analysis.staircase import staircase
from downhill.datasets.generate import curve
from downhill.network.reference import forward


def outputs(x: np.ndarray, f: np.ndarray, units: int) -> np.ndarray:
    return forward(staircase(x, f, units), x[:, None], recipe(units, 0, 1))[1][:, 0]


@pytest.mark.parametrize("units", [1, 4, 16, 64, 256])
def test_the_error_is_at_most_what_the_variation_allows(units: int):
    points = curve(10_001)
    x, f = points.images[:, 0, 0].astype(float), points.targets[:, 0].astype(float)
    variation = abs(np.diff(f)).sum()
    error = abs(outputs(x, f, units) - f).max()
    assert error <= variation / (2 * (units + 1)) * (1 + 1e-9) + abs(np.diff(f)).max()
    assert error > 0


def test_a_ramp_becomes_equal_steps():
    x = np.linspace(0, 1, 1001)
    found = outputs(x, x, 3)
    levels, counts = np.unique(found.round(9), return_counts=True)
    np.testing.assert_allclose(levels, [0.125, 0.375, 0.625, 0.875], atol=2e-3)
    assert counts.min() >= 249
    assert abs(found - x).max() == pytest.approx(0.125, abs=2e-3)


def test_a_function_that_jumps_is_met_exactly():
    x = np.array([0.0, 1.0, 2.0, 3.0])
    np.testing.assert_allclose(outputs(x, np.array([0.0, 0.0, 5.0, 5.0]), 1), [0, 0, 5, 5], atol=1e-12)


@pytest.mark.parametrize("f", [[1.0, 1.0, 1.0], [0.0, 5.0, 5.0]])
def test_units_that_are_not_needed_have_no_effect(f: list[float]):
    x = np.array([0.0, 0.5, 1.0])
    np.testing.assert_allclose(outputs(x, np.array(f), 7), f, atol=1e-12)
