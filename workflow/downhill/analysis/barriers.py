"""The cost along the straight line between two networks, and the barrier that lies on it."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def between(first: Any, second: Any, share: float) -> list[tuple[Array, Array]]:
    """The weights a fraction of the way from one network to another, [(W, b), …] in float64."""
    return [
        (_between(W, V, share), _between(b, c, share)) for (W, b), (V, c) in zip(first, second, strict=True)
    ]


def costs_along(cost: Callable[[Any], float], first: Any, second: Any, shares: ArrayLike) -> Array:
    """A cost, a function of [(W, b), …], at some fractions of the way from one network to another, (points,)."""
    return np.array([cost(between(first, second, share)) for share in np.asarray(shares, np.float64)])


def chord(costs: ArrayLike, shares: ArrayLike) -> Array:
    """The straight line between the costs (…, points) at both ends, at each point."""
    costs, shares = np.asarray(costs, np.float64), np.asarray(shares, np.float64)
    return np.asarray(costs[..., :1] * (1 - shares) + costs[..., -1:] * shares)


def barrier(costs: ArrayLike, shares: ArrayLike) -> float:
    """The height of the barrier: how far the cost rises above its chord, divided by the mean cost of both ends.

    It is the barrier of Entezari et al. 2022 (*The role of permutation invariance in linear mode connectivity of neural
    networks*, arXiv 2110.06296), relative to the cost of the ends.

    Parameters
    ----------
    costs
        (points,), from end to end.
    shares
        Fractions of the way, from 0 to 1, (points,).

    Returns
    -------
    0 or more: both ends lie on the chord. Infinite if the cost rises from 0; NaN if a cost is NaN.
    """
    costs = np.asarray(costs, np.float64)
    if np.isnan(costs).any():
        return math.nan
    with np.errstate(invalid="ignore"):
        height = float(np.max(costs - chord(costs, shares)))
    mean = float(costs[0] + costs[-1]) / 2
    if not math.isfinite(mean):
        return math.nan
    if mean == 0:
        return math.inf if height > 0 else 0.0
    return max(0.0, height / mean)


def _between(first: Any, second: Any, share: float) -> Array:
    return (1 - share) * np.asarray(first, np.float64) + share * np.asarray(second, np.float64)
