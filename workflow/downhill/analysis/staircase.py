"""A network that is written down by hand: each of its units is a step of a staircase that approximates a function.

It shows what the theorem promises without any training (Cybenko 1989, *Approximation by superpositions of a sigmoidal
function*; the construction is that of Nielsen, chapter 4, for functions of one number). N steps between levels that
share the function's rises and falls equally have an error of at most V / (2(N + 1)), where V is the sum of all rises
and falls (the total variation).
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Layers = list[tuple[Array, Array]]

_STEEP = 20.0  # tanh of it is 1 in float64: z halfway to the next of the given points


def staircase(x: ArrayLike, f: ArrayLike, units: int) -> Layers:
    """Weights of a network with one hidden layer of tanh units and a linear output.

    Parameters
    ----------
    x, f
        Increasing, (n,), and the function at these points; n ≥ 2.
    units
        N, the number of hidden units. Without enough points or variation, some of them have no effect.

    Returns
    -------
    [(W, b), (V, c)] in float64. Unit i is tanh(k(x − tᵢ)), so steep that it is ±1 at all of the points; the output
    rises at tᵢ by twice the weight of the unit.
    """
    x, f = np.asarray(x, np.float64), np.asarray(f, np.float64)
    climbed = np.concatenate([[0.0], np.cumsum(abs(np.diff(f)))])
    share = climbed / climbed[-1] if climbed[-1] > 0 else np.zeros(len(f))
    level = np.minimum((share * (units + 1)).astype(int), units)
    low, high = np.full(units + 1, np.inf), np.full(units + 1, -np.inf)
    np.minimum.at(low, level, f)
    np.maximum.at(high, level, f)
    levels = np.full(units + 1, np.nan)
    known = np.isfinite(low)
    levels[known] = (low[known] + high[known]) / 2
    for place in np.flatnonzero(~known):  # between points: the level before it
        levels[place] = levels[place - 1]
    first = np.searchsorted(level, np.arange(1, units + 1))  # of the points on each level or a higher one
    last = np.minimum(first, len(x) - 1)
    places = np.where(first < len(x), (x[last] + x[last - 1]) / 2, 2 * x[-1] - x[-2])
    steepness = 2 * _STEEP / np.diff(x).min()
    rises = np.diff(levels)
    return [
        (np.full((1, units), steepness), -steepness * places),
        (rises[:, None] / 2, np.array([(levels[0] + levels[-1]) / 2])),
    ]
