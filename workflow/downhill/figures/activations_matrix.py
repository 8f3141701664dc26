"""Drawing networks and the product of their layers."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from downhill.figures import style
from downhill.figures.marks import extent, looks
from downhill.report.wording import number

_ROUNDING = 1e-17  # drawn in place of a difference of 0, which a logarithmic axis does not have


def draw_by_depth(ax: Axes, evidence: style.Evidence) -> None:
    """Relative difference from the matrix by number of hidden layers, for every seed, with the band."""
    kinds = evidence["data"]["kinds"]
    found = np.concatenate(
        [np.ravel(style.array(kind["by_depth"])) for kind in kinds]
        + [style.values(kind["difference"]) for kind in kinds]
    )
    found = found[np.isfinite(found) & (found > 0)]
    ends = style.ends(evidence)
    low, high = min([_ROUNDING, *ends, *found]), max([1.0, *ends, *found])
    ax.set_yscale("log")
    ax.set_ylim(low / 3, high * 30)
    style.shade_band(ax, evidence, "y")
    for kind, look in zip(kinds, looks(len(kinds)), strict=True):
        depth = style.array(kind["depth"])
        by_depth = np.maximum(style.array(kind["by_depth"]), _ROUNDING)  # (depths, seeds)
        for values in by_depth.T:
            ax.plot(depth, values, color=look["color"], marker=look["marker"], linewidth=0.7, alpha=0.6)
        trained = np.maximum(style.values(kind["difference"]), _ROUNDING)
        at = np.full(len(trained), depth.max() * 1.35 if len(depth) else 1)
        ax.plot(at, trained, color=look["color"], marker=">", linestyle="none", alpha=0.6)
        ax.plot(
            [],
            [],
            color=look["color"],
            marker=look["marker"],
            label=f"{kind['activation']} units, every seed",
        )
    if len(depth):
        ax.set_xscale("log", base=2)
        ax.set_xticks([*depth, depth.max() * 1.35], [*(f"{one:g}" for one in depth), "▸"])
        ax.minorticks_off()
        ax.set_xlim(depth.min() / 1.2, depth.max() * 1.6)
    style.powers_of_ten(ax.yaxis)
    ax.set_xlabel("hidden layers (▸: trained network)")
    ax.set_ylabel("largest relative difference from the matrix")


def draw_with_matrices(ax: Axes, kinds: list[dict[str, Any]], regression: list[dict[str, Any]]) -> None:
    """Test accuracy of every seed of networks, of their matrices, and of the networks of the row."""
    rows: list[tuple[str, style.Sample, dict[str, Any]]] = []
    for kind, look in zip(kinds, looks(len(kinds)), strict=True):
        rows += [
            (f"{kind['activation']} units", kind["accuracy"], look),
            (
                "their matrices",
                kind["matrix_accuracy"],
                look | {"marker": "s", "markerfacecolor": "none", "markeredgewidth": 1},
            ),
        ]
    grey = {"color": style.GREY, "marker": "D", "linestyle": "none"}
    rows[2:2] = [(one["name"].replace(" ", "\n", 1), one["accuracy"], grey) for one in regression]
    ax.set_xlim(style.span(*(extent(sample) for _, sample, _ in rows), margin=0.08))
    ax.set_ylim(0.45 - len(rows), 0.5)
    for place, (_, sample, look) in enumerate(rows):
        marks = {key: value for key, value in look.items() if key != "linestyle"}
        ax.plot(
            style.values(sample),
            np.full(len(sample["values"]), 0.13 - place),
            linestyle="none",
            alpha=0.8,
            **marks,
        )
        mean = style.draw_mean(ax, -place - 0.2, sample)
        if np.isfinite(mean):
            ax.annotate(number(mean, "share"), (mean, -place - 0.2), (0, -5), textcoords="offset points",
                        ha="center", va="top", size=8)  # fmt: skip
    ax.set_yticks(-np.arange(len(rows)), [name for name, *_ in rows])
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel("network")
    style.percent(ax.xaxis, "test accuracy")
    ax.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
