"""How far the mean accuracies of several shapes lie apart, and how far they would if the shape did not matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.claims.parts import Strata
from downhill.claims.wording import percent
from downhill.config.settings import Statistics

Array = NDArray[np.float64]

_SEED = 0  # of the permutations


def spread(*samples: Array, axis: int = -1) -> Array:
    """Largest minus smallest mean of some samples."""
    return np.asarray(np.ptp(np.stack([values.mean(axis=axis) for values in samples]), axis=0))


def permuted_spreads(samples: Sequence[ArrayLike], permutations: int) -> Array:
    """The spread of the means when all values are permuted among the samples, (permutations,).

    Largest minus smallest is never negative, so it is above zero on average even if all samples have the same mean.
    """
    arrays = [np.asarray(values, np.float64) for values in samples]
    sizes = [len(values) for values in arrays]
    pooled = np.tile(np.concatenate(arrays), (permutations, 1))
    shuffled = np.random.default_rng(_SEED).permuted(pooled, axis=1)
    return spread(*np.split(shuffled, np.cumsum(sizes)[:-1], axis=1))


def _standard_deviations(accuracies: Sequence[Array]) -> str:
    """The standard deviations of the shapes' means and of seeds within a shape, in words."""
    between = np.std([accuracy.mean() for accuracy in accuracies], ddof=1)
    squares = [((accuracy - accuracy.mean()) ** 2).sum() for accuracy in accuracies]
    freedom = sum(len(accuracy) - 1 for accuracy in accuracies)
    if not freedom:
        return f"the standard deviation of the means is {100 * between:.2f} points"
    within = np.sqrt(sum(squares) / freedom)
    return (
        f"the standard deviation is {100 * between:.2f} points between the means, and {100 * within:.2f} points "
        "between the seeds of one shape"
    )


@dataclass(frozen=True)
class Spread:
    """The spread of the means of some samples, and how much of it chance explains.

    Attributes
    ----------
    samples
        One number per seed for each shape, (n_i,).
    permuted
        Spreads of permuted values, (m,).
    """

    samples: Sequence[Array]
    permuted: Array

    def beyond_chance(self) -> Strata:
        """The spread minus the mean of the permuted ones, as a part of a measurement.

        Seeds are resampled within their shapes, and the mean of the permuted spreads stays that of the measured seeds.
        Resampling itself increases the spread of the means, so where the shapes are alike, both ends of the interval
        tend to be too high rather than too low.
        """
        chance = float(self.permuted.mean())
        return Strata(self.samples, lambda *samples, axis: spread(*samples, axis=axis) - chance)

    @property
    def p(self) -> float:
        """Share of permutations, the measured order included, with at least this spread."""
        as_large = np.count_nonzero(self.permuted >= spread(*self.samples) - 1e-12)
        return float((as_large + 1) / (len(self.permuted) + 1))

    def sentence(self, names: Sequence[str]) -> str:
        """How far means and medians lie apart, and how much of it is chance, in words; `names` of the shapes."""
        means = [values.mean() for values in self.samples]
        medians = [np.median(values) for values in self.samples]
        worst, best = int(np.argmin(means)), int(np.argmax(means))
        return (
            f"means range from {percent(means[worst])} ({names[worst]}) to {percent(means[best])} ({names[best]}), "
            f"a spread of {100 * np.ptp(means):.2f} points; with seeds permuted among the shapes, it is "
            f"{100 * self.permuted.mean():.2f} points on average (p = {self.p:.2g}); the spread of the medians is "
            f"{100 * np.ptp(medians):.2f} points; {_standard_deviations(self.samples)}"
        )

    def described(self, settings: Statistics) -> dict[str, Any]:
        """For figures: `observed` (`value`, `lower`, `upper`), `permuted` (`mean`, `low` to `high` for 95 %), `p`."""
        found = Strata(self.samples, spread).estimate(settings)
        low, high = np.quantile(self.permuted, [0.025, 0.975])
        return {
            "observed": {key: found[key] for key in ("value", "lower", "upper")},
            "permuted": {"mean": float(self.permuted.mean()), "low": float(low), "high": float(high)},
            "p": self.p,
        }
