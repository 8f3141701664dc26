"""What the figures of the family *noise* draw, and what its statistics share."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.confidence import exceeding
from downhill.analysis.detection import auroc
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Sample
from downhill.claims.noise_answers import TEST, Answers, answers_in
from downhill.claims.sweeps import Crossing

SURE = 0.9
"""A network is sure of its answer if its largest output exceeds this."""

_THRESHOLDS = np.round(np.linspace(0, 1, 41), 3)  # of the curves
_MOST_IMAGES, _MOST_SEEDS = 3, 5  # images of each kind, and seeds that answer, on the wall of images


def confident(found: Answers, name: str) -> NDArray[np.float64]:
    """Share of the images of a set that each seed is sure of, (k,)."""
    return exceeding(found.largest[name], [SURE])[:, 0]


def aurocs(found: Answers, name: str) -> NDArray[np.float64]:
    """Area under the ROC curve of the largest output, test images against a kind of noise, (k,)."""
    pairs = zip(found.largest[""], found.largest[name], strict=True)
    return np.array([auroc(test, noise) for test, noise in pairs])


def confident_of_thinned(found: Answers) -> NDArray[np.float64]:
    """Share of thinned images that each seed is sure of, (k, shares)."""
    return exceeding(found.thin, [SURE])[..., 0] if found.thin.size else np.zeros((0, 0))


def medians_of_thinned(found: Answers) -> NDArray[np.float64]:
    """Median largest output of each seed on thinned images, (k, shares)."""
    return np.median(found.thin.astype(np.float64), axis=2) if found.thin.size else np.zeros((0, 0))


def curves(answers: dict[str, Answers], sets: dict[str, str]) -> dict[str, Any]:
    """Share of images whose largest output exceeds each threshold, by network, kind and seed.

    `half` is the threshold that half of the first network's images of noise exceed on average, by kind.
    """
    first = next(iter(answers.values()))
    shares = {
        kind: exceeding(first.largest[name], _THRESHOLDS) for kind, name in sets.items() if kind != TEST
    }
    return {
        "thresholds": _THRESHOLDS,
        "networks": {
            network: {
                kind: [
                    Sample(np.round(column, 4)) for column in exceeding(found.largest[name], _THRESHOLDS).T
                ]
                for kind, name in sets.items()
            }
            for network, found in answers.items()
        },
        "sure": SURE,
        "output": first.output,
        "half": {kind: _crossing(_THRESHOLDS, values, 0.5) for kind, values in shares.items()},
    }


def wall(found: Answers, sets: dict[str, str], classes: tuple[str, ...]) -> dict[str, Any]:
    """A few images of every kind with the answers of a few seeds."""
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
    return {"seeds": found.seeds[seeds], "rows": rows, "output": found.output}


def sweep(inputs: Inputs, subject: Answers, sets: dict[str, str]) -> list[dict[str, Any]]:
    """The share of images that each network is sure of; the first one is the network that the claim is about."""
    others = {
        found.network: found
        for result in inputs.experiments.values()
        for found in answers_in(result)
        if found.network != subject.network and set(sets.values()) <= set(found.largest)
    }
    return [
        {
            "network": one.network,
            "hidden_layers": one.hidden_layers or "none",
            "recipe": _recipe(one),
            "confident": {kind: Sample(confident(one, name)) for kind, name in sets.items()},
            "auroc": {kind: Sample(aurocs(one, name)) for kind, name in sets.items() if kind != TEST},
        }
        for one in (subject, *others.values())
        if all(one.largest[name].shape[1] for name in sets.values())
    ]


def _recipe(one: Answers) -> str:
    """What characterises a network besides its shape."""
    hidden = one.activation or "no hidden layer"
    return f"{hidden}, {one.output} output, {one.recipe}" + ("" if one.trained else ", untrained")


def pixels(found: Answers, values: NDArray[np.float64], edge: float, measure: str) -> dict[str, Any] | None:
    """One number per seed, (k, m), for each share of pixels that is kept; None if no image was thinned.

    `measure` says what the numbers are: a `share` of images that a seed is sure of, or a `median` of largest outputs.
    """
    if not found.thin.size:
        return None
    return {
        "shares": found.shares,
        "samples": [Sample(column) for column in values.T],
        "edge": edge,
        "crossing": _crossing(found.shares, values, edge),
        "n_images": found.thin.shape[2],
        "measure": measure,
        "sure": SURE,
    }


def _crossing(settings: NDArray[np.float64], values: NDArray[np.float64], threshold: float) -> Crossing:
    """Where the mean of some seeds, each with a number at every setting (k, m), crosses a threshold."""
    return Crossing(dict(zip(settings.tolist(), values.T, strict=True)), threshold, paired=True)
