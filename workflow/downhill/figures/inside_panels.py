"""Panels of the family *inside*: maps without ticks, their bar of colours, and where texts stand."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from downhill.figures import style


def set_closer(figure: Figure) -> None:
    """Leave less room between the panels of a page."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(w_pad=0.02, h_pad=0.02, wspace=0.0, hspace=0.0)  # type: ignore[call-arg]


def bar_of_signs(figure: Figure, axes: Any, label: str) -> None:
    """A bar of colours from −1 to 1 beside some panels."""
    colours = ScalarMappable(Normalize(-1, 1), style.DIVERGING)
    bar = figure.colorbar(colours, ax=axes, ticks=[-1, 0, 1], pad=0.015, aspect=10 * len(axes))
    bar.set_label(label)


def largest_of(values: NDArray[np.float64]) -> float:
    """The largest absolute value that is known; 1 if there is none, or all are 0."""
    known = np.abs(values[np.isfinite(values)])
    return float(known.max(initial=0)) or 1.0


def aligned(share: float) -> str:
    """How to align a text at this share of an axis, so that it stays inside."""
    return "left" if share < 0.1 else "right" if share > 0.9 else "center"


def place_along(ax: Axes, value: float) -> float:
    """Where a value lies along the x-axis, from 0 to 1."""
    low, high = ax.get_xlim()
    return (value - low) / (high - low)
