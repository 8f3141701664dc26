"""Drawing first-layer weights: maps, the Gabor functions that fit them best, and how alike neighbours are."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from downhill.claims.wording import counted, percent_as_given, with_minus
from downhill.figures import style
from downhill.figures.gallery import draw_image, without_ticks
from downhill.figures.inside_panels import (
    aligned,
    bar_of_signs,
    largest_of,
    set_closer,
)
from downhill.figures.pages import HIGHEST, WIDTH, page
from downhill.report.wording import number

POWER = 0.3
"""Exponent of |weight| that makes small weights visible: that of the opacity in 3Blue1Brown's video."""

_KINDS = {
    "trained": "trained",
    "untrained": "before training",
    "permuted": "trained, pixels\nin random order",
    "planted": "edge planted\nbefore training",
}
_GABOR = "A Gabor function is a striped spot, the usual model of an edge detector."
_MORAN = "Moran's I is 1 where neighbours are equal, and 0 where they are unrelated."
_UNITS: dict[str, Any] = {"color": style.SKY, "markersize": 2.6}
_SEEDS: dict[str, Any] = {"color": style.BLUE, "marker": "s", "markersize": 4}


def draw_variance_explained(evidence: style.Evidence) -> Figure:
    """Variance of each unit's first-layer weights explained by the best-fitting Gabor function, with three controls."""
    data = evidence["data"]
    kinds = [kind for kind in _KINDS if data["explained"][kind]["units"]]
    figure = page(evidence, 1.2 + 0.85 * len(kinds), _GABOR)
    ax = figure.subplots()
    ax.set_xlim(-0.02, 1.02)
    ax.set_ylim(0.45 - len(kinds), 0.5)
    style.shade_band(ax, evidence)
    style.guide(ax, data["needed"], f"planted edges must reach {percent_as_given(data['needed'])}")
    for place, kind in enumerate(kinds):
        of_kind = data["explained"][kind]
        style.draw_seeds(ax, -place + 0.13, of_kind["units"], room=0.5, **_UNITS)
        style.draw_seeds(ax, -place - 0.22, style.values(of_kind["medians"]), room=0.15, **_SEEDS)
        mean = style.draw_mean(ax, -place - 0.38, of_kind["medians"], markersize=4)
        end = mean if of_kind["medians"]["upper"] is None else of_kind["medians"]["upper"]
        ax.annotate(number(mean, "share"), (end, -place - 0.38), (9, 0), textcoords="offset points", va="center",
                    size=7.5)  # fmt: skip
    ax.set_yticks(-np.arange(len(kinds)), [_KINDS[kind] for kind in kinds])
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel("first-layer weights")
    style.percent(ax.xaxis, "variance of a unit's weights explained by the best-fitting Gabor function")
    ax.plot([], [], "o", label="a unit", alpha=0.75, **_UNITS)
    seeds = style.seeds(of_kind["medians"] for of_kind in data["explained"].values())
    ax.plot([], [], label=f"median of a seed's units ({seeds})", linestyle="none", **_SEEDS)
    ax.errorbar(
        [], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean over seeds and its interval"
    )
    style.legend(figure, [ax], columns=2)
    return figure


def draw_best_gabor_functions(evidence: style.Evidence) -> Figure:
    """First-layer weights of some units, and the Gabor functions that fit them best, from the best fit to the worst."""
    data = evidence["data"]
    examples = data["examples"]
    known = np.isfinite(style.array(examples[0]["map"]))
    rows, columns = (np.flatnonzero(known.any(axis=axis)) for axis in (1, 0))
    cut = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    shape = known[cut].shape
    size = (WIDTH - 1.5) / len(examples)
    figure = page(
        evidence,
        min(HIGHEST, 2 * size * style.drawn_height(*shape) / shape[1] + 0.85),
        _GABOR,
        f"Shown, of the first {counted(data['among'], 'unit')} of seed {data['seed']}: trained ones at evenly spaced "
        "ranks from the best fit to the worst, and of each control the one with the middle fit.",
        f"The fits use only the {counted(data['pixels'], 'pixel')} lit in at least {percent_as_given(data['lit'])} of "
        "training images.",
        *style.stretched(*shape),
    )
    set_closer(figure)
    axes = figure.subplots(2, len(examples), squeeze=False)
    controls = {"permuted": "random\norder", "planted": "planted\nedge", "untrained": "before\ntraining"}
    for column, one in enumerate(examples):
        weights = style.array(one["map"])
        limit = largest_of(weights)
        for ax, image in zip(axes[:, column], (weights, style.array(one["fit"])), strict=True):
            draw_image(ax, image[cut], cmap=style.DIVERGING, vmin=-limit, vmax=limit)
            without_ticks(ax)
        axes[0, column].set_title(
            controls.get(one["kind"], f"trained\nunit {one['unit']}"), size=7.5, loc="center", pad=3
        )
        axes[1, column].set_xlabel(number(one["explained"], "share"), size=8)
    axes[0, 0].set_ylabel("weights")
    axes[1, 0].set_ylabel("best-fitting\nGabor function")
    figure.supxlabel("variance explained", size=8.5)
    bar_of_signs(figure, axes, "share of the column's largest |weight|")
    return figure


def draw_weight_maps(evidence: style.Evidence) -> Figure:
    """First-layer weights of some units after and before training, drawn linearly and with small weights emphasised."""
    data = evidence["data"]
    mask = np.array(data["mask"], bool)
    columns = len(data["maps"]["trained"])
    size = (WIDTH - 1.2) / max(columns, 4)
    row = size * style.drawn_height(*mask.shape) / mask.shape[1]
    figure = page(
        evidence,
        min(HIGHEST, 4 * row + 0.85),
        _MORAN,
        f"Each map's colours are scaled to its largest |weight|: linearly, or with |weight| to the power of {POWER:g}, "
        "which makes small weights look almost as strong as large ones. Pixels outside the outline "
        f"are lit in fewer than {percent_as_given(data['lit'])} of training images; their weights do not count. Seed "
        f"{data['seed']}.",
        *style.stretched(*mask.shape),
    )
    set_closer(figure)
    axes = figure.subplots(4, columns, squeeze=False)
    for block, (kind, name) in enumerate(
        {"trained": "after training", "untrained": "before training"}.items()
    ):
        pair = axes[2 * block : 2 * block + 2]
        for column, one in enumerate(data["maps"][kind]):
            weights = style.array(one["weights"])
            weights = weights / largest_of(weights)
            for ax, image in zip(pair[:, column], (weights, raised(weights)), strict=True):
                draw_image(ax, image, cmap=style.DIVERGING, vmin=-1, vmax=1)
                draw_outline(ax, mask)
                without_ticks(ax)
            value = one["morans_i"]
            text = "I undefined" if value is None else f"I = {with_minus(f'{value:.2f}')}"
            pair[0, column].set_title(text, size=7.5, loc="center", pad=3)
        for ax, scaling in zip(pair[:, 0], ("linear", f"power {POWER:g}"), strict=True):
            ax.set_ylabel(f"{name.replace(' ', chr(10))}\n{scaling}", size=7.5)
    figure.supxlabel(
        f"the first {counted(columns, 'unit')}; I: Moran's I of the pixels inside the outline", size=8.5
    )
    bar_of_signs(figure, axes, "sign of the weight, and how strongly it is drawn")
    return figure


def draw_neighbouring_weights(evidence: style.Evidence) -> Figure:
    """How alike the weights of neighbouring pixels are (Moran's I), and for how many units this exceeds chance."""
    data = evidence["data"]
    regions = list(data["morans_i"])
    remark = (
        f"Lit pixels are those lit in at least {percent_as_given(data['lit'])} of training images; the middle is half "
        "of the image's height and half of its width."
    )
    figure = page(evidence, 1.3 + 0.85 * len(regions), _MORAN, remark)
    left, right = figure.subplots(1, 2, width_ratios=(5, 3))
    every = [of_kind["units"] for region in regions for of_kind in data["morans_i"][region].values()]
    left.set_xlim(style.span(*every, 0, data["limit"]))
    left.set_ylim(0.5 - len(regions), 0.55)
    style.guide(left, 0, "random order")
    left.axvline(data["limit"], color=style.GREY, linestyle="--", linewidth=1,
                 label="mean 99th percentile of random orders, all lit pixels")  # fmt: skip
    looks = {"trained": (style.BLUE, "o"), "untrained": (style.VERMILLION, "s")}
    names = {"trained": "after training", "untrained": "before training"}
    for place, region in enumerate(regions):
        for above, (kind, (colour, marker)) in zip((0.22, -0.22), looks.items(), strict=True):
            of_kind = data["morans_i"][region][kind]
            at = -place + above
            style.draw_seeds(
                left, at + 0.05, of_kind["units"], room=0.25, color=colour, marker=marker, markersize=2.4
            )
            if of_kind["means"]["mean"] is not None:
                style.draw_mean(left, at - 0.14, of_kind["means"], markersize=4, color=colour)
    left.set_yticks(-np.arange(len(regions)), [region.replace(" ", "\n", 1) for region in regions])
    left.tick_params(axis="y", length=0)
    left.set_xlabel("Moran's I of a unit's weights")
    left.set_ylabel("pixels compared")
    right.set_ylim(-0.6, 1.6)
    right.set_xlim(-0.04, 1.04)
    style.shade_band(right, evidence)
    for place, (kind, (colour, marker)) in zip((1, 0), looks.items(), strict=True):
        sample = data["beyond"][kind]
        style.draw_seeds(right, place + 0.1, style.values(sample), room=0.5, color=colour, marker=marker)
        if sample["mean"] is not None:
            mean = style.draw_mean(right, place - 0.3, sample, color=colour)
            right.annotate(number(mean, "share"), (mean, place - 0.3), (0, -7), textcoords="offset points",
                           ha=aligned(mean), va="top", size=8)  # fmt: skip
        left.plot([], [], marker, color=colour, markersize=3, label=f"a unit (right: a seed), {names[kind]}")
    right.set_yticks([1, 0], [name.replace(" ", "\n") for name in names.values()])
    right.tick_params(axis="y", length=0)
    right.set_ylabel("weights")
    style.percent(right.xaxis, "units of a seed beyond\nthe 99th percentile")
    right.set_title(f"all lit pixels, {style.seeds(data['beyond'].values())}", size=8)
    left.errorbar(
        [], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean over seeds and its interval"
    )
    style.legend(figure, [left, right], columns=2)
    return figure


def raised(weights: ArrayLike) -> NDArray[np.float64]:
    """Weights as shares of the largest, as 3Blue1Brown's video draws them: the sign times |weight| ** 0.3."""
    array = np.asarray(weights, np.float64)
    return np.asarray(np.sign(array) * np.abs(array) ** POWER)


def draw_outline(ax: Axes, mask: NDArray[np.bool_]) -> None:
    """Draw a line around the pixels of a mask."""
    padded = np.pad(mask, 1)
    lines = [[(x - 1.5, y - 0.5), (x - 0.5, y - 0.5)] for y, x in np.argwhere(padded[1:] != padded[:-1])]
    lines += [
        [(x - 0.5, y - 1.5), (x - 0.5, y - 0.5)] for y, x in np.argwhere(padded[:, 1:] != padded[:, :-1])
    ]
    ax.add_collection(LineCollection(lines, colors=style.INK, linewidths=0.6), autolim=False)
