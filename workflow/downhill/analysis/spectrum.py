"""Both ends of the spectrum of a Hessian: its lowest and its highest eigenvalues."""

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.curvature import Hessian

Array = NDArray[np.float64]

_SMALL = 200  # parameters; up to here, the whole matrix costs no more than an iteration
_VECTORS = 60  # of the Krylov space between restarts
_RESTARTS = 50


def ends_of_spectrum(hessian: Hessian, count: int = 1, tolerance: float = 1e-4) -> tuple[Array, Array]:
    """The lowest and the highest eigenvalues, each (count,) in increasing order.

    They are found by Lanczos iteration (SciPy's `eigsh`) from a fixed start vector. The lowest are those of the Hessian
    minus its highest eigenvalue: the accuracy is then relative to the range of the spectrum, not to an eigenvalue that
    may be close to 0. Small matrices are computed in full.

    Parameters
    ----------
    hessian
        The Hessian of a cost.
    count
        Number of eigenvalues at either end.
    tolerance
        Accuracy, relative to the range of the spectrum.

    Returns
    -------
    lowest, highest
        All NaN if the iteration does not converge or weights are not finite; padded with NaN if there are fewer
        eigenvalues.
    """
    unknown = np.full(count, np.nan)
    size = len(hessian.gradient)
    start = np.random.default_rng(0).standard_normal(size)
    with np.errstate(invalid="ignore", over="ignore"):
        first = hessian.product(start)
    if not np.isfinite(first).all():
        return unknown, unknown.copy()
    if not first.any():
        return np.zeros(count), np.zeros(count)
    if size <= max(_SMALL, 4 * count):
        found = np.linalg.eigvalsh([hessian.product(row) for row in np.eye(size)])
        few = np.full(max(0, count - size), np.nan)
        return np.concatenate([found[:count], few]), np.concatenate([few, found[-count:]])
    highest = _largest(hessian, 0.0, 1.0, start, count, tolerance)
    if np.isnan(highest).any():
        return unknown, highest
    top = float(highest[-1])
    return top - _largest(hessian, top, -1.0, start, count, tolerance)[::-1], highest


def _largest(
    hessian: Hessian, shift: float, sign: float, start: Array, count: int, tolerance: float
) -> Array:
    """The largest eigenvalues of shift + sign · Hessian, in increasing order; NaN without convergence."""
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    def product(vector: Array) -> Array:
        vector = np.ravel(vector)
        return shift * vector + sign * hessian.product(vector)

    size = len(start)
    operator = LinearOperator((size, size), matvec=product, dtype=np.float64)
    look = {
        "v0": start,
        "tol": tolerance,
        "ncv": min(size - 1, max(_VECTORS, 3 * count)),
        "maxiter": _RESTARTS,
    }
    try:
        found = eigsh(operator, k=count, which="LA", return_eigenvectors=False, **look)
    except ArpackNoConvergence:
        return np.full(count, np.nan)
    return np.sort(found)
