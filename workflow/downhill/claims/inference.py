"""Intervals over seeds, and how many seeds would settle a question. Thin over SciPy."""

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.claim import Band
from downhill.config.study import Statistics

_MOST_SEEDS = 1e9  # more than this is no advice


class Interval(NamedTuple):
    """Lower and upper end of an interval."""

    lower: float
    upper: float


def bootstrap_interval(
    values: ArrayLike, statistic: Callable[..., NDArray[np.float64]], settings: Statistics
) -> Interval | None:
    """Percentile bootstrap interval of a statistic, values (one a seed) resampled with replacement.

    Efron & Tibshirani 1993, *An Introduction to the Bootstrap*, chapter 13. With fewer than about ten
    seeds such intervals are somewhat too narrow, which is why n stands beside every one of them.

    Parameters
    ----------
    values
        One number a seed, (n,).
    statistic
        A NumPy function with an `axis`, e.g. `np.mean` or `np.median`.
    settings
        Confidence level, number of resamples and seed.

    Returns
    -------
    Interval or None
        None for fewer than two seeds.
    """
    sample = np.asarray(values, dtype=np.float64)
    if len(sample) < 2:
        return None
    if np.ptp(sample) == 0:  # else rounding could leave the value itself outside
        return Interval(float(sample[0]), float(sample[0]))
    from scipy import stats  # takes longer to import than most figures to draw

    result = stats.bootstrap(
        (sample,),
        statistic,
        n_resamples=settings.resamples,
        confidence_level=settings.confidence_level,
        method="percentile",
        rng=np.random.default_rng(settings.seed),
        batch=max(1, 10_000_000 // len(sample)),
    )
    return Interval(float(result.confidence_interval.low), float(result.confidence_interval.high))


def verdict(value: float, interval: Interval | None, band: Band, exact: bool = False) -> str:
    """`supported`, `refuted` or `undecided`: the interval wholly inside the band, outside, or astride.

    An exact statistic (a count, an identity) needs no interval. A band of kind `contains` turns the rule
    round: the interval must hold the band's value.
    """
    if exact:
        interval = Interval(value, value)
    if interval is None or not all(map(math.isfinite, interval)):
        return "undecided"
    if band.kind == "contains":
        return "supported" if interval.lower <= band.lower <= interval.upper else "refuted"
    if band.kind in ("exactly", "between"):
        inside = band.lower <= interval.lower and interval.upper <= band.upper
        outside = interval.upper < band.lower or interval.lower > band.upper
    else:  # `> x` and `< x` leave x itself outside
        inside = band.lower < interval.lower and interval.upper < band.upper
        outside = interval.upper <= band.lower or interval.lower >= band.upper
    return "supported" if inside else "refuted" if outside else "undecided"


def seeds_to_decide(value: float, interval: Interval | None, band: Band, n: int) -> int | None:
    """About how many seeds would bring the interval to one side of the band's nearest edge.

    An interval's width shrinks as 1/√n. None where no number would: the value lies (all but) on the edge,
    or there is no interval to go by.
    """
    if interval is None:
        return None
    edges = [edge for edge in (band.lower, band.upper) if math.isfinite(edge)]
    distance = min(abs(value - edge) for edge in edges)
    half_width = max(value - interval.lower, interval.upper - value)
    if distance == 0 or half_width == 0:
        return None
    ratio = half_width / distance
    seeds = n * ratio * ratio
    return math.ceil(seeds) if seeds < _MOST_SEEDS else None


def rank_correlation(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's rank correlation of two series (n,); NaN where one is constant."""
    x, y = np.asarray(x), np.asarray(y)
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    from scipy import stats

    return float(stats.spearmanr(x, y).statistic)
