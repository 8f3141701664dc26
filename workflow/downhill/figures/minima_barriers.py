"""Drawing the cost along the lines between networks, and the barriers on them."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from downhill.claims.wording import counted, percent_as_given
from downhill.figures import style


def draw_line(ax: Axes, line: dict[str, Any], threshold: float) -> None:
    """The cost along the line between the networks of every pair, the median, and the threshold above its ends."""
    share, costs = style.array(line["share"]), style.array(line["costs"])
    ax.plot(share, costs.T, color=style.SKY, linewidth=0.7, alpha=0.8)
    ends = np.median(costs[:, [0, -1]], axis=0)
    straight = ends[0] * (1 - share) + ends[1] * share
    above = straight + threshold * ends.mean()
    label = f"{percent_as_given(threshold)} above the straight line between the ends"
    ax.plot(share, above, color=style.INK, linewidth=1.2, linestyle=":", label=label)
    ax.plot(share, np.median(costs, axis=0), color=style.INK, linewidth=2, label="median of all pairs")
    ax.plot([], [], color=style.SKY, linewidth=1, label="a pair of networks")
    verdict = " (verdict)" if line["verdict"] else ""
    n = counted(len(costs), "pair")
    has_barrier = f"barrier above {percent_as_given(threshold)}: {share_with_interval(line['above'])}"
    ax.set_title(f"{line['name']}{verdict}\n{has_barrier}, n = {n}", size=8)


def draw_barriers(ax: Axes, line: dict[str, Any], at: float) -> None:
    """The barrier of every pair, and the median with its interval; the axis must have its final limits."""
    look = style.TRAIN if line["same_start"] else style.TEST
    style.draw_seeds(ax, at, line["barriers"], room=0.6, color=look["color"], marker=look["marker"])
    median, low, high = (line["median"][key] for key in ("value", "lower", "upper"))
    if median is None:
        return
    whiskers = [
        [0.0 if low is None else max(0.0, median - low)],
        [0.0 if high is None else max(0.0, high - median)],
    ]
    ax.errorbar(median, at - 0.38, xerr=whiskers, fmt="D", color=style.INK, capsize=4, zorder=4)


def name_of(line: dict[str, Any]) -> str:
    """The name of a row of barriers, its number of pairs, and how many of them are infinite and not drawn."""
    name = line["name"].replace(": ", ":\n") + (" (verdict)" if line["verdict"] else "")
    beyond = line["barriers"].count(None)
    rest = f"\n({beyond:,} infinite, beyond the axis)" if beyond else ""
    return f"{name}\nn = {counted(len(line['pairs']), 'pair')}{rest}"


def share_with_interval(share: dict[str, Any]) -> str:
    """A share with its interval: `75 % (55 to 95 %)`."""
    ends = f"{100 * share['lower']:.0f} to {100 * share['upper']:.0f} %"
    return f"{100 * share['value']:.0f} % ({ends})"
