"""Both ends of the spectrum, compared with all eigenvalues of the matrix."""

import warnings
from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from downhill import Network
from downhill.analysis import spectrum
from downhill.analysis.curvature import Hessian
from downhill.analysis.spectrum import ends_of_spectrum, highest_eigenvalues


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """One BLAS thread, as in experiments: these products are too small for more."""
    with threadpool_limits(limits=1):
        yield


def hessian(
    pixels: int, *hidden: int, activation: str = "sigmoid", scale: float = 1.0, images: int = 60
) -> Hessian:
    net = Network(hidden_layers=hidden, activation=activation)
    random = np.random.default_rng(pixels)
    sizes = (pixels, *hidden, 4)
    weights = [(scale * random.normal(size=(a, b)), random.normal(size=b)) for a, b in pairwise(sizes)]
    return Hessian(weights, random.uniform(0, 1, (images, pixels)), random.integers(0, 4, images), net)


def all_eigenvalues(of: Hessian) -> np.ndarray:
    return np.linalg.eigvalsh([of.product(row) for row in np.eye(len(of.gradient))])


@pytest.mark.parametrize("scale", [0.3, 1.0, 3.0])
@pytest.mark.parametrize("hidden", [(12,), (10, 8)])
def test_lanczos_finds_both_ends(hidden: tuple[int, ...], scale: float):
    of = hessian(40, *hidden, scale=scale)
    every = all_eigenvalues(of)
    assert len(every) > 4 * spectrum._VECTORS  # not computed in full
    lowest, highest = ends_of_spectrum(of, 3)
    room = 1e-4 * (every[-1] - every[0])
    np.testing.assert_allclose(lowest, every[:3], atol=room)
    np.testing.assert_allclose(highest, every[-3:], atol=room)
    assert (np.diff(lowest) >= 0).all()
    assert (np.diff(highest) >= 0).all()
    np.testing.assert_allclose(highest_eigenvalues(of, 3), every[-3:], rtol=1e-4)


def test_a_lowest_eigenvalue_close_to_zero_is_found():
    """A convex cost: no eigenvalue is negative, and those of the softmax's symmetry are 0."""
    net = Network(hidden_layers=(), output="softmax", loss="cross_entropy")
    random = np.random.default_rng(0)
    weights = [(0.1 * random.normal(size=(60, 5)), np.zeros(5))]
    of = Hessian(weights, random.uniform(0, 1, (100, 60)), random.integers(0, 5, 100), net)
    lowest, highest = ends_of_spectrum(of, 2)
    assert highest[-1] == pytest.approx(all_eigenvalues(of)[-1], rel=1e-6)
    np.testing.assert_allclose(lowest / highest[-1], 0, atol=1e-4)


def test_a_small_matrix_is_computed_in_full():
    of = hessian(3, 2)
    every = all_eigenvalues(of)
    lowest, highest = ends_of_spectrum(of, 4)
    np.testing.assert_allclose(lowest, every[:4], atol=1e-12)
    np.testing.assert_allclose(highest, every[-4:], atol=1e-12)
    np.testing.assert_array_equal(highest_eigenvalues(of, 4), highest)


@pytest.mark.filterwarnings("error")
def test_more_eigenvalues_than_there_are_are_unknown():
    of = hessian(1)
    every = all_eigenvalues(of)
    lowest, highest = ends_of_spectrum(of, 10)
    np.testing.assert_allclose(lowest, [*every, np.nan, np.nan], atol=1e-12)
    np.testing.assert_allclose(highest, [np.nan, np.nan, *every], atol=1e-12)


def test_a_flat_cost_has_only_zeros():
    """Linear outputs of a network without units that respond: the cost of wide steps at weights far from 0 is flat."""
    net = Network(hidden_layers=(6,), activation="step")
    weights = [(np.zeros((50, 6)), np.full(6, -1.0)), (np.zeros((6, 4)), np.full(4, -800.0))]
    of = Hessian(weights, np.ones((9, 50)), np.zeros(9, int), net)
    lowest, highest = ends_of_spectrum(of, 2)
    np.testing.assert_array_equal(lowest, [0, 0])
    np.testing.assert_array_equal(highest, [0, 0])
    np.testing.assert_array_equal(highest_eigenvalues(of, 2), [0, 0])


def test_weights_that_are_not_finite_have_no_spectrum():
    of = hessian(40, 12)
    of.weights[0][0][3, 3] = np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lowest, highest = ends_of_spectrum(of, 2)
        alone = highest_eigenvalues(of, 2)
    assert np.isnan([*lowest, *highest, *alone]).all()


def test_iterations_that_do_not_converge_give_nothing(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spectrum, "_RESTARTS", 1)
    for vectors in ("_VECTORS", "_FEW_VECTORS"):
        monkeypatch.setattr(spectrum, vectors, 5)
    lowest, highest = ends_of_spectrum(hessian(40, 12), 1, tolerance=1e-15)
    assert np.isnan(lowest).all()
    assert np.isnan(highest).all()
    assert np.isnan(highest_eigenvalues(hessian(40, 12), 1, tolerance=1e-15)).all()


def test_the_spectrum_has_the_same_bytes_each_time():
    first, second = (np.concatenate(ends_of_spectrum(hessian(40, 12), 3)) for _ in range(2))
    np.testing.assert_array_equal(first, second)
