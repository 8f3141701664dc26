"""Colours, markers, limits and panels that figures of several families share."""

from itertools import cycle, islice
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from downhill.figures import style
from downhill.report.wording import number, parts_of

COLOURS, MARKERS = (style.BLUE, style.VERMILLION, style.INK, style.SKY), "os^DvPX*"


def looks(count: int) -> list[dict[str, Any]]:
    """Colour and marker of that many groups; up to eight groups look different."""
    pairs = zip(cycle(COLOURS), cycle(MARKERS), strict=False)
    return [{"color": color, "marker": marker, "linestyle": "none"} for color, marker in islice(pairs, count)]


def extent(sample: style.Sample) -> NDArray[np.float64]:
    """The values of a sample, and the ends of the interval of their mean."""
    return np.append(style.values(sample), style.mean_interval(sample))


def draw_differences(ax: Axes, evidence: style.Evidence, sample: style.Sample, part: int, label: str) -> None:
    """Differences of accuracies of every seed, with their mean and the band of a part of the claim, in points."""
    found = parts_of(evidence)[part]
    ax.set_xlim(-0.5, 0.5)
    ax.set_ylim(style.span(0, extent(sample), style.ends(evidence, part), margin=0.1))
    style.shade_band(ax, evidence, along="y", part=part)
    style.draw_seeds(ax, 0.15, style.values(sample), "y", 0.3)
    style.draw_mean(ax, -0.2, sample, "y")
    ax.set_xticks([])
    style.percent(ax.yaxis, "")
    ax.set_ylabel(f"{label} (points)")
    ax.set_title(number(found["value"], found["unit"]))


def say(figure: Figure, text: str) -> None:
    """Write a sentence in place of a drawing."""
    ax = figure.subplots()
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes)
