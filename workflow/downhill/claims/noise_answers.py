"""What networks answered to noise: the results of `experiments.noise.answers`, by network and by kind of image."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.inputs import Inputs
from downhill.claims.parts import NotMeasuredError
from downhill.claims.wording import TEST_IMAGES, counted
from downhill.config.reading import did_you_mean
from downhill.experiments.results import Arrays, ExperimentResult

_MOST_IMAGES, _MOST_SEEDS = 3, 5  # images of each kind, and seeds that answer, on the wall of images


@dataclass(frozen=True)
class Answers:
    """The answers of one network.

    Attributes
    ----------
    network, hidden_layers, activation, output, recipe, trained
        Its name and settings, in words.
    classes
        Its number of outputs.
    seeds
        (k,).
    largest, answer
        Largest output and answer of each image by set, (k, n); the set of the network's own test images is "".
    shown
        First images of each set, (m, height, width).
    thinned
        The set whose images are thinned; "" for none.
    shares
        Shares of the pixels that are kept in thinned images, ascending, (s,).
    thin
        Largest output of each thinned image, (k, s, n).
    """

    network: str
    hidden_layers: str
    activation: str
    output: str
    recipe: str
    trained: bool
    classes: int
    seeds: NDArray[np.int64]
    largest: Mapping[str, NDArray[np.float32]]
    answer: Mapping[str, NDArray[np.uint8]]
    shown: Mapping[str, NDArray[Any]]
    thinned: str
    shares: NDArray[np.float64]
    thin: NDArray[np.float32]

    def counts(self, name: str) -> NDArray[np.int64]:
        """How often each seed gave each answer to the images of a set, (k, classes)."""
        rows = [np.bincount(row, minlength=self.classes) for row in self.answer[name]]
        return np.array(rows, np.int64).reshape(len(self.seeds), self.classes)

    def described(self, training: str) -> str:
        """The network's name, and what is special about its training, for figures: `'doubt', trained with noise`."""
        return f"'{self.network}'" + (f", {training}" if training else "")


def answers_in(result: ExperimentResult) -> list[Answers]:
    """The answers of every network of an experiment, whether it ran once for each or once for all of them."""
    return [
        _answers(arrays, place)
        for arrays in result.by_network.values()
        for place in range(arrays["networks"].shape[1])
    ]


def answers_of(network: str, inputs: Inputs) -> Answers | None:
    """The answers of the network in the first experiment that has it; None if none has."""
    for result in inputs.experiments.values():
        for found in answers_in(result):
            if found.network == network:
                return found
    return None


def kinds_of(found: Answers, kinds: Sequence[str], names: Sequence[str]) -> dict[str, str]:
    """The sets of noise by the names that figures use; the first is the one that a claim is about.

    Parameters
    ----------
    found
        Answers of a network.
    kinds
        Names of data sets; empty for all further data sets of the experiment, in its order.
    names
        What they are called; empty for the names of the data sets.

    Raises
    ------
    NotMeasuredError
        If the experiment has not used such a data set, or there is not one name for each.
    """
    used = [name for name in found.largest if name]
    sets = list(kinds) or used
    labels = list(names) or sets
    if not sets:
        raise NotMeasuredError("the experiment shows no further data sets, so there is no noise")
    if lacking := [name for name in sets if name not in used]:
        raise NotMeasuredError(
            f"the experiment has not shown the data set '{lacking[0]}'; {did_you_mean(lacking[0], used)}"
        )
    if len(labels) != len(sets) or len({TEST_IMAGES, *labels}) != len(labels) + 1:
        raise NotMeasuredError(
            f"the row has {counted(len(sets), 'kind')} of noise, but {len(set(labels) - {TEST_IMAGES})} different names"
        )
    if any(found.largest[name].shape[1] == 0 for name in ("", *sets)):
        raise NotMeasuredError("a data set has no images to show")
    return dict(zip(labels, sets, strict=True))


def verdict_kind(sets: Mapping[str, str]) -> str:
    """The kind of noise that the verdict is about: the first one."""
    return next(kind for kind in sets if kind != TEST_IMAGES)


def other_kinds(sets: Mapping[str, str]) -> list[str]:
    """The kinds of noise that are shown beside it."""
    return [kind for kind in sets if kind not in (TEST_IMAGES, verdict_kind(sets))]


def wall(
    found: Answers,
    sets: Mapping[str, str],
    classes: tuple[str, ...],
    marked: Mapping[str, Any],
    training: str = "",
) -> dict[str, Any]:
    """A few images of every kind with the answers of a few seeds.

    `marked` is as for `noise_confidence.curves`; `training` says what is special about the network's training.
    """
    seeds = slice(_MOST_SEEDS)
    count = min(_MOST_IMAGES, min(len(found.shown[name]) for name in sets.values()))
    rows = [
        {
            "kind": kind,
            "images": [
                {
                    "pixels": found.shown[name][place],
                    "answers": [classes[label] for label in found.answer[name][seeds, place]],
                    "largest": np.round(found.largest[name][seeds, place].astype(float), 4),
                }
                for place in range(count)
            ],
        }
        for kind, name in sets.items()
    ]
    return {
        "network": found.described(training),
        "seeds": found.seeds[seeds],
        "rows": rows,
        "output": found.output,
        "marked": marked,
    }


def _answers(arrays: Arrays, place: int) -> Answers:
    """The network at a place among those of a job; names, sets and counts are the same for all seeds."""
    seeds, sets = arrays["seeds"], [str(name) for name in arrays["sets"][0]]
    counts = arrays["images"][0]
    ends = np.cumsum(counts.ravel())[:-1]
    row = slice(place * len(sets), (place + 1) * len(sets))
    largest, answer = (np.split(arrays[key], ends, axis=1)[row] for key in ("largest", "answer"))
    settings = {
        key: str(arrays[key][0][place]) for key in ("hidden_layers", "activation", "output", "recipe")
    }
    return Answers(
        network=str(arrays["networks"][0][place]),
        **settings,
        trained=bool(arrays["trained"][0][place]),
        classes=int(arrays["classes"][0][place]),
        seeds=seeds,
        largest=dict(zip(sets, largest, strict=True)),
        answer=dict(zip(sets, answer, strict=True)),
        shown=dict(zip(sets, arrays["shown"][0], strict=True)),
        thinned=str(arrays["thinned"][0]),
        shares=arrays["shares"][0],
        thin=arrays["thin"][:, place],
    )
