"""A bowl in two dimensions, and gradient descent on it: a toy whose largest stable rate is known.

The cost is C(w) = ½ wᵀA w, with its minimum at 0. One step of descent with the rate r multiplies the distance from the
minimum along an eigenvector of A by 1 − r·λ, where λ is its eigenvalue, the curvature in that direction. So descent
converges exactly if r < 2/λmax, and jumps from side to side of the valley if r > 1/λmax.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

CURVATURES = (1.0, 8.0)
"""Along the valley, and across it."""

START = (-3.6, 0.1)
"""Where descent starts."""

_DIRECTIONS = np.array([[2.0, 1.0], [-1.0, 2.0]]) / np.sqrt(5.0)  # along the valley, and across it
_A = _DIRECTIONS.T @ np.diag(CURVATURES) @ _DIRECTIONS


def cost(w: ArrayLike) -> Array:
    """C(w) of points (…, 2)."""
    w = np.asarray(w, np.float64)
    return np.asarray(0.5 * ((w @ _A) * w).sum(axis=-1))


def slope(w: ArrayLike) -> Array:
    """∇C(w) of points (…, 2)."""
    return np.asarray(np.asarray(w, np.float64) @ _A)


def descend(gradient: Callable[[Array], Array], start: ArrayLike, rate: float, steps: int) -> Array:
    """Positions of gradient descent with steps of rate · gradient, (steps + 1, …); the start is the first."""
    path = [np.asarray(start, np.float64)]
    for _ in range(steps):
        path.append(path[-1] - rate * gradient(path[-1]))
    return np.stack(path)


def curvatures(gradient: Callable[[Array], Array], w: ArrayLike, step: float = 1e-4) -> Array:
    """Eigenvalues of the Hessian at w, in increasing order, from central differences of the gradient."""
    w = np.asarray(w, np.float64)
    moves = step * np.eye(len(w))
    rows = np.array([(gradient(w + move) - gradient(w - move)) / (2 * step) for move in moves])
    return np.linalg.eigvalsh((rows + rows.T) / 2)


def stable_rate(
    gradient: Callable[[Array], Array], start: ArrayLike, steps: int = 400, accuracy: float = 1e-6
) -> float:
    """The largest rate for which descent settles, found by trying rates and bisection.

    Descent settles if the gradient after the steps is shorter than halfway. The limit is known for a bowl (see above).

    Parameters
    ----------
    gradient
        The gradient at a point.
    start
        Where descent starts.
    steps
        Number of steps of each trial.
    accuracy
        Of the rate, relative.
    """

    def settles(rate: float) -> bool:
        with np.errstate(over="ignore", invalid="ignore"):
            path = descend(gradient, start, rate, steps)
            halfway, end = (np.linalg.norm(gradient(path[place])) for place in (steps // 2, steps))
            return bool(end < halfway) or end == 0

    low, high = 0.0, 0.01
    while settles(high):
        low, high = high, 2 * high
    while high - low > accuracy * high:
        middle = (low + high) / 2
        low, high = (middle, high) if settles(middle) else (low, middle)
    return (low + high) / 2
