"""Figures of the family *cost*: the cost as a measure of how badly a network does, and its surface."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.cost_images import (
    before_and_after,
    draw_examples,
    draw_shares_that_fell,
    histogram_of_changes,
    histogram_of_costs,
)
from downhill.figures.cost_segments import CHORD, draw_curves, histogram_of_gaps, shares_without_excess
from downhill.figures.cost_shapes import draw_correlations, draw_every_seed
from downhill.figures.cost_steps import draw_crossings, draw_shares, draw_surface
from downhill.figures.gallery import draw_images, rows_of
from downhill.figures.lettering import LONGEST_NAME, shortened
from downhill.figures.marks import extent, looks, say
from downhill.figures.pages import page
from downhill.figures.regions import CRITERION
from downhill.figures.style import Evidence, draws
from downhill.report.wording import number

_AREA = "The area under the ROC curve is the probability that a wrong answer costs more than a right one."
_OF_STEP_UNITS = (
    "Step units have no slope, so only the output layer has a gradient. The cost is smooth in the weights of that "
    "layer: with step units, too, small steps lower the cost."
)


@draws("cost", "largest_output", "n_images")
def detectors_of_errors(evidence: Evidence) -> Figure:
    """How well the cost, and the network's own largest output, separate wrong answers from right ones."""
    data = evidence["data"]
    rows = {"cost\n(sees the label)": data["cost"], "1 − largest output\n(does not)": data["largest_output"]}
    figure = page(evidence, 2.7, _AREA)
    ax = figure.subplots()
    ax.set_xlim(style.span(*map(extent, rows.values()), style.ends(evidence), 1))
    ax.set_ylim(-0.85, 1.45)
    style.shade_band(ax, evidence)
    marks: tuple[dict[str, Any], ...] = (style.TEST, style.TRAIN)
    for place, sample, look in zip((1, 0), rows.values(), marks, strict=True):
        style.draw_seeds(ax, place, style.values(sample), color=look["color"], marker=look["marker"])
        mean = style.draw_mean(ax, place - 0.45, sample)
        ax.annotate(number(mean, "number"), (mean, place - 0.45), (0, -6), textcoords="offset points",
                    ha="center", va="top", size=8)  # fmt: skip
    ax.set_yticks([1, 0], list(rows))
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel("detector of errors")
    ax.set_xlabel(
        f"area under the ROC curve, {counted(data['n_images'], 'test image')} (½: no better than chance)"
    )
    ax.plot([], [], "o", color=style.BLUE, alpha=0.75, label=f"a seed (n = {len(data['cost']['values']):,})")
    ax.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [ax])
    return figure


@draws("map", "seed")
def map_of_costs(evidence: Evidence) -> Figure:
    """Costs of all test images under one network, for right and wrong answers, with example images along the axis."""
    found, seed = evidence["data"]["map"], evidence["data"]["seed"]
    shape = np.shape(found["images"][0]["pixels"]) if found["images"] else (1, 1)
    figure = page(evidence, 4.2, _AREA, *style.stretched(*shape))
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1.3))
    histogram_of_costs(top, found)
    top.set_title(f"seed {seed}", size=8, color=style.GREY)
    top.tick_params(labelbottom=True)
    draw_examples(bottom, found)
    style.legend(figure, [top])
    return figure


@draws("shapes", "within")
def cost_against_accuracy(evidence: Evidence) -> Figure:
    """Mean test cost and test accuracy of every seed; their rank correlation over all seeds, and within each shape."""
    figure = page(evidence, 3.9)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    draw_every_seed(left, evidence["data"]["shapes"])
    draw_correlations(right, evidence)
    style.legend(figure, [left, right], columns=3)
    return figure


@draws("end", "step", "late", "changes", "seed", "n_images")
def changes_of_cost(evidence: Evidence) -> Figure:
    """How the cost of each training image changed, by the end of training and after one full-batch step."""
    data = evidence["data"]
    figure = page(evidence, 3.1)
    axes = figure.subplots(1, 3, width_ratios=(4, 4, 5))
    titles = {"end": "by the end of training", "step": "after one step"}
    for ax, (name, title) in zip(axes, titles.items(), strict=False):
        histogram_of_changes(ax, data["changes"][name])
        ax.set_title(f"{title}\n(seed {data['seed']})")
    axes[0].set_ylabel(f"images (of {data['n_images']:,}), logarithmic scale")
    axes[1].set_ylabel("images")
    compared = {"start\nto end": data["end"], "one\nstep": data["step"]}
    if data["late"] is not None:
        compared[f"epoch {data['late']['epoch']}\nto end"] = data["late"]["fell"]
    draw_shares_that_fell(axes[2], compared)
    style.legend(figure, axes, columns=4)
    return figure


@draws("rises", "changes", "seed")
def largest_rises(evidence: Evidence) -> Figure:
    """The training images whose own cost rose most from the start to the end of training."""
    data = evidence["data"]
    rises, columns = data["rises"], 5
    shape = np.shape(rises[0]["pixels"]) if rises else (1, 1)
    rose = data["changes"]["end"]["rose"]
    above = (
        f"Shown: the {counted(len(rises), 'training image')} whose cost rose most, of {rose:,} whose cost rose (seed "
        f"{data['seed']}). Above each image: its class, and its cost before → after training."
    )
    figure = page(
        evidence,
        max(1.0, 1.5 * rows_of(len(rises), columns)),
        above if rises else "",
        *style.stretched(*shape),
    )
    if not rises:
        say(figure, f"For seed {data['seed']}, the cost of no training image rose.")
        return figure
    texts = [f"{shortened(one['label'], LONGEST_NAME)}\n{before_and_after(one)}" for one in rises]
    draw_images(figure, [one["pixels"] for one in rises], texts, columns)
    return figure


@draws("gaps", "shares", "losses", "kinds", "cases", "seeds")
def middles_and_chords(evidence: Evidence) -> Figure:
    """How far the cost at the midpoint of a segment exceeds the mean of both ends, for all segments of all seeds."""
    data = evidence["data"]
    figure = page(evidence, 4.6, f"The cases are {data['cases']}.")
    axes = figure.subplots(2, 2, sharex="col")
    for column, name in enumerate(("outputs", "weights")):
        gaps = data["gaps"][name]
        edges = np.linspace(*style.span(0, *(kind for of_loss in gaps for kind in of_loss)), 41)
        for ax, loss, of_loss, shares in zip(
            axes[:, column], data["losses"], gaps, data["shares"][name], strict=True
        ):
            histogram_of_gaps(ax, dict(zip(data["kinds"], of_loss, strict=True)), edges)
            title = f"{loss}, function of {name}:\n{shares_without_excess(shares)}"
            ax.set_title(title, size=8)
        style.percent(axes[1][column].xaxis, "excess over the mean of both ends")
    n = sum(len(kind) for kind in data["gaps"]["weights"][0])
    for ax in axes.ravel():
        ax.set_ylabel(f"segments (of {n:,},\n{counted(data['seeds'], 'seed')})")
    style.legend(figure, axes.ravel(), columns=1)
    return figure


@draws("curves", "gaps", "kinds", "cases", "seed", "seeds", "n_images")
def cost_along_segments(evidence: Evidence) -> Figure:
    """Quadratic cost along segments of one seed: those whose midpoint is highest, compared with both ends."""
    data = evidence["data"]
    each = len(data["gaps"]["weights"][0][0]) // data["seeds"]
    chosen = (
        f"Shown: of the {counted(each, 'segment')} of each kind for seed {data['seed']}, the "
        f"{len(data['curves']['weights'][0])} whose cost at the midpoint of the weights is highest, relative to the "
        "mean of both ends."
    )
    figure = page(evidence, 4.6, f"The cases are {data['cases']}.", chosen)
    axes = figure.subplots(2, 2, sharex=True, sharey="row")
    for column, name in enumerate(("outputs", "weights")):
        curves = style.array(data["curves"][name])
        for kind, ax in enumerate(axes[:, column]):
            draw_curves(ax, curves[kind])
            ax.set_title(f"function of {name},\n{data['kinds'][kind]}", size=8.5)
        axes[1][column].set_xlabel("position on the segment")
    for ax in axes[:, 0]:
        ax.set_ylabel(f"mean cost of\n{counted(data['n_images'], 'training image')}")
    axes[0][0].plot([], [], color=style.INK, label="cost along a segment")
    label = "straight line between its ends: a convex cost never rises above it (the converse need not hold)"
    axes[0][0].plot([], [], color=style.INK, label=label, **CHORD)
    style.legend(figure, [axes[0][0]], columns=1)
    return figure


@draws("sweep", "most")
def steps_by_size(evidence: Evidence) -> Figure:
    """Share of full-batch steps that lower the cost, by step size, for several kinds of hidden units."""
    data, look_of = evidence["data"], looks(len(evidence["data"]["sweep"]))
    sweep = list(zip(data["sweep"], look_of, strict=True))
    panels = [[row for row in sweep if row[0]["by_rate"] == by_rate] for by_rate in (False, True)]
    panels = [panel for panel in panels if panel]
    by_rate = [panel[0][0]["by_rate"] for panel in panels]
    most_rows = max(map(len, panels))
    figure = page(evidence, 3.9, _OF_STEP_UNITS if any(by_rate) else "")
    axes = figure.subplots(
        2,
        len(panels),
        sharex="col",
        sharey="row",
        squeeze=False,
        width_ratios=[2, 1][: len(panels)],
        height_ratios=(12, most_rows),
    )
    for panel, of_rate, (ax, strip) in zip(panels, by_rate, axes.T, strict=True):
        multiples = style.array(panel[0][0]["multiples"])
        ax.set_xscale("log")
        ax.set_xlim(multiples.min() / 1.3, multiples.max() * 1.3)
        style.powers_of_ten(strip.xaxis)
        if not of_rate:
            label = f"the claim: all steps with c ≤ {data['most']:g} lower the cost"
            ax.axvspan(multiples.min() / 1.3, data["most"], label=label, **CRITERION)
        style.guide(ax, 0.5, "half of all steps", along="y")
        for place, (one, look) in enumerate(panel):
            draw_shares(ax, one, look, len(panel), place)
        draw_crossings(strip, panel)
        strip.set_xlabel(
            "learning rate"
            if of_rate
            else "c: learning rate divided by 2/λ (λ: largest curvature before the step)"
        )
    first, strip = axes[:, 0]
    first.set_ylim(-0.03, 1.06)
    style.percent(first.yaxis, "steps that lower the cost")
    strip.set_ylim(most_rows - 0.4, -0.6)
    strip.set_ylabel("half fail", rotation=0, ha="right", va="center")
    first.errorbar([], [], xerr=[], color=style.INK, fmt="D", capsize=3, elinewidth=2.2,
                   label="bottom: where half of all steps fail, with interval")  # fmt: skip
    style.legend(figure, axes[0], columns=2)
    return figure


@draws("descent")
def descent_on_surface(evidence: Evidence) -> Figure:
    """A plane slice of the cost surface through a trained network, with its descent projected onto the plane."""
    found = evidence["data"]["descent"]
    if found is None:
        figure = page(evidence, 1.2)
        say(figure, "The descent has too few different points to span a plane.")
        return figure
    figure = page(
        evidence,
        5.0,
        f"The plane accounts for {100 * found['share']:.0f} % of the squared distances between the weights along the "
        f"descent (seed {found['seed']}) and the trained weights. In brackets: the cost at the weights themselves, "
        "which may lie off the plane.",
    )
    draw_surface(figure.subplots(), found)
    return figure
