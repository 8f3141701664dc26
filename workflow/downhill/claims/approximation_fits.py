"""Fits of a curve and of a surface in the family *approximation*, for its figures and notes."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.measurement import significant
from downhill.claims.sweeps import Crossing

Array = NDArray[Any]

_MOST_POINTS = 501  # of a curve that are drawn
_SIDE = 51  # of a grid that is drawn


def errors_of_fits(arrays: dict[str, Array]) -> Array:
    """Largest error of the restart with the lowest training cost, (seeds, widths); NaN if all restarts diverged."""
    cost = np.where(np.isfinite(arrays["cost"]), arrays["cost"], np.inf)
    best = np.take_along_axis(arrays["error"], cost.argmin(axis=2)[:, :, None], axis=2)[:, :, 0]
    return np.where(np.isfinite(cost).any(axis=2), best, np.nan)


def fits_of(arrays: dict[str, Array]) -> dict[str, Any]:
    """The function and its fits at evenly chosen test points: outputs by width and seed, and those by hand by width."""
    points = arrays["point"][0, :, 0]
    order = np.argsort(points, kind="stable")
    chosen = order[
        np.unique(np.linspace(0, len(order) - 1, min(_MOST_POINTS, len(order))).round().astype(int))
    ]
    return {
        "x": significant(points[chosen], 5),
        "target": significant(arrays["target"][0, chosen], 4),
        "outputs": significant(np.moveaxis(arrays["output"][:, :, chosen], 1, 0), 4),
        "by_hand": significant(arrays["by_hand_output"][0][:, chosen], 4),
    }


def surface_of(arrays: dict[str, Array], seed: int) -> dict[str, Any] | None:
    """A surface on a grid with the fits of the first seed, by width; None if the points are not a square grid."""
    points, n = arrays["point"][0], arrays["target"].shape[1]
    side = math.isqrt(n)
    x, y = points[:side, 0], points[::side, 1]
    if side**2 != n or side < 2 or not (np.diff([x, y]) > 0).all():
        return None
    if not (points == np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)).all():
        return None
    chosen = np.unique(np.linspace(0, side - 1, min(_SIDE, side)).round().astype(int))

    def grid(values: Array) -> Any:
        return significant(values.reshape(side, side)[np.ix_(chosen, chosen)], 3)

    return {
        "x": significant(x[chosen], 4),
        "y": significant(y[chosen], 4),
        "target": grid(arrays["target"][0]),
        "fits": [
            {"width": int(width), "output": grid(output), "error": significant(error, 3)}
            for width, output, error in zip(
                arrays["width"][0], arrays["output"][0], errors_of_fits(arrays)[0], strict=True
            )
        ],
        "seed": seed,
        "restarts": arrays["cost"].shape[2],
        "epochs": int(arrays["epochs"][0]),
        "n_train": int(arrays["n_train"][0]),
    }


def about_widths(arrays: dict[str, Array], errors: Array, crossing: Crossing) -> str:
    """What descent finds at each width, and what the theorem promises: the error of a network written by hand."""
    widths, by_hand = arrays["width"][0].tolist(), arrays["by_hand"][0]
    means = ", ".join(
        f"{mean:.2g} with {width:,}" for width, mean in zip(widths, errors.mean(axis=0), strict=True)
    )
    note = f"the mean over seeds of the largest error is {means} units"
    if np.isfinite(crossing.value()):
        note += f", and crosses {crossing.threshold:g} at {crossing.value():.0f}"
    if np.isfinite(by_hand).all():
        promised = ", ".join(
            f"{error:.2g} with {width:,}" for width, error in zip(widths, by_hand, strict=True)
        )
        note += (
            f". The theorem promises that some network with enough units comes close, not that descent finds it. For "
            f"comparison, a network written by hand, whose units are steps of a staircase, has an error of {promised} "
            "units"
        )
    restarts = arrays["error"][:, -1]
    if restarts.shape[1] > 1 and np.isfinite(restarts).any():
        note += (
            f". The largest errors of single restarts of the widest network range from {np.nanmin(restarts):.2g} to "
            f"{np.nanmax(restarts):.2g}"
        )
    return note


def about_surface(arrays: dict[str, Array]) -> str:
    """The errors of the first seed on a surface."""
    found = [
        f"{error:.2g} with {width:,}"
        for width, error in zip(arrays["width"][0].tolist(), errors_of_fits(arrays)[0], strict=True)
        if np.isfinite(error)
    ]
    if not found:
        return ""
    restarts = arrays["cost"].shape[2]
    best = f"the best of {restarts:,} restarts" if restarts > 1 else "a single start"
    return f". On the surface, {best} is off by at most {', '.join(found)} units"
