"""Small moves from points of a network's training, for figures and notes of the family *descent*."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.concentration import normal_lorenz_curve
from downhill.claims.inference import rank_correlation
from downhill.claims.measurement import Sample, significant
from downhill.claims.wording import counted, percent, with_minus
from downhill.experiments.descent_moves import OTHERS

Array = NDArray[Any]
Arrays = dict[str, Array]

STEEPEST = "minus the gradient"
_LENGTHS = ("Euclidean length", "largest change of a weight", "sum of all changes")


def when(epoch: int) -> str:
    """A point of the training, in words."""
    return f"after {counted(epoch, 'epoch')}" if epoch else "before training"


def falls_of(arrays: Arrays) -> list[dict[str, Any]]:
    """How far the cost falls in each direction, relative to the fall along −∇, by point of the training."""
    with np.errstate(divide="ignore", invalid="ignore"):
        others = arrays["others"] / arrays["steepest"][:, :, None]
        random = arrays["random"] / arrays["steepest"][:, :, None]
    return [
        {
            "when": when(int(epoch)),
            "named": {
                name: Sample(others[:, point, column], limited=False) for column, name in enumerate(OTHERS)
            },
            "random": significant(random[:, point].ravel(), 3),
            "gradient": Sample(arrays["gradient"][:, point], limited=False),
        }
        for point, epoch in enumerate(arrays["epoch"][0])
    ]


def slopes_of(arrays: Arrays, errors: Array) -> list[dict[str, Any]]:
    """The length of the gradient and the error of the slope of every seed, by point of the training."""
    return [
        {
            "when": when(int(epoch)),
            "gradient": significant(arrays["gradient"][:, point], 5),
            "slope": significant(arrays["slope"][:, point], 12),
            "error": significant(errors[:, point], 3),
        }
        for point, epoch in enumerate(arrays["epoch"][0])
    ]


def falls_by_length(arrays: Arrays) -> list[dict[str, Any]]:
    """How far the cost falls per unit of a move before training, with its length measured in several ways.

    The fall along each direction is relative to the largest of them.
    """
    falls = np.concatenate([arrays["steepest"][:, :1], arrays["others"][:, 0]], axis=1)
    found = []
    for name, length in zip(
        _LENGTHS, (np.ones_like(falls), arrays["greatest"][:, 0], arrays["total"][:, 0]), strict=True
    ):
        with np.errstate(divide="ignore", invalid="ignore"):
            rates = falls / length
            shares = rates / rates.max(axis=1, keepdims=True)
        samples = {
            direction: Sample(shares[:, column], limited=False)
            for column, direction in enumerate((STEEPEST, *OTHERS))
        }
        found.append({"length": name, "falls": samples})
    return found


def about_falls(arrays: Arrays) -> str:
    """How far the cost falls in the other directions, and which wins with other lengths."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.nanmean(arrays["others"] / arrays["steepest"][:, :, None], axis=(0, 1))
        furthest = np.nanmax(arrays["random"] / arrays["steepest"][:, :, None])
    named = ", ".join(f"{percent(share, 1)} ({name})" for name, share in zip(OTHERS, shares, strict=True))
    note = (
        f"relative to the fall along minus the gradient, the mean fall is {named}. The best of "
        f"{counted(int(arrays['random'].size), 'random move')} reaches {percent(furthest, 1)}"
    )
    steepest = []
    for one in falls_by_length(arrays)[1:]:
        means = {direction: float(np.mean(sample.values)) for direction, sample in one["falls"].items()}
        best = max(means, key=lambda direction: means[direction])
        along = best if best == STEEPEST else f"the {best}"
        steepest.append(f"along {along} per unit of the {one['length']}")
    return f"{note}. Before training, the cost falls furthest {', and '.join(steepest)}"


def correlations_of(arrays: Arrays, point: int, size: int) -> Array:
    """Spearman's correlation between |change of the cost| and |component of the gradient|, for each seed."""
    pairs = zip(arrays["change"][:, point, size], arrays["component"][:, point], strict=True)
    found = []
    for change, component in pairs:
        known = np.isfinite(change) & np.isfinite(component)
        found.append(rank_correlation(change[known], component[known]))
    return np.array(found)


def correlation_text(values: Array) -> str:
    """The mean of some correlations; one that is nearly 1 is not rounded to 1."""
    mean = float(np.mean(values))
    return (
        "undefined" if np.isnan(mean) else "more than 0.999" if mean > 0.9995 else with_minus(f"{mean:.3f}")
    )


def nudging_of(arrays: Arrays, seed: int) -> dict[str, Any]:
    """Nudged weights: those of the first seed, and correlations by size of the nudge and by point of the training."""
    layer = arrays["layer"][0]
    known = layer >= 0
    return {
        "component": significant(arrays["component"][0, 0][known], 4),
        "change": significant(arrays["change"][0, 0, 0][known], 4),
        "layer": layer[known],
        "nudge": float(arrays["nudge"][0, 0]),
        "seed": seed,
        "by_nudge": [
            {"nudge": float(nudge), "correlation": Sample(correlations_of(arrays, 0, size), limited=False)}
            for size, nudge in enumerate(arrays["nudge"][0])
        ],
        "by_point": [
            {
                "when": when(int(epoch)),
                "correlation": Sample(correlations_of(arrays, point, 0), limited=False),
            }
            for point, epoch in enumerate(arrays["epoch"][0])
        ],
    }


def inequality_of(arrays: Arrays) -> dict[str, Any]:
    """Lorenz curves and Gini indices of the gradient's components, by layer and by point of the training."""
    return {
        "normal": significant(normal_lorenz_curve(arrays["lorenz"].shape[-1]), 4),
        "layers": [
            {
                "layer": layer + 1,
                "parameters": int(arrays["parameters"][0, layer]),
                "points": [
                    {
                        "when": when(int(epoch)),
                        "lorenz": significant(arrays["lorenz"][:, point, layer], 4),
                        "gini": Sample(arrays["gini"][:, point, layer]),
                        "tenth": Sample(arrays["tenth"][:, point, layer]),
                    }
                    for point, epoch in enumerate(arrays["epoch"][0])
                ],
            }
            for layer in range(arrays["gini"].shape[2])
        ],
    }


def about_inequality(arrays: Arrays) -> str:
    """The share of the gradient that the largest tenth of its components holds, in words."""
    texts = []
    for layer in range(arrays["gini"].shape[2]):
        tenth, index = arrays["tenth"][:, 0, layer], arrays["gini"][:, 0, layer]
        if np.isfinite(tenth).all():
            text = f"{percent(tenth.mean(), 0)} in layer {layer + 1} (Gini index {index.mean():.2f})"
            texts.append(text)
    if not texts:
        return ""
    return (
        ". Before training, the largest tenth of the components of a layer makes up this share of the sum of all: "
        f"{', '.join(texts)}"
    )
