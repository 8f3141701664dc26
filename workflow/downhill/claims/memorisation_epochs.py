"""How many epochs it takes to fit a training set, with true and with shuffled labels, by its number of images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.curves import history_of
from downhill.claims.memorisation_pairs import LABELS
from downhill.claims.parts import Censored, NotMeasuredError, Part, Strata, upper_median
from downhill.claims.sweeps import crossing
from downhill.claims.wording import counted
from downhill.config.settings import Statistics
from downhill.runs.evaluation import EvaluatedNetwork

Array = NDArray[np.float64]

_NUMBERS = ("value", "lower", "upper")


def epochs_until(network: EvaluatedNetwork, fitted: float, seeds: Sequence[int]) -> Array:
    """The first epoch of the history whose training accuracy is at least `fitted`, by seed; ∞ where there is none.

    Raises
    ------
    NotMeasuredError
        If the network was not trained.
    """
    history = history_of(network)
    enough = history[history.train_accuracy >= fitted - 1e-9]  # 0.99 itself, whatever its last bit
    return enough.groupby("seed").epoch.min().reindex(list(seeds)).fillna(np.inf).to_numpy(np.float64)


@dataclass(frozen=True)
class Fits:
    """Epochs until a training set is fitted, by number of images, labels and seed.

    In the data of a figure it is a list with the times of all seeds, their medians and the ratio of the medians, by
    number of images.

    Attributes
    ----------
    images
        Numbers of images, increasing, (m,).
    times
        Epochs with true and with shuffled labels, (m, 2, n); ∞ for a seed that does not fit. The seeds are the same
        throughout, and share images and initial weights, so they are resampled together.
    observed
        Epochs of training, (m, 2).
    """

    images: tuple[int, ...]
    times: Array
    observed: tuple[tuple[int, ...], ...]

    def ratio(self, images: int) -> Strata:
        """The ratio of the medians, shuffled over true labels, at one number of images.

        It is infinite where only the median with shuffled labels is censored, and 0, the least that it can be, where
        only the one with true labels is. Resamples in which both are censored say nothing, and are left out.

        Raises
        ------
        NotMeasuredError
            If most seeds do not fit the true labels.
        """
        place = self.images.index(images)
        if np.isinf(upper_median(self.times[place, 0])):
            raise NotMeasuredError(
                f"most seeds do not fit {counted(images, 'image')} with true labels within "
                f"{counted(self.observed[place][0], 'epoch')}"
            )
        return self._resampled(lambda ratios: ratios[place])

    def slope(self) -> Strata:
        """The slope of the logarithm of that ratio on the logarithm of the number of images, by least squares.

        A censored median with shuffled labels makes a ratio infinite, and one with true labels makes it 0; the slope
        is then ∞ or −∞, depending on whether the ratio is that of many or of few images. A resample whose censored
        medians leave both open counts as −∞, the lowest slope that it may have.

        Raises
        ------
        NotMeasuredError
            If there are fewer than two numbers of images, or too many seeds are censored to know the slope.
        """
        if len(self.images) < 2:
            raise NotMeasuredError("a slope needs networks with at least two numbers of images")
        logs = np.log(self.images)
        weights = (logs - logs.mean()) / ((logs - logs.mean()) ** 2).sum()
        kept = weights != 0

        def slope(ratios: Array) -> Array:
            found = (weights[kept] * np.moveaxis(np.log(ratios[kept]), 0, -1)).sum(axis=-1)
            return np.where(np.isnan(found), -np.inf, found)

        with np.errstate(all="ignore"):
            value = float(slope(_ratios(self.times)))
        lowering = np.isinf(self.times)
        lowering[weights > 0, 1] = False  # these make the slope larger
        # An infinite value must not have a lower end of −∞, which evidence could not tell from ∞.
        if value == -np.inf or (value == np.inf and lowering.any()):
            raise NotMeasuredError(
                "too many seeds do not fit their training images for a slope; train them for more epochs"
            )
        return self._resampled(slope)

    def line(self) -> dict[str, float] | None:
        """`slope` and `intercept` of the logarithms; None where a ratio is not known."""
        ratios = _ratios(self.times)
        if len(ratios) < 2 or not np.isfinite(ratios).all() or ratios.min() <= 0:
            return None
        slope, intercept = np.polyfit(np.log(self.images), np.log(ratios), 1)
        return {"slope": float(slope), "intercept": float(intercept)}

    def medians(self) -> str:
        """The medians in words."""
        found = [
            f"{_epochs(true)} and {_epochs(shuffled)} ({counted(images, 'image')})"
            for images, (true, shuffled) in zip(self.images, upper_median(self.times), strict=True)
        ]
        n = counted(self.times.shape[-1], "seed")
        return (
            f"for the {n} that all networks have in common, the median epochs with true and with shuffled labels are "
            f"{', '.join(found)}"
        )

    def censored(self, fitted: str) -> str:
        """How many seeds never get the share `fitted` of their training images right, in words."""
        parts = [
            f"{int(np.isinf(one).sum())} of {counted(one.size, 'seed')} with {labels} labels on "
            f"{counted(images, 'image')} (within {counted(most, 'epoch')})"
            for images, pair, observed in zip(self.images, self.times, self.observed, strict=True)
            for labels, one, most in zip(LABELS, pair, observed, strict=True)
            if np.isinf(one).any()
        ]
        reached = f"a training accuracy of {fitted}"
        return f"{reached} is never reached by {', '.join(parts)}" if parts else f"all seeds reach {reached}"

    def about_crossing(self, threshold: float) -> str:
        """Where the ratio crosses a threshold, by linear interpolation over the logarithm of images, in words."""
        ratios = _ratios(self.times)
        known = ratios[~np.isnan(ratios)]
        where = "" if len(known) == len(ratios) else " where it is known"
        if len(known) and (known > threshold).all():
            return f"the estimated ratio is above {threshold:g} at every number of images{where}"
        if len(known) and (known <= threshold).all():
            return f"the estimated ratio is not above {threshold:g} at any number of images{where}"
        if not np.isfinite(ratios).all():
            return f"the estimated ratio is above {threshold:g} only at some numbers of images"
        place = float(crossing(self.images, ratios, threshold, logarithmic=True))
        return f"the estimated ratio crosses {threshold:g} at about {counted(round(place), 'image')}"

    def described(self, settings: Statistics) -> list[dict[str, Any]]:
        """By number of images: `images`, and for `true`, `shuffled` and `ratio` their `value`, `lower` and `upper`.

        Numbers that are not known, or infinite, are None. For labels there are also the `values` of all seeds (None
        where censored), and the epochs that were `observed`.
        """
        return [
            {"images": images, "ratio": _numbers(self._resampled(lambda r, at=place: r[at]), settings)}  # type: ignore[misc]
            | {
                labels: {"values": np.where(np.isinf(one), np.nan, one), "observed": most}
                | _numbers(Censored(one, np.isfinite(one)), settings)
                for labels, one, most in zip(LABELS, pair, observed, strict=True)
            }
            for place, (images, pair, observed) in enumerate(
                zip(self.images, self.times, self.observed, strict=True)
            )
        ]

    def _resampled(self, statistic: Callable[[Array], Array]) -> Strata:
        """A statistic of the ratios (m, …) whose resamples draw seeds, each with all of its times."""

        def of_seeds(seeds: Array, axis: int) -> Array:
            return np.asarray(statistic(_ratios(self.times[:, :, seeds.astype(np.intp)])))

        return Strata([np.arange(self.times.shape[-1])], of_seeds, infinite=True)


def _ratios(times: Array) -> Array:
    """Ratios of medians (m, …) of times (m, 2, …, n)."""
    medians = upper_median(times)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(medians[:, 1] / medians[:, 0])


def _numbers(part: Part, settings: Statistics) -> dict[str, Any]:
    """Value and interval of a part; None for what is infinite or not known."""
    try:
        found = part.estimate(settings)
    except NotMeasuredError:
        return dict.fromkeys(_NUMBERS)
    known = {key: None if key in found["infinite"] else found[key] for key in _NUMBERS}
    return {key: None if number is None or np.isnan(number) else number for key, number in known.items()}


def _epochs(time: float) -> str:
    return f"{time:g}" if np.isfinite(time) else "more than were observed"
