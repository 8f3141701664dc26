"""Test accuracies of networks with several kinds of hidden units, for each of two costs."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.learning_shapes import permuted_spreads, spread
from downhill.claims.measurement import Estimated, Sample
from downhill.claims.parts import Censored, NotMeasuredError, Strata, upper_median
from downhill.claims.wording import counted, percent, percent_as_given
from downhill.experiments.activations_costs import COSTS

Array = NDArray[np.float64]

_NAMES = {"mse": "quadratic cost", "cross_entropy": "cross-entropy"}


@dataclass(frozen=True)
class Kind:
    """One kind of hidden units: its settings, the test accuracy of every seed by epoch, (n, epochs), and who is stuck.

    A seed is stuck if it never recognises one of the classes, (n,).
    """

    activation: str
    initialization: str
    rate: float
    by_epoch: Array
    stuck: NDArray[np.bool_]

    @property
    def final(self) -> Array:
        """Test accuracy at the end of training, of the seeds that did not diverge."""
        last = self.by_epoch[:, -1]
        return last[np.isfinite(last)]

    def epochs_until(self, accuracy: float) -> Array:
        """The first epoch with at least this test accuracy, by seed, counted from 1; ∞ where there is none."""
        enough = np.nan_to_num(self.by_epoch) >= accuracy - 1e-9  # 0.93 itself, whatever its last bit
        return np.where(enough.any(axis=1), enough.argmax(axis=1) + 1.0, np.inf)


@dataclass(frozen=True)
class Cost:
    """All kinds of hidden units with one cost, and the spreads of permuted seeds."""

    name: str
    kinds: tuple[Kind, ...]
    fitted: float
    permutations: int

    def part(self) -> Strata:
        """Largest minus smallest mean accuracy; seeds are resampled within each kind."""
        return Strata([kind.final for kind in self.kinds], spread)

    @cached_property
    def by_chance(self) -> Array:
        """The spreads when seeds are permuted among the kinds."""
        return permuted_spreads([kind.final for kind in self.kinds], self.permutations)

    @property
    def diverged(self) -> int:
        """Number of networks that diverged."""
        return sum(len(kind.by_epoch) - len(kind.final) for kind in self.kinds)

    def described_by_kind(self) -> dict[str, Any]:
        """For figures: the spread, the spread by chance, and of each kind its settings, accuracies and epochs."""
        low, high = np.quantile(self.by_chance, [0.025, 0.975])
        return {
            "name": self.name,
            "spread": Estimated(self.part()),
            "chance": {"mean": float(self.by_chance.mean()), "low": float(low), "high": float(high)},
            "kinds": [
                {
                    "activation": kind.activation,
                    "initialization": kind.initialization,
                    "rate": kind.rate,
                    "accuracy": Sample(kind.final),
                    "stuck": kind.stuck[np.isfinite(kind.by_epoch[:, -1])],
                    "by_epoch": [Sample(column[np.isfinite(column)]) for column in kind.by_epoch.T],
                    "epochs": np.where(np.isfinite(times := kind.epochs_until(self.fitted)), times, np.nan),
                    "median": Estimated(Censored(times, np.isfinite(times))),
                }
                for kind in self.kinds
            ],
        }


def costs_of(arrays: dict[str, NDArray[Any]], fitted: float, permutations: int) -> list[Cost]:
    """The two costs of an experiment.

    Raises
    ------
    NotMeasuredError
        If all networks of a kind diverged, or there are no test images of a class.
    """
    found = []
    for row, cost in enumerate(COSTS):
        kinds = tuple(
            Kind(
                str(activation),
                str(initialization),
                float(arrays["rate"][0, row, place]),
                arrays["accuracy"][:, row, place],
                arrays["stuck"][:, row, place],
            )
            for place, (activation, initialization) in enumerate(
                zip(arrays["activation"][0], arrays["initialization"][0], strict=True)
            )
        )
        for kind in kinds:
            if not len(kind.final):
                raise NotMeasuredError(
                    f"with {kind.activation} units and the {_NAMES[cost]}, no seed has a test accuracy at the end of "
                    "training"
                )
        found.append(Cost(_NAMES[cost], kinds, fitted, permutations))
    return found


def about_costs(costs: list[Cost], fitted: float) -> str:
    """Means, epochs and the spread by chance for each cost, in words."""
    sentences = []
    for cost in costs:
        means = ", ".join(
            f"{percent(kind.final.mean())} with {kind.activation} units (rate {kind.rate:g}, "
            f"lowest seed {percent(kind.final.min())}, {_epochs(kind, fitted)})"
            for kind in cost.kinds
        )
        sentence = (
            f"{cost.name}: mean test accuracy {means}; with seeds permuted among the units, the means are spread over "
            f"{100 * cost.by_chance.mean():.2f} points on average"
        )
        if any(kind.stuck.any() for kind in cost.kinds):
            counts = [
                f"{np.count_nonzero(kind.stuck)} of {counted(len(kind.stuck), 'seed')} with {kind.activation} units"
                for kind in cost.kinds
                if kind.stuck.any()
            ]
            sentence += f"; stuck without one of the classes: {', '.join(counts)}"
        if cost.diverged:
            sentence += f"; {counted(cost.diverged, 'network')} diverged"
        sentences.append(sentence)
    return "; ".join(sentences)


def _epochs(kind: Kind, fitted: float) -> str:
    """The number of epochs after which half of the seeds have this test accuracy, in words."""
    median, goal = float(upper_median(kind.epochs_until(fitted))), percent_as_given(fitted)
    if np.isinf(median):
        return f"most seeds stay below {goal}"
    return f"{goal} after a median of {counted(int(median), 'epoch')}"
