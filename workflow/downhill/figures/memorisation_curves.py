"""Drawing curves of the cost with true and with shuffled labels, and how straight they fall."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from downhill.claims.wording import percent_as_given
from downhill.figures import style
from downhill.figures.pages import page

LOOKS = {"true": style.TEST, "shuffled": style.TRAIN}
"""Colours and marks of true and of shuffled labels."""

_STRIPS: dict[str, tuple[str, str, str]] = {
    "true": ("true labels", style.BLUE, "o"),
    "shuffled": ("shuffled labels (verdict)", style.VERMILLION, "s"),
    "after_first_epoch": ("shuffled labels without epoch 0", style.SKY, "^"),
}
"""Label, colour and marker of what is drawn side by side."""

_WITHOUT_START = "The upper right panel leaves out epoch 0."


def draw_curves(evidence: style.Evidence) -> Figure:
    """Cost and accuracy of every seed by epoch, lines through the cost of one seed, and R² of every pair."""
    data = evidence["data"]
    figure = page(evidence, 5.4, _WITHOUT_START)
    ((whole, later), (accuracy, pairs)) = figure.subplots(2, 2)
    for ax, quantity, first in ((whole, "cost", 0), (later, "cost", 1), (accuracy, "accuracy", 0)):
        for labels, look in LOOKS.items():
            _draw_seeds(ax, data["curves"][labels], quantity, first, labels, look)
        ax.xaxis.set_major_locator(MaxNLocator(6, integer=True))
        ax.set_xlabel("epoch (0: before training)" if first == 0 else "epoch")
    for ax, line, start in zip((whole, later), data["lines"], ("the start", "epoch 1"), strict=True):
        ax.set_ylabel("training cost")
        ax.set_ylim(0, ax.get_ylim()[1])
        if line["r_squared"] is None:
            continue
        epochs = style.array(line["epochs"])
        heights = line["intercept"] + line["slope"] * epochs
        dots: dict[str, Any] = {"color": style.INK, "linestyle": (0, (1, 1)), "linewidth": 2.2, "zorder": 5}
        ax.plot(epochs, heights, label="line through the cost of one seed", **dots)
        ax.set_title(
            f"from {start}: R² of seed {line['seed']} is {line['r_squared']:.2f}", size=8, color=style.GREY
        )
    accuracy.set_ylim(0, 1.03)
    style.percent(accuracy.yaxis, "training accuracy")
    _draw_pairs(pairs, evidence)
    whole.plot([], [], color=style.GREY, linewidth=0.6, label="thin: a seed; bold: mean with its interval")
    whole.errorbar([], [], yerr=[], fmt="D", color=style.INK, capsize=4, label="mean R² and its interval")
    style.legend(figure, [whole, pairs], columns=3)
    return figure


def draw_sweep(evidence: style.Evidence) -> Figure:
    """R² of every seed by the share of the drop that is fitted, and by initialisation, also without epoch 0."""
    data = evidence["data"]
    shares, recipes = data["by_share"]["share"], data["by_recipe"]
    figure = page(evidence, 3.3, *_about_epoch_0(data))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(len(shares), max(2, len(recipes))))
    left.set_ylim(0, 1.03)
    names = [f"{percent_as_given(share)}{'*' if share == data['until'] else ''}" for share in shares]
    _draw_strips(left, evidence, names, {key: data["by_share"][key] for key in _STRIPS})
    left.set_xlabel("share of the drop that is fitted (* fixed beforehand)")
    left.set_ylabel("R² of a straight line")
    names = [
        f"{recipe['name']}{'*' if place == 0 else ''}\nn = {len(recipe['true']['values'])}"
        for place, recipe in enumerate(recipes)
    ]
    _draw_strips(right, evidence, names, {key: [recipe[key] for recipe in recipes] for key in _STRIPS})
    right.set_xlabel(f"initial weights\n({percent_as_given(data['until'])} of the drop)")
    left.set_title(f"n = {len(recipes[0]['true']['values'])}", size=8, color=style.GREY)
    for label, colour, marker in _STRIPS.values():
        left.plot([], [], marker=marker, color=colour, linestyle="none", label=label)
    label = "large: mean and its interval; small: a seed"
    left.errorbar([], [], yerr=[], fmt="D", color=style.INK, capsize=4, label=label)
    style.legend(figure, [left, right], columns=2)
    return figure


def _about_epoch_0(data: dict[str, Any]) -> list[str]:
    """How leaving out the cost of the initial weights changes R², where a line can be drawn without it."""
    recipe, sweep = data["by_recipe"][0], data["by_share"]["after_first_epoch"]
    later = [sample["mean"] for sample in sweep if sample["mean"] is not None]
    if recipe["after_first_epoch"]["mean"] is None or not later:
        return []
    return [
        "The verdict is about the whole descent, from epoch 0 (the initial weights) until "
        f"{percent_as_given(data['until'])} of the drop: with shuffled labels, the mean R² is "
        f"{recipe['shuffled']['mean']:.2f}. Without epoch 0, it is {recipe['after_first_epoch']['mean']:.2f}, and it "
        f"lies between {min(later):.2f} and {max(later):.2f} for the shares of the drop shown here."
    ]


def _draw_strips(ax: Axes, evidence: style.Evidence, names: list[str], rows: dict[str, list[Any]]) -> None:
    """R² of every seed, with mean and interval, side by side for each name."""
    ax.set_xlim(-0.6, len(names) - 0.4)
    style.shade_band(ax, evidence, "y", part=0)
    for shift, (key, samples) in zip((-0.26, 0.0, 0.26), rows.items(), strict=True):
        _, colour, marker = _STRIPS[key]
        for place, sample in enumerate(samples):
            values = style.values(sample)
            if not np.isfinite(values).any():
                continue
            beside = place + shift - 0.06 + np.linspace(-0.05, 0.05, len(values))
            ax.plot(beside, values, ".", color=colour, alpha=0.4, markersize=3)
            look = {"fmt": marker, "color": colour, "capsize": 3, "markersize": 4.5}
            style.draw_mean(ax, place + shift + 0.06, sample, "y", **look)
    ax.set_xticks(range(len(names)), names)


def _draw_seeds(
    ax: Axes, curves: dict[str, Any], quantity: str, first: int, labels: str, look: dict[str, Any]
) -> None:
    """From row `first` on, a thin line for every seed, and a bold one for their mean, with its interval."""
    epoch, found = style.array(curves["epoch"])[first:], curves[quantity]
    for one in style.array(found["seeds"]):
        ax.plot(epoch, one[first:], color=look["color"], linewidth=0.4, alpha=0.35, zorder=1)
    if found["lower"] is not None:
        low, high = (style.array(found[end])[first:] for end in ("lower", "upper"))
        ax.fill_between(epoch, low, high, color=look["color"], alpha=0.3, linewidth=0)
    bold = {"color": look["color"], "linestyle": look["linestyle"], "linewidth": 1.8}
    ax.plot(epoch, style.array(found["mean"])[first:], **bold, label=f"{labels} labels", zorder=3)


def _draw_pairs(ax: Axes, evidence: style.Evidence) -> None:
    """R² of every seed with true and with shuffled labels, joined by a line."""
    data = evidence["data"]
    samples = [data["straightness"][labels] for labels in LOOKS]
    values = [style.values(sample) for sample in samples]
    ax.set_xlim(-0.6, 1.6)
    ax.set_ylim(style.span(*values, style.ends(evidence), 1))
    style.shade_band(ax, evidence, "y", part=0)
    ax.plot([0, 1], np.stack(values), color=style.GREY, linewidth=0.6, alpha=0.6, zorder=1)
    for place, (sample, look) in enumerate(zip(samples, LOOKS.values(), strict=True)):
        marks: dict[str, Any] = {
            "color": look["color"],
            "marker": look["marker"],
            "linestyle": "none",
            "alpha": 0.75,
        }
        marks["markersize"] = 3.5
        ax.plot(np.full(len(values[place]), place), values[place], **marks)
        style.draw_mean(ax, place + (0.25 if place else -0.25), sample, "y")
    ax.set_xticks([0, 1], [f"{labels} labels" for labels in LOOKS])
    ax.set_xlabel(f"one line per pair of networks (n = {len(values[0])})")
    ax.set_ylabel(f"R² until {percent_as_given(data['until'])} of the drop")
