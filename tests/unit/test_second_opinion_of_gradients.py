"""The second opinion on gradients and on fits computes what its claims are about."""

import importlib.util

import numpy as np
import pytest

from benchmarks.second_opinion import approximation, backpropagation
from benchmarks.second_opinion.study import Images
from downhill.claims.backpropagation_graph import drawn_graph
from downhill.datasets.generate import curve

needs_torch = pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="needs PyTorch")


def test_sympy_finds_the_derivatives_of_the_drawn_graph():
    """They are given with six digits."""
    graph = drawn_graph()
    assert backpropagation.difference_of_graph(graph) < 1e-6
    (bias,) = (node for node in graph["nodes"] if node["name"] == "b")
    bias["derivative"] *= 1.01
    assert backpropagation.difference_of_graph(graph) > 1e-4


@needs_torch
def test_differences_of_a_network_are_small_unless_its_gradient_is_wrong(monkeypatch: pytest.MonkeyPatch):
    from benchmarks.second_opinion.networks import Surface

    random = np.random.default_rng(0)
    weights = [(random.normal(size=shape), random.normal(size=shape[1])) for shape in ((4, 3), (3, 2))]
    images = Images(random.uniform(size=(6, 4)), random.integers(2, size=6))
    found = backpropagation.differences(weights, images, random)
    assert len(found) == 2
    assert max(found) < 1e-6
    exact = Surface.gradient
    monkeypatch.setattr(Surface, "gradient", lambda surface, at: 1.5 * exact(surface, at))
    assert backpropagation.differences(weights, images, random) == pytest.approx([0.5 / 2.5] * 2, rel=1e-6)


def test_the_curve_is_that_of_the_claim():
    points = curve(101)
    expected = approximation.curve(points.images[:, 0, 0].astype(np.float64))
    np.testing.assert_allclose(points.targets[:, 0], expected, rtol=1e-6)


@needs_torch
def test_fits_get_better_with_training():
    before, after = (approximation.errors_of_fits(8, 2, epochs).mean() for epochs in (1, 200))
    assert after < before
