"""Figures of the family *published*: results that others have published, and how much single runs vary."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from downhill.claims.wording import shape as shape_text
from downhill.figures import style
from downhill.figures.marks import extent
from downhill.figures.pages import page
from downhill.figures.style import draws
from downhill.report.wording import said as as_said


@draws("curves", "best", "final", "stuck", "share_stuck", "published")
def best_epochs(evidence: dict[str, Any]) -> Figure:
    """Test accuracy by epoch, and that of every seed at its best and its last epoch, with the reported peak."""
    data = evidence["data"]
    curves = data["curves"]
    figure = page(evidence, 3.1)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    strips = {"best epoch\nof each seed": data["best"], "last epoch": data["final"]}
    low, high = style.span(*map(style.values, strips.values()), style.ends(evidence), style.said(evidence))
    seen = style.array(curves["test_accuracy"]["mean"])
    left.set_ylim(min(low, float(np.quantile(seen, 0.1))), high)  # the first, steep epochs may start below
    style.draw_curve(left, curves, "test_accuracy", "mean of all seeds", style.TEST)
    for ax in (left, right):
        _show_report(ax, evidence)
    right.set_xlim(-0.6, len(strips) - 0.4)
    stuck = data["stuck"]
    for place, sample in enumerate(strips.values()):
        style.draw_seeds(right, place + 0.12, style.values(sample), "y", 0.5, stuck)
        style.draw_mean(right, place - 0.25, sample, "y")
    right.set_xticks(range(len(strips)), list(strips))
    right.set_xlabel(f"one mark per seed (n = {len(stuck):,})")
    if data["published"]:
        right.set_title(_as_a_single_run(data["published"]), size=8, color=style.GREY)
    style.percent(left.yaxis, "test accuracy")
    bottom = left.get_ylim()[0]
    if min(seen.min(), style.array(curves["test_accuracy"]["low"]).min()) < bottom:
        starts = "first epochs are" if seen.min() < bottom else "band starts"
        left.set_xlabel(f"epoch (the {starts} below the plotted range)")
    style.explain_curves(left, curves)
    _explain(figure, [left, right], stuck, data["share_stuck"])
    return figure


@draws("shapes")
def best_by_shape(evidence: dict[str, Any]) -> Figure:
    """Test accuracy of every seed at its best epoch by hidden layers, with the peak that was reported."""
    shapes = sorted(evidence["data"]["shapes"], key=lambda shape: shape["parameters"])
    verdict_on = evidence["data"]["shapes"][0]["network"]
    figure = page(evidence, 3.5)
    ax = figure.subplots()
    ax.set_xlim(-0.6, len(shapes) - 0.4)
    ax.set_ylim(
        style.span(*(extent(shape["best"]) for shape in shapes), style.ends(evidence), style.said(evidence))
    )
    _show_report(ax, evidence)
    for place, shape in enumerate(shapes):
        style.draw_seeds(ax, place + 0.12, style.values(shape["best"]), "y", 0.4, shape["stuck"])
        style.draw_mean(ax, place - 0.25, shape["best"], "y")
    names = [shape_text(shape["hidden_layers"]) for shape in shapes]
    ax.set_xticks(
        range(len(shapes)),
        [
            f"{name}{' (verdict)' if shape['network'] == verdict_on else ''}\nn = {len(shape['stuck'])}"
            for name, shape in zip(names, shapes, strict=True)
        ],
    )
    ax.set_xlabel("hidden layers")
    style.percent(ax.yaxis, "best test accuracy of any epoch")
    _explain(figure, [ax], np.concatenate([shape["stuck"] for shape in shapes]))
    return figure


@draws("runs", "published", "curve", "stuck")
def runs_beside_published(evidence: dict[str, Any]) -> Figure:
    """One mark for each of our runs, the value that was published, and how all runs got there."""
    data, unit = evidence["data"], evidence["unit"]
    runs, published = style.values(data["runs"]), data["published"]["value"]
    figure = page(evidence, 2.6 if data["curve"] else 1.5)
    left, right = figure.subplots(1, 2, width_ratios=(2, 3)) if data["curve"] else (None, figure.subplots())
    right.set_xlim(style.span(runs, [published]))
    right.set_ylim(-0.6, 0.6)
    right.set_yticks([])
    part = evidence["parts"][0]
    if part["lower"] is not None:
        right.axvspan(part["lower"], part["upper"], color=style.BAND, zorder=0, label="range of single runs")
    style.draw_seeds(right, 0, runs, "x", 0.9, data["stuck"])
    style.guide(right, published, f"published: {as_said(published, unit)}")
    right.plot([], [], "o", color=style.BLUE, alpha=0.75, markeredgewidth=0, label="a run of ours")
    style.label_stuck(right, data["stuck"])
    right.set_ylabel(f"n = {len(runs):,}")
    _label(right.xaxis, evidence["measures"].partition(": ")[2], unit)
    if left:
        quantity, course = data["curve"]["quantity"], data["curve"]["course"]
        style.draw_curve(left, course, quantity, "mean of all runs", style.TEST)
        style.explain_curves(left, course)
        left.xaxis.set_major_locator(MaxNLocator(5, integer=True))  # the panel is narrow
        curve, of_epochs = style.array(course[quantity]["mean"]), data["curve"]["of_epochs"]
        if of_epochs:
            left.set_ylim(style.span(curve))
        else:  # the first, steep epochs may lie outside
            left.set_ylim(style.span(curve[len(curve) // 10 :], runs, [published]))
        _label(left.yaxis, quantity.replace("_", " "), "share" if quantity.endswith("accuracy") else "number")
        style.guide(left, published, "", along="x" if of_epochs else "y")
    style.legend(figure, [right], columns=2)
    return figure


@draws("recipes")
def spread_by_recipe(evidence: dict[str, Any]) -> Figure:
    """Final test accuracy of every seed by recipe, with its standard deviation and the share of stuck seeds."""
    recipes = evidence["data"]["recipes"]
    figure = page(evidence, 3.1)
    ax = figure.subplots()
    ax.set_xlim(style.span(*(style.values(recipe["accuracy"]) for recipe in recipes)))
    ax.set_ylim(-0.7, len(recipes) - 0.4)
    places = list(range(len(recipes)))[::-1]
    for place, recipe in zip(places, recipes, strict=True):
        style.draw_seeds(ax, place, style.values(recipe["accuracy"]), "x", 0.5, recipe["stuck"])
        style.draw_mean(ax, place - 0.45, recipe["accuracy"])
    ax.set_yticks(places, [_about_spread(recipe) for recipe in recipes])
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel("recipe")
    style.percent(ax.xaxis, "test accuracy at the end of training")
    _explain(figure, [ax], np.concatenate([recipe["stuck"] for recipe in recipes]), along="x")
    return figure


def _label(axis: Axis, label: str, unit: str) -> None:
    """Label an axis, in per cent if it is one of shares, and in points if it is one of their differences."""
    if unit in ("share", "points"):
        style.percent(axis, label)
    if unit != "share":
        axis.set_label_text(f"{label} (points)" if unit == "points" else label)


def _as_a_single_run(published: dict[str, Any]) -> str:
    """Whether the published run is compatible with ours, for a title."""
    if published["reproduced"] is None:
        return "too few runs to compare a single run with"
    return f"published run: {'' if published['reproduced'] else 'not '}reproduced (p = {published['p']:.2g})"


def _about_spread(recipe: dict[str, Any]) -> str:
    """Recipe, spread and share of stuck seeds of one strip, on a few lines."""
    share, n = recipe["share_stuck"], len(recipe["stuck"])
    stuck = (
        f"stuck: {100 * share['value']:.0f} % ({100 * share['lower']:.0f} to {100 * share['upper']:.0f} %)"
    )
    words = recipe["recipe"].replace(", ", "\n")
    return f"{words}\nsd {100 * recipe['spread']:.2f} points, n = {n}\n{stuck}"


def _show_report(ax: Axes, evidence: dict[str, Any]) -> None:
    """The values that support the claim, and the peak that was reported."""
    style.shade_band(ax, evidence, along="y")
    for value in style.said(evidence):
        style.guide(ax, value, f"reported peak: {as_said(value, 'share')}", along="y")


def _explain(
    figure: Figure, axes: list[Axes], stuck: Any, share: dict[str, Any] | None = None, along: str = "y"
) -> None:
    """Draw the legend, with the interval of the share of seeds that are stuck if there is one."""
    ax = axes[-1]
    ax.plot([], [], "o", color=style.BLUE, alpha=0.75, markeredgewidth=0, label="a seed")
    style.label_stuck(
        ax, stuck, f"{100 * share['lower']:.0f} to {100 * share['upper']:.0f} %" if share else ""
    )
    whiskers: dict[str, Any] = {f"{along}err": []}
    ax.errorbar([], [], **whiskers, fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, axes, columns=2)
