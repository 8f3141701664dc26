"""Where a verdict flips: the setting at which a mean crosses a threshold, with an interval."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.claims.measurement import Estimated
from downhill.claims.parts import NotMeasuredError, Strata
from downhill.config.settings import Statistics


def crossing(
    settings: Sequence[float], means: ArrayLike, threshold: float, logarithmic: bool = False
) -> NDArray[np.float64]:
    """The first setting at which a mean crosses a threshold, by linear interpolation.

    Parameters
    ----------
    settings
        Increasing, (m,).
    means
        The mean at each of them, (…, m).
    threshold
        Value that is crossed, in either direction.
    logarithmic
        Whether to interpolate the logarithm of the settings.

    Returns
    -------
    float64 (…,); NaN where the threshold is not crossed.
    """
    x = np.log(settings) if logarithmic else np.asarray(settings, np.float64)
    above = np.asarray(means, np.float64) - threshold
    left, right = above[..., :-1], above[..., 1:]
    crosses = np.sign(left) != np.sign(right)
    first = crosses.argmax(axis=-1)[..., None]
    a, b = (np.take_along_axis(side, first, -1)[..., 0] for side in (left, right))
    share = np.clip(np.divide(a, a - b, out=np.zeros_like(a), where=a != b), 0, 1)
    low, high = x[first[..., 0]], x[first[..., 0] + 1]
    found = low + share * (high - low)
    return np.where(crosses.any(axis=-1), np.exp(found) if logarithmic else found, np.nan)


@dataclass(frozen=True)
class Crossing:
    """Where the mean over seeds crosses a threshold; in the data of a figure it becomes a number with an interval.

    Attributes
    ----------
    samples
        One number per seed, (n_i,), by the value of the setting. Seeds are resampled at each value.
    threshold, logarithmic
        As for `crossing`.
    paired
        Whether all samples are of the same seeds in the same order, which are then resampled together.
    """

    samples: Mapping[float, ArrayLike]
    threshold: float
    logarithmic: bool = False
    paired: bool = False

    def part(self) -> Strata:
        """The crossing as a part of a measurement.

        In a resample whose mean does not cross, the crossing lies beyond the settings: it is −∞ or ∞, depending on the
        side of the threshold on which the mean stays.

        Raises
        ------
        NotMeasuredError
            If the mean does not cross the threshold.
        """
        ordered = dict(sorted(self.samples.items()))
        settings = list(ordered)
        means = np.array([np.asarray(values, np.float64).mean() for values in ordered.values()])
        if np.isnan(crossing(settings, means, self.threshold)):
            side = "above" if means[0] > self.threshold else "below"
            raise NotMeasuredError(
                f"the mean stays {side} {self.threshold:g} for every value from {settings[0]:g} to {settings[-1]:g}"
            )
        starts_above = means[0] > self.threshold

        def statistic(*samples: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
            resampled = np.stack([values.mean(axis=axis) for values in samples], axis=-1)
            found = crossing(settings, resampled, self.threshold, self.logarithmic)
            beyond = np.where((resampled[..., 0] > self.threshold) == starts_above, np.inf, -np.inf)
            return np.where(np.isnan(found), beyond, found)

        return Strata(list(ordered.values()), statistic, infinite=True, paired=self.paired)

    def value(self) -> float:
        """The crossing of the mean; NaN if there is none."""
        ordered = dict(sorted(self.samples.items()))
        if len(ordered) < 2:
            return float("nan")
        means = [np.asarray(values, np.float64).mean() for values in ordered.values()]
        return float(crossing(list(ordered), means, self.threshold, self.logarithmic))

    def described(self, settings: Statistics) -> dict[str, Any]:
        """`value`, `lower` and `upper`; None if there is no crossing, and for an end that lies beyond the settings."""
        if np.isnan(self.value()):
            return dict.fromkeys(("value", "lower", "upper"))
        return Estimated(self.part()).described(settings)
