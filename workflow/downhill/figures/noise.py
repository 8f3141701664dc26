"""Figures of the family *noise*: confident nonsense."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from downhill.claims.noise_answers import TEST
from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.gallery import draw_image
from downhill.figures.lettering import LONGEST_NAME, shortened
from downhill.figures.pages import page
from downhill.figures.style import draws
from downhill.report.wording import number

_LOOKS = (
    {"color": style.VERMILLION, "marker": "s"},
    {"color": style.SKY, "marker": "^"},
    {"color": style.INK, "marker": "v"},
    {"color": style.GREY, "marker": "P"},
)
"""Of kinds of noise, in their order; test images have the look of `style.TEST`."""

_MOST_LABELLED = 45  # seeds with the name of a class below each
_MOST_NETWORKS = 40


@draws("wall")
def wall_of_noise(evidence: dict[str, Any]) -> Figure:
    """Images of noise and test images, with the answers of a few seeds and their largest outputs."""
    wall = evidence["data"]["wall"]
    kinds = {row["kind"]: row for row in wall["rows"] if row["images"]}
    rows = [kinds[kind] for kind in _noise_first(kinds)]
    columns = max((len(row["images"]) for row in rows), default=0)
    seeds = wall["seeds"]
    shape = np.shape(rows[0]["images"][0]["pixels"]) if rows else (1, 1)
    remarks = [_about_outputs(wall["output"]), *style.stretched(*shape)]
    figure = page(evidence, 0.85 + 1.08 * max(1, len(rows)), *remarks)
    if not rows:
        figure.text(0.5, 0.3, "The experiment keeps no images.", ha="center")
        return figure
    ratios = [1, 1.5] * columns
    grid = figure.subplots(len(rows), 2 * columns, width_ratios=ratios, squeeze=False)
    longest = max(len(answer) for row in rows for one in row["images"] for answer in one["answers"])
    limit = max(1.0, *(float(np.max(one["largest"])) for row in rows for one in row["images"]))
    for axes, row in zip(grid, rows, strict=True):
        axes[0].set_title(shortened(row["kind"], 16), loc="left", size=7.5, weight="bold")
        for place, one in enumerate(row["images"]):
            image, bars = axes[2 * place : 2 * place + 2]
            draw_image(image, one["pixels"])
            image.set_axis_off()
            places = np.arange(len(seeds))
            bars.barh(places, style.array(one["largest"]), color=style.BLUE, height=0.7)
            bars.set(xlim=(0, limit), ylim=(len(seeds) - 0.4, -0.6))
            bars.set_yticks(places, [shortened(name, min(longest, LONGEST_NAME)) for name in one["answers"]])
            bars.tick_params(axis="both", length=0, labelsize=7)
            bars.set_xticks([0, 0.5, 1] if row is rows[-1] else [])
            bars.set_ylabel("answer", size=7)
            bars.axvline(1, color=style.GREY, linewidth=0.6, linestyle=":")
            if row is rows[-1]:
                bars.set_xlabel("largest output", size=7)
    listed = ", ".join(map(str, seeds))
    figure.legend(
        handles=[Patch(facecolor=style.BLUE)],
        labels=[f"largest output of seed{'s' if len(seeds) != 1 else ''} {listed}, from top to bottom"],
        loc="outside lower left",
    )
    return figure


@draws("confident", "sure", "auroc")
def confident_by_seed(evidence: dict[str, Any]) -> Figure:
    """Share of images that each seed is sure of, by kind, and how well its largest output detects noise."""
    data = evidence["data"]
    kinds = _noise_first(data["confident"])
    first = style.values(data["confident"][kinds[0]])
    most = f"Sure of most {kinds[0]} images: {(first > 0.5).sum()} of {counted(len(first), 'seed')}."
    figure = page(evidence, 0.9 + 0.72 * len(kinds), most)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    left.set_xlim(-0.03, 1.03)
    right.set_xlim(style.span(0.5, *(style.values(sample) for sample in data["auroc"].values())))
    places = dict(zip(kinds, range(len(kinds))[::-1], strict=True))
    left.set_ylim(-0.75, len(kinds) - 0.45)
    style.shade_band(left, evidence)
    style.guide(right, 0.5, "no better than chance")
    for ax, samples in ((left, data["confident"]), (right, data["auroc"])):
        for kind, sample in samples.items():
            look = _look(kind, kinds)
            style.draw_seeds(ax, places[kind], style.values(sample), room=0.5, **look)
            style.draw_mean(ax, places[kind] - 0.42, sample)
    n = style.seeds(data["confident"].values())
    left.set_yticks(list(places.values()), [shortened(kind, 24) for kind in kinds])
    left.tick_params(axis="y", length=0)
    left.set_ylabel(f"what is shown (n = {n})")
    style.percent(left.xaxis, f"share of images with largest output > {data['sure']:g}")
    right.set_xlabel(f"area under the ROC curve,\n{TEST} against noise")
    _explain(figure, [left, right])
    return figure


@draws("curves")
def confidence_curves(evidence: dict[str, Any]) -> Figure:
    """Share of images whose largest output exceeds a threshold, for every seed and kind of image."""
    curves = evidence["data"]["curves"]
    thresholds, networks = style.array(curves["thresholds"]), curves["networks"]
    figure = page(evidence, 0.5 + 1.9 * len(networks), _about_outputs(curves["output"]))
    kinds = _noise_first(next(iter(networks.values())))
    axes = figure.subplots(len(networks), len(kinds), sharex=True, sharey=True, squeeze=False)
    for place, (row, (network, by_kind)) in enumerate(zip(axes, networks.items(), strict=True)):
        for ax, kind in zip(row, kinds, strict=True):
            colour = _look(kind, kinds)["color"]
            shares = np.stack([style.values(sample) for sample in by_kind[kind]], axis=1)
            ax.plot(thresholds, shares.T, color=colour, linewidth=0.6, alpha=0.45)
            mean, low, high = np.array([style.mean_interval(sample) for sample in by_kind[kind]]).T
            ax.fill_between(thresholds, low, high, color=style.INK, alpha=0.25, linewidth=0)
            ax.plot(thresholds, mean, color=style.INK, linewidth=1.8)
            style.guide(ax, curves["sure"], f"sure: {curves['sure']:g}")
            half = curves["half"].get(kind, {"value": None})["value"]
            if place == 0 and half is not None:
                ax.plot([0, half, half], [0.5, 0.5, 0], color=style.INK, linewidth=0.9, linestyle="-.",
                        label="the mean is 50 %")  # fmt: skip
                ax.annotate(f"{half:.2f}", (half, 0), (-2, 3), textcoords="offset points", ha="right", size=7)
            name = f"{network}: " if len(networks) > 1 else ""
            seeds = counted(len(shares), "seed")
            ax.set_title(f"{name}{shortened(kind, 24)}\n(n = {seeds})", size=7.5 if len(networks) > 1 else 8)
    axes[0][0].set(xlim=(0, 1), ylim=(0, 1.02))
    for ax in axes[-1]:
        ax.set_xlabel("threshold")
        ax.set_xticks([0, 0.5, 1], ["0", "0.5", "1"])
    for row in axes:
        style.percent(row[0].yaxis, "largest output\nabove the threshold")
        row[0].set_ylabel("share of images with a\nlargest output above it (%)", size=8)
    ax = axes[0][0]
    ax.plot([], [], color=style.GREY, linewidth=0.6, label="a seed")
    ax.plot([], [], color=style.INK, linewidth=1.8, label="mean")
    ax.fill_between([], [], [], color=style.INK, alpha=0.25, label="interval of the mean")
    style.legend(figure, [ax], columns=5)
    return figure


@draws("answers")
def answers_by_seed(evidence: dict[str, Any]) -> Figure:
    """How often each seed gives each answer, for noise and for test images."""
    answers = evidence["data"]["answers"]
    kinds = _noise_first(answers["shares"])
    classes = [shortened(name, LONGEST_NAME) for name in answers["classes"]]
    shares = {kind: style.array(answers["shares"][kind]) for kind in kinds}
    order = np.lexsort((-shares[kinds[0]].max(axis=1), shares[kinds[0]].argmax(axis=1)))
    n = len(order)
    figure = page(evidence, min(6.0, 1.5 + 0.075 * max(n, 12)))
    axes = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for ax, kind in zip(axes, kinds, strict=True):
        look: dict[str, Any] = {"cmap": "gray_r", "vmin": 0, "vmax": 1, "aspect": "auto"}
        image = ax.imshow(shares[kind][order], interpolation="none", **look)
        ax.set_title(shortened(kind, 24), size=8)
        ax.set_xlabel("answer")
        every = -(-len(classes) // 30)
        long = max(map(len, classes)) > 2
        ax.set_xticks(
            range(0, len(classes), every), classes[::every], rotation=90 if long else 0, size=7 if long else 8
        )
        ax.spines[["top", "right"]].set_visible(True)
    axes[0].set_yticks([])
    axes[0].set_ylabel(f"seeds (n = {n}), by their most\nfrequent answer to {shortened(kinds[0], 24)}")
    bar = figure.colorbar(image, ax=list(axes), pad=0.01, aspect=25)
    style.percent(bar.ax.yaxis, "share of images")
    return figure


@draws("sweep", "sure")
def confident_by_network(evidence: dict[str, Any]) -> Figure:
    """Share of images that networks with other shapes, activations and costs are sure of, by kind of image."""
    sweep, sure = evidence["data"]["sweep"], evidence["data"]["sure"]
    kinds = _noise_first(sweep[0]["confident"])
    subject = sweep[0]["network"]
    shown = sweep[:_MOST_NETWORKS]
    recipes = list(dict.fromkeys(row["recipe"] for row in shown))
    lines: list[tuple[str, dict[str, Any] | None]] = []
    for recipe in recipes:
        rows = [row for row in shown if row["recipe"] == recipe]
        lines += [(recipe, None), *((_name(row, subject), row) for row in rows)]
    left_out = len(sweep) - len(shown)
    remarks = ["Sigmoid outputs are not probabilities and need not sum to 1; those of a softmax do."]
    remarks += (
        [f"The first {counted(len(shown), 'network')} are shown, {left_out:,} are left out."]
        if left_out
        else []
    )
    figure = page(evidence, 0.9 + 0.2 * len(lines), *remarks)
    ax = figure.subplots()
    ax.set_xlim(-0.03, 1.03)
    ax.set_ylim(len(lines) - 0.3, -0.8)
    style.shade_band(ax, evidence)
    for place, (name, row) in enumerate(lines):
        if row is None:
            ax.text(-0.02, place + 0.1, name, size=7, color=style.INK, va="center", style="italic")
            continue
        ax.axhline(place, color=style.GREY, linewidth=0.3, zorder=0.5)
        for order, kind in enumerate(kinds):
            shift = 0.16 * (order - (len(kinds) - 1) / 2)
            look = _look(kind, kinds)
            style.draw_mean(ax, place + shift, row["confident"][kind], fmt=look["marker"],
                            color=look["color"], markersize=4, capsize=0, elinewidth=1)  # fmt: skip
    named = [(place, name) for place, (name, row) in enumerate(lines) if row is not None]
    ax.set_yticks([place for place, _ in named], [name for _, name in named], size=7)
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel(f"network (n = {style.seeds(row['confident'][kinds[0]] for row in shown)} each)")
    style.percent(ax.xaxis, f"mean share of images with a largest output above {sure:g}, with its interval")
    for kind in kinds:
        look = _look(kind, kinds)
        ax.plot([], [], linestyle="none", label=shortened(kind, 24), **look)
    style.legend(figure, [ax], columns=3)
    return figure


@draws("pixels")
def confidence_by_pixels(evidence: dict[str, Any]) -> Figure:
    """Largest outputs on noise when only a share of its pixels is kept, and where the verdict flips."""
    pixels = evidence["data"]["pixels"]
    if pixels is None:
        figure = page(evidence, 1.0)
        figure.text(0.5, 0.3, "The experiment shows no images with fewer pixels.", ha="center")
        return figure
    shares, samples, crossing = style.array(pixels["shares"]), pixels["samples"], pixels["crossing"]
    figure = page(evidence, 3.0)
    ax = figure.subplots()
    low, high = style.span(*map(style.values, samples), pixels["edge"])
    ax.set_ylim(low, high)
    style.shade_band(ax, evidence, along="y")
    unit = "share" if pixels["measure"] == "share" else "number"
    threshold = f"{100 * pixels['edge']:g} %" if unit == "share" else f"{pixels['edge']:g}"
    style.guide(ax, pixels["edge"], f"threshold: {threshold}", along="y")
    if crossing["value"] is not None:
        _draw_crossing(ax, crossing, (shares[0], shares[-1]), len(style.values(samples[0])))
    by_seed = np.stack([style.values(sample) for sample in samples], axis=1)
    ax.plot(shares, by_seed.T, color=style.SKY, linewidth=0.6, alpha=0.6, zorder=1)
    ax.plot(shares, [style.mean_interval(sample)[0] for sample in samples], color=style.INK, zorder=3)
    for share, sample in zip(shares, samples, strict=True):
        style.draw_mean(ax, share, sample, "y")
    style.percent(ax.xaxis, "share of the pixels that are kept; the others are dark")
    n, images = counted(len(by_seed), "seed"), counted(pixels["n_images"], "image")
    if unit == "share":
        style.percent(ax.yaxis, f"share with largest output > {pixels['sure']:g}\n(n = {n}, {images})")
    else:
        ax.set_ylabel(f"median largest output\n(n = {n}, {images})")
    ax.plot([], [], color=style.SKY, linewidth=0.6, label="a seed")
    ax.errorbar([], [], yerr=[], fmt="D-", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [ax], columns=2)
    return figure


@draws("pairs", "differences", "kind")
def noise_and_real(evidence: dict[str, Any]) -> Figure:
    """Median largest output of every seed on noise and on test images with the same answer; the difference by kind."""
    data = evidence["data"]
    pairs = sorted(data["pairs"], key=lambda pair: pair["noise"] - pair["test"])
    kinds = list(data["differences"])
    figure = page(evidence, 3.2)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    places = np.arange(len(pairs))
    noise, test = (style.array([pair[key] for pair in pairs]) for key in ("noise", "test"))
    left.vlines(places, noise, test, color=style.GREY, linewidth=0.8, zorder=1)
    left.plot(places, test, linestyle="none", label="test images", **_mark(style.TEST))
    left.plot(places, noise, linestyle="none", label=shortened(data["kind"], 24), **_LOOKS[0])
    left.set_xlim(-1, len(pairs))
    left.set_ylim(style.span(noise, test))
    names = [shortened(pair["class"], LONGEST_NAME) for pair in pairs]
    labelled = len(pairs) <= _MOST_LABELLED
    long = max(map(len, names)) > 2
    left.set_xticks(
        places if labelled else [], names if labelled else [], rotation=90 if long else 0, size=6.5
    )
    left.tick_params(axis="x", length=0)
    below = " and their most frequent answers to noise" if labelled else ", by difference"
    left.set_xlabel(f"seeds (n = {len(pairs)}){below}", size=8)
    left.set_ylabel("median largest output where\nthe answer is the same")
    right.set_xlim(
        style.span(0, *(style.values(one) for one in data["differences"].values()), style.ends(evidence))
    )
    right.set_ylim(-0.8, len(kinds) - 0.45)
    style.shade_band(right, evidence)
    style.guide(right, 0, "no difference")
    for place, kind in zip(range(len(kinds))[::-1], kinds, strict=True):
        sample = data["differences"][kind]
        style.draw_seeds(right, place, style.values(sample), room=0.5, **_LOOKS[kinds.index(kind) % 4])
        if sample["mean"] is not None:
            mean = style.draw_mean(right, place - 0.42, sample)
            right.annotate(number(mean, "number"), (mean, place - 0.42), (0, -5), textcoords="offset points",
                           ha="center", va="top", size=7.5)  # fmt: skip
    right.set_yticks(range(len(kinds))[::-1], [shortened(kind, 16) for kind in kinds])
    right.tick_params(axis="y", length=0)
    right.set_ylabel("kind of noise")
    right.set_xlabel("noise minus test images,\nmedian largest output")
    right.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [left, right], columns=3)
    return figure


@draws("medians", "accuracy")
def doubt_by_kind(evidence: dict[str, Any]) -> Figure:
    """Median largest output of every seed, with and without noise in training, and what that costs in accuracy."""
    data = evidence["data"]
    rows, accuracy = data["medians"], data["accuracy"]
    kinds = _noise_first(rows[0]["medians"])
    figure = page(evidence, 1.0 + 0.36 * len(kinds) * len(rows) + 0.3)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    every = [style.values(row["medians"][kind]) for row in rows for kind in kinds]
    left.set_xlim(style.span(0, 1, *every, margin=0.03))
    step = len(rows) + 0.5
    left.set_ylim(-0.75, step * len(kinds) - 0.8)
    style.shade_band(left, evidence)
    ticks = []
    looks = ({"color": style.BLUE, "marker": "o"}, {"color": style.VERMILLION, "marker": "s"})
    for order, kind in enumerate(kinds[::-1]):
        for place, (row, look) in enumerate(zip(rows[::-1], looks[: len(rows)][::-1], strict=True)):
            at = step * order + place
            style.draw_seeds(left, at + 0.1, style.values(row["medians"][kind]), room=0.5, **look)
            style.draw_mean(left, at - 0.3, row["medians"][kind], markersize=4, capsize=3)
        ticks.append((step * order + (len(rows) - 1) / 2, shortened(kind, 20)))
    for row, look in zip(rows, looks, strict=False):
        n = counted(len(row["medians"][kinds[0]]["values"]), "seed")
        left.plot([], [], linestyle="none", label=f"{row['network']} (n = {n})", **look)
    left.set_yticks([place for place, _ in ticks], [name for _, name in ticks])
    left.tick_params(axis="y", length=0)
    left.set_ylabel("what is shown")
    left.set_xlabel("median largest output")
    loss = style.values(accuracy["loss"])
    right.set_xlim(style.span(0, loss, style.ends(evidence, 1)))
    right.set_ylim(-1.0, 0.8)
    style.shade_band(right, evidence, part=1)
    style.guide(right, 0, "no loss")
    style.draw_seeds(right, 0.1, loss, room=0.8)
    mean = style.draw_mean(right, -0.6, accuracy["loss"])
    white = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 1}
    right.annotate(number(mean, "points"), (mean, -0.6), (0, -8), textcoords="offset points",
                   ha="center", va="top", size=8, bbox=white, zorder=5)  # fmt: skip
    right.set_yticks([])
    taught, plain = accuracy["networks"]
    right.xaxis.set_major_formatter(lambda value, _: f"{round(100 * value, 6):g}")
    right.set_xlabel(
        f"test accuracy, {plain} minus {taught}\n(points; one mark per seed, n = {len(loss)})", size=8
    )
    right.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [left, right], columns=3)
    return figure


def _draw_crossing(ax: Axes, crossing: dict[str, Any], limits: tuple[float, float], n: int) -> None:
    """A line where the mean crosses the threshold, with its interval; an open end reaches to the limits."""
    low, high = (
        limit if crossing[end] is None else crossing[end]
        for end, limit in zip(("lower", "upper"), limits, strict=True)
    )
    words = [
        "beyond" if crossing[end] is None else f"{100 * crossing[end]:.1f} %" for end in ("lower", "upper")
    ]
    interval = f" (interval {' to '.join(words)})" if n > 1 else ""
    if n > 1:
        ax.axvspan(low, high, facecolor="none", edgecolor=style.GREY, hatch="////", linewidth=0, alpha=0.5)
    label = f"the mean crosses it at {100 * crossing['value']:.1f} %{interval}"
    ax.axvline(crossing["value"], color=style.INK, linewidth=1, linestyle="-.", zorder=1, label=label)


def _noise_first(by_kind: Iterable[str]) -> list[str]:
    """The kinds of image in the order in which they are drawn: noise, then test images."""
    return sorted(by_kind, key=lambda kind: kind == TEST)


def _look(kind: str, kinds: list[str]) -> dict[str, Any]:
    """Colour and marker of a kind of image."""
    return _mark(style.TEST) if kind == TEST else _LOOKS[kinds.index(kind) % len(_LOOKS)]


def _mark(look: dict[str, Any]) -> dict[str, Any]:
    return {key: look[key] for key in ("color", "marker")}


def _name(row: dict[str, Any], subject: str) -> str:
    """A network with its shape, and a mark if it is the one that the verdict is about."""
    name = f"{shortened(row['network'], 28)} ({row['hidden_layers']})"
    return f"{name}, verdict" if row["network"] == subject else name


def _about_outputs(output: str) -> str:
    """What the height of an output means."""
    if output == "softmax":
        return "Outputs are those of a softmax: they sum to 1."
    return f"Outputs are not probabilities: each is a {output} unit of its own, and they need not sum to 1."


def _explain(figure: Figure, axes: list[Axes]) -> None:
    ax = axes[-1]
    ax.plot([], [], "o", color=style.BLUE, alpha=0.75, label="a seed")
    ax.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, axes, columns=2)
