"""The function of two inputs with the gradient (3, 1)."""

import numpy as np
import pytest

from downhill.analysis import two_inputs


def test_the_gradient_is_three_to_one_and_the_derivative():
    x, y = two_inputs.AT
    np.testing.assert_array_equal(two_inputs.slope(x, y), [3, 1])
    h = 1e-6
    expected = [
        (two_inputs.cost(x + h, y) - two_inputs.cost(x - h, y)) / (2 * h),
        (two_inputs.cost(x, y + h) - two_inputs.cost(x, y - h)) / (2 * h),
    ]
    np.testing.assert_allclose(expected, [3, 1], rtol=1e-8)


@pytest.mark.parametrize("nudge", [0.1, 1.0])
def test_changes_with_large_nudges(nudge: float):
    expected = [3 * nudge + 3 * nudge**2 + nudge**3, nudge + nudge**2 / 2]
    np.testing.assert_allclose(two_inputs.changes(nudge), expected)
