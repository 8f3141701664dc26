"""Figures of the family *learning*: does it learn, and how well."""

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from downhill.claims.wording import counted
from downhill.claims.wording import shape as shape_text
from downhill.figures import style
from downhill.figures.gallery import draw_images, rows_of
from downhill.figures.learning_mistakes import draw_odds, draw_shared, true_and_said
from downhill.figures.learning_shapes import draw_shapes
from downhill.figures.pages import page
from downhill.figures.style import draws
from downhill.report.wording import number
from downhill.report.wording import said as as_said


@draws("accuracy", "chance")
def untrained_histogram(evidence: dict[str, Any]) -> Figure:
    """Test accuracy of networks that were never trained, with chance and the band that supports the claim."""
    data = evidence["data"]
    accuracy = style.values(data["accuracy"])
    figure = page(evidence, 2.8)
    ax = figure.subplots()
    first, last = math.floor(100 * accuracy.min()), math.floor(100 * accuracy.max()) + 1
    width = max(1, math.ceil((last - first) / 40)) / 100
    bins = np.arange(first / 100, last / 100 + width / 2, width)
    ax.set_xlim(style.span(bins, style.ends(evidence), data["chance"]))
    style.shade_band(ax, evidence)
    ax.hist(accuracy, bins=[*bins, bins[-1] + width], color=style.SKY, edgecolor="white", linewidth=0.6)
    style.guide(ax, data["chance"], f"chance: {number(data['chance'], 'share')}")
    median = float(np.median(accuracy))
    ax.axvline(median, color=style.BLUE, linewidth=2, label=f"median: {number(median, 'share')}")
    style.percent(
        ax.xaxis, f"test accuracy before any training, in bins of {counted(round(100 * width), 'point')}"
    )
    ax.set_ylabel(f"networks (n = {len(accuracy):,})")
    ax.yaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    style.legend(figure, [ax])
    return figure


@draws("curves")
def learning_curves(evidence: dict[str, Any]) -> Figure:
    """Accuracy and cost by epoch on training and on test images: mean and central 90 % of seeds."""
    curves = evidence["data"]["curves"]
    figure = page(evidence, 2.9)
    left, right = figure.subplots(1, 2)
    for ax, quantity in ((left, "accuracy"), (right, "loss")):
        style.draw_curve(ax, curves, f"train_{quantity}", "training images", style.TRAIN)
        style.draw_curve(ax, curves, f"test_{quantity}", "test images", style.TEST)
    style.percent(left.yaxis, "accuracy")
    right.set_ylabel("cost (mean over images)")
    right.set_ylim(bottom=0)
    style.explain_curves(left, curves)
    style.legend(figure, [left])
    return figure


@draws("accuracy", "first_images")
def accuracy_distribution(evidence: dict[str, Any]) -> Figure:
    """Final test accuracy of every seed, with the band that supports the claim."""
    data = evidence["data"]
    first = data["first_images"]
    rows = {"all test images": data["accuracy"]}
    if first is not None:
        rows[f"the first {first['n_images']}\nof them"] = first["accuracy"]
    figure = page(evidence, 1.3 + 0.8 * len(rows))
    ax = figure.subplots()
    ax.set_xlim(style.span(*map(style.values, rows.values()), style.ends(evidence), style.said(evidence)))
    ax.set_ylim(1.15 - len(rows), 1.45)
    style.shade_band(ax, evidence)
    for value in style.said(evidence):
        if style.ends(evidence) and min(style.ends(evidence)) < value < max(style.ends(evidence)):
            style.guide(ax, value, as_said(value, "share"))
    places = [1, 0][: len(rows)]
    for place, sample in zip(places, rows.values(), strict=True):
        style.draw_seeds(ax, place, style.values(sample), color=style.BLUE if place else style.SKY)
        mean = style.draw_mean(ax, place - 0.45, sample)
        ax.annotate(number(mean, "share"), (mean, place - 0.45), (0, -6), textcoords="offset points",
                    ha="center", va="top", size=8)  # fmt: skip
    ax.set_yticks(places, list(rows))
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel("scored on")
    style.percent(ax.xaxis, "test accuracy at the end of training")
    ax.plot(
        [], [], "o", color=style.BLUE, alpha=0.75, label=f"a seed (n = {len(data['accuracy']['values']):,})"
    )
    ax.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [ax], columns=2)
    return figure


@draws("mistakes")
def confident_mistakes(evidence: dict[str, Any]) -> Figure:
    """Test images that the first seed gets wrong with the greatest confidence (its largest output)."""
    mistakes = evidence["data"]["mistakes"]
    columns = 5
    shape = np.shape(mistakes[0]["pixels"]) if mistakes else (1, 1)
    figure = page(evidence, max(1.0, 1.55 * rows_of(len(mistakes), columns)), *style.stretched(*shape))
    if not mistakes:
        figure.text(0.5, 0.3, "The network with the first seed makes no mistakes.", ha="center")
        return figure
    texts = [
        f"{true_and_said(one)}\n{100 * one['confidence']:.1f} % sure\n"
        f"wrong in {100 * one['share_wrong']:.0f} % of seeds"
        for one in mistakes
    ]
    draw_images(figure, [one["pixels"] for one in mistakes], texts, columns)
    return figure


@draws("shapes", "best_shape")
def width_depth_map(evidence: dict[str, Any]) -> Figure:
    """Mean test accuracy by width and number of hidden layers, with the shape chosen on validation images."""
    shapes, best = evidence["data"]["shapes"], evidence["data"]["best_shape"]
    columns = list(dict.fromkeys(_column(shape) for shape in sorted(shapes, key=_by_width)))
    depths = sorted({len(shape["hidden_layers"]) for shape in shapes})
    figure = page(evidence, 3.4 + 0.14 * len(depths))
    ax = figure.subplots()
    means = {shape["network"]: style.mean_interval(shape["test"]) for shape in shapes}
    ax.set_xlim(-0.6, len(columns) - 0.4)
    ax.set_ylim(style.span(list(means.values()), style.said(evidence)))
    style.shade_band(ax, evidence, along="y")
    for value in style.said(evidence):
        style.guide(ax, value, as_said(value, "share"), along="y")
    looks = [
        ("o", "-", style.SKY),
        ("s", "--", style.BLUE),
        ("^", "-.", style.VERMILLION),
        ("v", ":", style.INK),
    ]
    for order, depth in enumerate(depths):
        marker, line, colour = looks[order % len(looks)]
        rows = sorted((shape for shape in shapes if len(shape["hidden_layers"]) == depth), key=_by_width)
        places = [columns.index(_column(row)) + 0.12 * (order - (len(depths) - 1) / 2) for row in rows]
        ax.plot(places, [means[row["network"]][0] for row in rows], color=colour, linestyle=line, linewidth=1)
        for place, row in zip(places, rows, strict=True):
            style.draw_mean(ax, place, row["test"], "y", fmt=marker, color=colour)
            if row["network"] == best:
                ax.plot(place, means[best][0], "o", markersize=14, markerfacecolor="none",
                        markeredgecolor=style.INK, label="chosen on validation images")  # fmt: skip
        name = {0: "no hidden layer", 1: "1 hidden layer"}.get(depth, f"{depth} hidden layers")
        ax.plot([], [], marker=marker, linestyle=line, color=colour, label=name)
    ax.set_xticks(range(len(columns)), [_tick(column, shapes, depths) for column in columns])
    numbers = " and ".join(map(str, depths))
    ax.set_xlabel(
        f"width of each hidden layer (below it: number of weights and biases with {numbers} of them)"
    )
    style.percent(ax.yaxis, f"mean test accuracy, n = {style.seeds(shape['test'] for shape in shapes)}")
    style.legend(figure, [ax])
    return figure


@draws("curves", "train", "test")
def train_and_test(evidence: dict[str, Any]) -> Figure:
    """Accuracy by epoch on training images and on new ones, and the gap between the two at the end."""
    curves = evidence["data"]["curves"]
    figure = page(evidence, 3.0)
    ax = figure.subplots()
    style.draw_curve(ax, curves, "train_accuracy", "training images", style.TRAIN)
    style.draw_curve(ax, curves, "test_accuracy", "new images", style.TEST)
    epoch = style.array(curves["epoch"])
    train, test = (float(np.mean(style.array(evidence["data"][name]))) for name in ("train", "test"))
    room = max(1.0, float(np.ptp(epoch)))
    ax.set_xlim(epoch[0] - 0.03 * room, epoch[-1] + 0.24 * room)
    at = epoch[-1] + 0.03 * room
    ax.plot([at, at], [test, train], color=style.INK, linewidth=1.2, marker="_", markersize=7)
    ax.text(at + 0.02 * room, (train + test) / 2, f"gap {number(train - test, 'points')}", va="center")
    ax.set_xticks([tick for tick in ax.get_xticks() if epoch[0] <= tick <= epoch[-1]])
    style.percent(ax.yaxis, "accuracy")
    style.explain_curves(ax, curves)
    style.legend(figure, [ax])
    return figure


@draws("setting", "settings", "accuracies", "threshold", "crossing")
def accuracy_by_setting(evidence: dict[str, Any]) -> Figure:
    """Test accuracy of every seed by the value of a setting, and where its mean crosses a threshold."""
    data = evidence["data"]
    settings, crossing = style.array(data["settings"]), data["crossing"]
    figure = page(evidence, 3.4)
    ax = figure.subplots()
    ax.set_ylim(style.span(*map(style.values, data["accuracies"]), data["threshold"]))
    if settings.min() > 0:
        ax.set_xscale("log")
    if crossing["lower"] is not None and crossing["upper"] is not None:
        ends = f"{crossing['lower']:.3g} to {crossing['upper']:.3g}"
        label = f"the mean crosses at {crossing['value']:.3g} (interval {ends})"
        ax.axvspan(crossing["lower"], crossing["upper"], color=style.BAND, zorder=0, label=label)
    if crossing["value"] is not None:
        ax.axvline(crossing["value"], color=style.GREY, linewidth=1, zorder=1)
    style.guide(ax, data["threshold"], f"threshold: {number(data['threshold'], 'share')}", along="y")
    means = [style.mean_interval(sample)[0] for sample in data["accuracies"]]
    ax.plot(settings, means, color=style.BLUE, linewidth=1, zorder=2)
    for value, sample in zip(settings, data["accuracies"], strict=True):
        found = style.values(sample)
        ax.plot(np.full(len(found), value), found, "o", color=style.SKY, alpha=0.75, markeredgewidth=0)
        style.draw_mean(ax, value, sample, "y", color=style.BLUE)
    ax.set_xticks(settings, [f"{value:g}" for value in settings], minor=False)
    ax.minorticks_off()
    ax.set_xlabel(f"{data['setting'].replace('_', ' ')} (n = {style.seeds(data['accuracies'])} each)")
    style.percent(ax.yaxis, "test accuracy at the end of training")
    ax.plot([], [], "o", color=style.SKY, alpha=0.75, label="a seed")
    ax.errorbar([], [], yerr=[], fmt="D", color=style.BLUE, capsize=4, label="mean and its interval")
    style.legend(figure, [ax], columns=2)
    return figure


@draws("same_size", "spread")
def accuracy_of_shapes(evidence: dict[str, Any]) -> Figure:
    """Test accuracy of every seed by shape, and how far apart the means of the shapes are."""
    return draw_shapes(evidence)


@draws("odds", "by_neighbours", "neighbours", "stuck")
def odds_of_mistakes(evidence: dict[str, Any]) -> Figure:
    """How much higher the odds of a mistake are where nearest neighbours, a control or another seed also make one."""
    return draw_odds(evidence)


@draws("shared", "counts")
def shared_mistakes(evidence: dict[str, Any]) -> Figure:
    """Test images that every seed gets wrong, but that their nearest neighbours in the training set get right."""
    return draw_shared(evidence)


def _by_width(shape: dict[str, Any]) -> tuple[int, int, str]:
    layers = shape["hidden_layers"]
    return max(layers, default=0), len(set(layers)), str(layers)


def _column(shape: dict[str, Any]) -> str:
    """`64` for layers that are all 64 wide, `100-16` for layers that differ."""
    layers = shape["hidden_layers"]
    return shape_text(layers if len(set(layers)) > 1 else layers[:1])


def _tick(column: str, shapes: list[dict[str, Any]], depths: list[int]) -> str:
    """A column's name with the number of parameters at each depth below it."""
    counts = {len(s["hidden_layers"]): s["parameters"] for s in shapes if _column(s) == column}
    return "\n".join([column, *(f"{counts[depth]:,}" if depth in counts else "–" for depth in depths)])
