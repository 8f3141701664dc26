"""Drawing the accuracies of several shapes, and how far their means lie apart."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from downhill.claims.wording import shape as shape_text
from downhill.figures import style
from downhill.figures.pages import page
from downhill.report.wording import band_text, number, parts_of


def draw_shapes(evidence: style.Evidence) -> Figure:
    """Test accuracy of every seed by shape, and the spread of the means beside that expected by chance."""
    shapes = evidence["data"]["same_size"]
    figure = page(evidence, 3.5, _about_chance(evidence))
    left, right = figure.subplots(1, 2, width_ratios=(max(3.0, 0.55 * len(shapes)), 1.5))
    left.set_xlim(-0.6, len(shapes) - 0.4)
    left.set_ylim(style.span(*(style.values(shape["accuracy"]) for shape in shapes)))
    for place, shape in enumerate(shapes):
        style.draw_seeds(left, place + 0.12, style.values(shape["accuracy"]), "y", 0.4, shape["stuck"])
        style.draw_mean(left, place - 0.27, shape["accuracy"], "y")
        left.plot([place - 0.1, place + 0.36], [shape["median"]] * 2, color=style.INK, linewidth=1)
    left.set_xticks(
        range(len(shapes)),
        [
            f"{shape_text(shape['hidden_layers'])}\n{shape['parameters']:,}\nn = {len(shape['stuck'])}"
            for shape in shapes
        ],
        size=7 if len(shapes) > 6 else None,
    )
    left.set_xlabel("hidden layers, number of weights and biases, number of seeds")
    style.percent(left.yaxis, "test accuracy at the end of training")
    _draw_spread(right, evidence)
    stuck = np.concatenate([shape["stuck"] for shape in shapes])
    left.plot([], [], "o", color=style.BLUE, alpha=0.75, markeredgewidth=0, label="a seed")
    style.label_stuck(left, stuck)
    left.errorbar([], [], yerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    left.plot([], [], color=style.INK, linewidth=1, label="median")
    style.legend(figure, [left, right], columns=3)
    return figure


def _about_chance(evidence: style.Evidence) -> str:
    """Whether chance explains the spread, and what the claim is about."""
    p, (part,) = evidence["data"]["spread"]["p"], parts_of(evidence)
    differ = (
        "differ by more than chance" if p < 1 - evidence["confidence_level"] else "do not differ detectably"
    )
    return (
        f"The means of the shapes {differ} (p = {p:.2g}). The claim is about the size of the difference: it is "
        f"supported when the difference beyond chance is {band_text(part)}."
    )


def _draw_spread(ax: Axes, evidence: style.Evidence) -> None:
    """Largest minus smallest mean, the same for permuted seeds, and their difference, which the claim is about."""
    spread, (part,) = evidence["data"]["spread"], parts_of(evidence)
    observed, permuted = spread["observed"], spread["permuted"]
    rows = [
        ("measured", observed["value"], observed["lower"], observed["upper"], "s", style.BLUE),
        ("by\nchance", permuted["mean"], permuted["low"], permuted["high"], "v", style.SKY),
        ("beyond\nchance", part["value"], part["lower"], part["upper"], "D", style.INK),
    ]
    ends = [value for row in rows for value in row[1:4] if value is not None]
    ax.set_xlim(-0.5, len(rows) - 0.1)
    ax.set_ylim(style.span(ends, 0, style.ends(evidence), margin=0.1))
    low, high = ax.get_xlim()
    style.shade_band(ax, evidence, along="y", across=((len(rows) - 1.5 - low) / (high - low), 1))
    ax.axhline(0, color=style.GREY, linewidth=0.8, zorder=1)
    for place, (_, value, low, high, marker, colour) in enumerate(rows):
        whiskers = None if low is None else [[max(0, value - low)], [max(0, high - value)]]
        ax.errorbar(place, value, yerr=whiskers, fmt=marker, color=colour, capsize=4, markersize=5)
        ax.annotate(
            number(value, "number" if part["unit"] != "points" else "points").removesuffix(" points"),
            (place, value),
            (6, 0),
            textcoords="offset points",
            va="center",
            size=7.5,
        )
    ax.set_xticks(range(len(rows)), [row[0] for row in rows], size=7)
    style.percent(ax.yaxis, "largest minus smallest mean")
    ax.set_ylabel("largest minus smallest mean (points)")
    ax.set_xlabel("with interval; by chance:\ncentral 95 % of permutations", size=7.5)
