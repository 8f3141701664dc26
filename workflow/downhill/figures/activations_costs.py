"""Drawing test accuracies by kind of hidden units and cost."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.marks import LINES, extent, looks
from downhill.report.wording import number, parts_of


def draw_accuracies(axes: Sequence[Axes], costs: list[dict[str, Any]]) -> None:
    """Test accuracy of every seed at the end of training: a panel per cost, a column per kind of units."""
    everything = [extent(kind["accuracy"]) for cost in costs for kind in cost["kinds"]]
    for ax, cost in zip(axes, costs, strict=True):
        kinds = cost["kinds"]
        ax.set_xlim(-0.6, len(kinds) - 0.4)
        ax.set_ylim(style.span(*everything))
        for place, (kind, look) in enumerate(zip(kinds, looks(len(kinds)), strict=True)):
            values = style.values(kind["accuracy"])
            style.draw_seeds(
                ax, place + 0.14, values, "y", 0.35, kind["stuck"], color=look["color"], marker=look["marker"]
            )
            style.draw_mean(ax, place - 0.25, kind["accuracy"], "y")
        ax.set_xticks(
            range(len(kinds)),
            [
                f"{kind['activation']}\nrate {kind['rate']:g}\nn = {len(kind['accuracy']['values'])}"
                for kind in kinds
            ],
        )
        ax.set_xlabel("hidden units")
        ax.set_title(cost["name"])
    style.percent(axes[0].yaxis, "test accuracy after training")
    for ax in axes[1:]:
        ax.sharey(axes[0])
        ax.tick_params(labelleft=False)
    stuck = [one for cost in costs for kind in cost["kinds"] for one in kind["stuck"]]
    style.label_stuck(axes[0], stuck)
    axes[0].plot([], [], "o", color=style.BLUE, alpha=0.75, markeredgewidth=0, label="a seed")
    axes[0].errorbar([], [], yerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")


def draw_spreads(ax: Axes, evidence: style.Evidence) -> None:
    """Largest minus smallest mean for each cost, with the band, and its values by chance."""
    costs, parts = evidence["data"]["costs"], parts_of(evidence)
    ends = [end for part in parts for end in (part["value"], part["lower"], part["upper"]) if end is not None]
    ends += [cost["chance"]["high"] for cost in costs]
    ax.set_xlim(-0.5, len(costs) - 0.5)
    ax.set_ylim(0, style.span(0, ends, style.ends(evidence), margin=0.15)[1])
    style.shade_band(ax, evidence, along="y")
    for place, (cost, part) in enumerate(zip(costs, parts, strict=True)):
        label = "largest minus smallest mean, with its interval" if not place else "_"
        marks = {"fmt": "s", "color": style.BLUE, "markersize": 5}
        style.draw_estimate(ax, place - 0.1, part, "y", label=label, **marks)
        ax.annotate(number(part["value"], "points").removesuffix(" points"), (place - 0.1, part["value"]), (-6, 0),
                    textcoords="offset points", ha="right", va="center", size=8)  # fmt: skip
        mean, low, high = (cost["chance"][key] for key in ("mean", "low", "high"))
        label = "by chance: mean and central 95 %" if not place else "_"
        marks = {"fmt": "v", "color": style.VERMILLION, "capsize": 3}
        chance = {"value": mean, "lower": low, "upper": high}
        style.draw_estimate(ax, place + 0.2, chance, "y", label=label, **marks)
    ax.set_xticks(range(len(costs)), [cost["name"].replace(" ", "\n").replace("-", "-\n") for cost in costs])
    ax.set_xlabel("cost")
    style.percent(ax.yaxis, "")
    ax.set_ylabel("spread of the means (points)")
    ax.set_title("largest − smallest mean")


def draw_curves(ax: Axes, strip: Axes, cost: dict[str, Any], fitted: float) -> None:
    """Mean test accuracy by epoch of each kind of units with its interval, and below it the epochs of every seed."""
    kinds = cost["kinds"]
    epochs = len(kinds[0]["by_epoch"])
    for place, (kind, look) in enumerate(zip(kinds, looks(len(kinds)), strict=True)):
        shift = 0.08 * (place - (len(kinds) - 1) / 2)
        x = np.arange(1, epochs + 1) + shift
        means = [style.mean_interval(sample)[0] for sample in kind["by_epoch"]]
        for at, sample in zip(x, kind["by_epoch"], strict=True):
            style.draw_mean(
                ax, at, sample, "y", color=look["color"], fmt=look["marker"], capsize=2, elinewidth=0.9
            )
        label = f"{kind['activation']} units: mean and its interval"
        ax.plot(x, means, label=label, **(look | {"linestyle": LINES[place % len(LINES)]}))
    ax.set_title(cost["name"])
    style.guide(ax, fitted, f"{100 * fitted:g} %", along="y")
    strip.set_xlim(0.5, epochs + 0.5)
    strip.set_ylim(len(kinds) - 0.4, -0.6)
    for place, (kind, look) in enumerate(zip(kinds, looks(len(kinds)), strict=True)):
        times = style.array(kind["epochs"])
        style.draw_seeds(strip, place, times, room=0.7, color=look["color"], marker=look["marker"])
        if np.isnan(times).any():
            text = f"{counted(int(np.isnan(times).sum()), 'seed')} never"
            strip.annotate(text, (epochs + 0.45, place), ha="right", va="center", size=7)
    strip.set_yticks(range(len(kinds)), [kind["activation"] for kind in kinds])
    strip.tick_params(axis="y", length=0)
    strip.set_ylabel("units")
    strip.set_xlabel("epoch")
    strip.xaxis.set_major_locator(MaxNLocator(integer=True))
