"""Changes of the gradient from layer to layer."""

import numpy as np

from downhill.analysis.layers import steps_between_layers


def test_steps_are_logarithms_of_ratios():
    found = steps_between_layers([[1, 4, 8], [5, 5, np.nan], [0, 2, 6], [np.inf, 1, 0]])
    expected = [[np.log(4), np.log(2)], [0, np.nan], [np.nan, np.log(3)], [np.nan, np.nan]]
    np.testing.assert_allclose(found, expected)


def test_a_single_layer_has_no_step():
    assert steps_between_layers(np.ones((3, 1))).shape == (3, 0)
