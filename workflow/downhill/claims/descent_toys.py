"""Toys of one and two variables, for figures and notes of the family *descent*."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis import bowl, two_inputs
from downhill.claims.measurement import significant
from downhill.claims.wording import counted

Array = NDArray[Any]
Arrays = dict[str, Array]

_GRID = 61  # points along each side of a surface
_MOVES_DRAWN = 12
_WORDS = {
    "arrives": "arrives",
    "diverges": "moves further away each time",
    "repeats": "returns to the same points",
    "goes on": "is still on its way",
}


def moves_made(path: Array) -> int:
    """Number of moves of a path that ends with NaN."""
    return int(np.isfinite(path).sum()) - 1


def hops_drawn(arrays: Arrays) -> dict[str, Any]:
    """The first moves of every step, read as a fixed length on |x| and as a rate on x²."""
    readings = {}
    for reading in ("fixed", "rated"):
        readings[reading] = [
            {
                "step": float(step),
                "path": [float(x) for x in path[: _MOVES_DRAWN + 1] if np.isfinite(x)],
                "moves": moves_made(path),
                "fate": str(fate),
                "words": _WORDS[str(fate)],
            }
            for step, path, fate in zip(
                arrays["length"][0], arrays[reading][0], arrays[f"{reading}_fate"][0], strict=True
            )
        ]
    return {"start": float(arrays["start"][0]), "readings": readings}


def about_hops(arrays: Arrays) -> str:
    """Where each number leads, read both ways."""
    drawn, texts = hops_drawn(arrays), []
    for reading, words in (
        ("fixed", "as moves of fixed length on |x|"),
        ("rated", "as rates on x², where a move is the rate times the slope"),
    ):
        fates = [f"{one['step']:g} {about_hop(one)}" for one in drawn["readings"][reading]]
        texts.append(f"{words}: {', '.join(fates)}")
    return f"from x = {drawn['start']:g}, {'; '.join(texts)}"


def about_hop(one: dict[str, Any]) -> str:
    """Where a path leads, in words."""
    return f"arrives after {counted(one['moves'], 'move')}" if one["fate"] == "arrives" else one["words"]


def surface_of_bowl(arrays: Arrays) -> dict[str, Any]:
    """The bowl as a surface, with the paths on it, its curvatures and its largest stable rate."""
    curvature, paths = arrays["curvature"][0], arrays["path"][0]
    x, y = np.linspace(-4.2, 4.2, _GRID), np.linspace(-3.0, 3.0, _GRID)
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    arrows = np.stack(np.meshgrid(np.linspace(-3.9, 3.9, 9), np.linspace(-2.7, 2.7, 7)), axis=-1)
    limit = 2 / curvature[-1]
    return {
        "x": np.round(x, 4),
        "y": np.round(y, 4),
        "cost": np.round(bowl.cost(grid), 3),
        "arrows": np.round(arrows.reshape(-1, 2), 3),
        "downhill": np.round(-bowl.slope(arrows).reshape(-1, 2), 4),
        "curvature": significant(curvature, 6),
        "limit": significant(limit, 6),
        "stable": significant(arrays["stable"][0], 6),
        "paths": [
            {
                "rate": significant(rate, 6),
                "of_limit": significant(rate / limit, 4),
                "path": np.round(path, 4),
                "kind": _kind(rate, curvature),
                "jumps": bool(rate * curvature[-1] > 1.5),
            }
            for rate, path in zip(arrays["rate"][0], paths, strict=True)
        ],
    }


def _kind(rate: float, curvature: Array) -> str:
    """What a rate does on a bowl, from the factors 1 − r·λ."""
    if rate > 2 / curvature[-1]:
        return "too large: it diverges"
    if rate < 0.2 / curvature[-1]:
        return "too small: it creeps"
    sides = np.abs(1 - rate * curvature[-1])
    return "nearly too large: it oscillates" if rate * curvature[-1] > 1 and sides > 0.8 else "good"


def importance_of_inputs(arrays: Arrays) -> dict[str, Any]:
    """The function whose gradient is (3, 1): its surface, and the changes of its cost with nudges of each input."""
    x0, y0 = two_inputs.AT
    x, y = np.linspace(0.4, 1.6, _GRID), np.linspace(0.4, 1.6, _GRID)
    change = arrays["change"][0]
    with np.errstate(divide="ignore", invalid="ignore"):  # of a nudge that is lost in rounding
        ratio = change[:, 0] / change[:, 1]
    return {
        "at": [x0, y0],
        "gradient": [float(one) for one in two_inputs.slope(x0, y0)],
        "x": np.round(x, 4),
        "y": np.round(y, 4),
        "cost": np.round(two_inputs.cost(x[None, :], y[:, None]), 4),
        "nudge": arrays["nudge"][0],
        "change": significant(change, 8),
        "ratio": significant(ratio, 8),
    }
