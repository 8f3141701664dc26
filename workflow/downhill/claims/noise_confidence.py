"""How sure networks are of noise: shares above thresholds, by kind, network and share of pixels that are kept."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from downhill.analysis.confidence import SURE, exceeding
from downhill.analysis.detection import auroc
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Sample
from downhill.claims.noise_answers import Answers, answers_in, verdict_kind
from downhill.claims.sweeps import Crossing
from downhill.claims.wording import TEST_IMAGES

_THRESHOLDS = np.round(np.linspace(0, 1, 41), 3)  # of the curves


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


def medians_of(found: Answers, name: str) -> NDArray[np.float64]:
    """Median largest output of each seed on the images of a set, (k,)."""
    return np.median(found.largest[name].astype(np.float64), axis=1)


def medians_of_favourites(found: Answers, name: str) -> pd.DataFrame:
    """Each seed's most frequent answer to noise, and the median largest output where it answers so.

    Returns
    -------
    DataFrame: `seed`, `favourite` (the answer), `noise` and `test` (medians on noise and on test images, NaN without
    any), `share` (of noise with this answer).
    """
    counts = found.counts(name)
    favourites = counts.argmax(axis=1)
    noise, test = (
        [
            _median(row[answer == favourite])
            for row, answer, favourite in zip(
                found.largest[images], found.answer[images], favourites, strict=True
            )
        ]
        for images in (name, "")
    )
    columns = {"seed": found.seeds, "favourite": favourites, "noise": noise, "test": test}
    return pd.DataFrame(columns | {"share": counts.max(axis=1) / counts.sum(axis=1)})


def curves(
    answers: Mapping[str, Answers], sets: Mapping[str, str], marked: Mapping[str, Any]
) -> dict[str, Any]:
    """Share of images whose largest output exceeds each threshold, by network, kind and seed.

    `half` is the threshold that half of the images of noise exceed on average, by network and kind; `marked` is the
    threshold that a figure marks (`output`), and what it is (`as`).
    """
    first = next(iter(answers.values()))
    shares = {
        network: {kind: exceeding(found.largest[name], _THRESHOLDS) for kind, name in sets.items()}
        for network, found in answers.items()
    }
    return {
        "thresholds": _THRESHOLDS,
        "networks": {
            network: {
                kind: [Sample(np.round(column, 4)) for column in values.T] for kind, values in by_kind.items()
            }
            for network, by_kind in shares.items()
        },
        "marked": marked,
        "output": first.output,
        "half": {
            network: {
                kind: _crossing(_THRESHOLDS, values, 0.5)
                for kind, values in by_kind.items()
                if kind != TEST_IMAGES
            }
            for network, by_kind in shares.items()
        },
    }


def sweep(inputs: Inputs, subject: Answers, sets: Mapping[str, str]) -> list[dict[str, Any]]:
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
            "auroc": {kind: Sample(aurocs(one, name)) for kind, name in sets.items() if kind != TEST_IMAGES},
        }
        for one in (subject, *others.values())
        if all(one.largest[name].shape[1] for name in sets.values())
    ]


def pixels(
    found: Answers,
    sets: Mapping[str, str],
    values: NDArray[np.float64],
    edge: float,
    measure: str,
    training: str = "",
) -> dict[str, Any] | None:
    """One number per seed, (k, m), for each share of pixels that is kept; None if the verdict's noise was not thinned.

    `measure` says what the numbers are: a `share` of images that a seed is sure of, or a `median` of largest outputs;
    `training` says what is special about the network's training.
    """
    kind = verdict_kind(sets)
    if not found.thin.size or found.thinned != sets[kind]:
        return None
    return {
        "kind": kind,
        "network": found.described(training),
        "shares": found.shares,
        "samples": [Sample(column) for column in values.T],
        "edge": edge,
        "crossing": _crossing(found.shares, values, edge),
        "n_images": found.thin.shape[2],
        "measure": measure,
        "sure": SURE,
    }


def _recipe(one: Answers) -> str:
    """What characterises a network besides its shape."""
    hidden = one.activation or "no hidden layer"
    return f"{hidden}, {one.output} output, {one.recipe}" + ("" if one.trained else ", untrained")


def _crossing(settings: NDArray[np.float64], values: NDArray[np.float64], threshold: float) -> Crossing:
    """Where the mean of some seeds, each with a number at every setting (k, m), crosses a threshold."""
    return Crossing(dict(zip(settings.tolist(), values.T, strict=True)), threshold, paired=True)


def _median(values: NDArray[np.float32]) -> float:
    return float(np.median(values.astype(np.float64))) if len(values) else float("nan")
