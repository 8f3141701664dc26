"""Drawing costs at the midpoints of segments, and along them."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from downhill.claims.wording import percent
from downhill.figures import style
from downhill.figures.marks import COLOURS

CHORD: dict[str, Any] = {"linewidth": 0.8, "linestyle": ":", "marker": "o", "markersize": 3}
"""The straight line between both ends of a segment."""

_FILLED: dict[str, Any] = {"facecolor": style.SKY, "edgecolor": "none", "fill": True}
_OUTLINED: dict[str, Any] = {"color": style.INK, "linewidth": 1.6}


def histogram_of_gaps(ax: Axes, gaps: Mapping[str, Any], edges: NDArray[np.float64]) -> None:
    """A histogram of the excess of the midpoint over the mean of both ends, for each kind of segment."""
    for (name, kind), look in zip(gaps.items(), (_FILLED, _OUTLINED), strict=True):
        counts, _ = np.histogram(style.array(kind), edges)
        ax.stairs(counts, edges, label=name, **look)
    ax.set_xlim(edges[0], edges[-1])
    style.guide(ax, 0, "0: equal to the mean of both ends; above 0, the cost is not convex")
    ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))


def shares_without_excess(shares: list[float]) -> str:
    """The share of segments of each kind whose midpoint is not above the mean of both ends, as a title."""
    filled, outlined = (percent(share, 1) for share in shares)
    return f"no excess on {filled} (filled), {outlined} (outlined)"


def draw_curves(ax: Axes, curves: NDArray[np.float64]) -> None:
    """The cost along some segments, each with the straight line between its ends."""
    for curve, colour, line in zip(curves, COLOURS, ("-", "--", "-."), strict=False):
        ax.plot(np.linspace(0, 1, len(curve)), curve, color=colour, linestyle=line)
        ax.plot([0, 1], curve[[0, -1]], color=colour, **CHORD)
