"""Intervals over seeds, and correlations: a thin layer over SciPy.

A percentile bootstrap is too narrow for the few seeds of a study: for normal values its coverage at a nominal 95 % is
about 84, 90, 91 and 93 % with 5, 10, 12 and 20 seeds. So means have Student's t intervals, proportions Wilson's, and
all other statistics the expanded percentile interval (Hesterberg 2015). With a few bad seeds among many, values are
skewed, and the coverage of an interval for a mean is a few points too low (for a ratio of standard deviations, more).
"""

import math
import warnings
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.settings import Statistics

STRICT_LEVEL = 0.999
"""A second, stricter level of confidence: about 95 % for up to 50 claims together (Bonferroni)."""

# For images and seeds: twenty resamples lie beyond each end of a 95 % interval over ten seeds.
_CROSSED_RESAMPLES = 2000
_AT_A_TIME = 10_000_000  # random numbers in memory

Vectorised = Callable[..., NDArray[np.float64]]


class Interval(NamedTuple):
    """Lower and upper end of an interval."""

    lower: float
    upper: float


class Intervals(NamedTuple):
    """The interval at the study's level of confidence, and the one at `STRICT_LEVEL`, None where it is not known."""

    usual: Interval
    strict: Interval | None


def mean_intervals(values: ArrayLike, settings: Statistics) -> Intervals | None:
    """Student's t intervals of the mean of independent values (n,); None with fewer than two values."""
    array = np.asarray(values, dtype=np.float64)
    if len(array) < 2:
        return None
    center, error = float(array.mean()), float(array.std(ddof=1)) / math.sqrt(len(array))
    if (array == array[0]).all():  # rounding may make the mean another number
        center, error = float(array[0]), 0.0
    usual, strict = (
        Interval(center - half, center + half)
        for half in (error * _t(level, len(array)) for level in (settings.confidence_level, STRICT_LEVEL))
    )
    return Intervals(usual, strict)


def proportion_intervals(successes: int, n: int, settings: Statistics) -> Intervals:
    """Wilson's score intervals of a proportion (Wilson 1927, *JASA* 22:209)."""
    from scipy import stats

    test = stats.binomtest(successes, n)
    usual, strict = (
        Interval(float(found.low), float(found.high))
        for found in (
            test.proportion_ci(level, method="wilson") for level in (settings.confidence_level, STRICT_LEVEL)
        )
    )
    return Intervals(usual, strict)


def bootstrap_intervals(
    samples: Sequence[ArrayLike], statistic: Vectorised, settings: Statistics, paired: bool = False
) -> Intervals | None:
    """Expanded percentile intervals of a statistic; values (one per seed) are resampled with replacement.

    See `expanded` for the usual interval. The strict one would need millions of resamples. Instead it is the value ±
    t · √(n / (n − 1)) · the standard deviation of the resamples, extended to contain the usual one.

    Parameters
    ----------
    samples
        One number per seed in each sample, (n_i,); each sample is resampled separately.
    statistic
        Takes the samples and an `axis`, e.g. `np.median` of one sample.
    settings
        Confidence level, number of resamples and seed.
    paired
        Whether the samples are resampled together, as pairs.

    Returns
    -------
    Intervals or None
        None if a sample has fewer than two seeds.
    """
    arrays = [np.asarray(values, dtype=np.float64) for values in samples]
    n = min(map(len, arrays))
    if n < 2:
        return None
    value = float(statistic(*arrays, axis=-1))
    if all((values == values[0]).all() for values in arrays):
        point = Interval(value, value)
        return Intervals(point, point if math.isfinite(value) else None)
    from scipy import stats  # importing it takes longer than drawing most figures

    # A resample may be constant, and numbers infinite.
    with (
        np.errstate(all="ignore"),
        warnings.catch_warnings(category=stats.DegenerateDataWarning, action="ignore"),
    ):
        found = stats.bootstrap(
            tuple(arrays),
            statistic,
            n_resamples=settings.resamples,
            method="percentile",
            paired=paired,
            vectorized=True,
            rng=np.random.default_rng(settings.seed),
            batch=max(1, _AT_A_TIME // sum(map(len, arrays))),
        ).bootstrap_distribution
    return _both(found, value, n, settings)


def nested_intervals(
    groups: Sequence[NDArray[np.float64]],
    statistic: Callable[[NDArray[np.float64]], float],
    settings: Statistics,
) -> Intervals | None:
    """Expanded percentile intervals of a statistic of pooled groups: groups are resampled, then the rows within each.

    This is the two-stage bootstrap with replacement at both stages (Davison & Hinkley 1997, *Bootstrap methods and
    their application*, section 3.8). Resamples without a value (NaN) are left out. The intervals are expanded for the
    number of groups, which are the fewest independent cases.

    Parameters
    ----------
    groups
        The rows of each group, (n_i, m), one row per seed.
    statistic
        Of the rows of all groups, (n, m).
    settings
        Confidence level, number of resamples and seed.

    Returns
    -------
    Intervals or None
        None with fewer than two groups.
    """
    if len(groups) < 2:
        return None
    random = np.random.default_rng([settings.seed, 2])
    found = np.empty(settings.resamples)
    for place in range(settings.resamples):
        chosen = [groups[group] for group in random.integers(0, len(groups), len(groups))]
        rows = [rows[random.integers(0, len(rows), len(rows))] for rows in chosen]
        found[place] = statistic(np.concatenate(rows))
    known = found[~np.isnan(found)]
    return _both(known, statistic(np.concatenate(groups)), len(groups), settings)


def _both(resampled: NDArray[np.float64], value: float, n: int, settings: Statistics) -> Intervals:
    """The expanded percentile interval, and the strict one from the standard deviation of the resamples."""
    usual = expanded(resampled, n, settings.confidence_level)
    if not np.isfinite([value, *usual]).all() or not np.isfinite(resampled).all():
        return Intervals(usual, None)
    half = _t(STRICT_LEVEL, n) * math.sqrt(n / (n - 1)) * float(resampled.std(ddof=1))
    return Intervals(usual, Interval(min(usual.lower, value - half), max(usual.upper, value + half)))


def expanded(resampled: NDArray[np.float64], n: int, level: float) -> Interval:
    """The expanded percentile interval: percentiles of resamples, further out the fewer values there are.

    Hesterberg 2015, *What teachers should know about the bootstrap*, *The American Statistician* 69:371:
    α′ = Φ(√(n / (n − 1)) · t(α / 2, n − 1)) instead of α / 2. Resamples without a value (NaN) are left out.

    Parameters
    ----------
    resampled
        The statistic of each resample, (m,).
    n
        Number of values behind it; that of the smallest sample if there are several.
    level
        Level of confidence.
    """
    from scipy.special import ndtr

    known = resampled[~np.isnan(resampled)]
    if not len(known):
        return Interval(math.nan, math.nan)
    beyond = float(ndtr(-math.sqrt(n / (n - 1)) * _t(level, n)))
    # No interpolation: between a finite number and infinity there is nothing.
    lower = np.quantile(known, beyond, method="lower")
    return Interval(float(lower), float(np.quantile(known, 1 - beyond, method="higher")))


def crossed_interval(
    by_image: NDArray[np.bool_],
    statistic: Callable[[NDArray[np.float64], NDArray[np.intp]], NDArray[np.float64]],
    settings: Statistics,
) -> Interval | None:
    """The interval over seeds and images: both are resampled, independently of each other.

    Owen 2007, *The pigeonhole bootstrap*, *Annals of Applied Statistics* 1:386; it is expanded like that over seeds.

    Parameters
    ----------
    by_image
        Whether something holds for each seed and image, such as a right answer, (k, n).
    statistic
        Of shares of images (m, k), one row per resample and one column per seed; it is given the indices of the seeds
        (m, k) as well.
    settings
        Confidence level and seed.

    Returns
    -------
    Interval or None
        None with fewer than two seeds, or without images.
    """
    seeds, images = by_image.shape
    if seeds < 2 or images < 1:
        return None
    random = np.random.default_rng([settings.seed, 1])
    holds, found = by_image.T.astype(np.float64), []
    rows = max(1, _AT_A_TIME // images)
    for first in range(0, _CROSSED_RESAMPLES, rows):
        m = min(rows, _CROSSED_RESAMPLES - first)
        drawn = random.integers(0, images, (m, images)) + np.arange(m)[:, None] * images
        counts = np.bincount(drawn.ravel(), minlength=m * images).reshape(m, images)
        # Sums of whole numbers: exact, whatever the number of threads of the matrix product.
        shares = (counts.astype(np.float64) @ holds) / images
        chosen = random.integers(0, seeds, (m, seeds))
        found.append(statistic(np.take_along_axis(shares, chosen, axis=1), chosen))
    return expanded(np.concatenate(found), seeds, settings.confidence_level)


def rank_correlation(x: ArrayLike, y: ArrayLike) -> float:
    """Spearman's rank correlation of two series (n,); NaN where one is constant."""
    x, y = np.asarray(x), np.asarray(y)
    if len(x) < 2 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return math.nan
    from scipy import stats

    return float(stats.spearmanr(x, y).statistic)


def _t(level: float, n: int) -> float:
    """The quantile of Student's t for a two-sided interval over n values."""
    from scipy.special import stdtrit  # loads in a quarter of the time of `scipy.stats`

    return float(stdtrit(n - 1, (1 + level) / 2))
