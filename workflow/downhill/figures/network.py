"""Figures of the family *network*: what the function is."""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from matplotlib.ticker import MaxNLocator

from downhill.figures import style
from downhill.figures.style import draws
from downhill.report.wording import band_text, number

_MOST_MAPS = 64


@draws("maps", "never_on", "seed", "stuck")
def first_layer_weights(evidence: dict[str, Any]) -> Figure:
    """The weights from the pixels to each unit of the first layer of one trained network, one map per unit."""
    data = evidence["data"]
    maps, never_on = style.array(data["maps"]), np.array(data["never_on"], dtype=bool)
    units = len(maps)
    maps = maps[:_MOST_MAPS]
    height, width = never_on.shape
    columns = max(5, min(8, len(maps)))
    rows = math.ceil(len(maps) / columns)
    down, right = height * 1.3, width * 1.12  # from one map to the next, in pixels
    size = (style.WIDTH - 1.1) / (columns * right)
    figure = style.page(evidence, rows * down * size + 0.6)
    ax = figure.subplots()
    seen = np.abs(maps[:, ~never_on])
    limit = float(np.quantile(seen, 0.995)) if seen.size else 1.0
    for unit, weights in enumerate(maps):
        x, y = unit % columns * right, unit // columns * down
        frame = Rectangle((x, y), width, height, facecolor="white", edgecolor=style.GREY, hatch="//////")
        ax.add_patch(frame)  # shows where the map is empty
        image = ax.imshow(
            np.ma.masked_array(weights, never_on),
            extent=(x, x + width, y + height, y),
            cmap=style.DIVERGING,
            vmin=-limit,
            vmax=limit,
            interpolation="none",
            zorder=2,
        )
        ax.text(x, y - 0.05 * height, f"unit {unit + 1}", size=7)
    ax.set(xlim=(-0.5, columns * right), ylim=(rows * down - 0.25 * height, -0.3 * height))
    ax.set_axis_off()
    bar = figure.colorbar(image, ax=ax, extend="both", aspect=10 * rows, shrink=0.95, pad=0.015)
    bar.set_label("weight (no unit)")
    all_weights = units * never_on.size
    stuck = Patch(facecolor="white", edgecolor=style.GREY, hatch="//////")
    shown = f"seed {data['seed']}" + (
        f", the first {len(maps)} of {units} units" if units > len(maps) else ""
    )
    label = (
        f"never lit in training: {data['stuck']:,} of these {all_weights:,} weights never move  ({shown})"
        if never_on.any()
        else f"every pixel is lit in some training image  ({shown})"
    )
    figure.legend([stuck], [label], loc="outside lower left")
    return figure


@draws("shares", "accuracy", "n_images")
def bright_outputs(evidence: dict[str, Any]) -> Figure:
    """How many outputs of a test image exceed one half, and how often the brightest is right then."""
    data = evidence["data"]
    figure = style.page(evidence, 2.9)
    left, right = figure.subplots(1, 2)
    groups = list(data["shares"])
    for ax, values in ((left, data["shares"]), (right, data["accuracy"])):
        ax.set_xlim(-0.6, len(groups) - 0.4)
        ax.set_ylim(0, 1.12)
        for place, group in enumerate(groups):
            _bar_of_seeds(ax, place, values[group])
        ax.set_xticks(range(len(groups)), groups)
        ax.set_xlabel("outputs above ½")
        ax.set_yticks(np.linspace(0, 1, 6))
    style.percent(left.yaxis, f"share of the {data['n_images']:,} test images")
    style.percent(right.yaxis, "of these, the brightest is right")
    if "1" in groups:
        for end in style.ends(evidence):
            place = groups.index("1")
            label = f"supports the claim: {band_text(evidence)}"
            left.plot([place - 0.45, place + 0.45], [end, end], color=style.INK, linestyle=":", label=label)
    left.plot([], [], "o", color=style.INK, markersize=3, label="a seed")
    left.errorbar([], [], yerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [left])
    return figure


@draws("confusion", "classes")
def confusion_matrix(evidence: dict[str, Any]) -> Figure:
    """Which classes are mistaken for which: test images of each class by the network's answer, mean over seeds."""
    data = evidence["data"]
    counts, classes = style.array(data["confusion"]), data["classes"]
    k = len(classes)
    mistakes = np.where(np.eye(k, dtype=bool), np.nan, counts)
    figure = style.page(evidence, 0.9 + 0.33 * max(k, 5))
    ax = figure.subplots()
    colours = LinearSegmentedColormap.from_list("mistakes", ["white", style.BLUE])
    most = float(np.nanmax(mistakes)) if np.isfinite(mistakes).any() else 1.0
    image = ax.imshow(np.ma.masked_invalid(mistakes), cmap=colours, vmin=0, vmax=most or 1, aspect="auto")
    ax.patch.set_facecolor(style.BAND)
    for (label, answer), count in np.ndenumerate(counts):
        if k > 16 or not math.isfinite(count):
            continue
        right = label == answer
        dark = not right and count > 0.55 * most
        text = f"{count:,.0f}" if count >= 9.95 or count == 0 else f"{count:.1f}"
        colour = "white" if dark else style.INK
        ax.text(answer, label, text, ha="center", va="center", size=7.5, color=colour,
                weight="bold" if right else "normal")  # fmt: skip
    long = max(map(len, classes)) > 3
    ax.set_xticks(range(k), classes, rotation=45 if long else 0, ha="right" if long else "center")
    ax.set_yticks(range(k), classes)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set_xlabel("network's answer")
    ax.set_ylabel("true class")
    bar = figure.colorbar(image, ax=ax)
    bar.set_label("mistakes: test images, mean over seeds")
    figure.legend([Patch(facecolor=style.BAND)], ["right answers"], loc="outside lower left")
    return figure


@draws("shifts", "curves", "n_images")
def bias_and_activity(evidence: dict[str, Any]) -> Figure:
    """Mean activation of every hidden unit of one network as its bias is shifted, one panel per layer."""
    data = evidence["data"]
    shifts = style.array(data["shifts"])
    layers = [style.array(curves) for curves in data["curves"]]
    columns = min(3, len(layers))
    rows = math.ceil(len(layers) / columns)
    figure = style.page(evidence, 2.8 * rows + 0.2)
    axes = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for ax in axes[len(layers) :]:
        ax.set_axis_off()
    for place, (ax, curves) in enumerate(zip(axes, layers, strict=False)):
        rising = (np.diff(curves, axis=1) > 0).all(axis=1)
        ax.plot(shifts, curves[rising].T, color=style.BLUE, linewidth=0.8, alpha=0.6)
        ax.plot(shifts, curves[~rising].T, color=style.VERMILLION, linewidth=1.2, linestyle="--")
        ax.axvline(0, color=style.INK, linewidth=1, linestyle=":", label="bias as trained")
        ax.plot([], [], color=style.BLUE, linewidth=0.8, label="a unit that rises all the way")
        if not rising.all():
            ax.plot(
                [], [], color=style.VERMILLION, linewidth=1.2, linestyle="--", label="a unit that does not"
            )
        ax.set_title(f"hidden layer {place + 1}: {len(curves)} units, {int(rising.sum())} rise")
        ax.set_xlabel("added to the unit's bias")
        ax.xaxis.set_major_locator(MaxNLocator(9, integer=True))
    for ax in axes[::columns]:
        ax.set_ylabel(f"mean activation ({data['n_images']:,} test images)")
    style.legend(figure, list(axes[: len(layers)]))
    return figure


def _bar_of_seeds(ax: Axes, place: int, sample: style.Sample) -> None:
    """Draw a bar up to the mean over seeds, a dot for each seed, the interval, and the mean as text."""
    known = style.values(sample)
    if not np.isfinite(known).any():
        ax.text(place, 0.03, "no image", ha="center", color=style.GREY)
        return
    ax.bar(place, np.nanmean(known), width=0.9, color=style.SKY, zorder=1)
    style.draw_seeds(ax, place + 0.2, known, "y", room=0.4, color=style.INK, markersize=3, zorder=3)
    mean = style.draw_mean(ax, place - 0.25, sample, "y", markersize=4)
    top = max(float(np.nanmax(known)), mean)
    ax.text(place, top + 0.03, number(mean, "share"), ha="center", va="bottom")
