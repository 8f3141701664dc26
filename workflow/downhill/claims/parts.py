"""The parts of a measurement: estimates from one or several samples, with their intervals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.claims.inference import (
    Intervals,
    bootstrap_intervals,
    crossed_interval,
    mean_intervals,
    nested_intervals,
    proportion_intervals,
)
from downhill.config.settings import Statistics

SEEDS = "initial weights and order of images"
"""What every interval over seeds covers."""

STARTS = "initial weights"
"""What an interval over seeds covers if nothing else varies: networks are not trained, or on all images at once."""

TEST_IMAGES = "test images"
"""What an interval over seeds and images covers besides."""

STUDENT, EXPANDED, WILSON = "Student's t", "expanded percentile bootstrap", "Wilson's score"
TWO_STAGE = "expanded percentile bootstrap of groups, and of seeds within each"

Summary = Callable[..., Any]


class NotMeasuredError(Exception):
    """Raised by a statistic that cannot be measured on these runs; the message says why."""


class Part(Protocol):
    """One number that a claim is about, with the data from which its interval is computed."""

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """Value, interval and number of cases, ready for JSON.

        Returns
        -------
        dict: `value`, `lower` and `upper` (None without an interval), `n`, `fewest` (cases in the smallest sample),
        `of` (what a case is: a seed, a pair of them, or any other case), `exact` (no interval is needed), `worst`
        (None, or the smallest and largest of all cases), `infinite` (names of the infinite numbers, which JSON cannot
        represent), `covers` (sources of variation that the interval covers), `method` (of the interval), `strict`
        (None, or `lower` and `upper` at the stricter level of confidence), `further` (None, or `lower`, `upper` and
        `covers` of a second interval, which covers more).
        """
        ...


@dataclass(frozen=True)
class PerSeed:
    """A statistic of one number per seed.

    Attributes
    ----------
    values
        One number per seed, (n,).
    summary
        Computes the statistic from the values: a NumPy function with an `axis`, such as `np.mean` or `np.median`.
    covers
        The sources of variation between the values.
    by_image
        Whether something holds for each seed and test image (such as a right answer), bool (n, images), if the values
        follow from shares of test images. They then get a second interval, which covers the choice of images as well.
    from_share
        Computes the values (m, n) from such shares (m, n) and the indices of the seeds (m, n) that they belong to; None
        if the values are the shares.
    """

    values: ArrayLike
    summary: Summary = field(default=np.mean)
    covers: tuple[str, ...] = (SEEDS,)
    by_image: NDArray[np.bool_] | None = None
    from_share: Callable[[NDArray[np.float64], NDArray[np.intp]], NDArray[np.float64]] | None = None

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """As `Part.estimate`."""
        if self.summary is np.mean:
            values = _finite(self.values)
            intervals = mean_intervals(values, settings)
            found = _with_intervals(_without_interval(float(values.mean()), len(values)), intervals)
            found |= {"covers": list(self.covers), "method": STUDENT}
        else:
            found = _estimate([self.values], self.summary, settings, self.covers)
        return found | {"further": self._over_images(settings)}

    def _over_images(self, settings: Statistics) -> dict[str, Any] | None:
        """The interval over seeds and test images, if the values follow from shares of test images."""
        if self.by_image is None:
            return None

        def statistic(shares: NDArray[np.float64], seeds: NDArray[np.intp]) -> NDArray[np.float64]:
            values = shares if self.from_share is None else self.from_share(shares, seeds)
            return np.asarray(self.summary(values, axis=-1))

        interval = crossed_interval(self.by_image, statistic, settings)
        return interval._asdict() | {"covers": [*self.covers, TEST_IMAGES]} if interval else None


@dataclass(frozen=True)
class Proportion:
    """The share of seeds, or of disjoint pairs of seeds (`of`), for which something holds, (n,)."""

    holds: ArrayLike
    covers: tuple[str, ...] = (SEEDS,)
    of: str = "seed"

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """As `Part.estimate`."""
        holds = np.asarray(self.holds, dtype=bool)
        if not len(holds):
            raise NotMeasuredError("there is no case")
        intervals = proportion_intervals(int(holds.sum()), len(holds), settings)
        found = _with_intervals(_without_interval(float(holds.mean()), len(holds)), intervals)
        return found | {"covers": list(self.covers), "method": WILSON, "of": self.of}

    def described(self, settings: Statistics) -> dict[str, Any]:
        """`value`, `lower`, `upper` and `n`, for the data of a figure."""
        estimate = self.estimate(settings)
        return {key: estimate[key] for key in ("value", "lower", "upper", "n")}


@dataclass(frozen=True)
class Strata:
    """A statistic of several independent samples, such as one per shape; each sample is resampled separately.

    Attributes
    ----------
    samples
        One number per seed for each stratum, (n_i,).
    statistic
        Takes the samples as positional arguments, each with seeds along its last axis, and `axis`; returns the
        statistic for each resample.
    infinite
        Whether the statistic may be infinite.
    paired
        Whether all samples are of the same seeds in the same order, which are then resampled together.
    """

    samples: Sequence[ArrayLike]
    statistic: Summary
    covers: tuple[str, ...] = (SEEDS,)
    infinite: bool = False
    paired: bool = False

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """As `Part.estimate`; n is the number of seeds of all strata, or of one of them if they are paired."""
        return _estimate(
            self.samples, self.statistic, settings, self.covers, paired=self.paired, infinite=self.infinite
        )


@dataclass(frozen=True)
class Nested:
    """A statistic of the pooled seeds of several groups, such as shapes, for a claim that generalises over groups.

    Groups are resampled, and seeds within each group; so the interval covers the choice of groups as well.

    Attributes
    ----------
    groups
        The numbers of each group, (n_i, m), one row per seed.
    statistic
        Of the rows of all groups, (n, m); may be NaN for a resample.
    covers
        What varies between groups, and between the seeds of one.
    """

    groups: Sequence[ArrayLike]
    statistic: Callable[[NDArray[np.float64]], float]
    covers: tuple[str, ...]

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """As `Part.estimate`; n is the number of seeds of all groups, and `fewest` the number of groups."""
        groups = [np.asarray(rows, np.float64) for rows in self.groups]
        groups = [rows for rows in groups if len(rows)]
        if not groups:
            raise NotMeasuredError("there is no case")
        value = float(self.statistic(np.concatenate(groups)))
        if not np.isfinite(value):
            raise NotMeasuredError("the statistic is not a finite number")
        intervals = nested_intervals(groups, self.statistic, settings)
        found = _with_intervals(_without_interval(value, sum(map(len, groups))), intervals)
        return found | {"covers": list(self.covers), "method": TWO_STAGE, "fewest": len(groups)}


@dataclass(frozen=True)
class Paired:
    """A statistic of two numbers per seed, which are resampled together.

    Attributes
    ----------
    first, second
        (n,) each, in the same order of seeds.
    statistic
        Takes both with seeds along the last axis, and `axis`.
    """

    first: ArrayLike
    second: ArrayLike
    statistic: Summary
    covers: tuple[str, ...] = (SEEDS,)

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """As `Part.estimate`."""
        return _estimate([self.first, self.second], self.statistic, settings, self.covers, paired=True)


@dataclass(frozen=True)
class Censored:
    """The median of times, some of which are only known to be longer than the observation.

    Attributes
    ----------
    times
        One per seed, (n,).
    observed
        Whether the time is known, bool (n,); where it is not, the true time is longer than every known one.
    """

    times: ArrayLike
    observed: ArrayLike
    covers: tuple[str, ...] = (SEEDS,)

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """As `Part.estimate`; the value, or an end of its interval, is infinite where it lies among unknown times."""
        times = np.where(np.asarray(self.observed, bool), np.asarray(self.times, np.float64), np.inf)
        return _estimate([times], upper_median, settings, self.covers, infinite=True)


@dataclass(frozen=True)
class Exact:
    """A count or an identity: no interval is needed. `n` is the number of cases behind it."""

    value: float
    n: int = 1

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """As `Part.estimate`."""
        (value,) = _finite([self.value])
        return _without_interval(float(value), self.n) | {"exact": True}


@dataclass(frozen=True)
class Universal:
    """Every single case (n,), for a claim about all of them: a band with `all`, judged on the worst case.

    `of` says what a case is.
    """

    values: ArrayLike
    of: str = "case"

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """As `Part.estimate`; which of the two ends is the worst follows from the band."""
        values = _finite(np.ravel(self.values))
        worst = [float(values.min()), float(values.max())]
        return _without_interval(worst[0], values.size) | {"worst": worst, "of": self.of}


def _estimate(
    samples: Sequence[ArrayLike],
    statistic: Summary,
    settings: Statistics,
    covers: tuple[str, ...],
    paired: bool = False,
    infinite: bool = False,
) -> dict[str, Any]:
    """A statistic with its bootstrap intervals."""
    arrays = [np.asarray(values, dtype=np.float64) for values in samples]
    if not all(map(len, arrays)):
        raise NotMeasuredError("there is no case")
    with np.errstate(divide="ignore" if infinite else "warn", invalid="ignore"):
        value = float(statistic(*arrays, axis=-1))
    if not (np.isfinite(value) or (infinite and value == np.inf)):
        raise NotMeasuredError("the statistic is not a finite number")
    intervals = bootstrap_intervals(arrays, statistic, settings, paired)
    n = len(arrays[0]) if paired else sum(map(len, arrays))
    found = _with_intervals(_without_interval(value, n), intervals)
    found["infinite"] = [
        key for key in ("value", "lower", "upper") if found[key] is not None and np.isinf(found[key])
    ]
    return found | {"covers": list(covers), "method": EXPANDED, "fewest": min(map(len, arrays))}


def _with_intervals(found: dict[str, Any], intervals: Intervals | None) -> dict[str, Any]:
    if intervals is None:
        return found
    strict = intervals.strict
    return found | intervals.usual._asdict() | {"strict": strict._asdict() if strict else None}


def _without_interval(value: float, n: int) -> dict[str, Any]:
    numbers: dict[str, Any] = {"value": float(value), "lower": None, "upper": None, "n": int(n)}
    numbers |= {"fewest": int(n), "exact": False, "worst": None, "infinite": [], "covers": []}
    numbers |= {"of": "seed"}
    return numbers | {"method": "", "strict": None, "further": None}


def _finite(values: Any) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    if not array.size or not np.isfinite(array).all():
        raise NotMeasuredError("a case is not a finite number" if array.size else "there is no case")
    return array


def upper_median(values: NDArray[np.float64], axis: int = -1) -> NDArray[np.float64]:
    """The median; of two middle values, the upper one, which may be infinite, and not their mean."""
    return np.asarray(np.quantile(values, 0.5, axis=axis, method="higher"))
