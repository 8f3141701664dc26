"""Barriers between networks in the family *minima*, for its figures and notes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis import wells
from downhill.claims.measurement import Estimated, significant
from downhill.claims.parts import PerSeed, Proportion
from downhill.claims.wording import KINDS_OF_LINES, percent
from downhill.experiments.results import Arrays

Array = NDArray[np.float64]

WHAT_A_BARRIER_IS = (
    "a barrier is how far the cost rises above the straight line between the costs of both networks, relative to their "
    "mean; matching reorders the units of one network"
)
"""For notes."""

_WELLS = {"starts": 41, "rate": 0.05, "steps": 150}


def barriers_of(arrays: Arrays, kind: str) -> Array:
    """The height of the barrier of each pair, (pairs,), for one kind of line (`KINDS_OF_LINES`)."""
    return np.asarray(arrays["barrier"][:, list(KINDS_OF_LINES).index(kind)])


def lines_of(arrays: Arrays, kind: str, threshold: float, same_start: bool) -> dict[str, Any]:
    """The costs along the lines of all pairs, and their barriers, for one kind of line."""
    heights = barriers_of(arrays, kind)
    return {
        "name": f"one start, two orders: {KINDS_OF_LINES[kind]}" if same_start else KINDS_OF_LINES[kind],
        "same_start": same_start,
        "verdict": kind == "matched" and not same_start,
        "pairs": arrays["seeds"],
        "share": np.round(arrays["share"][0], 4),
        "costs": significant(arrays[kind], 5),
        "barriers": [None if np.isinf(one) else float(one) for one in heights],
        "median": Estimated(PerSeed(heights, np.median)),
        "above": Proportion(heights > threshold, of="pair"),
    }


def share_above(heights: Array, threshold: float) -> str:
    """The share of barriers above a threshold, in words."""
    return percent((heights > threshold).mean(), 0)


def median(heights: Array) -> str:
    """The median barrier, in words."""
    found = np.median(heights)
    return percent(found, 0) if np.isfinite(found) else "infinite"


def medians(heights: Mapping[str, Array]) -> str:
    """The median barriers by kind of line (`KINDS_OF_LINES`), in words."""
    return ", ".join(
        f"{median(found)} {'' if kind == 'trained' else 'with '}{KINDS_OF_LINES[kind]}"
        for kind, found in heights.items()
    )


def descent_into_valleys() -> dict[str, Any]:
    """Descent on a curve with several valleys, as an illustration."""
    found = wells.descend(int(_WELLS["starts"]), _WELLS["rate"], int(_WELLS["steps"]))
    x = np.linspace(-wells.EDGE, wells.EDGE, 301)
    return {
        "x": np.round(x, 4),
        "cost": np.round(wells.cost(x), 4),
        "rate": _WELLS["rate"],
        "paths": np.round(found.paths[:, ::5], 4),
        "step": np.arange(0, _WELLS["steps"] + 1, 5),
        "valley": found.valley,
    }
