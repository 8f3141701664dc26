"""What a statistic returns: one or several parts, a note, and data for figures."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from downhill.claims.inference import Interval, mean_intervals
from downhill.claims.parts import NotMeasuredError, Part, Summary
from downhill.config.settings import Statistics


@dataclass(frozen=True)
class Measurement:
    """What a statistic's function returns.

    Attributes
    ----------
    parts
        The numbers that the claim is about, in the order in which the statistic declares them (`gives`).
    note
        What else was found, in one or a few sentences, for the table of claims. The first letter is small and the last
        full stop is missing: the table adds both.
    data
        What the claim's figures draw, by the keys that the statistic declares: numbers, text, arrays, `Sample`s, and
        lists and dictionaries of them.
    """

    parts: Part | Sequence[Part]
    note: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Sample:
    """One number per seed in the data of a figure; the evidence holds their mean and its interval as well.

    Attributes
    ----------
    values
        (n,).
    limited
        Whether the interval of values that are all within 0 and 1, such as accuracies, stays within these limits. That
        of differences, correlations and ratios must not, wherever the values themselves lie.
    """

    values: ArrayLike
    limited: bool = True

    def described(self, settings: Statistics) -> dict[str, Any]:
        """`values`, and `mean`, `lower` and `upper` of those that are finite (None where there are too few)."""
        values = np.asarray(self.values, dtype=np.float64)
        known = values[np.isfinite(values)]
        intervals = mean_intervals(known, settings)
        interval = intervals.usual if intervals else None
        if interval and self.limited and known.min() >= 0 and known.max() <= 1:
            interval = Interval(max(0.0, interval.lower), min(1.0, interval.upper))
        return {
            "values": values,
            "mean": float(known.mean()) if len(known) else None,
            "lower": interval.lower if interval else None,
            "upper": interval.upper if interval else None,
        }


@dataclass(frozen=True)
class Estimated:
    """A number with an interval in the data of a figure, which the claim itself is not about.

    Attributes
    ----------
    part
        As for a `Measurement`.
    """

    part: Part

    def described(self, settings: Statistics) -> dict[str, Any]:
        """`value`, `lower` and `upper`; None where there is no such number, or it is infinite."""
        try:
            estimate = self.part.estimate(settings)
        except NotMeasuredError:
            return dict.fromkeys(("value", "lower", "upper"))
        return {
            key: None if key in estimate["infinite"] else estimate[key] for key in ("value", "lower", "upper")
        }


def significant(values: ArrayLike, digits: int) -> Any:
    """An array as nested lists of numbers with some significant digits; None where one is not finite."""
    array = np.asarray(values, np.float64)
    if array.ndim:
        return [significant(one, digits) for one in array]
    return float(f"{array:.{digits}g}") if np.isfinite(array) else None


def described(data: Any, settings: Statistics) -> Any:
    """The data of figures, with every `Sample` (and any other object with `described`) replaced by its description."""
    if hasattr(data, "described"):
        return data.described(settings)
    if isinstance(data, Mapping):
        return {key: described(value, settings) for key, value in data.items()}
    if isinstance(data, list | tuple):
        return [described(value, settings) for value in data]
    return data


Diverged = Literal["dropped", "failures", "not measured"]


def gives(
    *keys: str,
    parts: tuple[str, ...] = ("",),
    reads: tuple[str, ...] = (),
    of_classes: bool = True,
    needs_validation: bool = False,
    needs_history: tuple[str, ...] = (),
    history_of: tuple[str, ...] = (),
    history_at: tuple[str, ...] = (),
    single_run: bool = False,
    diverged: Diverged = "dropped",
) -> Callable[[Summary], Summary]:
    """Declare the keys of a statistic's data, and the names of its parts if it has several.

    Planning reads the declaration from the source code, and checks it against the figures and the band of a claim.

    Parameters
    ----------
    keys
        Names of the data that figures draw. A key that several statistics of a family give has the same structure in
        all of them, so that a figure can draw it.
    parts
        Names of the parts, in the order of the bands.
    reads
        The functions of the experiments that it is measured on, such as `inside.gabor_fits`; none if it is measured on
        networks alone.
    of_classes
        Whether it needs networks that predict classes, as most statistics do.
    needs_validation
        Whether the data sets of its networks need validation images.
    needs_history
        The image sets that the histories of its networks must score.
    history_of
        Options that name columns of the history, such as `test_accuracy`, which must be scored as well.
    history_at
        Options that may be the number of an epoch, which the history must have.
    single_run
        Whether it compares a published run with ours; then the band of its claims is `single run`.
    diverged
        What it does with seeds whose training diverged: they are `dropped`, count as `failures`, or make it `not
        measured`. Their number is shown with the claim.
    """

    def decorate(function: Summary) -> Summary:
        function.keys, function.parts, function.diverged = keys, parts, diverged  # type: ignore[attr-defined]
        function.single_run = single_run  # type: ignore[attr-defined]
        return function

    return decorate
