"""The spectrum of a Hessian: its highest eigenvalues, and both of its ends.

Eigenvalues are found by Lanczos iteration (SciPy's `eigsh`) from a fixed start vector. Small matrices are computed in
full.
"""

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.curvature import Hessian

Array = NDArray[np.float64]

_SMALL = 200  # parameters; up to here, the whole matrix costs no more than an iteration
_VECTORS = 60  # of the Krylov space between restarts
_FEW_VECTORS = 20  # the same for the highest eigenvalues alone, which lie far apart
_RESTARTS = 50


def highest_eigenvalues(hessian: Hessian, count: int = 1, tolerance: float = 1e-4) -> Array:
    """The highest eigenvalues of a Hessian, (count,) in increasing order.

    Parameters
    ----------
    hessian
        The Hessian of a cost.
    count
        Number of eigenvalues.
    tolerance
        Accuracy, relative to each eigenvalue.

    Returns
    -------
    All NaN if the iteration does not converge or weights are not finite; preceded by NaN if there are fewer
    eigenvalues.
    """
    known = _without_iteration(hessian, count)
    return _highest(hessian, 0.0, 1.0, count, tolerance, _FEW_VECTORS) if known is None else known[1]


def ends_of_spectrum(hessian: Hessian, count: int = 1, tolerance: float = 1e-4) -> tuple[Array, Array]:
    """The lowest and the highest eigenvalues of a Hessian, each (count,) in increasing order.

    The lowest are those of the Hessian minus its highest eigenvalue: the accuracy is then relative to the range of the
    spectrum, not to an eigenvalue that may be close to 0.

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
    known = _without_iteration(hessian, count)
    if known is not None:
        return known
    highest = _highest(hessian, 0.0, 1.0, count, tolerance, _VECTORS)
    if np.isnan(highest).any():
        return np.full(count, np.nan), highest
    top = float(highest[-1])
    return top - _highest(hessian, top, -1.0, count, tolerance, _VECTORS)[::-1], highest


def _start(hessian: Hessian) -> Array:
    return np.random.default_rng(0).standard_normal(len(hessian.gradient))


def _without_iteration(hessian: Hessian, count: int) -> tuple[Array, Array] | None:
    """Both ends of the spectrum where no iteration is needed or none is possible, else None."""
    with np.errstate(invalid="ignore", over="ignore"):
        first = hessian.product(_start(hessian))
    if not np.isfinite(first).all():
        return np.full(count, np.nan), np.full(count, np.nan)
    if not first.any():  # the Hessian is zero
        return np.zeros(count), np.zeros(count)
    size = len(first)
    if size > max(_SMALL, 4 * count):
        return None
    found = np.linalg.eigvalsh([hessian.product(row) for row in np.eye(size)])
    few = np.full(max(0, count - size), np.nan)
    return np.concatenate([found[:count], few]), np.concatenate([few, found[-count:]])


def _highest(
    hessian: Hessian, shift: float, sign: float, count: int, tolerance: float, vectors: int
) -> Array:
    """The highest eigenvalues of shift + sign · Hessian, in increasing order; NaN without convergence."""
    from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigsh

    def product(vector: Array) -> Array:
        vector = np.ravel(vector)
        return shift * vector + sign * hessian.product(vector)

    start = _start(hessian)
    size = len(start)
    operator = LinearOperator((size, size), matvec=product, dtype=np.float64)
    settings = {
        "v0": start,
        "tol": tolerance,
        "ncv": min(size - 1, max(vectors, 3 * count)),
        "maxiter": _RESTARTS,
    }
    try:
        found = eigsh(operator, k=count, which="LA", return_eigenvectors=False, **settings)
    except ArpackNoConvergence:
        return np.full(count, np.nan)
    return np.sort(found)
