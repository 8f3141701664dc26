"""A function of two inputs whose gradient at one point is (3, 1), the example of the lesson."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]

AT = (1.0, 1.0)
"""The point at which the gradient is (3, 1)."""


def cost(x: ArrayLike, y: ArrayLike) -> Array:
    """C(x, y) = x³ + ½ y²."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    return np.asarray(x**3 + 0.5 * y**2)


def slope(x: float, y: float) -> Array:
    """∇C = (3x², y)."""
    return np.array([3 * x**2, y])


def changes(nudge: float) -> Array:
    """The change of the cost if only x, or only y, is raised by some amount, from the point `AT`; (2,)."""
    x, y = AT
    before = cost(x, y)
    return np.array([cost(x + nudge, y) - before, cost(x, y + nudge) - before])
