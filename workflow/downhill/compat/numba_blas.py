"""Numba's private entry point to the BLAS that SciPy ships.

Numba resolves SciPy's `sgemm` through a small C function of its own, which `np.dot` in compiled code uses too.
The engine calls it directly, because `np.dot` can neither accumulate into an array nor work on parts of one.
"""

PRODUCT = "numba_xxgemm"
"""Name of Numba's C function: (kind, transa, transb, m, n, k, α, A, lda, B, ldb, β, C, ldc), 64-bit sizes."""


def load() -> None:
    """Make sure that the BLAS is loaded, so that its threads can be limited; ImportError without SciPy."""
    from numba.np.linalg import ensure_blas

    ensure_blas()  # type: ignore[no-untyped-call]
