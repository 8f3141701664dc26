"""Figures of the family *memorisation*: learning or remembering."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from downhill.claims.wording import counted, percent_as_given
from downhill.claims.wording import shape as shape_text
from downhill.config.band import parse_bands
from downhill.figures import style
from downhill.figures.memorisation_curves import draw_curves, draw_sweep
from downhill.figures.memorisation_epochs import draw_fits
from downhill.figures.pages import page
from downhill.figures.style import draws
from downhill.report.wording import band_text, number, parts_of


@draws("train", "test", "chance", "n_images")
def memorised(evidence: dict[str, Any]) -> Figure:
    """Accuracy of every seed on the few images that it was trained on, and on new ones."""
    data = evidence["data"]
    train, test = style.values(data["train"]), style.values(data["test"])
    figure = page(evidence, 3.1, *_about_learning(data))
    ax = figure.subplots()
    ax.set_xlim(-0.45, 1.95)
    ax.set_ylim(style.span(train, test))
    _draw_gap(ax, evidence)
    ax.plot([0.04, 0.96], np.stack([train, test]), color=style.GREY, linewidth=0.6, alpha=0.6, zorder=1)
    for place, sample, look in ((0, data["train"], style.TRAIN), (1, data["test"], style.TEST)):
        values = style.values(sample)
        look = {"color": look["color"], "marker": look["marker"]}
        ax.plot(
            np.full(len(values), place + 0.04 - 0.08 * place), values, linestyle="none", alpha=0.75, **look
        )
        side = 2 * place - 1
        mean = style.draw_mean(ax, place + 0.1 * side, sample, "y")
        ax.annotate(
            number(mean, "share"),
            (place + 0.1 * side, mean),
            (9 * side, 0),
            textcoords="offset points",
            ha="right" if side < 0 else "left",
            va="center",
        )
    ax.set_xticks([0, 1], [f"the {counted(data['n_images'], 'training image')}", "new images"])
    ax.set_xlabel(f"scored on (one line per seed, n = {len(train):,})")
    style.percent(ax.yaxis, "accuracy at the end of training")
    ax.errorbar([], [], yerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [ax])
    return figure


@draws("train", "test", "chance", "expected")
def shuffled_accuracy(evidence: dict[str, Any]) -> Figure:
    """Accuracy of every seed trained on shuffled labels: on new images, of random answers, and on training images."""
    data = evidence["data"]
    rows = {
        "new images": data["test"],
        "the same answers\nat random": data["expected"],
        "training images,\nshuffled labels": data["train"],
    }
    looks = (style.TEST, {"color": style.SKY, "marker": "v"}, style.TRAIN)
    figure = page(
        evidence,
        3.3,
        "Where training accuracy is near chance as well, the network has hardly learned its labels, and chance level "
        "on new images is to be expected.",
    )
    ax = figure.subplots()
    ax.set_xlim(
        style.span(*map(style.values, rows.values()), data["chance"], style.ends(evidence), margin=0.1)
    )
    ax.set_ylim(-0.8, 2.6)
    style.shade_band(ax, evidence)
    style.guide(ax, data["chance"], f"chance: {number(data['chance'], 'share')}")
    for place, sample, look in zip((2, 1, 0), rows.values(), looks, strict=True):
        style.draw_seeds(ax, place, style.values(sample), color=look["color"], marker=look["marker"])
        mean = style.draw_mean(ax, place - 0.4, sample)
        ax.annotate(number(mean, "share"), (mean, place - 0.4), (0, -6), textcoords="offset points",
                    ha="center", va="top", size=8)  # fmt: skip
    ax.set_yticks([2, 1, 0], list(rows))
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel(f"scored on (n = {len(data['test']['values']):,})")
    style.percent(ax.xaxis, "accuracy at the end of training")
    ax.plot([], [], "o", color=style.BLUE, alpha=0.75, label="a seed")
    ax.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [ax])
    return figure


@draws("shapes", "fitted")
def fit_by_width(evidence: dict[str, Any]) -> Figure:
    """Accuracy on training and on new images by width, with true and with shuffled labels."""
    data = evidence["data"]
    sets = sorted({shape["n_images"] for shape in data["shapes"]})
    panels = [[shape for shape in data["shapes"] if shape["n_images"] == count] for count in sets]
    figure = page(evidence, 3.5)
    ratios = [max(1.5, len(panel)) for panel in panels]
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False, width_ratios=ratios)[0]
    for ax, count, panel in zip(axes, sets, panels, strict=True):
        shapes = sorted(panel, key=lambda shape: shape["parameters"])
        _by_shape(ax, shapes)
        for place, shape in enumerate(shapes):
            if shape["chosen"]:
                label = "shape of the verdict, fixed beforehand"
                look = {"facecolor": "none", "edgecolor": style.GREY, "linestyle": "--"}
                ax.axvspan(place - 0.45, place + 0.45, **look, zorder=0, label=label)
        style.guide(ax, data["fitted"], percent_as_given(data["fitted"]), along="y")
        n = style.seeds(sample for shape in shapes for sample in shape["train"].values())
        ax.set_title(f"{counted(count, 'training image')}\n(n = {n})")
    axes[0].set_ylim(0, 1.05)
    axes[0].set_yticks(np.linspace(0, 1, 6))
    style.percent(axes[0].yaxis, "mean accuracy after training")
    style.legend(figure, axes)
    return figure


@draws("curves", "straightness", "lines", "until")
def curves_by_labels(evidence: dict[str, Any]) -> Figure:
    """Training cost and accuracy by epoch, with true and with shuffled labels, and how straight the cost falls."""
    return draw_curves(evidence)


@draws("by_share", "by_recipe", "until")
def straightness_by_share(evidence: dict[str, Any]) -> Figure:
    """How straight the training cost falls, by the share of its drop that is fitted and by initialisation."""
    return draw_sweep(evidence)


@draws("fits", "images", "line", "fitted")
def epochs_by_images(evidence: dict[str, Any]) -> Figure:
    """Epochs until the training images are fitted, with true and with shuffled labels, by number of images."""
    return draw_fits(evidence)


def _about_learning(data: dict[str, Any]) -> list[str]:
    """Whether accuracy on new images is nearer to 100 % than to chance."""
    test = data["test"]["mean"]
    if test <= (1 + data["chance"]) / 2:
        return []
    return [
        f"The network also gets {number(test, 'share')} of new images right (chance is "
        f"{number(data['chance'], 'share')}), so it does more than memorise."
    ]


def _draw_gap(ax: Axes, evidence: dict[str, Any]) -> None:
    """The gap between the means, to the right of the marks, and where its lower end would support the claim."""
    train, test = (evidence["data"][key]["mean"] for key in ("train", "test"))
    (part,), band = parts_of(evidence), parse_bands(evidence["band"])[0]
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    at, label = 1.5, f"supports the claim: a gap {band_text(part)}"
    bottom, top = np.clip([train - band.upper, train - band.lower], low, high)
    ax.axhspan(bottom, top, (at - 0.15 - left) / (right - left), color=style.BAND, zorder=0, label=label)
    ax.plot([at, at], [test, train], color=style.INK, linewidth=1.2, marker="_", markersize=7)
    ax.text(at + 0.04, (test + 3 * train) / 4, f"gap\n{number(train - test, 'points')}", va="center")


def _by_shape(ax: Axes, shapes: list[dict[str, Any]]) -> None:
    """Four lines over shapes: true and shuffled labels (colour), training (filled) and new images (open)."""
    ax.set_xlim(-0.6, len(shapes) - 0.4)
    shifts = {"true train": -0.15, "true test": -0.05, "shuffled train": 0.05, "shuffled test": 0.15}
    for labels, look in (("true", style.TEST), ("shuffled", style.TRAIN)):
        means = {}
        for images, seen in (("train", "training images"), ("test", "new images")):
            places = np.arange(len(shapes)) + shifts[f"{labels} {images}"]
            face = look["color"] if images == "train" else "white"
            marks = {"fmt": look["marker"], "color": look["color"], "markerfacecolor": face, "capsize": 3}
            means[images] = [
                style.draw_mean(ax, place, shape[images][labels], "y", **marks)
                for place, shape in zip(places, shapes, strict=True)
            ]
            ax.plot(places, means[images], color=look["color"], linestyle=look["linestyle"], linewidth=1)
            ax.plot([], [], **look, markerfacecolor=face, label=f"{labels} labels, {seen}")
        if len(shapes) == 1:  # room for numbers, where there is no line to follow
            train, test = means["train"][0], means["test"][0]
            text = f"train {100 * train:.1f} %\nnew {100 * test:.1f} %"
            low, high = sorted((train, test))
            high_up = low > 0.5
            ax.text(
                -0.3, low - 0.05 if high_up else high + 0.05, text, va="top" if high_up else "bottom", size=7
            )
    names = [shape_text(shape["hidden_layers"]) for shape in shapes]
    ax.set_xticks(
        range(len(shapes)),
        [f"{name}\n({shape['parameters']:,})" for name, shape in zip(names, shapes, strict=True)],
    )
    ax.set_xlabel(
        "hidden layers\n(weights and biases)" if len(shapes) < 3 else "hidden layers (weights and biases)"
    )
