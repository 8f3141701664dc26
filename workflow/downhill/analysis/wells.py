"""A curve with several valleys, and gradient descent on it: a toy that shows how the start decides the end."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

EDGE = 5.0
"""The curve is drawn, and descent starts, between −5 and 5."""


def cost(x: ArrayLike) -> Array:
    """C(x) = 0.7 + 0.03 x² + 0.5 sin(2x + 1): four valleys of different depths between −5 and 5."""
    x = np.asarray(x, np.float64)
    return np.asarray(0.7 + 0.03 * x**2 + 0.5 * np.sin(2 * x + 1))


def slope(x: ArrayLike) -> Array:
    """C'(x) = 0.06 x + cos(2x + 1)."""
    x = np.asarray(x, np.float64)
    return np.asarray(0.06 * x + np.cos(2 * x + 1))


@dataclass(frozen=True)
class Descent:
    """Gradient descent on the curve from several starts.

    Attributes
    ----------
    paths
        The position after each step, (starts, steps + 1).
    valley
        Which valley each start ends in, counted from the left, int64 (starts,).
    """

    paths: Array
    valley: NDArray[np.int64]


def descend(starts: int, rate: float, steps: int) -> Descent:
    """Gradient descent from evenly spaced starts between both edges, with steps of rate · slope."""
    x = np.linspace(-EDGE, EDGE, starts)
    paths = [x]
    for _ in range(steps):
        x = x - rate * slope(x)
        paths.append(x)
    # Valleys are further apart than this.
    _, valley = np.unique(np.round(x, 1), return_inverse=True)
    return Descent(np.stack(paths, axis=1), valley.astype(np.int64).ravel())
