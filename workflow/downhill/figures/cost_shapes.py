"""Drawing mean costs, accuracies and their correlations for networks of several shapes."""

from collections import Counter
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.marks import extent, looks
from downhill.report.wording import number, parts_of


def draw_every_seed(ax: Axes, shapes: list[dict[str, Any]]) -> None:
    """Mean test cost and test accuracy of every seed of every shape."""
    for row, name, look in zip(shapes, names_of(shapes), looks(len(shapes)), strict=True):
        cost, accuracy = style.array(row["cost"]), style.array(row["accuracy"])
        label = f"{name} ({counted(len(cost), 'seed')})"
        size = 6.5 if look["marker"] == "*" else 4
        ax.plot(cost, accuracy, **look, markersize=size, alpha=0.75, markeredgewidth=0, label=label)
    ax.set_xlabel("mean cost of the test images")
    ax.xaxis.set_major_locator(MaxNLocator(6))
    style.percent(ax.yaxis, "test accuracy")
    ax.set_title("every seed")


def draw_correlations(ax: Axes, evidence: style.Evidence) -> None:
    """The rank correlation within each shape, their mean, and the correlation over all seeds, with the band."""
    shapes, within = evidence["data"]["shapes"], evidence["data"]["within"]
    part = parts_of(evidence)[0]
    overall = {"mean": part["value"], "lower": part["lower"], "upper": part["upper"]}
    ax.set_xlim(-0.7, len(shapes) + 1.7)
    ax.set_ylim(style.span(-1, 0, extent(within), style.mean_interval(overall)))
    style.shade_band(ax, evidence, along="y")
    for place, (row, look) in enumerate(zip(shapes, looks(len(shapes)), strict=True)):
        ax.plot([place], style.array([row["correlation"]]), **look, markersize=6)
    mean = style.draw_mean(ax, len(shapes), within, "y", label="mean of the shapes and its interval")
    look = {"color": style.BLUE, "markersize": 7, "label": "all seeds of all shapes, with interval"}
    style.draw_mean(ax, len(shapes) + 1, overall, "y", **look)
    names = names_of(shapes)
    names.append(f"mean: {number(mean, 'correlation')}" if np.isfinite(mean) else "mean")
    names.append(f"all seeds: {number(part['value'], 'correlation')}")
    ax.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor")
    ax.set_xlabel("hidden layers")
    ax.set_ylabel("rank correlation")
    ax.set_title("within each shape,\nand over all shapes")


def names_of(shapes: list[dict[str, Any]]) -> list[str]:
    """The hidden layers of each network, or its name if another one has the same."""
    count = Counter(row["shape"] for row in shapes)
    return [row["shape"] if count[row["shape"]] == 1 else row["network"] for row in shapes]
