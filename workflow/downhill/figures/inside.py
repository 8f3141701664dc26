"""Figures of the family *inside*: what the hidden layers look like."""

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from downhill.claims.wording import counted, percent_as_given
from downhill.figures import style
from downhill.figures.gallery import draw_image
from downhill.figures.inside_parts import (
    POWER,
    aligned,
    as_in_the_video,
    bar_of_signs,
    draw_outline,
    drawn_rows,
    judged_text,
    largest_of,
    listed,
    pixels_of,
    place_along,
    seeds_and_mean,
    set_closer,
    signed,
    where_it_crosses,
    without_ticks,
)
from downhill.figures.lettering import LONGEST_NAME, shortened
from downhill.figures.pages import HIGHEST, WIDTH, page
from downhill.figures.style import draws
from downhill.report.wording import number

_KINDS = {
    "trained": "trained",
    "untrained": "before training",
    "permuted": "trained, pixels\nin random order",
    "planted": "edge planted\nbefore training",
}
_UNITS: dict[str, Any] = {"color": style.SKY, "markersize": 2.6}
_SEEDS: dict[str, Any] = {"color": style.BLUE, "marker": "s", "markersize": 4}
_JUDGES: dict[str, dict[str, Any]] = {
    "distance": {"color": style.BLUE, "marker": "o"},
    "correlation": {"color": style.VERMILLION, "marker": "s"},
}
_MOST_NUMBERS = 16  # of units whose contributions are written down


@draws("explained", "needed")
def variance_explained(evidence: dict[str, Any]) -> Figure:
    """Variance of each unit's first-layer weights explained by the best-fitting Gabor function, with three controls."""
    data = evidence["data"]
    kinds = [kind for kind in _KINDS if data["explained"][kind]["units"]]
    figure = page(evidence, 1.2 + 0.85 * len(kinds))
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
        ax.annotate(number(mean, "share"), (mean, -place - 0.38), (9, 0), textcoords="offset points", va="center",
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


@draws("examples", "seed", "pixels", "lit")
def best_gabor_functions(evidence: dict[str, Any]) -> Figure:
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
        f"The fits use only the {counted(data['pixels'], 'pixel')} lit in at least {percent_as_given(data['lit'])} of "
        f"training images. Each column's colours are scaled to its largest |weight|. Seed {data['seed']}.",
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
    bar_of_signs(figure, axes, "weight, as a share of the largest")
    return figure


@draws("maps", "mask", "seed", "lit")
def weight_maps(evidence: dict[str, Any]) -> Figure:
    """First-layer weights of some units after and before training, drawn linearly and as the video draws them."""
    data = evidence["data"]
    mask = np.array(data["mask"], bool)
    columns = len(data["maps"]["trained"])
    size = (WIDTH - 1.2) / max(columns, 4)
    row = size * style.drawn_height(*mask.shape) / mask.shape[1]
    figure = page(
        evidence,
        min(HIGHEST, 4 * row + 0.85),
        f"Each map's colours are scaled to its largest |weight|: linearly, or with |weight| to the power of {POWER:g}, "
        "as in the video, which makes small weights look almost as strong as large ones. Pixels outside the outline "
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
            for ax, image in zip(pair[:, column], (weights, as_in_the_video(weights)), strict=True):
                draw_image(ax, image, cmap=style.DIVERGING, vmin=-1, vmax=1)
                draw_outline(ax, mask)
                without_ticks(ax)
            value = one["morans_i"]
            text = "I undefined" if value is None else f"I = {signed(value, 2)}"
            pair[0, column].set_title(text, size=7.5, loc="center", pad=3)
        for ax, scaling in zip(pair[:, 0], ("linear", "as in video"), strict=True):
            ax.set_ylabel(f"{name.replace(' ', chr(10))}\n{scaling}", size=7.5)
    figure.supxlabel(
        f"the first {counted(columns, 'unit')}; I: Moran's I of the pixels inside the outline", size=8.5
    )
    bar_of_signs(figure, axes, "sign of the weight, and how strongly it is drawn")
    return figure


@draws("morans_i", "beyond", "limit", "lit")
def neighbouring_weights(evidence: dict[str, Any]) -> Figure:
    """How alike the weights of neighbouring pixels are (Moran's I), and how many units exceed random order."""
    data = evidence["data"]
    regions = list(data["morans_i"])
    remark = f"Lit pixels are those lit in at least {percent_as_given(data['lit'])} of training images."
    figure = page(evidence, 1.3 + 0.85 * len(regions), remark)
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


@draws("accuracy", "majority", "gain", "others", "loops", "n_images")
def loops_by_representation(evidence: dict[str, Any]) -> Figure:
    """How well a linear probe of each layer detects loops, and what layer 2 gains for these and other classes."""
    data = evidence["data"]
    names = list(data["accuracy"])
    sets = [{"classes": data["loops"], "gain": data["gain"]}, *data["others"]]
    figure = page(
        evidence,
        1.2 + 0.26 * max(9, len(sets)),
        f"Classes with a loop: {listed(data['loops'])}. If layer 2 gains as much for other sets of classes, it "
        "separates classes in general, not loops in particular.",
    )
    left, right = figure.subplots(1, 2)
    left.set_ylim(0.4 - len(names), 0.55)
    left.set_xlim(
        style.span(*(style.values(sample) for sample in data["accuracy"].values()), data["majority"])
    )
    style.guide(
        left, data["majority"], f"always the more frequent answer: {number(data['majority'], 'share')}"
    )
    for place, name in enumerate(names):
        sample = data["accuracy"][name]
        once = name == "pixels"  # the same for all seeds
        seeds = style.values(sample)[:1] if once else style.values(sample)
        style.draw_seeds(left, -place + 0.1, seeds, room=0.35)
        at = -place - 0.25
        mean = float(seeds[0]) if once else style.draw_mean(left, at, sample, markersize=4)
        left.annotate(number(mean, "share"), (mean, at), (0, -6), textcoords="offset points",
                      ha=aligned(place_along(left, mean)), va="top", size=7.5)  # fmt: skip
    shown = {"random features": "random features\nof layer 1"}
    left.set_yticks(-np.arange(len(names)), [shown.get(name, name) for name in names])
    left.tick_params(axis="y", length=0)
    left.set_ylabel("the probe reads from")
    style.percent(left.xaxis, f"cross-validated accuracy, {counted(data['n_images'], 'test image')}")
    right.set_ylim(0.4 - len(sets), 0.6)
    right.set_xlim(style.span(*(style.values(one["gain"]) for one in sets), 0, style.ends(evidence)))
    style.shade_band(right, evidence)
    style.guide(right, 0, "no better than random features")
    for place, one in enumerate(sets):
        look = {"color": style.BLUE} if place == 0 else {"color": style.SKY, "marker": "s", "markersize": 2.6}
        style.draw_seeds(right, -place + 0.1, style.values(one["gain"]), room=0.3, **look)
        style.draw_mean(right, -place - 0.22, one["gain"], markersize=4 if place == 0 else 3)
    labels = [listed(one["classes"]) for one in data["others"]]
    if max(map(len, labels), default=0) > LONGEST_NAME:
        labels = [f"random set {place}" for place in range(1, len(labels) + 1)]
    labels = ["loop", *labels]
    right.set_yticks(-np.arange(len(sets)), labels, size=7.5)
    right.tick_params(axis="y", length=0)
    right.set_ylabel("classes that the probe is to detect")
    right.xaxis.set_major_formatter(lambda points, _: signed(100 * points, 1).removesuffix(".0"))
    right.set_xlabel("layer 2 minus random features (points)")
    n = len(style.values(data["gain"]))
    left.plot([], [], "o", color=style.BLUE, alpha=0.75, label=f"a seed (n = {n:,})")
    left.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [left, right], columns=2)
    return figure


@draws("added", "classes", "seed", "n_images")
def what_units_add(evidence: dict[str, Any]) -> Figure:
    """What each unit of the last hidden layer adds to the weighted sum of the correct output, by class of the image."""
    data = evidence["data"]
    added = style.array(data["added"])
    units, classes = added.shape
    figure = page(
        evidence,
        min(HIGHEST, 1.0 + 0.24 * max(6, units)),
        f"Mean activation of the unit on test images of a class, times its weight to the output of that class. Seed "
        f"{data['seed']}, {counted(data['n_images'], 'test image')}.",
    )
    ax = figure.subplots()
    limit = largest_of(added)
    image = ax.imshow(
        np.ma.masked_invalid(added),
        cmap=style.DIVERGING,
        vmin=-limit,
        vmax=limit,
        aspect="auto",
        interpolation="none",
    )
    if units <= _MOST_NUMBERS and classes <= _MOST_NUMBERS:
        for (unit, label), value in np.ndenumerate(added):
            if math.isfinite(value):
                dark = value < 0.1 * limit
                ax.text(label, unit, signed(value, 1), ha="center", va="center", size=7,
                        color="white" if dark else style.INK)  # fmt: skip
    step = max(1, math.ceil(classes / 24))
    names = [shortened(name, LONGEST_NAME) for name in data["classes"]]
    long = max(map(len, names)) > 4
    ax.set_xticks(
        range(0, classes, step),
        names[::step],
        rotation=45 if long else 0,
        ha="right" if long else "center",
        size=8,
    )
    ax.set_yticks(range(units), [str(unit + 1) for unit in range(units)], size=7.5)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    ax.set_xlabel("class of the image and of the output")
    ax.set_ylabel("unit of the last hidden layer")
    bar = figure.colorbar(image, ax=ax, pad=0.02)
    bar.set_label("added to the output's weighted sum z")
    return figure


@draws("drawings", "classes", "seed")
def drawings(evidence: dict[str, Any]) -> Figure:
    """Images drawn to make each output of one network as large as possible, and what nearest neighbours call them."""
    data = evidence["data"]
    found, classes = data["drawings"], [shortened(name, 8) for name in data["classes"]]
    shape, columns = found["shape"], len(found["real"])
    nobody: dict[str, list[Any]] = {judge: [None] * columns for judge in _JUDGES}
    rows = [{"setting": "real images", "images": found["real"], "called": nobody, "z": found["real_z"]}]
    rows += drawn_rows(found["rows"])
    long = max(map(len, classes)) > 2
    size = (WIDTH - 0.7) / max(columns, 5)
    height = size * style.drawn_height(*shape) / shape[1] + (0.28 if long else 0.02)
    figure = page(
        evidence,
        min(HIGHEST, len(rows) * height + 0.2),
        "Above each drawing: the class of its nearest training images, by distance / by correlation (✓ if it is the "
        "intended one), and in brackets the weighted sum z of the output. Above each real image: the mean z of test "
        "images of its class. If z is lower than that without a penalty, the ascent has not found the largest z. A "
        f"penalty on roughness (total variation) smooths the drawings. Seed {data['seed']}.",
        *style.stretched(*shape),
    )
    set_closer(figure)
    axes = figure.subplots(len(rows), columns, squeeze=False)
    for of_row, row in zip(axes, rows, strict=True):
        called = zip(*(row["called"][judge] for judge in _JUDGES), strict=True)
        for label, (ax, image, judged, z) in enumerate(
            zip(of_row, row["images"], called, row["z"], strict=True)
        ):
            draw_image(ax, pixels_of(image, shape))
            without_ticks(ax)
            right = judged[0] in (label, None)
            ax.set_title(judged_text(label, judged, z, classes, "\n" if long else " / "), size=6.5, loc="center", pad=2,
                         weight="bold" if right else "normal",
                         color=style.INK if right else style.VERMILLION)  # fmt: skip
        of_row[0].set_ylabel(row["setting"].replace(" ", "\n", 1), size=8)
    return figure


@draws("shares", "untrained", "own", "right", "threshold", "crossing")
def recognised_by_setting(evidence: dict[str, Any]) -> Figure:
    """Share of drawings that nearest neighbours and the networks recognise, by start and by penalty on roughness."""
    data = evidence["data"]
    figure = page(evidence, 3.7, where_it_crosses(data["crossing"], data["threshold"]))
    ax = figure.subplots()
    names = ["before training,\nfrom grey", *(name.replace(" ", "\n", 1) for name in data["own"])]
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.set_ylim(-0.03, 1.03)
    style.shade_band(ax, evidence, along="y")
    for (judge, look), at, line in zip(_JUDGES.items(), (-0.3, 0.0), ("-.", ":"), strict=True):
        for place, sample in enumerate((data["untrained"][judge], *data["shares"][judge].values())):
            seeds_and_mean(ax, place + at, sample, look)
        if data["right"][judge] is not None:
            label = f"real test images, by {judge}: {number(data['right'][judge], 'share')}"
            ax.axhline(data["right"][judge], color=look["color"], linewidth=1, linestyle=line, label=label)
        n = style.seeds(data["shares"][judge].values())
        ax.plot([], [], linestyle="none", markersize=3, label=f"a seed ({n}), neighbours by {judge}", **look)
    answers: dict[str, Any] = {"color": style.SKY, "marker": "^"}
    for place, sample in enumerate(data["own"].values(), 1):
        seeds_and_mean(ax, place + 0.3, sample, answers)
    ax.plot([], [], linestyle="none", markersize=3, label="a seed, the network's own answer", **answers)
    ax.set_xticks(range(len(names)), names)
    ax.tick_params(axis="x", length=0)
    ax.set_xlabel("start of the ascent, or weight of the penalty on roughness (from grey)")
    style.percent(ax.yaxis, "drawings taken for the intended class")
    ax.errorbar(
        [], [], yerr=[], fmt="o", color=style.INK, capsize=3, label="large mark: mean and its interval"
    )
    style.legend(figure, [ax], columns=2)
    return figure
