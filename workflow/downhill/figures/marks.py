"""Colours, markers, limits and panels that figures of several families share."""

from collections.abc import Sequence
from itertools import cycle, islice
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from downhill.figures import style
from downhill.report.wording import number, parts_of

COLOURS, MARKERS = (style.BLUE, style.VERMILLION, style.INK, style.SKY), "os^DvPX*"

LINES = ("-", "--", "-.", ":")


def looks(count: int) -> list[dict[str, Any]]:
    """Colour and marker of that many groups; up to eight groups look different."""
    pairs = zip(cycle(COLOURS), cycle(MARKERS), strict=False)
    return [{"color": color, "marker": marker, "linestyle": "none"} for color, marker in islice(pairs, count)]


def extent(sample: style.Sample) -> NDArray[np.float64]:
    """The values of a sample, and the ends of the interval of their mean."""
    return np.append(style.values(sample), style.mean_interval(sample))


def draw_sweep(
    ax: Axes, x: NDArray[np.float64], samples: Sequence[style.Sample], place: int, count: int, label: str
) -> None:
    """Values by some setting for one of several groups: every seed, and a line through the means with their intervals.

    Parameters
    ----------
    x, samples
        The settings, and a sample for each.
    place, count
        Which group it is, counted from 0, and the number of groups.
    label
        Its name in the legend.
    """
    look = looks(count)[place]
    for at, sample in zip(x, samples, strict=True):
        values = style.values(sample)
        ax.plot(np.full(len(values), at), values, **(look | {"alpha": 0.3, "markersize": 3}))
        style.draw_mean(
            ax, at, sample, "y", color=look["color"], fmt=look["marker"], capsize=2, elinewidth=0.9
        )
    means = [style.mean_interval(sample)[0] for sample in samples]
    line = look | {"linestyle": LINES[place % len(LINES)]}
    ax.plot(x, means, linewidth=1.1, label=label, **line)


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
