"""Drawing descent step by step in the family *descent*: lengths of steps, random search, and a linear model."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.descent_marks import above_zero, draw_lines, log_limits, look
from downhill.figures.scales import label_decades


def draw_lengths(ax: Axes, evidence: style.Evidence) -> None:
    """The length of each step over that of the first, for every seed, and those of fixed length."""
    walks = evidence["data"]["walks"]
    step, length = style.array(walks["step"])[1:], above_zero(walks["length"])
    fixed = [above_zero(one["length"]) for one in walks["fixed"]]
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(0.9, max(2.0, step[-1] * 1.1))
    ax.set_ylim(log_limits(length, *fixed, style.ends(evidence)))
    style.shade_band(ax, evidence, "y")
    draw_lines(ax, step, length, "proportional to the slope, a seed", color=look(0)["color"])
    for place, (one, values) in enumerate(zip(walks["fixed"], fixed, strict=True), 1):
        shown = {key: look(place)[key] for key in ("color", "linestyle")}
        draw_lines(
            ax,
            [1, step[-1]],
            np.stack([values, values], axis=1),
            f"as long as {one['name']}, a seed",
            **shown,
        )
    crossing = walks["crossing"]
    if crossing and crossing["value"] is not None:
        label = f"the mean first falls below {evidence['data']['threshold']:g}, with its interval"
        style.draw_estimate(ax, evidence["data"]["threshold"], crossing, zorder=4, label=label)
    style.powers_of_ten(ax.xaxis)
    style.powers_of_ten(ax.yaxis)
    ax.set_xlabel("step")
    ax.set_ylabel("length of a step / length of the first")


def draw_costs(ax: Axes, walks: dict[str, Any]) -> None:
    """The cost of every seed by step, with proportional steps and with steps of fixed length."""
    step = style.array(walks["step"])
    for place, cost in enumerate([walks["cost"], *(one["cost"] for one in walks["fixed"])]):
        shown = {key: look(place)[key] for key in ("color", "linestyle")}
        draw_lines(ax, step[1:], above_zero(cost)[:, 1:], "_", **shown)  # explained beside the other panel
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_ylim(log_limits(walks["cost"], *(one["cost"] for one in walks["fixed"])))
    label_decades(ax.yaxis, ax.get_ylim())
    style.powers_of_ten(ax.xaxis)
    ax.set_xlabel("step")
    ax.set_ylabel(f"mean cost of {counted(walks['n_images'], 'training image')}")


def draw_search(ax: Axes, search: dict[str, Any]) -> None:
    """The lowest cost of random networks, and that of descent, by number of evaluations, for every seed."""
    evaluations, best, descent = (style.array(search[name]) for name in ("evaluations", "best", "descent"))
    ax.set_xscale("log")
    ax.set_yscale("log")
    draw_lines(ax, evaluations, above_zero(best), "the best random network so far, a seed", drawstyle="steps-post",
               color=look(1)["color"], linestyle="--")  # fmt: skip
    draw_lines(ax, evaluations, above_zero(descent), "full-batch descent, a seed", color=look(0)["color"])
    trained = style.array(search["trained"])
    if search["when"] != "before training":
        label = f"the network {search['when']} of its usual training, a seed"
        ax.plot(np.full(len(trained), evaluations[-1] * 1.35), trained, linestyle="none", marker="D", markersize=4,
                color=style.INK, alpha=0.8, label=label)  # fmt: skip
    props = {"arrowstyle": "<->", "color": style.GREY, "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
    for low, high in zip(descent[:, -1], best[:, -1], strict=True):
        ax.annotate("", (evaluations[-1], low), (evaluations[-1], high), arrowprops=props)
    ax.set_xlim(evaluations[0] * 0.9, evaluations[-1] * 1.7)
    ax.set_ylim(log_limits(best, descent, trained, search["edges"]))
    label_decades(ax.yaxis, ax.get_ylim())
    style.powers_of_ten(ax.xaxis)
    ax.set_xlabel("evaluations of the cost (a gradient counts as three)")
    ax.set_ylabel(f"mean cost of {counted(search['n_images'], 'training image')}")


def draw_draws(ax: Axes, search: dict[str, Any]) -> None:
    """The costs of all random networks, beside the axis of costs."""
    edges, counts = style.array(search["edges"]), style.array(search["counts"])
    ax.stairs(counts, edges, orientation="horizontal", color=look(1)["color"], fill=True, alpha=0.45)
    ax.set_xlabel(f"random networks\n(of {int(counts.sum()):,})")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    ax.tick_params(axis="y", labelleft=False)


def draw_excess(ax: Axes, evidence: style.Evidence) -> None:
    """How far the cost of a linear model is above that of the solution, by step, for every start."""
    linear = evidence["data"]["linear"]
    step, excess = style.array(linear["step"]), above_zero(linear["excess"])
    ax.set_xscale("log")
    ax.set_yscale("log")
    last = max(float(np.max(linear["steps"])), 2.0)
    ax.set_xlim(0.9, last * 1.3)
    ax.set_ylim(log_limits(excess, linear["end"], [end / 10 for end in style.ends(evidence)]))
    style.shade_band(ax, evidence, "y")
    ends = np.maximum(style.array(linear["end"]), ax.get_ylim()[0])
    for place, (row, last, end) in enumerate(zip(excess, linear["steps"], ends, strict=True)):
        known = np.isfinite(row) & (step > 0)
        label = None if place else "descent of the linear model, a start (dot: where it stops)"
        ax.plot(np.append(step[known], last), np.append(row[known], end), color=look(0)["color"], linewidth=1.1,
                marker="o", markevery=[-1], alpha=0.75, label=label)  # fmt: skip
    style.powers_of_ten(ax.xaxis)
    style.powers_of_ten(ax.yaxis)
    ax.set_xlabel("step")
    ax.set_ylabel("(cost − cost of the solution)\n/ cost of the solution")
    title = f"linear model ({counted(linear['parameters'], 'parameter')}):\nequations give the minimum, too"
    ax.set_title(title, size=8.5)


def draw_network_walk(ax: Axes, walk: dict[str, Any]) -> None:
    """The cost of a network by step of full-batch descent, for every seed."""
    step, cost = style.array(walk["step"]), above_zero(walk["cost"])
    ax.set_xscale("log")
    ax.set_yscale("log")
    draw_lines(
        ax, step[1:], cost[:, 1:], "descent of the network, a seed", color=look(1)["color"], linestyle="--"
    )
    ax.set_ylim(log_limits(cost))
    label_decades(ax.yaxis, ax.get_ylim())
    style.powers_of_ten(ax.xaxis)
    ax.set_xlabel("step")
    ax.set_ylabel(f"mean cost of {counted(walk['n_images'], 'training image')}")
    ax.set_title("network:\nonly descent", size=8.5)
