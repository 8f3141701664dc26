"""Drawing toys of the family *descent*: hops on curves, paths on a bowl, and two inputs."""

from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from downhill.claims.wording import counted, with_minus
from downhill.figures import style
from downhill.figures.descent_marks import look
from downhill.report.wording import number

_HOPS = 10  # drawn
_DIVERGING_HOPS = 2
_LABELLED = 3  # points at most
_FEW_STEPS = 14  # drawn on the bowl where a path jumps from side to side


def draw_hops(ax: Axes, one: dict[str, Any], square: bool) -> None:
    """The first hops of a path on |x|, or on x², as arrows between points of the curve."""
    path = style.array(one["path"])
    path = path[: 1 + (_DIVERGING_HOPS if one["fate"] == "diverges" else _HOPS)]
    reach = 1.3 * max(np.abs(path).max(), 1e-9)
    x = np.linspace(-reach, reach, 401)
    height = _squares if square else np.abs
    good = one["fate"] == "arrives"
    shown = {key: look(0 if good else 1)[key] for key in ("color", "marker")}
    ax.plot(x, height(x), color=style.GREY, linewidth=1.2, zorder=1)
    arrows = {"arrowstyle": "-|>", "color": shown["color"], "linewidth": 1.2, "shrinkA": 2, "shrinkB": 2}
    for start, end in list(pairwise(path))[: len(np.unique(path))]:  # the rest of a cycle repeats them
        ax.annotate("", (end, height(end)), (start, height(start)), zorder=3,
                    arrowprops=arrows | {"connectionstyle": "arc3,rad=0.4"})  # fmt: skip
    ax.plot(path, height(path), linestyle="none", markersize=4, **shown)
    ax.plot(
        path[0], height(path[0]), linestyle="none", markersize=8, markerfacecolor="white", zorder=4, **shown
    )
    ax.plot(0, 0, "*", color=style.INK, markersize=9, zorder=4)
    for at in np.unique(path) if len(np.unique(path)) <= _LABELLED else path[:1]:
        ax.annotate(with_minus(f"{at:,.6g}"), (at, height(at)), (8 if at > 0 else -8, -2),
                    textcoords="offset points", ha="left" if at > 0 else "right", va="top", size=7.5)  # fmt: skip
    top = float(height(np.array(reach)))
    ax.set_ylim(-0.12 * top, 1.05 * top)
    ax.set_xlim(-1.15 * reach, 1.15 * reach)
    words = f"arrives after {counted(one['moves'], 'move')}" if good else one["words"]
    ax.set_title(f"{'rate' if square else 'step'} {one['step']:g}:\n{words}", size=8.5)
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_xlabel("x")


def _squares(x: Any) -> Any:
    return x**2


def draw_bowl(ax: Axes, bowl: dict[str, Any], which: int) -> None:
    """One path of descent on the bowl, with contours and arrows that point downhill."""
    x, y, cost = (style.array(bowl[name]) for name in ("x", "y", "cost"))
    levels = cost.max() * np.linspace(0.02, 1, 12) ** 2
    ax.contourf(x, y, cost, np.concatenate([[0], levels]), cmap=style.DIVERGING, alpha=0.35)
    ax.contour(x, y, cost, levels, colors=style.GREY, linewidths=0.5)
    at, downhill = style.array(bowl["arrows"]), style.array(bowl["downhill"])
    lengths = np.linalg.norm(downhill, axis=1, keepdims=True)
    unit = np.divide(downhill, lengths, out=np.zeros_like(downhill), where=lengths > 0)
    ax.quiver(*at.T, *unit.T, color=style.GREY, scale=22, width=0.0045, headwidth=4, alpha=0.9)
    one, shown = bowl["paths"][which], look(which)
    path = style.array(one["path"])
    inside = (np.abs(path[:, 0]) <= 3 * x.max()) & (np.abs(path[:, 1]) <= 3 * y.max())
    until = len(path) if inside.all() else int(np.argmin(inside)) + 1
    if one["jumps"]:
        until = min(until, _FEW_STEPS + 1)
    light = shown["color"] == style.SKY  # light colours need a dark outline
    ax.plot(*path[:until].T, color=style.INK if light else "white", linewidth=3)
    ax.plot(*path[:until].T, color=shown["color"], marker=shown["marker"], linewidth=1.6, markersize=4,
            markeredgecolor=style.INK if light else shown["color"], markeredgewidth=0.6)  # fmt: skip
    ax.plot(*path[0], linestyle="none", marker=shown["marker"], color=shown["color"], markersize=9,
            markerfacecolor="white")  # fmt: skip
    ax.plot(0, 0, "*", color=style.INK, markersize=11)
    ax.set_xlim(x[0], x[-1])
    ax.set_ylim(y[0], y[-1])
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    ax.set_title(f"rate {number(one['rate'], 'number')}\n{one['kind']}", size=8.5)


def draw_distances(ax: Axes, bowl: dict[str, Any]) -> None:
    """The distance from the minimum by step, for each path on the bowl."""
    for which, one in enumerate(bowl["paths"]):
        distance = np.linalg.norm(style.array(one["path"]), axis=1)
        label = f"{one['of_limit']:g} × limit ({one['kind']})"
        ax.plot(
            np.maximum(distance, 1e-9), label=label, linewidth=1.2, markersize=3, markevery=2, **look(which)
        )
    start = float(np.linalg.norm(style.array(bowl["paths"][0]["path"])[0]))
    ax.axhline(start, color=style.GREY, linewidth=0.8, linestyle=":")
    ax.annotate("at the start", (1, start), (0, 4), xycoords=("axes fraction", "data"), textcoords="offset points",
                ha="right", size=7.5, color=style.GREY)  # fmt: skip
    ax.set_yscale("log")
    ax.set_ylim(bottom=max(ax.get_ylim()[0], 1e-6))
    style.powers_of_ten(ax.yaxis)
    ax.set_xlabel("step")
    ax.set_ylabel("distance from the minimum")


def draw_gradient(ax: Axes, found: dict[str, Any]) -> None:
    """Contours of a function of two inputs, with its gradient at one point as an arrow and its two components."""
    x, y, cost = (style.array(found[name]) for name in ("x", "y", "cost"))
    (x0, y0), (gx, gy) = found["at"], found["gradient"]
    ax.contourf(x, y, cost, 14, cmap=style.DIVERGING, alpha=0.35)
    ax.contour(x, y, cost, 14, colors=style.GREY, linewidths=0.5)
    scale = 0.15
    ends = {
        "whole": (x0 + scale * gx, y0 + scale * gy),
        "x": (x0 + scale * gx, y0),
        "y": (x0, y0 + scale * gy),
    }
    for name, (color, width) in {
        "x": (style.BLUE, 2.2),
        "y": (style.VERMILLION, 2.2),
        "whole": (style.INK, 2.6),
    }.items():
        ax.annotate("", ends[name], (x0, y0), arrowprops={"arrowstyle": "-|>", "color": color, "linewidth": width,
                                                          "shrinkA": 0, "shrinkB": 0})  # fmt: skip
    ax.annotate(f"{gx:g}", ends["x"], (-22, -11), textcoords="offset points", color=style.BLUE, weight="bold")
    ax.annotate(f"{gy:g}", ends["y"], (-11, 3), textcoords="offset points", color=style.RUST, weight="bold")
    ax.annotate(
        f"gradient ({gx:g}, {gy:g})", ends["whole"], (-64, 12), textcoords="offset points", weight="bold"
    )
    ax.plot(x0, y0, "o", color=style.INK, markersize=5)
    ax.set_aspect("equal")
    ax.set_xlabel("first input, x")
    ax.set_ylabel("second input, y")
    ax.set_title("C = x³ + ½ y²", size=8.5)


def draw_changes(ax: Axes, found: dict[str, Any]) -> None:
    """How much the cost changes if either input is raised by the smallest nudge, in units of the nudge."""
    smallest = int(np.argmin(found["nudge"]))
    nudge = found["nudge"][smallest]
    for place, (change, color, hatch) in enumerate(
        zip(found["change"][smallest], (style.BLUE, style.VERMILLION), ("", "//"), strict=True)
    ):
        ax.bar(place, change / nudge, 0.6, color=color, hatch=hatch, edgecolor="white")
        ax.annotate(f"{change / nudge:.2f}", (place, change / nudge), (0, 2), textcoords="offset points",
                    ha="center", size=8.5)  # fmt: skip
    ax.margins(y=0.1)
    ax.set_xticks([0, 1], ["x alone", "y alone"])
    ax.set_xlabel("input that is nudged")
    ax.set_ylabel("change of the cost / nudge")
    ax.set_title(f"nudge of {nudge:g}", size=8.5)


def draw_ratios(ax: Axes, evidence: style.Evidence) -> None:
    """The ratio of the two changes by the size of the nudge."""
    found = evidence["data"]["two_inputs"]
    nudges, ratios = style.array(found["nudge"]), style.array(found["ratio"])
    ax.set_xscale("log")
    ax.set_ylim(style.span(ratios, style.ends(evidence, 0), margin=0.12))
    style.shade_band(ax, evidence, "y", part=0)
    ax.plot(nudges, ratios, color=style.INK, marker="D", linewidth=1.2)
    for nudge, ratio in zip(nudges, ratios, strict=True):
        ax.annotate(f"{ratio:.2f}", (nudge, ratio), (0, 5), textcoords="offset points", size=7, ha="right")
    style.powers_of_ten(ax.xaxis)
    ax.set_xlim(nudges.min() / 10, nudges.max() * 3)
    ax.set_xlabel("nudge")
    ax.set_ylabel("change with x / with y")
    ax.set_title("by size of the nudge", size=8.5)
