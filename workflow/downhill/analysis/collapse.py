"""A network as a single matrix: what it would compute if its hidden units were linear. In float64."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def collapsed(weights: Any) -> list[tuple[Array, Array]]:
    """The single layer that computes the same as all layers of a network with linear hidden units.

    Two layers without an activation in between are one: (x V + c) W + b = x (V W) + (c W + b).

    Parameters
    ----------
    weights
        [(W, b), …], W of shape (n_in, n_out).

    Returns
    -------
    [(W, b)], W of shape (n_inputs, n_outputs), float64.
    """
    (V, c), *rest = [(np.asarray(W, np.float64), np.asarray(b, np.float64)) for W, b in weights]
    for W, b in rest:
        V, c = V @ W, c @ W + b
    return [(V, c)]


def worst_relative_difference(found: ArrayLike, expected: ArrayLike) -> float:
    """Largest ‖a − b‖ / ‖b‖ over the rows a of `found` and b of `expected`, (n, k).

    Equal rows differ by 0, whatever their norm; a row that differs from zeros differs infinitely. NaN without rows.
    """
    a, b = np.asarray(found, np.float64), np.asarray(expected, np.float64)
    if not len(a):
        return float("nan")
    difference, size = np.linalg.norm(a - b, axis=1), np.linalg.norm(b, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.where(difference == 0, 0.0, difference / size).max())
