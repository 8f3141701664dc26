"""Colours, markers and limits that several figures of the family *cost* share."""

from itertools import cycle, islice
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from downhill.figures import style

COLOURS, MARKERS = (style.BLUE, style.VERMILLION, style.INK, style.SKY), "os^DvPX*"


def looks(count: int) -> list[dict[str, Any]]:
    """Colour and marker of that many groups; up to eight groups look different."""
    pairs = zip(cycle(COLOURS), cycle(MARKERS), strict=False)
    return [{"color": color, "marker": marker, "linestyle": "none"} for color, marker in islice(pairs, count)]


def extent(sample: style.Sample) -> NDArray[np.float64]:
    """The values of a sample, and the ends of the interval of their mean."""
    return np.append(style.values(sample), style.mean_interval(sample))


def say(figure: Figure, text: str) -> None:
    """Write a sentence in place of a drawing."""
    ax = figure.subplots()
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes)
