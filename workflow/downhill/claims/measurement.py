"""What a statistic returns: estimates from one or several samples, a note, and data for figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.claims.inference import bootstrap_interval
from downhill.config.settings import Statistics

SEEDS = "initial weights and order of images"
"""What every interval over seeds covers."""

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
        `exact` (no interval is needed), `worst` (None, or the smallest and largest of all cases), `infinite` (names of
        the infinite numbers, which JSON cannot represent), `covers` (sources of variation that the interval covers).
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
    """

    values: ArrayLike
    summary: Summary = field(default=np.mean)
    covers: tuple[str, ...] = (SEEDS,)

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """As `Part.estimate`."""
        return _estimate([self.values], self.summary, settings, self.covers)


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
    """

    samples: Sequence[ArrayLike]
    statistic: Summary
    covers: tuple[str, ...] = (SEEDS,)
    infinite: bool = False

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """As `Part.estimate`; n is the number of seeds of all strata."""
        return _estimate(self.samples, self.statistic, settings, self.covers, infinite=self.infinite)


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
        return _estimate([times], _median, settings, self.covers, infinite=True)


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
    """Every single case (n,), for a claim about all of them: a band with `all`, judged on the worst case."""

    values: ArrayLike

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """As `Part.estimate`; which of the two ends is the worst follows from the band."""
        values = _finite(np.ravel(self.values))
        worst = [float(values.min()), float(values.max())]
        return _without_interval(worst[0], values.size) | {"worst": worst}


@dataclass(frozen=True)
class Measurement:
    """What a statistic's function returns.

    Attributes
    ----------
    parts
        The numbers that the claim is about, in the order in which the statistic declares them (`gives`).
    note
        One sentence with what else was found, for the table of claims.
    data
        What the claim's figures draw, by the keys that the statistic declares: numbers, text, arrays, `Sample`s, and
        lists and dictionaries of them.
    """

    parts: Part | Sequence[Part]
    note: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """One number per seed in the data of a figure; the evidence holds their mean and its interval as well."""

    values: ArrayLike

    def described(self, settings: Statistics) -> dict[str, Any]:
        """`values`, and `mean`, `lower` and `upper` of those that are finite (None where there are too few)."""
        values = np.asarray(self.values, dtype=np.float64)
        known = values[np.isfinite(values)]
        interval = bootstrap_interval([known], np.mean, settings)
        return {
            "values": values,
            "mean": float(known.mean()) if len(known) else None,
            "lower": interval.lower if interval else None,
            "upper": interval.upper if interval else None,
        }


def described(data: Any, settings: Statistics) -> Any:
    """The data of figures, with every `Sample` (and any other object with `described`) replaced by its description."""
    if hasattr(data, "described"):
        return data.described(settings)
    if isinstance(data, Mapping):
        return {key: described(value, settings) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [described(value, settings) for value in data]
    return data


def gives(
    *keys: str, parts: tuple[str, ...] = ("",), of_classes: bool = True, needs_history: tuple[str, ...] = ()
) -> Callable[[Summary], Summary]:
    """Declare the keys of a statistic's data, and the names of its parts if it has several.

    `of_classes` says whether it needs networks that predict classes, as most statistics do; `needs_history` names the
    image sets that their histories must score.

    Planning reads the declaration from the source code, and checks it against the figures and the band of a claim.
    """

    def decorate(function: Summary) -> Summary:
        function.keys, function.parts = keys, parts  # type: ignore[attr-defined]
        return function

    return decorate


def _estimate(
    samples: Sequence[ArrayLike],
    statistic: Summary,
    settings: Statistics,
    covers: tuple[str, ...],
    paired: bool = False,
    infinite: bool = False,
) -> dict[str, Any]:
    arrays = [np.asarray(values, dtype=np.float64) for values in samples]
    value = float(statistic(*arrays, axis=-1))
    if not (np.isfinite(value) or (infinite and value == np.inf)):
        raise NotMeasuredError("the statistic is not a finite number")
    interval = bootstrap_interval(arrays, statistic, settings, paired)
    n = len(arrays[0]) if paired else sum(map(len, arrays))
    numbers: dict[str, Any] = {"value": value} | (
        interval._asdict() if interval else {"lower": None, "upper": None}
    )
    if infinite and interval:  # between a finite and an infinite number, SciPy's percentiles may be NaN
        least = -np.inf if np.isfinite(value) else np.inf
        ends = {"lower": least, "upper": np.inf}
        numbers |= {key: end for key, end in ends.items() if np.isnan(numbers[key])}
    beyond = [key for key, number in numbers.items() if number is not None and np.isinf(number)]
    fewest = min(map(len, arrays))
    return (
        _without_interval(value, n) | numbers | {"infinite": beyond, "covers": list(covers), "fewest": fewest}
    )


def _without_interval(value: float, n: int) -> dict[str, Any]:
    numbers: dict[str, Any] = {"value": float(value), "lower": None, "upper": None, "n": int(n)}
    return numbers | {"fewest": int(n), "exact": False, "worst": None, "infinite": [], "covers": []}


def _finite(values: Any) -> NDArray[np.float64]:
    array = np.asarray(values, dtype=np.float64)
    if not array.size or not np.isfinite(array).all():
        raise NotMeasuredError("a case is not a finite number" if array.size else "there is no case")
    return array


def _median(values: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
    """The median; of two middle values, the upper one, which may be infinite, and not their mean."""
    return np.asarray(np.quantile(values, 0.5, axis=axis, method="higher"))
