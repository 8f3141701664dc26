"""Mistakes on test images: the most confident ones, and those that seeds and nearest neighbours have in common."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.agreement import majority, odds_ratio
from downhill.claims.measurement import Sample
from downhill.claims.parts import NotMeasuredError
from downhill.claims.wording import counted
from downhill.datasets.dataset import NO_CLASS
from downhill.runs.evaluation import EvaluatedNetwork

Array = NDArray[np.float64]
Wrong = NDArray[np.bool_]

_GALLERY = 15  # images shown


@dataclass(frozen=True)
class Votes:
    """What the nearest neighbours answer.

    Attributes
    ----------
    labels
        Classes of the test images, (n,).
    answers
        By number of neighbours, the class that most of them belong to, (n,).
    """

    labels: NDArray[np.uint8]
    answers: Mapping[int, NDArray[np.intp]]


def votes_of_neighbours(arrays: Mapping[str, NDArray[Any]], classes: int, neighbours: int) -> Votes:
    """The votes of this many neighbours, and of every odd number of them that the experiment has found.

    Parameters
    ----------
    arrays
        Results of the experiment `learning.nearest_neighbours`; those of its first seed are used.

    Raises
    ------
    NotMeasuredError
        If it has not found that many, or there are no training images with a class.
    """
    nearest = arrays["nearest"][0]
    most = nearest.shape[-1]
    if not 1 <= neighbours <= most:
        raise NotMeasuredError(
            f"the experiment has found {counted(most, 'neighbour')} of each image, not {neighbours:,}"
        )
    if (nearest[:, 0] == NO_CLASS).any():
        raise NotMeasuredError("no training image belongs to a class")
    numbers = sorted({*range(1, most + 1, 2), neighbours})
    return Votes(arrays["labels"][0], {count: majority(nearest[:, :count], classes) for count in numbers})


@dataclass(frozen=True)
class Mistakes:
    """Which test images are misclassified, of those that belong to a class.

    Attributes
    ----------
    wrong, control
        By the seeds of the network and of the control, (k, n) and (l, n).
    nearest
        By the neighbours, (n,), for each number of them.
    control_name
        The control in words.
    """

    wrong: Wrong
    control: Wrong
    nearest: Mapping[int, Wrong]
    control_name: str

    @classmethod
    def of(cls, network: EvaluatedNetwork, control: EvaluatedNetwork, votes: Votes) -> "Mistakes":
        """Compare the answers of two networks and of neighbours with the classes of the test images.

        Raises
        ------
        NotMeasuredError
            If they do not answer the same images, or none of these belongs to a class.
        """
        for one in (network, control):
            if not np.array_equal(one.predictions["labels"], votes.labels):
                raise NotMeasuredError(f"'{one.name}' and the neighbours classify different test images")
        known = votes.labels != NO_CLASS
        if not known.any():
            raise NotMeasuredError("no test image belongs to a class")
        wrong, other = (
            (one.predictions["predicted"] != votes.labels)[:, known] for one in (network, control)
        )
        nearest = {count: (answers != votes.labels)[known] for count, answers in votes.answers.items()}
        return cls(wrong, other, nearest, _in_words(control))

    def odds(self, neighbours: int) -> Array:
        """The odds ratio of every seed with the neighbours, (k,)."""
        return odds_ratio(self.wrong, self.nearest[neighbours])

    def with_control(self) -> Array:
        """The mean odds ratio of every seed with the seeds of the control, (k,)."""
        return np.asarray(odds_ratio(self.wrong[:, None], self.control).mean(axis=1))

    def between_seeds(self) -> Array:
        """The odds ratio of disjoint pairs of seeds, (k // 2,)."""
        pairs = len(self.wrong) // 2
        return odds_ratio(self.wrong[: 2 * pairs : 2], self.wrong[1 : 2 * pairs : 2])

    def by_neighbours(self) -> list[dict[str, Any]]:
        """For the data of a figure: by number of neighbours, the odds ratios and how many images they get wrong."""
        return [
            {"neighbours": count, "odds": Sample(self.odds(count), limited=False), "wrong": int(wrong.sum())}
            for count, wrong in self.nearest.items()
        ]

    def counts(self, neighbours: int) -> dict[str, int]:
        """For the data of a figure: test images, seeds, images that every seed gets wrong, and the neighbours too."""
        shared = self.wrong.all(axis=0)
        return {
            "images": self.wrong.shape[1],
            "seeds": len(self.wrong),
            "shared": int(shared.sum()),
            "shared_with_neighbours": int((shared & self.nearest[neighbours]).sum()),
        }

    def sentence(self, neighbours: int) -> str:
        """The controls, the sweep over the number of neighbours, and the mistakes that all seeds share, in words."""
        pairs, sweep = self.between_seeds(), {count: self.odds(count).mean() for count in self.nearest}
        counts = self.counts(neighbours)
        text = (
            f"the median over seeds is {np.median(self.odds(neighbours)):.3g}; the mean odds ratio is "
            f"{self.with_control().mean():.3g} between the network and the {self.control_name}, "
            f"{odds_ratio(self.control, self.nearest[neighbours]).mean():.3g} between the latter and the neighbours"
        )
        if len(pairs):
            text += f", {pairs.mean():.3g} between two seeds of the network"
        if len(sweep) > 1:
            text += (
                f"; with {min(sweep):,} to {counted(max(sweep), 'neighbour')}, the mean of the network lies between "
                f"{min(sweep.values()):.3g} and {max(sweep.values()):.3g}"
            )
        shared, missed = counts["shared"], counts["shared_with_neighbours"]
        images = "the only seed" if counts["seeds"] == 1 else "every seed"
        if not shared:
            return f"{text}; no image is misclassified by {images}"
        wrong = f"of {counted(shared, 'image')} that {images} gets wrong"
        return f"{text}; {wrong}, the neighbours also get {missed:,} wrong"


def shared_mistakes(network: EvaluatedNetwork, answers: NDArray[np.intp]) -> list[dict[str, Any]]:
    """Test images that every seed gets wrong and the neighbours get right, the most uniform answers first."""
    labels, predicted = network.predictions["labels"], network.predictions["predicted"]
    chosen = np.flatnonzero((predicted != labels).all(axis=0) & (answers == labels) & (labels != NO_CLASS))
    found = []
    for place in chosen.tolist():
        counts = np.bincount(predicted[:, place])
        found.append((place, int(counts.argmax()), float(counts.max() / counts.sum())))
    return [
        _shown(network, place, answer) | {"share": share}
        for place, answer, share in sorted(found, key=lambda one: -one[2])[:_GALLERY]
    ]


def confident_mistakes(network: EvaluatedNetwork) -> list[dict[str, Any]]:
    """Test images that the first seed gets wrong, those with the greatest confidence first."""
    found = network.predictions
    labels, predicted, confidence = found["labels"], found["predicted"], found["confidence"]
    wrong = np.flatnonzero((predicted[0] != labels) & (labels != NO_CLASS))
    worst = wrong[np.argsort(-confidence[0][wrong], kind="stable")][:_GALLERY]
    return [
        _shown(network, place, predicted[0][place])
        | {
            "confidence": float(confidence[0][place]),
            "share_wrong": float((predicted[:, place] != labels[place]).mean()),
        }
        for place in worst.tolist()
    ]


def _shown(network: EvaluatedNetwork, place: int, answer: int) -> dict[str, Any]:
    """A test image with the names of its class and of an answer."""
    return {
        "image": place,
        "pixels": network.data.test.images[place],
        "label": network.classes[network.predictions["labels"][place]],
        "predicted": network.classes[answer],
    }


def _in_words(network: EvaluatedNetwork) -> str:
    """A network without hidden layers is a linear model."""
    if network.net.hidden_layers:
        return f"network '{network.name}'"
    return f"linear model '{network.name}' (no hidden layers)"
