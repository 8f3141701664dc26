"""Drawing what probes read from each layer, and what the units of the last hidden layer add to the outputs."""

import math

import numpy as np
from matplotlib.figure import Figure

from downhill.claims.wording import counted, with_minus
from downhill.figures import style
from downhill.figures.inside_panels import aligned, largest_of, place_along
from downhill.figures.lettering import LONGEST_NAME, readable_on, shortened
from downhill.figures.pages import HIGHEST, page
from downhill.report.wording import number

_MOST_NUMBERS = 16  # of units whose contributions are written down


def draw_loops_by_representation(evidence: style.Evidence) -> Figure:
    """How well a linear probe of each layer detects classes with a loop, and what layer 2 gains for other sets."""
    data = evidence["data"]
    names = list(data["accuracy"])
    sets = [{"classes": data["loops"], "gain": data["gain"]}, *data["others"]]
    loops, conclusion = listed(data["loops"]), data["conclusion"]
    short = len(loops) <= LONGEST_NAME
    figure = page(
        evidence,
        1.2 + 0.26 * max(9, len(sets)),
        "" if short else f"Classes with a loop: {loops}.",
        f"{conclusion[0].upper()}{conclusion[1:]}." if conclusion else "",
    )
    left, right = figure.subplots(1, 2)
    left.set_ylim(0.4 - len(names), 0.55)
    left.set_xlim(
        style.span(*(style.values(sample) for sample in data["accuracy"].values()), data["majority"])
    )
    left.axvline(data["majority"], color=style.GREY, linestyle="--", linewidth=1,
                 label=f"always the more frequent answer: {number(data['majority'], 'share')}")  # fmt: skip
    for place, name in enumerate(names):
        sample = data["accuracy"][name]
        once = name == "pixels"  # the same for all seeds
        seeds = style.values(sample)[:1] if once else style.values(sample)
        style.draw_seeds(left, -place + 0.1, seeds, room=0.35)
        at = -place + (0.05 if once else -0.25)
        mean = float(seeds[0]) if once else style.draw_mean(left, at, sample, markersize=4)
        left.annotate(number(mean, "share"), (mean, at), (0, -6), textcoords="offset points",
                      ha=aligned(place_along(left, mean)), va="top", size=7.5)  # fmt: skip
    shown = {"random features": "random features\nof layer 1"}
    left.set_yticks(-np.arange(len(names)), [shown.get(name, name) for name in names])
    left.tick_params(axis="y", length=0)
    left.set_ylabel("the probe reads from")
    style.percent(left.xaxis, f"cross-validated accuracy,\n{counted(data['n_images'], 'test image')}")
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
    labels = [f"a loop:\n{loops}" if short else "a loop", *labels]
    right.set_yticks(-np.arange(len(sets)), labels, size=7.5)
    right.tick_params(axis="y", length=0)
    right.set_ylabel("classes that the probe is to detect")
    right.xaxis.set_major_formatter(lambda points, _: with_minus(f"{100 * points:.1f}").removesuffix(".0"))
    right.set_xlabel("layer 2 minus\nrandom features (points)")
    n = len(style.values(data["gain"]))
    left.plot(
        [], [], "o", color=style.BLUE, alpha=0.75, label=f"a seed (n = {n:,}); pixels are the same for all"
    )
    left.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [left, right], columns=2)
    return figure


def draw_what_units_add(evidence: style.Evidence) -> Figure:
    """What each unit of the last hidden layer adds to the weighted sum of the correct output, by class of the image."""
    data = evidence["data"]
    added = style.array(data["added"])
    units, classes = added.shape
    figure = page(
        evidence,
        min(HIGHEST, 1.0 + 0.24 * max(6, units)),
        f"Shown: the mean activation of a unit on the test images of a class, times its weight to the output of that "
        f"class. Seed {data['seed']}, {counted(data['n_images'], 'test image')}.",
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
    colours = image.to_rgba(np.ma.masked_invalid(added))
    if units <= _MOST_NUMBERS and classes <= _MOST_NUMBERS:
        for (unit, label), value in np.ndenumerate(added):
            if math.isfinite(value):
                ax.text(label, unit, with_minus(f'{value:.1f}'), ha="center", va="center", size=7,
                        color=readable_on(colours[unit, label]))  # fmt: skip
    step = max(1, math.ceil(classes / 24))
    names = [shortened(name, LONGEST_NAME) for name in data["classes"]]
    long = max(map(len, names)) > 4
    apart = " " if long else "\n"
    names = [
        f"{name}{apart}(loop)" if whole in data["loops"] else name
        for name, whole in zip(names, data["classes"], strict=True)
    ]
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


def listed(names: list[str]) -> str:
    """Names of a few classes, shortened: `0, 6, 8, 9`, or `none`."""
    return ", ".join(shortened(name, 6) for name in names[:4]) + (", …" if len(names) > 4 else "") or "none"
