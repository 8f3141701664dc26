"""Drawing small moves of the weights in the family *descent*: falls by direction, nudged weights, unequal gradients."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes

from downhill.claims.wording import counted, percent
from downhill.figures import style
from downhill.figures.descent_marks import above_zero, log_limits, look
from downhill.figures.scales import label_decades
from downhill.report.wording import number

# Where on an arrow its label is, as a share of the arrow; its offset in points; and its vertical alignment.
_LABEL = (0.65, (0, 3), "bottom")
_BELOW_LABEL = (0.6, (5, -9), "top")  # below a steeper arrow to the left
_DEEP_LABEL = (0.6, (5, 0), "bottom")
_DEEPEST_LABEL = (0.7, (6, -3), "top")  # beside the arrow of minus the gradient
_STEEP, _DEEP, _DEEPEST = 0.3, 0.48, 0.85
_ARC = 1.07  # radius of the arcs for intervals
_SIDES = {"sign of the gradient": -1, "largest coordinate": 1, "momentum": 1}


def draw_fan(ax: Axes, point: dict[str, Any]) -> None:
    """Moves of the same length as arrows from the middle of a circle; their depth says how far the cost falls."""
    angle = np.linspace(-0.06 * np.pi, 1.06 * np.pi, 200)
    ax.plot(np.cos(angle), -np.sin(angle), color=style.GREY, linewidth=0.8, zorder=1)
    ax.plot([-1.12, 1.12], [0, 0], color=style.GREY, linewidth=0.8, linestyle=":", zorder=1)
    arrow(ax, 0, -1, style.INK, 2.6)
    ax.plot(
        0,
        -1,
        "*",
        color=style.INK,
        markersize=11,
        clip_on=False,
        label="minus the gradient",
        linestyle="none",
    )
    for place, (name, sample) in enumerate(point["named"].items()):
        shown, side = look(place), _SIDES.get(name, 1)
        falls = style.values(sample)
        mean, low, high = style.mean_interval(sample)
        arrow(ax, *on_circle(mean, side), shown["color"], 1.8)
        x, y = on_circle(falls, side)
        ax.plot(x, y, linestyle="none", color=shown["color"], marker=shown["marker"], alpha=0.85, label=name)
        if np.isfinite([low, high]).all():
            x, y = on_circle(np.linspace(max(low, -1), min(high, 1), 30), side)
            ax.plot(_ARC * x, _ARC * y, color=shown["color"], linewidth=2.2, clip_on=False)
        if np.isfinite(mean):
            _label_fall(ax, mean, side)
    random = style.array(point["random"])
    x, y = on_circle(random, -1)
    ax.plot(x, y, ".", color=style.GREY, markersize=2.5, alpha=0.6, label="random directions")
    ax.set_xlim(-1.1, 1.1)
    ax.set_ylim(-1.1, 0.2)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.spines["bottom"].set_visible(False)
    ax.set_yticks([0, -0.25, -0.5, -0.75, -1], ["0", "25", "50", "75", "100"])
    ax.set_title(point["when"])


def _label_fall(ax: Axes, mean: float, side: int) -> None:
    """The mean fall beside its arrow, clear of the other arrows and of the line at 0."""
    x, y = on_circle(mean, side)
    at, offset, va = _LABEL
    if side > 0 and mean > _DEEP:
        at, offset, va = _DEEPEST_LABEL if mean > _DEEPEST else _DEEP_LABEL
    elif side < 0 and mean > _STEEP:
        at, offset, va = _BELOW_LABEL
    beside = side > 0 and mean > _DEEP
    height = min(0.0, at * y) if beside or va == "top" else max(0.0, at * y)  # else above the line at 0
    ax.annotate(percent(mean, 0), (at * x, height), offset, textcoords="offset points",
                ha="left" if beside else "center", va=va, size=8)  # fmt: skip


def on_circle(fall: Any, side: int) -> tuple[Any, Any]:
    """The point of a circle with radius 1 at some depth, to the right (1) or to the left (−1)."""
    depth = np.asarray(fall, np.float64)
    return side * np.sqrt(np.clip(1 - depth**2, 0, None)), -depth


def arrow(ax: Axes, x: Any, y: Any, color: str, width: float) -> None:
    """An arrow from the middle."""
    if np.isfinite([x, y]).all():
        props = {"arrowstyle": "-|>", "color": color, "linewidth": width, "shrinkA": 0, "shrinkB": 0}
        ax.annotate("", (float(x), float(y)), (0, 0), arrowprops=props)


def draw_slopes(ax: Axes, slopes: list[dict[str, Any]]) -> None:
    """The slope of the cost along the gradient against the length of the gradient, for every seed."""
    for place, point in enumerate(slopes):
        marks = {key: look(place)[key] for key in ("color", "marker")}
        ax.plot(point["gradient"], point["slope"], linestyle="none", alpha=0.8, markersize=5.5, **marks,
                label=point["when"])  # fmt: skip
    limits = log_limits(*(point["gradient"] for point in slopes), *(point["slope"] for point in slopes))
    ax.plot(limits, limits, color=style.GREY, linewidth=1, linestyle=":", zorder=1, label="equal")
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(limits)
    ax.set_ylim(limits)
    label_decades(ax.xaxis, limits)
    label_decades(ax.yaxis, limits)
    ax.set_xlabel("length of the gradient, ‖∇C‖")
    ax.set_ylabel("slope of the cost,\nfrom a central difference")


def draw_errors(ax: Axes, evidence: style.Evidence) -> None:
    """The relative error of the slope of every seed, by point of the training."""
    slopes = evidence["data"]["slopes"]
    errors = [above_zero(point["error"]) for point in slopes]
    (end,) = style.ends(evidence, 1)
    ax.set_yscale("log")
    ax.set_xlim(-0.6, len(slopes) - 0.4)
    ax.set_ylim(log_limits(*errors, [end * 3]))
    style.shade_band(ax, evidence, "y", part=1)
    for place, values in enumerate(errors):
        marks = {key: look(place)[key] for key in ("color", "marker")}
        offsets = place + np.linspace(-0.15, 0.15, len(values)) if len(values) > 1 else np.array([place])
        ax.plot(offsets, values, linestyle="none", alpha=0.8, **marks)
    ax.set_xticks(range(len(slopes)), [point["when"].replace(" ", "\n", 1) for point in slopes])
    style.powers_of_ten(ax.yaxis)
    ax.set_xlabel("point of the training")
    ax.set_ylabel("relative difference of\nslope and ‖∇C‖")


def draw_falls(ax: Axes, one: dict[str, Any]) -> None:
    """Falls of the cost for moves of one length, measured in one way, relative to the largest fall."""
    samples = list(one["falls"].items())
    ax.set_xlim(style.span(0, 1, *(style.values(sample) for _, sample in samples)))
    for place, (_, sample) in enumerate(samples):
        at = len(samples) - 1 - place
        shown = look(0)  # that of the start of training in the panels above
        style.draw_seeds(ax, at, style.values(sample), room=0.5, color=shown["color"], marker=shown["marker"])
        style.draw_mean(ax, at - 0.33, sample, markersize=4)
    ax.set_ylim(-0.7, len(samples) - 0.5)
    ax.set_yticks(range(len(samples)), [name for name, _ in samples][::-1])
    ax.tick_params(axis="y", length=0)
    style.percent(ax.xaxis, "fall of the cost")
    ax.set_title(f"moves of equal\n{one['length']}", size=8.5)


def draw_nudges(ax: Axes, found: dict[str, Any]) -> None:
    """The change of the cost against the gradient's component, for every weight that is nudged."""
    component, change = above_zero(found["component"]), above_zero(found["change"])
    layer = np.array(found["layer"])
    ax.set_xscale("log")
    ax.set_yscale("log")
    for one in np.unique(layer):
        shown, here = look(int(one)), layer == one
        ax.plot(component[here], change[here], linestyle="none", color=shown["color"], marker=shown["marker"],
                markersize=3 + min(int(one), 2), alpha=0.6, markeredgewidth=0,
                label=f"layer {int(one) + 1} ({counted(int(here.sum()), 'parameter')})")  # fmt: skip
    limits = log_limits(component, margin=0.04)
    label = f"{found['nudge']:g} × component: exact for an infinitely small nudge"
    ax.plot(
        limits,
        found["nudge"] * np.array(limits),
        color=style.INK,
        linewidth=1,
        linestyle=":",
        zorder=1,
        label=label,
    )
    ax.set_xlim(limits)
    ax.set_ylim(log_limits(change, margin=0.04))
    style.powers_of_ten(ax.xaxis)
    style.powers_of_ten(ax.yaxis)
    ax.set_xlabel("size of the component of the gradient, |∂C/∂w|")
    ax.set_ylabel(f"|change of the cost| with\na nudge of {found['nudge']:g}")
    ax.set_title(f"before training (seed {found['seed']})", size=8.5)


def draw_correlations(ax: Axes, evidence: style.Evidence) -> None:
    """Correlations of every seed: by size of the nudge before training, then later in training."""
    found = evidence["data"]["nudging"]
    rows = [(f"nudge {one['nudge']:g},\nbefore training", one["correlation"]) for one in found["by_nudge"]]
    rows += [
        (f"nudge {found['nudge']:g},\n{one['when']}", one["correlation"]) for one in found["by_point"][1:]
    ]
    shown = [np.append(style.values(sample), style.mean_interval(sample)) for _, sample in rows]
    ax.set_ylim(style.span(*shown, style.ends(evidence, 1), 1))
    ax.set_xlim(-0.6, len(rows) - 0.4)
    style.shade_band(ax, evidence, "y", part=1)
    for place, (_, sample) in enumerate(rows):
        style.draw_seeds(ax, place - 0.12, style.values(sample), "y", room=0.4)
        style.draw_mean(ax, place + 0.22, sample, "y")
    ax.set_xticks(range(len(rows)), [name for name, _ in rows], rotation=90, size=7.5)
    ax.set_xlabel("nudge, and point of the training")
    ax.set_ylabel("rank correlation")
    ax.set_title("the first column is judged", size=8.5)


def draw_lorenz(ax: Axes, layer: dict[str, Any], normal: Any) -> None:
    """Lorenz curves of every seed in one layer, at the first and the last point of the training."""
    share = np.linspace(0, 1, len(normal))
    ax.plot([0, 1], [0, 1], color=style.GREY, linewidth=0.8, label="all components equal")
    ax.plot(share, style.array(normal), color=style.INK, linewidth=1.2, linestyle=":",
            label="normally distributed components (Gini index 0.41)")  # fmt: skip
    points = layer["points"]
    ends = points if len(points) == 1 else (points[0], points[-1])
    texts = []
    for place, point in enumerate(ends):
        shown = {key: look(place)[key] for key in ("color", "linestyle")}
        for which, curve in enumerate(style.array(point["lorenz"])):
            ax.plot(
                share,
                curve,
                linewidth=1,
                alpha=0.8,
                label=None if which else f"{point['when']}, a seed",
                **shown,
            )
        mean, low, high = style.mean_interval(point["gini"])
        interval = "" if np.isnan(low) else f" ({number(low, 'number')} to {number(high, 'number')})"
        if np.isfinite(mean):
            texts.append(f"{point['when']}:\n{number(mean, 'number')}{interval}")
    ax.text(0.04, 0.97, "\n".join(["Gini index", *texts]), transform=ax.transAxes, va="top", size=7,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1})  # fmt: skip
    ax.set_xlim(0, 1)
    ax.set_ylim(0, 1)
    ax.set_aspect("equal")
    ax.set_title(f"layer {layer['layer']} ({counted(layer['parameters'], 'parameter')})", size=8.5)
    style.percent(ax.xaxis, "share of weights and biases,\nsmallest components first")
