"""Toys of the family *descent*: functions of one and two variables where the right answers are known."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis import bowl, hops

Arrays = dict[str, NDArray[Any]]


def hops_of(start: float, steps: Sequence[float], most: int) -> Arrays:
    """Descent in one dimension: with steps of fixed length on |x|, and with the same numbers as rates on x².

    Returns
    -------
    dict, by step, s of them:
        start : float64 ()
        length : float64 (s,), the steps, or rates
        fixed, rated : float64 (s, most + 1), positions on |x|, and on x²; NaN after the end of a path
        fixed_fate, rated_fate : text (s,), see `hops.fate`
    """
    fixed, rated = ([move(start, step, most) for step in steps] for move in (hops.fixed_length, hops.at_rate))
    return {
        "start": np.array(start),
        "length": np.array(steps, np.float64),
        "fixed": np.array([_padded(path, most + 1) for path in fixed]),
        "rated": np.array([_padded(path, most + 1) for path in rated]),
        "fixed_fate": np.array([hops.fate(path) for path in fixed], "U10"),
        "rated_fate": np.array([hops.fate(path) for path in rated], "U10"),
    }


def paths_on_a_bowl(multiples: Sequence[float], steps: int) -> Arrays:
    """Descent on the bowl of `analysis.bowl`, with some multiples of 2/λmax as rates.

    Returns
    -------
    dict:
        curvature : float64 (2,), eigenvalues of the Hessian, by central differences of the gradient
        stable : float64 (), the largest rate with which descent settles, found by trying
        rate : float64 (r,)
        path : float64 (r, steps + 1, 2)
    """
    start = np.array(bowl.START)
    curvature = bowl.curvatures(bowl.slope, start)
    rates = np.array(multiples) * 2 / curvature[-1]
    return {
        "curvature": curvature,
        "stable": np.array(bowl.stable_rate(bowl.slope, start)),
        "rate": rates,
        "path": np.array([bowl.descend(bowl.slope, start, rate, steps) for rate in rates]),
    }


def _padded(path: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    return np.concatenate([path, np.full(length - len(path), np.nan)])
