"""Drawing how sure networks are of noise: by seed, by threshold, by network and by share of pixels."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from downhill.claims.wording import TEST_IMAGES, counted
from downhill.figures import style
from downhill.figures.lettering import shortened
from downhill.figures.noise_kinds import about_network, about_outputs, about_verdict, look_of, noise_first
from downhill.figures.pages import page

_MOST_NETWORKS = 40


def draw_confident_by_seed(evidence: style.Evidence) -> Figure:
    """Share of images that each seed is sure of, by kind, and how well its largest output detects noise."""
    data = evidence["data"]
    kinds = noise_first(data["confident"])
    first = style.values(data["confident"][kinds[0]])
    sure = f"{data['sure']:g}"
    most = f"Seeds with an output above {sure} on most of its images: {(first > 0.5).sum()} of {len(first)}."
    auroc = (
        "The area under the ROC curve is the probability that the largest output is higher for a test image than for "
        "one of noise."
    )
    figure = page(evidence, 0.9 + 0.72 * len(kinds), about_verdict(data["kind"]), most, auroc)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    left.set_xlim(-0.03, 1.03)
    right.set_xlim(style.span(0.5, *(style.values(sample) for sample in data["auroc"].values())))
    places = dict(zip(kinds, range(len(kinds))[::-1], strict=True))
    left.set_ylim(-0.75, len(kinds) - 0.45)
    style.shade_band(left, evidence)
    style.guide(right, 0.5, "no better than chance")
    for ax, samples in ((left, data["confident"]), (right, data["auroc"])):
        for kind, sample in samples.items():
            look = look_of(kind, kinds)
            style.draw_seeds(ax, places[kind], style.values(sample), room=0.5, **look)
            style.draw_mean(ax, places[kind] - 0.42, sample)
    n = style.seeds(data["confident"].values())
    left.set_yticks(list(places.values()), [shortened(kind, 24) for kind in kinds])
    left.tick_params(axis="y", length=0)
    left.set_ylabel(f"images shown (n = {n})")
    style.percent(left.xaxis, f"share of images with largest output > {sure}")
    right.set_xlabel(f"area under the ROC curve,\n{TEST_IMAGES} against noise")
    _explain(figure, [left, right])
    return figure


def draw_confidence_curves(evidence: style.Evidence) -> Figure:
    """Share of images whose largest output exceeds a threshold, for every seed and kind of image."""
    curves, marked = evidence["data"]["curves"], evidence["data"]["curves"]["marked"]
    thresholds, networks = style.array(curves["thresholds"]), curves["networks"]
    remarks = (about_verdict(evidence["data"]["kind"]), about_outputs(curves["output"]))
    figure = page(evidence, 0.5 + 1.9 * len(networks), *remarks)
    kinds = noise_first(next(iter(networks.values())))
    axes = figure.subplots(len(networks), len(kinds), sharex=True, sharey=True, squeeze=False)
    for row, (network, by_kind) in zip(axes, networks.items(), strict=True):
        for ax, kind in zip(row, kinds, strict=True):
            colour = look_of(kind, kinds)["color"]
            shares = np.stack([style.values(sample) for sample in by_kind[kind]], axis=1)
            ax.plot(thresholds, shares.T, color=colour, linewidth=0.6, alpha=0.45)
            mean, low, high = np.array([style.mean_interval(sample) for sample in by_kind[kind]]).T
            ax.fill_between(thresholds, low, high, color=style.INK, alpha=0.25, linewidth=0)
            ax.plot(thresholds, mean, color=style.INK, linewidth=1.8)
            style.guide(ax, marked["output"], f"{marked['as']}: {marked['output']:g}")
            half = curves["half"][network].get(kind, {"value": None})["value"]
            if half is not None:
                _draw_half(ax, half)
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
    style.legend(figure, [ax], columns=3)
    return figure


def _draw_half(ax: Axes, half: float) -> None:
    """Lines to the threshold that half of the images exceed on average, and its value."""
    ax.plot([0, half, half], [0.5, 0.5, 0], color=style.INK, linewidth=0.9, linestyle="-.",
            label="the mean is 50 %")  # fmt: skip
    white = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 0.8}
    ax.annotate(f"{half:.2f}", (half, 0.5), (4, 4), textcoords="offset points", size=7, bbox=white, zorder=5)


def draw_confident_by_network(evidence: style.Evidence) -> Figure:
    """Share of images that networks with other shapes, activations and costs are sure of, by kind of image."""
    sweep, sure = evidence["data"]["sweep"], evidence["data"]["sure"]
    kinds = noise_first(sweep[0]["confident"])
    subject = sweep[0]["network"]
    shown = sweep[:_MOST_NETWORKS]
    recipes = list(dict.fromkeys(row["recipe"] for row in shown))
    lines: list[tuple[str, dict[str, Any] | None]] = []
    for recipe in recipes:
        rows = [row for row in shown if row["recipe"] == recipe]
        lines += [(recipe, None), *((_name(row, subject), row) for row in rows)]
    left_out = len(sweep) - len(shown)
    remarks = [
        about_verdict(evidence["data"]["kind"]),
        "Sigmoid outputs are not probabilities and need not sum to 1; those of a softmax do.",
    ]
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
            look = look_of(kind, kinds)
            style.draw_mean(ax, place + shift, row["confident"][kind], fmt=look["marker"],
                            color=look["color"], markersize=4, capsize=0, elinewidth=1)  # fmt: skip
    named = [(place, name) for place, (name, row) in enumerate(lines) if row is not None]
    ax.set_yticks([place for place, _ in named], [name for _, name in named], size=7)
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel(f"network (n = {style.seeds(row['confident'][kinds[0]] for row in shown)} each)")
    style.percent(ax.xaxis, f"mean share of images with a largest output above {sure:g}, with its interval")
    for kind in kinds:
        look = look_of(kind, kinds)
        ax.plot([], [], linestyle="none", label=shortened(kind, 24), **look)
    style.legend(figure, [ax], columns=3)
    return figure


def draw_confidence_by_pixels(evidence: style.Evidence) -> Figure:
    """Largest outputs on noise when only a share of its pixels is kept, and where the verdict flips."""
    pixels = evidence["data"]["pixels"]
    if pixels is None:
        figure = page(evidence, 1.0)
        figure.text(
            0.5, 0.3, "The experiment does not show the verdict's noise with fewer pixels.", ha="center"
        )
        return figure
    shares, samples, crossing = style.array(pixels["shares"]), pixels["samples"], pixels["crossing"]
    figure = page(evidence, 3.0, about_verdict(pixels["kind"]), about_network(pixels["network"]))
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
    kind = shortened(pixels["kind"], 32)
    style.percent(ax.xaxis, f"share of the pixels of {kind} that are kept; the others are dark")
    n, images = counted(len(by_seed), "seed"), counted(pixels["n_images"], "image")
    if unit == "share":
        style.percent(ax.yaxis, f"share with largest output > {pixels['sure']:g}\n(n = {n}, {images})")
    else:
        ax.set_ylabel(f"median largest output\n(n = {n}, {images})")
    ax.plot([], [], color=style.SKY, linewidth=0.6, label="a seed")
    ax.errorbar([], [], yerr=[], fmt="D-", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [ax], columns=2)
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


def _name(row: dict[str, Any], subject: str) -> str:
    """A network with its shape, and a mark if it is the one that the verdict is about."""
    name = f"{shortened(row['network'], 28)} ({row['hidden_layers']})"
    return f"{name}, verdict" if row["network"] == subject else name


def _explain(figure: Figure, axes: list[Axes]) -> None:
    ax = axes[-1]
    ax.plot([], [], "o", color=style.BLUE, alpha=0.75, label="a seed")
    ax.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, axes, columns=2)
