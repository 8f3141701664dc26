"""What several figures of the family *cost* draw."""

from itertools import cycle, islice
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from downhill.claims.wording import counted
from downhill.figures import style

COLOURS, MARKERS = (style.BLUE, style.VERMILLION, style.INK, style.SKY), "os^DvPX*"


def extent(sample: style.Sample) -> NDArray[np.float64]:
    """The values of a sample, and the ends of the interval of their mean."""
    return np.append(style.values(sample), style.mean_interval(sample))


def looks(count: int) -> list[dict[str, Any]]:
    """Colour and marker of that many groups; up to eight groups look different."""
    pairs = zip(cycle(COLOURS), cycle(MARKERS), strict=False)
    return [{"color": color, "marker": marker, "linestyle": "none"} for color, marker in islice(pairs, count)]


def histogram_of_changes(ax: Axes, changes: dict[str, Any]) -> None:
    """Counts of images by the change of their cost, on a logarithmic scale; rises have another colour and a hatch."""
    edges, counts = style.array(changes["edges"]), style.array(changes["counts"])
    middles, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    looks: tuple[dict[str, Any], ...] = (
        {"color": style.SKY},
        {"facecolor": "white", "edgecolor": style.VERMILLION, "hatch": "//////"},
    )
    for name, where, look in zip(("fell", "rose"), (middles < 0, middles > 0), looks, strict=True):
        shown = where & (counts > 0)
        if shown.any():
            ax.bar(middles[shown], counts[shown], widths[shown], label=f"cost {name}", linewidth=0.6, **look)
    ax.set_yscale("log")
    ax.set_ylim(0.7, 30 * max(1, counts.max(initial=1)))
    style.powers_of_ten(ax.yaxis)
    style.guide(ax, 0, "no change")
    texts = [f"{name}: {changes[name]:,}" for name in ("fell", "rose") if changes[name]]
    texts += [f"same: {changes['same']:,}"] if changes["same"] else []
    ax.text(0.03, 0.98, "\n".join(texts), transform=ax.transAxes, va="top", size=8)
    ax.set_xlabel("change of an image's cost")


def draw_shares(ax: Axes, one: dict[str, Any], look: dict[str, Any], count: int, place: int) -> None:
    """Shares of steps that lower the cost: a dot for each seed, the mean with its interval, and the crossing."""
    multiples = style.array(one["multiples"]) * 1.04 ** (place - (count - 1) / 2)
    for multiple, sample in zip(multiples, one["shares"], strict=True):
        values = style.values(sample)
        ax.plot(np.full(len(values), multiple), values, **(look | {"alpha": 0.25, "markersize": 3}))
        style.draw_mean(
            ax, multiple, sample, "y", color=look["color"], fmt=look["marker"], capsize=2, elinewidth=0.8
        )
    means = [style.mean_interval(sample)[0] for sample in one["shares"]]
    n = style.seeds(one["shares"])
    label = f"{one['activation']} units ({n}, {counted(one['points'], 'point')})"
    ax.plot(multiples, means, color=look["color"], marker=look["marker"], linewidth=1.1, label=label)
    found = one["crossing"]
    if found and found["lower"] is not None and found["upper"] is not None:
        ends = [[found["value"] - found["lower"]], [found["upper"] - found["value"]]]
        below = -0.07 * (place + 1)
        color, marker = look["color"], look["marker"]
        ax.errorbar(found["value"], below, xerr=ends, color=color, fmt=marker, capsize=3, elinewidth=2.2)
