"""What networks answered to drawings: the results of `experiments.drawing.answers`, by network and data set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.parts import NotMeasuredError
from downhill.config.reading import did_you_mean
from downhill.datasets.dataset import NO_CLASS
from downhill.experiments.results import Arrays, ExperimentResult


@dataclass(frozen=True)
class Answers:
    """The answers of one network.

    Attributes
    ----------
    network
        Its name.
    seeds
        (k,).
    accuracy
        Accuracy of each seed on the network's own test images, (k,).
    labels
        Digit of each drawing by data set, (n,).
    answers
        Answers by data set, (k, n).
    shown
        First images of each data set, uint8 (m, height, width).
    """

    network: str
    seeds: NDArray[np.int64]
    accuracy: NDArray[np.float64]
    labels: Mapping[str, NDArray[np.uint8]]
    answers: Mapping[str, NDArray[np.uint8]]
    shown: Mapping[str, NDArray[np.uint8]]

    def shares_right(self, name: str) -> NDArray[np.float64]:
        """Share of the drawings of a data set that each seed gets right, (k,)."""
        return np.asarray((self.answers[name] == self.labels[name]).mean(axis=1))


def answers_in(result: ExperimentResult) -> list[Answers]:
    """The answers of every network of an experiment, whether it ran once for each or once for all of them."""
    return [
        _answers(arrays, place)
        for arrays in result.by_network.values()
        if len(arrays["seeds"])
        for place in range(arrays["networks"].shape[1])
    ]


def answers_to(networks: Sequence[Answers], preprocessed: str, plain: str) -> dict[str, str]:
    """The data sets of drawings `with` and `without` preprocessing; empty names mean the first and the second one.

    Raises
    ------
    NotMeasuredError
        If an experiment has not used one of them, they do not hold the same drawings, or a drawing has no class.
    """
    if not networks:
        raise NotMeasuredError("there is no seed that has seen the drawings")
    used = list(networks[0].labels)
    first = preprocessed or used[0]
    sets = {"with": first, "without": plain or next((name for name in used if name != first), first)}
    for found in networks:
        for name in sets.values():
            if name not in found.labels:
                suggestion = did_you_mean(name, list(found.labels))
                raise NotMeasuredError(
                    f"'{found.network}' has not been shown the data set '{name}'; {suggestion}"
                )
        labels, others = (found.labels[name] for name in sets.values())
        if not np.array_equal(labels, others):
            raise NotMeasuredError(
                f"the data sets '{sets['with']}' and '{sets['without']}' do not hold drawings of the same digits"
            )
        if not len(labels) or (labels == NO_CLASS).any():
            raise NotMeasuredError(
                f"the data set '{sets['with']}' has images that belong to no class, or none"
            )
    return sets


def examples(found: Answers, sets: Mapping[str, str]) -> dict[str, Any]:
    """The first drawings without and with preprocessing, and what the first seed answers.

    Images are given as the hexadecimal digits of their pixels.
    """
    shown = {kind: found.shown[sets[kind]] for kind in ("without", "with")}
    count = len(shown["with"])
    return {
        "network": found.network,
        "seed": int(found.seeds[0]),
        "shape": shown["with"].shape[1:],
        "labels": found.labels[sets["with"]][:count],
        "images": {kind: [image.tobytes().hex() for image in images] for kind, images in shown.items()},
        "answers": {kind: found.answers[sets[kind]][0, :count] for kind in shown},
    }


def _answers(arrays: Arrays, place: int) -> Answers:
    """The network at a place among those of a job; names, counts, labels and images are the same for all seeds."""
    sets = [str(name) for name in arrays["sets"][0]]
    ends = np.cumsum(arrays["counts"][0])[:-1]
    return Answers(
        network=str(arrays["networks"][0][place]),
        seeds=arrays["seeds"],
        accuracy=arrays["accuracy"][:, place],
        labels=dict(zip(sets, np.split(arrays["labels"][0], ends), strict=True)),
        answers=dict(zip(sets, np.split(arrays["answers"][:, place], ends, axis=1), strict=True)),
        shown=dict(zip(sets, arrays["shown"][0], strict=True)),
    )
