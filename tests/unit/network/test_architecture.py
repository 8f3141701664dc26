"""Initial weights: distributions, bounds, and draws that must never change."""

from itertools import pairwise
from typing import get_args

import numpy as np
import pytest
from scipy import stats

from downhill import Network
from downhill.config.network import Initialization
from downhill.network.architecture import initial_parameters, unpack

SIZES = (300, 200, 50, 10)


def layers(initialization, seed=0, sizes=SIZES):
    return unpack(initial_parameters(Network(initialization=initialization), sizes, seed), sizes)


@pytest.mark.parametrize(
    ("initialization", "deviation"),
    [
        ("normal", lambda n_in: 1.0),
        ("lecun", lambda n_in: 1 / np.sqrt(n_in)),
        ("nielsen", lambda n_in: 1 / np.sqrt(n_in)),
        ("he", lambda n_in: np.sqrt(2 / n_in)),
    ],
)
def test_normal_draws_have_the_right_spread(initialization, deviation):
    for (n_in, _), (W, _) in zip(pairwise(SIZES), layers(initialization), strict=True):
        z = W.ravel() / deviation(n_in)
        assert stats.kstest(z, "norm").pvalue > 0.001
        assert z.std() == pytest.approx(1, abs=4 / np.sqrt(2 * len(z)))


def test_glorot_is_uniform_within_its_bounds():
    for (n_in, n_out), (W, _) in zip(pairwise(SIZES), layers("glorot"), strict=True):
        bound = np.sqrt(6 / (n_in + n_out))
        assert stats.kstest(W.ravel() / bound, "uniform", args=(-1, 2)).pvalue > 0.001
        assert np.abs(W).max() <= np.float32(bound)
        assert W.var() == pytest.approx(
            2 / (n_in + n_out), rel=6 / np.sqrt(W.size)
        )  # eq. 16 is chosen so that eq. 12 holds


def test_zeros_are_zero():
    assert not initial_parameters(Network(initialization="zeros"), SIZES, 0).any()


@pytest.mark.parametrize("initialization", get_args(Initialization))
def test_only_normal_and_nielsen_draw_biases(initialization):
    for _, b in layers(initialization):
        assert b.any() == (initialization in ("normal", "nielsen"))


@pytest.mark.parametrize("initialization", ["normal", "nielsen"])
def test_biases_have_a_standard_deviation_of_one_whatever_the_number_of_inputs(initialization):
    for n_in in (10, 1000):
        ((_, b),) = layers(initialization, sizes=(n_in, 3000))
        assert stats.kstest(b, "norm").pvalue > 0.001
        assert b.std() == pytest.approx(1, abs=4 / np.sqrt(2 * len(b)))


@pytest.mark.parametrize("initialization", get_args(Initialization))
def test_initial_weights_depend_only_on_the_seed(initialization):
    net = Network(initialization=initialization)
    first, again, other = (initial_parameters(net, SIZES, seed) for seed in (4, 4, 5))
    assert first.dtype == np.float32
    np.testing.assert_array_equal(first, again)
    assert np.array_equal(first, other) == (initialization == "zeros")


def test_normal_lecun_and_he_scale_the_same_draws():
    for (n_in, _), (normal, _), (lecun, _), (he, _) in zip(
        pairwise(SIZES), *(layers(name) for name in ("normal", "lecun", "he")), strict=True
    ):
        np.testing.assert_allclose(lecun * np.sqrt(n_in), normal, rtol=1e-6)
        np.testing.assert_allclose(he / np.sqrt(2), lecun, rtol=1e-6)


def test_nielsen_has_the_weights_of_lecun_and_the_biases_of_normal():
    for (W, b), (lecun, _), (_, normal) in zip(
        *(layers(name, seed=2) for name in ("nielsen", "lecun", "normal")), strict=True
    ):
        np.testing.assert_array_equal(W, lecun)
        np.testing.assert_array_equal(b, normal)


@pytest.mark.parametrize(
    ("initialization", "first", "second_layer", "last_biases"),
    [
        ("normal", [0.5239389, 0.04904952], [-0.17218813, -0.81234777], [-0.5710014, 0.5264787]),
        ("nielsen", [0.0187121, 0.00175177], [-0.04304703, -0.20308694], [-0.5710014, 0.5264787]),
        ("lecun", [0.0187121, 0.00175177], [-0.04304703, -0.20308694], [0, 0]),
        ("he", [0.02646291, 0.00247737], [-0.0608777, -0.28720832], [0, 0]),
        ("glorot", [0.00716543, -0.02101353], [-0.21071708, -0.43019485], [0, 0]),
    ],
)
def test_draws_are_those_of_published_results(initialization, first, second_layer, last_biases):
    """A change here changes every published number, so it must be intended and recorded in the changelog."""
    weights = layers(initialization, seed=3, sizes=(784, 16, 16, 10))
    np.testing.assert_allclose(weights[0][0][0, :2], first, rtol=2e-6)
    np.testing.assert_allclose(weights[1][0][0, :2], second_layer, rtol=2e-6)
    np.testing.assert_allclose(weights[2][1][:2], last_biases, rtol=2e-6)
