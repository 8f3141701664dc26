"""Gradient descent in one dimension, from x = 10 or elsewhere: steps of fixed length on |x|, and rates on x²."""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

DIVERGED = 1e12
"""A position beyond this counts as diverged."""


def fixed_length(start: float, step: float, most: int) -> Array:
    """Positions of moves of fixed length down the slope of |x|, (at most most + 1,); it ends at the minimum, 0."""
    path = [float(start)]
    while path[-1] != 0 and len(path) <= most:
        path.append(path[-1] - float(np.copysign(step, path[-1])))
    return np.array(path)


def at_rate(start: float, rate: float, most: int) -> Array:
    """Positions of gradient descent on x², x ← x − rate · 2x, (at most most + 1,).

    It ends at the minimum, 0, or where it has diverged.
    """
    path = [float(start)]
    while 0 < abs(path[-1]) < DIVERGED and len(path) <= most:
        path.append(path[-1] - rate * 2 * path[-1])
    return np.array(path)


def fate(path: Array) -> str:
    """How a path ends: it `arrives`, `diverges`, `repeats` a position, or none of these within its moves."""
    if path[-1] == 0:
        return "arrives"
    if not abs(path[-1]) < DIVERGED:
        return "diverges"
    return "repeats" if len(np.unique(path)) < len(path) else "goes on"
