"""Costs at the midpoints of segments in the family *cost*, for its figures and notes."""

from typing import Any

from numpy.typing import NDArray

from downhill.claims.measurement import significant
from downhill.claims.wording import counted, percent
from downhill.experiments.cost_segments import KINDS, LOSSES

Array = NDArray[Any]

NAMES_OF_LOSSES = tuple({"mse": "quadratic cost", "cross_entropy": "cross-entropy"}[loss] for loss in LOSSES)
"""What the costs are called in figures, in their order."""


def segments_of(gaps: dict[str, Array]) -> dict[str, list[list[list[float]]]]:
    """(C(midpoint) − mean) / mean of all segments of all seeds, by cost and kind, with four digits."""
    return {
        name: significant(gap.transpose(1, 2, 0, 3).reshape(*gap.shape[1:3], -1), 4)
        for name, gap in gaps.items()
    }


def about_weights(gaps: Array, shares: Array) -> str:
    """How far the cost is from convex as a function of the weights: (seeds, costs, kinds, segments) and shares."""
    kinds = " and ".join(
        f"on {percent(shares[:, :, kind].mean(), 1)} of segments {name}" for kind, name in enumerate(KINDS)
    )
    note = f"as a function of the weights, the cost at the midpoint is at most the mean of both ends {kinds}"
    if (shares < 1).any():
        note += f"; at worst, it is {percent(float(gaps.max()), 1)} higher"
    return f"{note}; each case is one of {cases_in_words(len(shares))}"


def cases_in_words(seeds: int) -> str:
    """What the cases of the claim are: `5 seeds × 2 costs × 2 kinds of segments`."""
    return f"{counted(seeds, 'seed')} × {counted(len(LOSSES), 'cost')} × {len(KINDS)} kinds of segments"
