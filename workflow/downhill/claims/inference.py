"""Intervals over seeds, and correlations: a thin layer over SciPy."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.settings import Statistics


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


def rank_correlation(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's rank correlation of two series (n,); NaN where one is constant."""
    x, y = np.asarray(x), np.asarray(y)
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    from scipy import stats

    return float(stats.spearmanr(x, y).statistic)
