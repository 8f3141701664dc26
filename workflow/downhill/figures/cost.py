"""Figures of the family *cost*: the cost as a measure of how badly a network does, and its surface."""

from collections import Counter
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from downhill.claims.wording import counted, percent
from downhill.experiments.cost import KINDS, LOSSES
from downhill.figures import style
from downhill.figures.cost_parts import COLOURS, MARKERS, draw_shares, extent, histogram_of_changes, looks
from downhill.figures.gallery import draw_image, draw_images, rows_of
from downhill.figures.lettering import LONGEST_NAME, shortened
from downhill.figures.pages import page
from downhill.figures.style import Evidence, draws
from downhill.report.wording import number, parts_of

_NAMES_OF_LOSSES = dict(zip(LOSSES, ("quadratic cost", "cross-entropy"), strict=True))
_FILLED: dict[str, Any] = {"facecolor": style.SKY, "edgecolor": "none", "fill": True}  # of histograms
_OUTLINED: dict[str, Any] = {"color": style.INK, "linewidth": 1.6}
_LONGEST_BESIDE = 8  # letters of a class's name above a small image


@draws("cost", "largest_output", "n_images")
def detectors_of_errors(evidence: Evidence) -> Figure:
    """How well wrong answers can be told from right ones, by the cost and by the network's own largest output."""
    data = evidence["data"]
    rows = {"cost\n(sees the label)": data["cost"], "1 − largest output\n(does not)": data["largest_output"]}
    figure = page(evidence, 2.7)
    ax = figure.subplots()
    ax.set_xlim(style.span(*map(extent, rows.values()), style.ends(evidence), 1))
    ax.set_ylim(-0.85, 1.45)
    style.shade_band(ax, evidence)
    marks: tuple[dict[str, Any], ...] = (style.TEST, style.TRAIN)
    for place, sample, look in zip((1, 0), rows.values(), marks, strict=True):
        style.draw_seeds(ax, place, style.values(sample), color=look["color"], marker=look["marker"])
        mean = style.draw_mean(ax, place - 0.45, sample)
        ax.annotate(number(mean, "number"), (mean, place - 0.45), (0, -6), textcoords="offset points",
                    ha="center", va="top", size=8)  # fmt: skip
    ax.set_yticks([1, 0], list(rows))
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel("detector of errors")
    ax.set_xlabel(
        f"area under the ROC curve, {counted(data['n_images'], 'test image')} (½: no better than chance)"
    )
    ax.plot([], [], "o", color=style.BLUE, alpha=0.75, label=f"a seed (n = {len(data['cost']['values']):,})")
    ax.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [ax])
    return figure


@draws("map", "seed")
def map_of_costs(evidence: Evidence) -> Figure:
    """Costs of all test images under one network, for right and wrong answers, with example images along the axis."""
    found, seed = evidence["data"]["map"], evidence["data"]["seed"]
    edges, shown = 10 ** style.array(found["edges"]), found["images"]
    shape = np.shape(shown[0]["pixels"]) if shown else (1, 1)
    figure = page(evidence, 4.2, *style.stretched(*shape))
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.3))
    wrong: dict[str, Any] = {"color": style.VERMILLION, "linewidth": 1.8}
    for name, look in (("right", _FILLED), ("wrong", wrong)):
        counts = style.array(found["counts"][name])
        if counts.sum():
            label = f"{name} answers ({counted(int(counts.sum()), 'image')})"
            top.stairs(counts / counts.sum(), edges, label=label, **look)
    top.set_xscale("log")
    top.set_xlim(edges[0], edges[-1])
    top.set_ylim(bottom=0)
    style.percent(top.yaxis, "share of images with\nright or wrong answers")
    style.powers_of_ten(top.xaxis)
    top.set_title(f"seed {seed}", size=8, color=style.GREY)
    top.tick_params(labelbottom=True)
    cheaper = counted(found["cheaper"], "cheaper image")
    top.set_xlabel("cost of an image" + (f" ({cheaper} drawn at the left end)" if found["cheaper"] else ""))
    bottom.set_axis_off()
    room = 0.42 * found["column"]  # to either side of an image
    for one in shown:
        left, right = 10 ** (one["at"] - room), 10 ** (one["at"] + room)
        place = (left, 0, right - left, 1)
        ax = bottom.inset_axes(place, transform=bottom.get_xaxis_transform())
        ax.set_axis_off()
        draw_image(ax, one["pixels"])
        label, answer = (shortened(one[key], _LONGEST_BESIDE) for key in ("label", "answer"))
        wrong = one["label"] != one["answer"]
        ax.set_title(
            f"is {label}\nsays {answer}\n{one['cost']:.2g}",
            size=6.5,
            loc="center",
            pad=2,
            color=style.VERMILLION if wrong else style.INK,
            weight="bold" if wrong else "normal",
        )
    style.legend(figure, [top])
    return figure


@draws("shapes", "within")
def cost_against_accuracy(evidence: Evidence) -> Figure:
    """Mean test cost and test accuracy of every seed; their rank correlation over all seeds, and within each shape."""
    shapes, within = evidence["data"]["shapes"], evidence["data"]["within"]
    names, (part, *_) = _names_of(shapes), parts_of(evidence)
    figure = page(evidence, 3.9)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    right.set_xlim(-0.7, len(shapes) + 1.7)
    right.set_ylim(
        style.span(-1, 0, extent(within), style.array([part["lower"], part["upper"], part["value"]]))
    )
    style.shade_band(right, evidence, along="y")
    for place, (row, name, look) in enumerate(zip(shapes, names, looks(len(shapes)), strict=True)):
        cost, accuracy = style.array(row["cost"]), style.array(row["accuracy"])
        label = f"{name} ({counted(len(cost), 'seed')})"
        size = 6.5 if look["marker"] == "*" else 4
        left.plot(cost, accuracy, **look, markersize=size, alpha=0.75, markeredgewidth=0, label=label)
        correlation = style.array([row["correlation"]])
        right.plot([place], correlation, **look, markersize=6)
    mean = style.draw_mean(right, len(shapes), within, "y", label="mean of the shapes, and its interval")
    left.set_xlabel("mean cost of the test images")
    left.xaxis.set_major_locator(MaxNLocator(6))
    style.percent(left.yaxis, "test accuracy")
    left.set_title("every seed")
    overall = {"mean": part["value"], "lower": part["lower"], "upper": part["upper"]}
    look = {"color": style.BLUE, "markersize": 7, "label": "all seeds of all shapes, and the interval"}
    style.draw_mean(right, len(shapes) + 1, overall, "y", **look)
    names.append(f"mean: {number(mean, 'correlation')}" if np.isfinite(mean) else "mean")
    names.append(f"all seeds: {number(part['value'], 'correlation')}")
    right.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor")
    right.set_xlabel("hidden layers")
    right.set_ylabel("rank correlation")
    right.set_title("within each shape, and over all")
    style.legend(figure, [left, right], columns=3)
    return figure


@draws("end", "step", "late", "changes", "seed", "n_images")
def changes_of_cost(evidence: Evidence) -> Figure:
    """How the cost of each training image changed, by the end of training and after one full-batch step."""
    data = evidence["data"]
    figure = page(evidence, 3.1)
    axes = figure.subplots(1, 3, width_ratios=(4, 4, 5))
    titles = {"end": "by the end of training", "step": "after one step from the start"}
    for ax, (name, title) in zip(axes, titles.items(), strict=False):
        histogram_of_changes(ax, data["changes"][name])
        ax.set_title(f"{title}\n(seed {data['seed']})")
    axes[0].set_ylabel(f"images (of {data['n_images']:,}), logarithmic scale")
    axes[1].set_ylabel("images")
    last = axes[2]
    rows = {"start\nto end": data["end"], "one\nstep": data["step"]}
    if data["late"] is not None:
        rows[f"epoch {data['late']['epoch']}\nto end"] = data["late"]["fell"]
    last.set_xlim(-0.6, len(rows) - 0.4)
    last.set_ylim(style.span(*map(extent, rows.values()), 1))
    last.axhline(1, color=style.INK, linewidth=1, linestyle=":", zorder=1)
    for place, sample in enumerate(rows.values()):
        color, marker = COLOURS[place], MARKERS[place]
        style.draw_seeds(last, place + 0.15, style.values(sample), "y", room=0.4, color=color, marker=marker)
        style.draw_mean(last, place - 0.15, sample, "y")
    names = [f"{name}\n{percent(style.mean_interval(sample)[0], 3)}" for name, sample in rows.items()]
    last.set_xticks(range(len(rows)), names, size=7.5)
    last.set_xlabel("weights compared")
    last.yaxis.set_major_locator(MaxNLocator(5))
    style.percent(last.yaxis, "images whose own cost fell")
    last.set_title(f"all seeds\n(n = {len(data['end']['values']):,})")
    last.errorbar([], [], yerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, axes, columns=4)
    return figure


@draws("rises", "seed")
def largest_rises(evidence: Evidence) -> Figure:
    """The training images whose own cost rose most from the start to the end of training."""
    data = evidence["data"]
    rises, columns = data["rises"], 5
    shape = np.shape(rises[0]["pixels"]) if rises else (1, 1)
    above = f"Seed {data['seed']}. Above each image: its class, and its cost before and after training."
    figure = page(
        evidence,
        max(1.0, 1.5 * rows_of(len(rises), columns)),
        above if rises else "",
        *style.stretched(*shape),
    )
    if not rises:
        text = f"For seed {data['seed']}, the cost of no training image rose."
        _say(figure, text)
        return figure
    texts = [
        f"{shortened(one['label'], LONGEST_NAME)}\n{one['start']:.2g} to {one['end']:.2g}" for one in rises
    ]
    draw_images(figure, [one["pixels"] for one in rises], texts, columns)
    return figure


@draws("gaps", "shares", "seeds")
def middles_and_chords(evidence: Evidence) -> Figure:
    """How far the cost at the midpoint of a segment exceeds the mean of both ends, for all segments of all seeds."""
    data = evidence["data"]
    figure = page(evidence, 4.6)
    axes = figure.subplots(2, 2, sharex="col")
    for column, name in enumerate(("outputs", "weights")):
        gaps = [[style.array(kind) for kind in loss] for loss in data["gaps"][name]]
        everything = np.concatenate([kind for loss in gaps for kind in loss])
        low, high = style.span(everything, 0)
        edges = np.linspace(low, high, 41)
        for row, of_loss in enumerate(gaps):
            ax: Axes = axes[row][column]
            for kind, look in enumerate((_FILLED, _OUTLINED)):
                counts, _ = np.histogram(of_loss[kind], edges)
                ax.stairs(counts, edges, label=KINDS[kind], **look)
            ax.set_xlim(low, high)
            style.guide(ax, 0, "0: equal to the mean of both ends; a positive excess is not convex")
            filled, outlined = (percent(share, 1) for share in data["shares"][name][row])
            cost = f"{_NAMES_OF_LOSSES[LOSSES[row]]}, function of {name}"
            ax.set_title(f"{cost}:\nno excess on {filled} (filled), {outlined} (outlined)", size=8.5)
            ax.yaxis.set_major_locator(MaxNLocator(4, integer=True))
        style.percent(axes[1][column].xaxis, "excess over the mean of both ends")
    n = sum(len(kind) for kind in data["gaps"]["weights"][0])
    for ax in axes.ravel():
        ax.set_ylabel(f"segments (of {n:,},\n{counted(data['seeds'], 'seed')})")
    style.legend(figure, axes.ravel(), columns=1)
    return figure


@draws("curves", "seed", "n_images")
def cost_along_segments(evidence: Evidence) -> Figure:
    """Quadratic cost along segments of one seed: those whose midpoint is highest, compared with both ends."""
    data = evidence["data"]
    figure = page(evidence, 4.6)
    axes = figure.subplots(2, 2, sharex=True, sharey="row")
    for column, name in enumerate(("outputs", "weights")):
        curves = style.array(data["curves"][name])
        for kind, ax in enumerate(axes[:, column]):
            for curve, colour, line in zip(curves[kind], COLOURS, ("-", "--", "-."), strict=False):
                places = np.linspace(0, 1, len(curve))
                ax.plot(places, curve, color=colour, linestyle=line)
                ax.plot(
                    [0, 1],
                    curve[[0, -1]],
                    color=colour,
                    linewidth=0.8,
                    linestyle=":",
                    marker="o",
                    markersize=3,
                )
            ax.set_title(f"function of {name},\n{KINDS[kind]}", size=8.5)
        axes[1][column].set_xlabel("position on the segment")
    for ax in axes[:, 0]:
        ax.set_ylabel(f"mean cost of\n{counted(data['n_images'], 'training image')}")
    axes[0][0].plot([], [], color=style.INK, label=f"cost along a segment (seed {data['seed']})")
    label = "straight line between its ends: a convex cost lies nowhere above it"
    axes[0][0].plot(
        [], [], color=style.INK, linewidth=0.8, linestyle=":", marker="o", markersize=3, label=label
    )
    style.legend(figure, [axes[0][0]], columns=2)
    return figure


@draws("sweep", "most")
def steps_by_size(evidence: Evidence) -> Figure:
    """Share of full-batch steps that lower the cost, by step size, for several kinds of hidden units."""
    data = evidence["data"]
    panels = [[one for one in data["sweep"] if one["by_rate"] == by_rate] for by_rate in (False, True)]
    panels = [panel for panel in panels if panel]
    figure = page(evidence, 3.5)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False, width_ratios=[2, 1][: len(panels)])[0]
    look_of = looks(len(data["sweep"]))
    for ax, panel in zip(axes, panels, strict=True):
        ax.set_ylim(-0.06 - 0.07 * max(map(len, panels)), 1.06)
        ax.set_yticks(np.linspace(0, 1, 6))
        ax.set_xscale("log")
        multiples = style.array(panel[0]["multiples"])
        ax.set_xlim(multiples.min() / 1.3, multiples.max() * 1.3)
        style.powers_of_ten(ax.xaxis)
        if not panel[0]["by_rate"]:
            label = f"the claim: all steps with c ≤ {data['most']:g} lower the cost"
            ax.axvspan(multiples.min() / 1.3, data["most"], color=style.BAND, zorder=0, label=label)
        style.guide(ax, 0.5, "half of all steps", along="y")
        for one in panel:
            draw_shares(ax, one, look_of[data["sweep"].index(one)], len(panel), panel.index(one))
        by_rate = panel[0]["by_rate"]
        ax.set_xlabel(
            "learning rate" if by_rate else "c, the rate over 2/λ (λ: largest curvature before the step)"
        )
    label = "below: where half of all steps fail, and its interval"
    axes[0].errorbar([], [], xerr=[], color=style.INK, fmt="D", capsize=3, elinewidth=2.2, label=label)
    style.percent(axes[0].yaxis, "steps that lower the cost")
    style.legend(figure, axes, columns=2)
    return figure


@draws("descent")
def descent_on_surface(evidence: Evidence) -> Figure:
    """A slice of the cost surface through a trained network, with its descent projected onto it."""
    found = evidence["data"]["descent"]
    if found is None:
        figure = page(evidence, 1.2)
        _say(figure, "The descent has too few different points to span a plane.")
        return figure
    share = f"{100 * found['share']:.0f} %"
    figure = page(
        evidence,
        5.0,
        f"The plane accounts for {share} of the squared distances between the weights along the descent (seed "
        f"{found['seed']}) and the trained weights. In brackets: the cost at the weights themselves, which may lie off "
        "the plane.",
    )
    ax = figure.subplots()
    x, y, cost, path = (style.array(found[name]) for name in ("x", "y", "cost", "path"))
    low, high = float(cost.min()), float(cost.max())
    scale = LogNorm(low, high) if 0 < low < high else None
    image = ax.pcolormesh(x, y, cost, cmap=style.DIVERGING, shading="gouraud", norm=scale, rasterized=True)
    if 0 < low < high:
        levels = np.geomspace(low, high, 14)[1:-1]
        lines = ax.contour(x, y, cost, levels, colors="white", linewidths=0.7)
        ax.clabel(lines, levels[::2], fmt="%.2g", fontsize=7)
    ax.plot(*path.T, color=style.INK, linewidth=3.2)
    ax.plot(*path.T, color="white", linewidth=1.4, marker="o", markersize=6, markeredgecolor=style.INK)
    for place, epoch in enumerate(found["epoch"]):
        name = "start" if epoch == 0 else f"epoch {epoch}"
        ax.annotate(
            f"{name} ({found['path_cost'][place]:.2g})",
            path[place],
            (7, 5),
            textcoords="offset points",
            size=8,
            bbox={"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.2},
        )
    ax.set_aspect("equal" if 0.4 < np.ptp(y) / np.ptp(x) < 2.5 else "auto")
    ax.set_xlabel("along the first principal direction of the descent (units of the weights)")
    ax.set_ylabel("along the second")
    bar = figure.colorbar(image, ax=ax, aspect=30)
    if 0 < low < high:
        bar.set_ticks(levels[::2].tolist(), labels=[f"{level:.2g}" for level in levels[::2]])
        bar.ax.minorticks_off()
    bar.set_label(f"mean cost of {counted(found['n_images'], 'training image')}")
    return figure


def _names_of(shapes: list[dict[str, Any]]) -> list[str]:
    """The hidden layers of each network, or its name if another one has the same."""
    count = Counter(row["shape"] for row in shapes)
    return [row["shape"] if count[row["shape"]] == 1 else row["network"] for row in shapes]


def _say(figure: Figure, text: str) -> None:
    """A sentence in place of a drawing."""
    ax = figure.subplots()
    ax.set_axis_off()
    ax.text(0.5, 0.5, text, ha="center", va="center", transform=ax.transAxes)
