"""How straight the cost falls: curves of every seed from the start of training, with true and with shuffled labels."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.straightness import line_of_fall, places_of_fall
from downhill.claims.curves import history_of
from downhill.claims.inference import mean_intervals
from downhill.claims.measurement import Sample
from downhill.claims.memorisation_pairs import LABELS
from downhill.claims.parts import NotMeasuredError
from downhill.claims.wording import counted
from downhill.config.settings import Statistics
from downhill.runs.evaluation import EvaluatedNetwork

Array = NDArray[np.float64]

_SHARES = (0.5, 0.75, 0.9, 0.95, 0.99, 0.999)  # of the drop of the cost, for the sweep
_BEYOND = 1.25  # how much longer curves are drawn than the longest drop takes


@dataclass(frozen=True)
class Descent:
    """Training cost and accuracy of every seed by epoch, from the start, which is epoch 0.

    Attributes
    ----------
    seeds
        The seeds, (k,).
    epochs
        Epochs, from 0, (m,).
    cost, accuracy
        By seed and epoch, (k, m).
    """

    seeds: list[int]
    epochs: NDArray[np.int64]
    cost: Array
    accuracy: Array

    @classmethod
    def of(cls, network: EvaluatedNetwork, start: Mapping[str, NDArray[Any]]) -> "Descent":
        """The history of all seeds on their training images, completed with the row before the first epoch.

        Parameters
        ----------
        start
            `seeds`, `cost` and `accuracy` before training, as the experiment `memorisation.score_at_start` gives them.

        Raises
        ------
        NotMeasuredError
            If the network was not trained.
        """
        history = history_of(network)
        row = {int(seed): place for place, seed in enumerate(start["seeds"])}
        seeds = [seed for seed in network.seeds if seed in row]
        rows, joined = [row[seed] for seed in seeds], []
        for name, column in (("cost", "train_loss"), ("accuracy", "train_accuracy")):
            table = history.pivot(index="seed", columns="epoch", values=column).reindex(seeds)
            joined.append(np.column_stack([start[name][rows], table.to_numpy(np.float64)]))
        return cls(seeds, np.array([0, *table.columns], np.int64), *joined)

    def of_seeds(self, seeds: Sequence[int]) -> "Descent":
        """The same for some of the seeds, in their order."""
        rows = [self.seeds.index(seed) for seed in seeds]
        return Descent(list(seeds), self.epochs, self.cost[rows], self.accuracy[rows])

    def r_squared(self, share: float, first: int = 0) -> Array:
        """R² of a line through the cost until that share of its drop has happened, by seed, (k,).

        The drop is that from row `first` on. NaN where there are fewer than three rows, or the cost does not fall.
        """
        epochs = self.epochs[first:]
        return np.array([line_of_fall(epochs, cost[first:], share).r_squared for cost in self.cost])

    def rows(self, share: float, first: int = 0) -> NDArray[np.int64]:
        """How many rows it takes from row `first` on until that share of the drop has happened, by seed, (k,)."""
        return np.array([places_of_fall(cost[first:], share) for cost in self.cost])


@dataclass(frozen=True)
class MeanCurve:
    """A curve of every seed, (k, m), for the data of a figure, with their mean in every epoch and its interval."""

    values: Array

    def described(self, settings: Statistics) -> dict[str, Any]:
        """`seeds` (k, m), rounded to what can be seen, and `mean`, `lower`, `upper` (m,); None without an interval."""
        intervals = [mean_intervals(column, settings) for column in self.values.T]
        ends = [found.usual for found in intervals if found]
        return {
            "seeds": np.round(self.values, 4),
            "mean": np.round(self.values.mean(axis=0), 4),
            "lower": np.round([end.lower for end in ends], 4) if ends else None,
            "upper": np.round([end.upper for end in ends], 4) if ends else None,
        }


@dataclass(frozen=True)
class Descents:
    """The descents of the same seeds with true and with shuffled labels.

    Attributes
    ----------
    true, shuffled
        The descents.
    name
        How the weights are initialised.
    """

    true: Descent
    shuffled: Descent
    name: str

    @classmethod
    def of(
        cls, pair: Mapping[str, EvaluatedNetwork], starts: Mapping[str, Mapping[str, NDArray[Any]]]
    ) -> "Descents":
        """Read the descents of a pair of networks, by their labels; `starts` has their scores before training, by name.

        Raises
        ------
        NotMeasuredError
            If a network was not trained, or they have no seed in common.
        """
        found = [Descent.of(pair[labels], starts[pair[labels].name]) for labels in LABELS]
        seeds = sorted(set(found[0].seeds) & set(found[1].seeds))
        if not seeds:
            raise NotMeasuredError(
                f"'{pair['true'].name}' and '{pair['shuffled'].name}' have no seed in common"
            )
        true, shuffled = (one.of_seeds(seeds) for one in found)
        return cls(true, shuffled, pair["true"].net.initialization)

    def summary(self, until: float) -> dict[str, Any]:
        """For the data of a figure: `name`, and R² of every seed by labels, and for shuffled ones from epoch 1 on."""
        return {
            "name": self.name,
            "true": Sample(self.true.r_squared(until)),
            "shuffled": Sample(self.shuffled.r_squared(until)),
            "after_first_epoch": Sample(self.shuffled.r_squared(until, first=1)),
        }

    def sentence(self, until: float) -> str:
        """The mean R², and in how many pairs it is higher, for networks shown beside the first ones, in words."""
        straight, other = self.shuffled.r_squared(until), self.true.r_squared(until)
        known = straight[np.isfinite(straight)]
        if not len(known):
            return f"with '{self.name}' initialisation, no line can be drawn"
        return (
            f"with '{self.name}' initialisation, the mean R² from the start is {known.mean():.2f}, and R² exceeds that "
            f"of true labels in {np.count_nonzero(straight > other)} of {counted(len(straight), 'pair')}"
        )

    def compared(self, until: float) -> dict[str, Any]:
        """What figures show of both.

        Returns
        -------
        dict:
            curves : by labels, the epochs and the curves of cost and accuracy, a little longer than the longest drop
            straightness : by labels, R² of every seed
            lines : the line for shuffled labels of the first seed, from the start and from epoch 1 on
            by_share : R² by the share of the drop that counts, for the labels, and for shuffled ones from epoch 1 on
        """
        descents = dict(zip(LABELS, (self.true, self.shuffled), strict=True))
        shuffled = self.shuffled
        drops = [one.rows(until, first).max() + first for one in descents.values() for first in (0, 1)]
        shown = max(3, int(_BEYOND * max(drops)))
        return {
            "curves": {
                labels: {
                    "epoch": one.epochs[:shown],
                    "cost": MeanCurve(one.cost[:, :shown]),
                    "accuracy": MeanCurve(one.accuracy[:, :shown]),
                }
                for labels, one in descents.items()
            },
            "straightness": {labels: Sample(one.r_squared(until)) for labels, one in descents.items()},
            "lines": [_line(shuffled, until, first) for first in (0, 1)],
            "by_share": {
                "share": _SHARES,
                **{
                    labels: [Sample(one.r_squared(share)) for share in _SHARES]
                    for labels, one in descents.items()
                },
                "after_first_epoch": [Sample(shuffled.r_squared(share, first=1)) for share in _SHARES],
            },
        }


def _line(descent: Descent, until: float, first: int) -> dict[str, Any]:
    """The line through the cost of the first seed from row `first` on, and the epochs between which it lies."""
    epochs, cost = descent.epochs[first:], descent.cost[0, first:]
    ends = epochs[: max(1, places_of_fall(cost, until))][[0, -1]]
    return {"seed": descent.seeds[0], "epochs": ends, **line_of_fall(epochs, cost, until)._asdict()}
