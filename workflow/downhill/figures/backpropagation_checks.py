"""Drawing differences between gradients, by network and by the step of central differences."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis

from downhill.figures import style

LEAST = 1e-17
"""Where a difference of 0 is drawn on a logarithmic scale."""

_LOOKS: tuple[dict[str, Any], ...] = (
    {"color": style.BLUE, "marker": "o"},
    {"color": style.VERMILLION, "marker": "s"},
    {"color": style.INK, "marker": "^"},
    {"color": style.SKY, "marker": "D"},
    {"color": style.YELLOW, "marker": "v", "markeredgecolor": style.INK, "markeredgewidth": 0.5},
)
_OTHER: dict[str, Any] = {"color": style.GREY, "marker": "P"}


def label_differences(axis: Axis, values: Sequence[float]) -> tuple[float, float]:
    """Label an axis with a logarithmic scale, and return limits that hold all differences, with 0 at the lower end."""
    known = np.maximum(style.array(values), LEAST)
    style.powers_of_ten(axis)
    return float(known.min()) / 2, float(known.max()) * 2


def draw_rows(ax: Axes, rows: list[dict[str, Any]]) -> None:
    """Every case as a mark: a row for each kind of network, and within it a line for each cost."""
    costs = list(dict.fromkeys(cost for row in rows for cost in row["values"] if cost))
    look_of = dict(zip(costs, _LOOKS, strict=True)) | {"": _OTHER}
    for place, row in enumerate(rows):
        lines = len(row["values"])
        for line, (cost, values) in enumerate(row["values"].items()):
            y = place + 0.14 * (line - (lines - 1) / 2)
            shown = np.maximum(style.array(values), LEAST)
            look = {"linestyle": "none", "markersize": 3.2, "alpha": 0.6, "markeredgewidth": 0} | look_of[
                cost
            ]
            ax.plot(shown, np.full(len(shown), y), **look)
    ax.set_ylim(len(rows) - 0.5, -0.5)
    ax.set_yticks(range(len(rows)), [row["name"] for row in rows])
    ax.tick_params(axis="y", length=0)
    for edge in range(1, len(rows)):
        ax.axhline(edge - 0.5, color="white", linewidth=1.2, zorder=1)
    for cost, look in look_of.items():
        label = cost or "trained network"
        ax.plot([], [], linestyle="none", **({"markersize": 4.5} | look), label=label)


def draw_steps(ax: Axes, data: dict[str, Any]) -> None:
    """The worst case of every seed and the median of all cases, by step, and where the worst crosses the threshold."""
    sweep = data["sweep"]
    steps, looks = style.array(sweep["steps"]), (style.TEST, style.TRAIN)
    numbers = [
        one for kind in sweep["kinds"] for one in (*np.ravel(style.array(kind["worst"])), *kind["median"])
    ]
    ax.set_xscale("log")
    ax.set_yscale("log")
    low, high = label_differences(ax.yaxis, [*numbers, data["threshold"] * 10])
    style.powers_of_ten(ax.xaxis)
    for kind, look in zip(sweep["kinds"], looks, strict=True):
        worst = np.maximum(style.array(kind["worst"]), LEAST)
        median = np.maximum(style.array(kind["median"]), LEAST)
        ax.plot(steps, worst.T, color=look["color"], linestyle=look["linestyle"], linewidth=0.7, alpha=0.6)
        ax.plot(steps, median, **look, label=f"{kind['name']}: median")
        label = f"{kind['name']}: worst case of a seed"
        ax.plot([], [], color=look["color"], linestyle=look["linestyle"], linewidth=0.7, label=label)
    ax.set_ylim(low, high)
    style.guide(ax, data["step"], f"the h of the verdict: {data['step']:g}")
    crossings = [sweep[name] for name in ("rounding", "curvature") if sweep[name]]
    for found in crossings:
        style.draw_estimate(ax, data["threshold"], found, capsize=3)
    if crossings:
        ax.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=3,
                    label=f"the worst case crosses {data['threshold']:g}")  # fmt: skip
