"""Colours and marks that several figures of the family *descent* share."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike, NDArray

from downhill.figures import style

LOOKS: tuple[dict[str, Any], ...] = (
    {"color": style.BLUE, "marker": "o", "linestyle": "-"},
    {"color": style.VERMILLION, "marker": "s", "linestyle": "--"},
    {"color": style.SKY, "marker": "^", "linestyle": "-."},
    {"color": style.INK, "marker": "D", "linestyle": ":"},
)
"""Looks of up to four groups; further ones repeat them."""


def look(place: int) -> dict[str, Any]:
    """The look of a group."""
    return LOOKS[place % len(LOOKS)]


def draw_lines(ax: Axes, x: ArrayLike, rows: ArrayLike, label: str, **shown: Any) -> None:
    """One thin line per seed, (seeds, k), with a single entry in the legend."""
    shown = {"linewidth": 1.1, "alpha": 0.75} | shown
    for place, row in enumerate(style.array(rows)):
        ax.plot(style.array(x), row, label=label if not place else None, **shown)


def log_limits(*values: ArrayLike, margin: float = 0.08) -> tuple[float, float]:
    """Limits of a logarithmic axis that include all of these numbers above 0."""
    known = np.concatenate([np.ravel(style.array(one)) for one in values])
    known = known[np.isfinite(known) & (known > 0)]
    if not len(known):
        return 0.1, 1.0
    low, high = style.span(np.log10(known), margin=margin)
    return float(10.0**low), float(10.0**high)


def above_zero(values: ArrayLike) -> NDArray[np.float64]:
    """Numbers for a logarithmic axis; those that are not above 0 are NaN."""
    found = style.array(values)
    return np.where(found > 0, found, np.nan)
