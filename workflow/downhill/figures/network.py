"""Figures of the family *network*: what the function is."""

import math
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.lettering import LONGEST_NAME, has_codes, readable_on, shortened
from downhill.figures.pages import HIGHEST, WIDTH, page
from downhill.figures.style import draws
from downhill.report.wording import band_text, number

_MOST_MAPS = 64
_MOST_NAMES = 64  # of classes along an axis
_SMALLEST_CHANGE = 1e-6  # that is drawn, as a share of the largest one
_COLOURS, _MARKERS = (style.BLUE, style.VERMILLION, style.INK), ("o", "s", "^")  # by layer


@draws("maps", "never_on", "seed", "stuck")
def first_layer_weights(evidence: dict[str, Any]) -> Figure:
    """The weights from the pixels to each unit of the first layer of one trained network, one map per unit."""
    data = evidence["data"]
    maps, never_on = style.array(data["maps"]), np.array(data["never_on"], dtype=bool)
    units = len(maps)
    maps = maps[:_MOST_MAPS]
    width = never_on.shape[1]
    height = style.drawn_height(*never_on.shape)
    columns = max(5, min(8, len(maps)))
    above = max(0.3 * height, 0.2 * width)  # for its name
    down, right = max(height * 1.3, height + above), width * 1.12  # from one map to the next, in pixels
    size = (WIDTH - 1.1) / (columns * right)
    maps = maps[: columns * int((HIGHEST - 0.6) / (down * size))]
    rows = math.ceil(len(maps) / columns)
    figure = page(evidence, rows * down * size + 0.6, *style.stretched(*never_on.shape))
    ax = figure.subplots()
    seen = np.abs(maps[:, ~never_on])
    limit = (float(np.quantile(seen, 0.995)) if seen.size else 0) or 1.0
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
    ax.set(xlim=(-0.5, columns * right), ylim=(rows * down - 0.25 * height, -above))
    ax.set_axis_off()
    bar = figure.colorbar(image, ax=ax, extend="both", aspect=10 * rows, shrink=0.95, pad=0.015)
    bar.set_label("weight (no unit)")
    all_weights = units * never_on.size
    stuck = Patch(facecolor="white", edgecolor=style.GREY, hatch="//////")
    shown = f"seed {data['seed']}" + (
        f", the first {len(maps)} of {units} units" if units > len(maps) else ""
    )
    dark = units * int(never_on.sum())
    does = "never move" if data["stuck"] else "have no gradient"
    label = (
        f"never lit in training: {dark:,} of these {all_weights:,} weights {does} ({shown})"
        if dark
        else f"every pixel is lit in some training image ({shown})"
    )
    figure.legend([stuck], [label], loc="outside lower left")
    return figure


@draws("shares", "accuracy", "n_images")
def bright_outputs(evidence: dict[str, Any]) -> Figure:
    """How many outputs of a test image exceed one half, and how often the brightest is right then."""
    data = evidence["data"]
    figure = page(evidence, 2.9)
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
    style.percent(left.yaxis, f"share of the {counted(data['n_images'], 'test image')}")
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
    names, step = _names_of(classes), math.ceil(k / _MOST_NAMES)
    numbered = "Classes are numbered, and long names are shortened." if names != classes else ""
    every = f"Only one class in {step} is labelled." if step > 1 else ""
    height = 0.9 + 0.33 * max(k, 8) + (1 if numbered else 0)
    figure = page(evidence, height, numbered, every)
    ax = figure.subplots()
    colours = LinearSegmentedColormap.from_list("mistakes", ["white", style.BLUE])
    most = float(np.nanmax(mistakes)) if np.isfinite(mistakes).any() else 1.0
    image = ax.imshow(np.ma.masked_invalid(mistakes), cmap=colours, vmin=0, vmax=most or 1, aspect="auto")
    ax.patch.set_facecolor(style.BAND)
    for (label, answer), count in np.ndenumerate(counts):
        if k > 16 or not math.isfinite(count):
            continue
        right = label == answer
        text = f"{count:,.0f}" if count >= 9.95 or count == 0 else f"{count:.1f}"
        colour = style.INK if right else readable_on(image.to_rgba(np.array([count]))[0])
        ax.text(answer, label, text, ha="center", va="center", size=7.5, color=colour,
                weight="bold" if right else "normal")  # fmt: skip
    long, size = max(map(len, names)) > 3, 5.5 if k > _MOST_NAMES // 2 else None
    upright = long and size is None
    turned = 90 if size else 45 if long else 0
    ax.set_xticks(
        range(0, k, step), names[::step], rotation=turned, ha="right" if upright else "center", size=size
    )
    ax.set_yticks(range(0, k, step), names[::step], size=size)
    ax.spines[:].set_visible(False)
    ax.tick_params(length=0)
    ax.set_xlabel("network's answer")
    ax.set_ylabel("true class")
    bar = figure.colorbar(image, ax=ax)
    bar.set_label("mistakes: test images, mean over seeds")
    figure.legend([Patch(facecolor=style.BAND)], ["right answers"], loc="outside lower left")
    return figure


@draws("weights", "biases", "correlations", "seed", "n_images")
def strength_and_tendency(evidence: dict[str, Any]) -> Figure:
    """What single weights and biases of one network do to their units, and the correlations in all networks."""
    data = evidence["data"]
    weights, biases = data["weights"], data["biases"]
    figure = page(evidence, 3.3)
    left, middle, right = figure.subplots(1, 3, width_ratios=(5, 4, 5))
    change, weight = style.array(weights["change"]), np.abs(style.array(weights["weight"]))
    lowest = _SMALLEST_CHANGE * change.max(initial=0)
    shown = change > lowest
    for layer in np.unique(weights["layer"]):
        at = (np.array(weights["layer"]) == layer) & shown
        look = {"color": _COLOURS[layer % 3], "marker": _MARKERS[layer % 3], "linestyle": "none"}
        left.plot(weight[at], change[at], **look, markersize=2.2, alpha=0.5, markeredgewidth=0)
        left.plot([], [], **look, label=f"layer {layer + 1}")
        at = np.array(biases["layer"]) == layer
        middle.plot(
            style.array(biases["bias"])[at], style.array(biases["activation"])[at], **look, alpha=0.85
        )
    if shown.any():
        left.set_xscale("log")
        left.set_yscale("log")
        for axis in (left.xaxis, left.yaxis):
            style.powers_of_ten(axis)
    left.set_xlabel("|weight|")
    left.set_ylabel(
        f"mean change of its unit's activation when\nthe weight is set to 0 ({counted(data['n_images'], 'test image')})"
    )
    hidden = f"({100 * np.mean(~shown):.0f} % change it by less)"
    left.set_title(f"weights of seed {data['seed']}\n{hidden}", size=8)
    middle.set_xlabel("bias")
    middle.set_ylabel("mean activation of its unit")
    middle.set_title(f"hidden units of seed {data['seed']}\n", size=8)
    names = list(data["correlations"])
    right.set_xlim(-0.6, len(names) - 0.4)
    right.set_ylim(style.span(*(style.values(data["correlations"][name]) for name in names), 0, 1))
    style.guide(right, 0, "no correlation", along="y")
    for place, name in enumerate(names):
        style.draw_seeds(right, place + 0.12, style.values(data["correlations"][name]), "y", room=0.4)
        style.draw_mean(right, place - 0.25, data["correlations"][name], "y")
    right.set_xticks(
        range(len(names)), [name.replace(" × ", "\n× ").replace("mean ", "mean\n") for name in names]
    )
    right.set_xlabel("correlated with change\nor activation")
    right.set_ylabel("rank correlation")
    n = len(style.values(data["correlations"][names[0]]))
    right.set_title(f"all seeds (n = {n:,})\n", size=8)
    right.errorbar([], [], yerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [left, right], columns=5)
    return figure


def _names_of(classes: list[str]) -> list[str]:
    """The names of classes; if some are too long, or have codes for characters, all get their numbers as well."""
    names = [shortened(name, LONGEST_NAME) for name in classes]
    if names == classes and not any(map(has_codes, names)):
        return names
    return [f"{number}: {name}" for number, name in enumerate(names)]


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
