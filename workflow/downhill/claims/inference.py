"""Intervals over seeds, verdicts, and how many seeds would decide a claim: a thin layer over SciPy."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.band import Band
from downhill.config.settings import Statistics

_MOST_SEEDS = 1e9  # a larger number is not useful advice


class Interval(NamedTuple):
    """Lower and upper end of an interval."""

    lower: float
    upper: float


def bootstrap_interval(
    samples: Sequence[ArrayLike],
    statistic: Callable[..., NDArray[np.float64]],
    settings: Statistics,
    paired: bool = False,
) -> Interval | None:
    """Percentile bootstrap interval of a statistic; values (one per seed) are resampled with replacement.

    Efron & Tibshirani 1993, *An Introduction to the Bootstrap*, chapter 13. With fewer than about ten
    seeds such intervals are somewhat too narrow, which is why n is printed next to each of them.

    Parameters
    ----------
    samples
        One number per seed in each sample, (n_i,); each sample is resampled separately.
    statistic
        Takes the samples and an `axis`, e.g. `np.mean` or `np.median` of one sample.
    settings
        Confidence level, number of resamples and seed.
    paired
        Whether the samples are resampled together, as pairs.

    Returns
    -------
    Interval or None
        None if a sample has fewer than two seeds.
    """
    arrays = [np.asarray(values, dtype=np.float64) for values in samples]
    if min(map(len, arrays)) < 2:
        return None
    if all(
        (values == values[0]).all() for values in arrays
    ):  # otherwise rounding could exclude the value itself
        value = float(statistic(*arrays, axis=-1))
        return Interval(value, value)
    from scipy import stats  # importing it takes longer than drawing most figures

    with np.errstate(invalid="ignore"):  # infinite numbers have no standard error, which is not needed
        result = stats.bootstrap(
            tuple(arrays),
            statistic,
            n_resamples=settings.resamples,
            confidence_level=settings.confidence_level,
            method="percentile",
            paired=paired,
            vectorized=True,
            rng=np.random.default_rng(settings.seed),
            batch=max(1, 10_000_000 // sum(map(len, arrays))),
        )
    return Interval(float(result.confidence_interval.low), float(result.confidence_interval.high))


def verdict(value: float, interval: Interval | None, band: Band, exact: bool = False) -> str:
    """`supported`, `refuted` or `undecided`: the interval entirely inside the band, outside, or across an edge.

    An exact statistic (a count, an identity) needs no interval. With a band of kind `contains`, the interval must
    hold the band's value.
    """
    if exact:
        interval = Interval(value, value)
    if interval is None or any(map(math.isnan, interval)):
        return "undecided"
    if band.kind == "contains":
        return "supported" if interval.lower <= band.lower <= interval.upper else "refuted"
    if band.kind in ("exactly", "between"):
        inside = band.lower <= interval.lower and interval.upper <= band.upper
        outside = interval.upper < band.lower or interval.lower > band.upper
    else:  # `> x` and `< x` leave x itself outside
        inside = band.lower < interval.lower and interval.upper < band.upper
        if band.kind == "above":
            inside = band.lower < interval.lower
        outside = interval.upper <= band.lower or interval.lower >= band.upper
    return "supported" if inside else "refuted" if outside else "undecided"


def worst_case(smallest: float, largest: float, band: Band) -> float:
    """Of all cases from `smallest` to `largest`, the one farthest outside the band, or else nearest to its edge."""
    above, below = largest - band.upper, band.lower - smallest
    return largest if above > below else smallest


def seeds_to_decide(value: float, interval: Interval | None, band: Band, n: int) -> int | None:
    """The approximate number of seeds with which the interval would no longer cross the nearest edge of the band.

    The width of an interval shrinks as 1/√n. None if no number is enough: the value lies (almost) on the edge,
    or there is no interval.
    """
    if interval is None or not all(map(math.isfinite, (value, *interval))):
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
