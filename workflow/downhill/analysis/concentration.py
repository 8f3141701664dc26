"""How unequally a total is distributed: Lorenz curves and the Gini index."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def lorenz_curve(sizes: ArrayLike, points: int = 101) -> Array:
    """The share of the total that the smallest sizes hold, by their share of the number (Lorenz 1905).

    Parameters
    ----------
    sizes
        Numbers of at least 0, (n,).
    points
        The curve is given at that many evenly spaced shares from 0 to 1, with linear interpolation.

    Returns
    -------
    float64 (points,), from 0 to 1; NaN if there are no sizes, or all are 0.
    """
    ordered = np.sort(np.asarray(sizes, np.float64).ravel())
    total = np.concatenate([[0.0], np.cumsum(ordered)])
    if not total[-1] > 0:
        return np.full(points, np.nan)
    places = np.linspace(0, 1, len(total))
    return np.asarray(np.interp(np.linspace(0, 1, points), places, total / total[-1]))


def gini(sizes: ArrayLike) -> float:
    """The Gini index: twice the area between the Lorenz curve and the line of equality.

    0 if all sizes are equal, and 1 − 1/n if one of n holds everything. It is also half the mean absolute difference of
    two sizes, over their mean (with replacement; Gini 1912). NaN as for `lorenz_curve`.
    """
    ordered = np.sort(np.asarray(sizes, np.float64).ravel())
    n, total = len(ordered), ordered.sum()
    if not total > 0:
        return float("nan")
    return float(2 * (np.arange(1, n + 1) * ordered).sum() / (n * total) - (n + 1) / n)


def share_of_largest(sizes: ArrayLike, share: float) -> float:
    """The share of the total that the largest sizes hold, those of a given share of the number; NaN as above."""
    return float(1 - np.interp(1 - share, np.linspace(0, 1, 1001), lorenz_curve(sizes, 1001)))


def normal_lorenz_curve(points: int = 101) -> Array:
    """The Lorenz curve of the absolute values of normally distributed numbers with mean 0, float64 (points,).

    With p = 2Φ(z) − 1, the smallest p hold ∫₀ᶻ x φ(x) dx / ∫₀^∞ x φ(x) dx = 1 − exp(−z²/2). The Gini index is √2 − 1.
    """
    from scipy.special import ndtri

    z = ndtri((1 + np.linspace(0, 1, points)) / 2)
    return np.asarray(1 - np.exp(-(z**2) / 2))
