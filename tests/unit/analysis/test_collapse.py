"""The matrix that a linear network is, and relative differences."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downhill import Network, reference
from downhill.analysis.collapse import collapsed, worst_relative_difference


def layers(random, sizes):
    return [(random.normal(size=(a, b)), random.normal(size=b)) for a, b in pairwise(sizes)]


@given(st.lists(st.integers(1, 6), min_size=2, max_size=7), st.integers(0, 1000))
@settings(deadline=None, max_examples=40)
def test_a_linear_network_of_any_depth_is_its_matrix(sizes, seed):
    random = np.random.default_rng(seed)
    weights = layers(random, sizes)
    x = random.normal(size=(5, sizes[0]))
    ((W, b),) = collapsed(weights)
    net = Network(hidden_layers=tuple(sizes[1:-1]), activation="linear", output="linear")
    outputs = reference.forward(weights, x, net)[0][-1]
    np.testing.assert_allclose(x @ W + b, outputs, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(
        W, np.linalg.multi_dot([V for V, _ in weights]) if len(weights) > 1 else weights[0][0]
    )


def test_by_hand():
    ((W, b),) = collapsed([([[1, 2]], [1, 0]), ([[3], [4]], [5])])
    assert (W.tolist(), b.tolist()) == ([[11]], [8])


def test_the_worst_row_counts():
    expected = [[3.0, 4.0], [0.0, 2.0], [0.0, 0.0]]
    assert worst_relative_difference([[3, 4], [0, 2], [0, 0]], expected) == 0
    assert worst_relative_difference([[3, 5], [0.5, 2], [0, 0]], expected) == pytest.approx(0.25)
    assert worst_relative_difference([[3, 4], [0, 2], [0, 1]], expected) == np.inf
    assert np.isnan(worst_relative_difference(np.zeros((0, 2)), np.zeros((0, 2))))
