"""Verdicts: comparing an interval with a band, and how many seeds would decide a claim."""

import math
from bisect import bisect_left
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.claims.inference import Interval
from downhill.config.band import Band

POWER = 0.8
"""Probability with which the number of seeds that is named decides a claim."""

_MOST_SEEDS = 1 << 20  # a larger number is not useful advice


def verdict(value: float, interval: Interval | None, band: Band, exact: bool = False) -> str:
    """`supported`, `refuted` or `undecided`: the interval entirely inside the band, outside, or across an edge.

    An exact statistic (a count, an identity) needs no interval.
    """
    if exact:
        interval = Interval(value, value)
    if interval is None or any(map(math.isnan, interval)):
        return "undecided"
    if band.kind in ("exactly", "between"):
        inside = band.lower <= interval.lower and interval.upper <= band.upper
        outside = interval.upper < band.lower or interval.lower > band.upper
    else:  # `> x` and `< x` leave x itself outside
        inside = band.lower < interval.lower if band.kind == "above" else interval.upper < band.upper
        outside = interval.upper <= band.lower or interval.lower >= band.upper
    return "supported" if inside else "refuted" if outside else "undecided"


def worst_case(smallest: float, largest: float, band: Band) -> float:
    """Of all cases from `smallest` to `largest`, the one farthest outside the band, or else nearest to its edge."""
    above, below = largest - band.upper, band.lower - smallest
    return largest if above > below else smallest


def seeds_to_decide(
    value: float, interval: Interval | None, band: Band, n: int, level: float, proportion: bool = False
) -> int | None:
    """The number of seeds with which a fresh study would decide the claim with a probability of 80 %.

    It assumes that the value is the true one, and takes the spread of the seeds from the interval. With N seeds, the
    standard error and the width of the interval shrink as 1/√N; the power is the probability that the interval then
    lies entirely inside the band or entirely outside.

    Parameters
    ----------
    value, interval
        The statistic and its interval over `n` seeds, at the confidence `level`.
    band
        Band of the claim.
    proportion
        Whether the value is a share of seeds, with Wilson's interval; then the power is exact, from the binomial.

    Returns
    -------
    int or None
        None if no number is enough, since the value lies (almost) on an edge of the band, or there is no interval.
    """
    if interval is None or n < 2 or not all(map(math.isfinite, (value, *interval))):
        return None
    from scipy.special import stdtrit

    if proportion:
        return _smallest(lambda seeds: _power_of_proportion(value, band, seeds, level))

    def quantile(seeds: int) -> float:
        return float(stdtrit(seeds - 1, (1 + level) / 2))

    half_width = max(value - interval.lower, interval.upper - value)
    spread = half_width / quantile(n) * math.sqrt(n)
    if spread == 0:
        return None

    def power(seeds: int) -> float:
        error = spread / math.sqrt(seeds)
        below, above = ((edge - value) / error for edge in (band.lower, band.upper))
        inside = max(0.0, _normal(above - quantile(seeds)) - _normal(below + quantile(seeds)))
        return inside + _normal(below - quantile(seeds)) + 1 - _normal(above + quantile(seeds))

    return _smallest(power)


def wilson(share: ArrayLike, n: int, level: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Wilson's score intervals of shares of n cases (Wilson 1927, *JASA* 22:209): lower and upper ends.

    Both have the shape of `share`. They are those of SciPy's `binomtest`, but for any share and for many at a time.
    """
    from scipy.special import ndtri

    shares, z = np.asarray(share, np.float64), float(ndtri((1 + level) / 2))
    middle = (shares + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(shares * (1 - shares) / n + z**2 / (4 * n**2))
    return middle - half, middle + half


def _power_of_proportion(share: float, band: Band, seeds: int, level: float) -> float:
    """The probability that Wilson's interval of so many seeds decides, if this is the true share."""
    from scipy import stats

    found = np.arange(seeds + 1)
    lower, upper = wilson(found / seeds, seeds, level)
    decided = ((band.lower < lower) & (upper < band.upper)) | (upper <= band.lower) | (lower >= band.upper)
    return float(stats.binom.pmf(found[decided], seeds, share).sum())


def _smallest(power: Callable[[int], float]) -> int | None:
    """The smallest number of seeds with enough power, if power rises with their number; None if there is none."""
    enough = 2
    while power(enough) < POWER:
        enough *= 2
        if enough > _MOST_SEEDS:
            return None
    return bisect_left(range(enough), POWER, lo=max(2, enough // 2), key=power)


def _normal(z: float) -> float:
    """The distribution function of the standard normal."""
    return 0.5 * math.erfc(-z / math.sqrt(2))
