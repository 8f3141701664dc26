"""Drawing step units beside sigmoid units: outputs and slopes, costs, gradients and accuracies."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.marks import looks
from downhill.report.wording import number

_OUTPUT: dict[str, Any] = {"color": style.BLUE, "linewidth": 2.2}
_SLOPE: dict[str, Any] = {"color": style.VERMILLION, "linestyle": "--", "linewidth": 1.8}
_ZERO: dict[str, Any] = {"size": 8, "va": "center"}


def draw_unit(ax: Axes, units: dict[str, Any], kind: str) -> None:
    """Output of a unit and its slope by its weighted sum; a step is drawn without a line where it jumps."""
    z, output, slope = (style.array(one) for one in (units["z"], units[kind]["output"], units[kind]["slope"]))
    jump = np.flatnonzero(np.abs(np.diff(output)) > 0.5) + 1
    ax.plot(np.insert(z, jump, np.nan), np.insert(output, jump, np.nan), label="output of a unit", **_OUTPUT)
    ax.plot(z, slope, label="its slope, by which backpropagation multiplies", **_SLOPE)
    ax.set_ylim(-0.08, 1.1)
    ax.set_title(f"{kind} unit")
    ax.set_xlabel("weighted sum z")
    ax.set_ylabel("output, slope")


def draw_cost(ax: Axes, curve: dict[str, Any], kind: str) -> None:
    """The cost by the shift of a bias; no line is drawn where the cost jumps."""
    shift, cost = style.array(curve["shift"]), style.array(curve[kind])
    if kind == "step":
        jump = np.flatnonzero(np.diff(cost) != 0) + 1
        shift, cost = np.insert(shift, jump, np.nan), np.insert(cost, jump, np.nan)
    ax.plot(shift, cost, color=style.INK, linewidth=2.0, label="mean cost by shift of the bias")
    ax.axvline(0, color=style.GREY, linewidth=0.8, linestyle=":")
    ax.set_ylim(style.span(curve["step"], curve["sigmoid"]))
    ax.set_title(f"cost with {kind} units")
    ax.set_xlabel("shift of the bias")
    ax.set_ylabel(f"mean cost of {counted(curve['n_images'], 'image')}")
    ax.yaxis.set_major_locator(MaxNLocator(4))


def draw_norms(ax: Axes, gradients: dict[str, Any]) -> None:
    """Norm of the gradient of each layer by kind of units; zeros are drawn at the lower end of the logarithmic axis."""
    layers, kinds = gradients["layers"], gradients["kinds"]
    known = np.concatenate([style.values(sample) for kind in kinds for sample in kind["norms"]])
    known = known[known > 0]
    low, high = (known.min(), known.max()) if len(known) else (1.0, 1.0)
    floor = low / 6
    ax.set_yscale("log")
    ax.set_ylim(floor / 2, high * 2)
    for place, (kind, look) in enumerate(zip(kinds, looks(len(kinds)), strict=True)):
        shift = 0.22 * (place - (len(kinds) - 1) / 2)
        for layer, sample in enumerate(kind["norms"]):
            values = style.values(sample)
            x = np.full(len(values), layer + shift)
            ax.plot(
                x, np.where(values > 0, values, floor), **look, alpha=0.45, markersize=4, markeredgewidth=0
            )
            if not values.any():
                ax.annotate(
                    "0", (layer + shift, floor), (0, -9), textcoords="offset points", ha="center", size=8
                )
        ax.plot([], [], **look, label=f"gradient with {kind['name']}")
    ax.set_xticks(
        range(len(layers)),
        [layer.replace(" ", "\n", 1) for layer in layers],
        size=7.5,
    )
    ax.set_xlim(-0.6, len(layers) - 0.4)
    style.powers_of_ten(ax.yaxis)
    ax.set_xlabel("layer")
    ax.set_ylabel(f"norm of the gradient before training\n({counted(gradients['n_images'], 'image')})")
    ax.set_title(f"gradient, {counted(gradients['seeds'], 'seed')}")


def draw_rows(ax: Axes, rows: list[dict[str, Any]]) -> None:
    """Test accuracy of every seed of each network, one row each, with means and intervals."""
    ax.set_xlim(style.span(0, 1, margin=0.03))
    ax.set_ylim(0.4 - len(rows), 0.5)
    for place, (row, look) in enumerate(zip(rows, looks(len(rows)), strict=True)):
        sample = row["accuracy"]
        style.draw_seeds(
            ax, -place + 0.12, style.values(sample), color=look["color"], marker=look["marker"], room=0.4
        )
        mean = style.draw_mean(ax, -place - 0.25, sample)
        if np.isfinite(mean):
            ax.annotate(number(mean, "share"), (mean, -place - 0.25), (0, -5), textcoords="offset points",
                        ha="center", va="top", size=8)  # fmt: skip
    ax.set_yticks(
        -np.arange(len(rows)), [f"{row['name']}\n(n = {len(row['accuracy']['values']):,})" for row in rows]
    )
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel("network")
    epochs = sorted({row["epochs"] for row in rows})
    after = f"{epochs[0]:,}" if len(epochs) == 1 else f"{epochs[0]:,} to {epochs[-1]:,}"
    style.percent(ax.xaxis, f"test accuracy after {after} epoch{'s' if epochs[-1] != 1 else ''}")
    ax.plot([], [], "o", color=style.BLUE, alpha=0.75, markeredgewidth=0, label="a seed")
    ax.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
