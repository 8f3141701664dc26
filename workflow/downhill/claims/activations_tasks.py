"""Tasks that a line cannot solve: accuracies by number of hidden units, and answers all over the plane."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.measurement import Sample
from downhill.claims.sweeps import Crossing
from downhill.claims.wording import percent, percent_as_given

Arrays = dict[str, NDArray[Any]]

_FIRST_CHARACTER = ord("0")
KINDS = ("linear", "tanh")
"""The kinds of hidden units, in the order of the experiment's arrays."""


def tasks_of(arrays: Arrays, enough: float) -> list[dict[str, Any]]:
    """By task: accuracy with linear and with tanh units, and by number of tanh units, for notes and figures.

    Networks that diverged have an accuracy of 0.
    """
    accuracy, by_width = np.nan_to_num(arrays["accuracy"]), np.nan_to_num(arrays["by_width"])
    widths = arrays["width"][0].tolist()
    return [
        {
            "name": str(name),
            "accuracy": {kind: Sample(accuracy[:, place, column]) for column, kind in enumerate(KINDS)},
            "widths": widths,
            "by_width": [Sample(column) for column in by_width[:, place].T],
            "crossing": Crossing(
                dict(zip(widths, by_width[:, place].T, strict=True)), enough, logarithmic=True, paired=True
            ),
        }
        for place, name in enumerate(arrays["task"][0])
    ]


def width_needed(task: dict[str, Any], enough: float) -> int | None:
    """The smallest number of tanh units, of those tried, with a mean accuracy of at least `enough`, or None."""
    for width, sample in zip(task["widths"], task["by_width"], strict=True):
        if np.mean(sample.values) >= enough:
            return int(width)
    return None


def about_tasks(tasks: list[dict[str, Any]], enough: float) -> str:
    """Accuracies of each task, and how many tanh units it needs, in words."""
    sentences, goal = [], percent_as_given(enough)
    for task in tasks:
        means = " and ".join(
            f"{percent(float(np.mean(sample.values)), 1)} with {kind} units"
            for kind, sample in task["accuracy"].items()
        )
        width = width_needed(task, enough)
        needed = (
            f"of the numbers of tanh units tried, {width} is the first with a mean of at least {goal}"
            if width
            else f"none of the numbers of tanh units tried has a mean of at least {goal}"
        )
        sentences.append(f"{task['name']}: mean test accuracy {means}; {needed}")
    return "; ".join(sentences)


def regions_of(arrays: Arrays) -> list[dict[str, Any]] | None:
    """What the first seed answers all over the plane, with some test points, for figures; None without a plane.

    An answer is one character, "0" for the first class; a row of text is a row of the grid, the lowest first.
    """
    if not arrays["regions"][0].size:
        return None
    return [
        {
            "name": str(name),
            "axis": [round(float(end), 4) for end in arrays["axis"][0, place][[0, -1]]],
            "answers": {
                kind: [
                    "".join(chr(_FIRST_CHARACTER + int(answer)) for answer in row)
                    for row in arrays["regions"][0, place, column]
                ]
                for column, kind in enumerate(KINDS)
            },
            "points": np.round(arrays["place"][0, place].astype(np.float64), 3),
            "labels": arrays["label"][0, place],
        }
        for place, name in enumerate(arrays["task"][0])
    ]
