"""Figures of the family *descent*: what a step does."""

from matplotlib.figure import Figure

from downhill.claims.wording import counted, percent
from downhill.figures import style
from downhill.figures.descent_moves import (
    draw_correlations,
    draw_errors,
    draw_falls,
    draw_fan,
    draw_lorenz,
    draw_nudges,
    draw_slopes,
)
from downhill.figures.descent_toys import (
    draw_bowl,
    draw_changes,
    draw_distances,
    draw_gradient,
    draw_hops,
    draw_ratios,
)
from downhill.figures.descent_walks import (
    draw_costs,
    draw_draws,
    draw_excess,
    draw_lengths,
    draw_network_walk,
    draw_search,
)
from downhill.figures.gallery import rows_of
from downhill.figures.pages import page
from downhill.figures.style import Evidence, draws
from downhill.report.wording import number

_TOY = "This function is a toy, computed exactly; it is not the cost of a network."
_COLUMNS = 3  # of panels


@draws("falls", "directions", "n_parameters", "n_images")
def falls_by_direction(evidence: Evidence) -> Figure:
    """How far the cost falls with moves of equal length in several directions, relative to minus the gradient."""
    data = evidence["data"]
    falls = data["falls"]
    furthest = max(style.array(point["random"]).max() for point in falls)
    remark = (
        "All moves have the same length; the depth of an arrow shows how far the cost falls (mean over "
        f"{counted(data['n_images'], 'training image')}). Arrows are means, marks are seeds, and arcs outside the "
        f"circle are the intervals of the means. There are {counted(data['n_parameters'], 'parameter')}, and the best "
        f"of {counted(data['directions'], 'random direction')} per seed and panel reaches "
        f"{percent(furthest, 1)}."
    )
    figure = page(evidence, 2.4, remark)
    axes = figure.subplots(1, len(falls), squeeze=False, sharey=True)[0]
    for ax, point in zip(axes, falls, strict=True):
        draw_fan(ax, point)
    axes[0].set_ylabel("fall of the cost\n(% of the steepest)")
    style.legend(figure, axes, columns=3)
    return figure


@draws("slopes", "by_length")
def slope_and_gradient(evidence: Evidence) -> Figure:
    """The slope of the cost and the length of the gradient; which direction is steepest by other measures of length."""
    data = evidence["data"]
    seeds = counted(len(data["slopes"][0]["slope"]), "seed")
    remark = (
        f"Coloured marks are seeds ({seeds}). Bottom: how far the cost falls before training, with moves that are "
        "equally long by one of three measures of length. 100 % is the largest fall among the four directions."
    )
    figure = page(evidence, 5.0, remark)
    measures = data["by_length"]
    grid = figure.add_gridspec(2, 2 * len(measures), height_ratios=(5, 4))
    top = [figure.add_subplot(grid[0, : len(measures)]), figure.add_subplot(grid[0, len(measures) :])]
    draw_slopes(top[0], data["slopes"])
    draw_errors(top[1], evidence)
    first = figure.add_subplot(grid[1, :2])
    for place, one in enumerate(measures):
        ax = figure.add_subplot(grid[1, 2 * place : 2 * place + 2], sharey=first) if place else first
        draw_falls(ax, one)
        ax.tick_params(labelleft=place == 0)
    first.set_ylabel("direction")
    first.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [*top, first], columns=3)
    return figure


@draws("two_inputs")
def three_to_one(evidence: Evidence) -> Figure:
    """A function of two inputs whose gradient is (3, 1): the first input matters three times as much."""
    figure = page(evidence, 2.7, _TOY)
    left, middle, right = figure.subplots(1, 3, width_ratios=(5, 3, 4))
    draw_gradient(left, evidence["data"]["two_inputs"])
    draw_changes(middle, evidence["data"]["two_inputs"])
    draw_ratios(right, evidence)
    style.legend(figure, [right])
    return figure


@draws("nudging", "n_images")
def nudges_and_gradient(evidence: Evidence) -> Figure:
    """How much the cost changes when single weights are nudged, and the size of their components of the gradient."""
    images = counted(evidence["data"]["n_images"], "training image")
    remark = (
        f"The cost is the mean over {images}. Weights of pixels that are dark in all of them are left out."
    )
    figure = page(evidence, 3.6, remark)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    draw_nudges(left, evidence["data"]["nudging"])
    draw_correlations(right, evidence)
    right.plot([], [], "o", color=style.BLUE, alpha=0.75, label="a seed")
    right.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [left, right], columns=2)
    return figure


@draws("inequality", "seeds", "n_images")
def inequality_of_gradient(evidence: Evidence) -> Figure:
    """How unequal the components of the gradient are: the share of their sum that the smallest ones hold, by layer."""
    data = evidence["data"]
    layers = data["inequality"]["layers"]
    rows = rows_of(len(layers), _COLUMNS)
    remark = (
        f"The gradient is the mean over {counted(data['n_images'], 'training image')}, without the weights of pixels "
        f"that are dark in all of them. Each curve is one seed ({counted(data['seeds'], 'seed')}). The further a curve "
        "sags, the more unequal the components are. The Gini index is 0 if all are equal, and nearly 1 if one holds "
        "everything; its interval is in parentheses."
    )
    figure = page(evidence, 2.75 * rows + 0.45, remark)
    axes = figure.subplots(rows, min(len(layers), _COLUMNS), squeeze=False, sharey=True).ravel()
    for ax, layer in zip(axes, layers, strict=False):
        draw_lorenz(ax, layer, data["inequality"]["normal"])
    for ax in axes[len(layers) :]:
        ax.set_axis_off()
    style.percent(axes[0].yaxis, "share of the sum of\n|components|")
    style.legend(figure, list(axes[: len(layers)]), columns=2)
    return figure


@draws("walks", "threshold")
def length_of_steps(evidence: Evidence) -> Figure:
    """Length of the steps of full-batch descent, and the cost, with steps that shrink or keep their length."""
    walks = evidence["data"]["walks"]
    seeds = counted(len(walks["length"]), "seed")
    ends = [
        style.array(cost)[:, -1].mean() for cost in (walks["cost"], *(one["cost"] for one in walks["fixed"]))
    ]
    names = ("proportional steps", *(f"all steps as long as {one['name']}" for one in walks["fixed"]))
    costs = ", ".join(f"{number(end, 'number')} with {name}" for end, name in zip(ends, names, strict=True))
    remark = (
        f"Learning rate {walks['rate']:g}, {seeds}. The band is for the last of the proportional steps. At the end, "
        f"the mean cost is {costs}."
    )
    figure = page(evidence, 3.5, remark)
    left, right = figure.subplots(1, 2)
    draw_lengths(left, evidence)
    draw_costs(right, walks)
    style.legend(figure, [left], columns=2)
    return figure


@draws("bowl")
def paths_on_a_bowl(evidence: Evidence) -> Figure:
    """Descent on a bowl with several rates: paths, and distances from the minimum by step."""
    bowl = evidence["data"]["bowl"]
    stable, limit = (number(bowl[key], "number") for key in ("stable", "limit"))
    remark = (
        f"{_TOY} Its largest curvature λ is {number(bowl['curvature'][-1], 'number')}, so descent should settle at "
        f"rates below 2/λ = {limit}; the limit found by trial is {stable}. Grey arrows point downhill, and the star is "
        "the minimum."
    )
    figure = page(evidence, 4.5, remark)
    count = len(bowl["paths"])
    grid = figure.add_gridspec(rows_of(count, 2), 3, width_ratios=(1, 1, 1.15))
    axes = [figure.add_subplot(grid[which // 2, which % 2]) for which in range(count)]
    for which, ax in enumerate(axes):
        draw_bowl(ax, bowl, which)
        if which % 2 == 0:
            ax.set_ylabel("second input")
        if which >= count - 2:
            ax.set_xlabel("first input")
    distances = figure.add_subplot(grid[:, 2])
    draw_distances(distances, bowl)
    style.legend(figure, [distances], columns=2)
    return figure


@draws("hops")
def moves_read_both_ways(evidence: Evidence) -> Figure:
    """The same three numbers read as moves of fixed length on |x|, and as learning rates on x²."""
    hops = evidence["data"]["hops"]
    fixed, rated = (hops["readings"][reading] for reading in ("fixed", "rated"))
    figure = page(
        evidence,
        4.3,
        "Only the first moves are drawn. Top: every move has the length in the title. Bottom: every move is the rate "
        "in the title times the slope, which is 2x on x².",
    )
    axes = figure.subplots(2, len(fixed), squeeze=False)
    for row, (readings, square) in enumerate(((fixed, False), (rated, True))):
        for ax, one in zip(axes[row], readings, strict=True):
            draw_hops(ax, one, square)
    axes[0][0].set_ylabel("|x|, moves of fixed length")
    axes[1][0].set_ylabel("x², moves of rate × slope")
    axes[0][0].plot([], [], "o", color=style.BLUE, markersize=8, markerfacecolor="white", label="the start")
    axes[0][0].plot([], [], "*", color=style.INK, markersize=9, linestyle="none", label="the minimum")
    axes[0][0].plot([], [], "o-", color=style.BLUE, label="a path that arrives")
    axes[0][0].plot([], [], "s-", color=style.VERMILLION, label="a path that does not")
    style.legend(figure, [axes[0][0]], columns=4)
    return figure


@draws("search")
def search_and_descent(evidence: Evidence) -> Figure:
    """The lowest cost found by trying random networks, and that of descent, by number of evaluations of the cost."""
    search = evidence["data"]["search"]
    seeds = counted(len(search["best"]), "seed")
    remarks = [f"Grey arrows show the differences that are judged ({seeds})."]
    if search["when"] != "before training":
        remarks.append(
            "Diamonds are drawn to the right of the curves; their horizontal position has no meaning."
        )
    figure = page(evidence, 3.7, *remarks)
    left, right = figure.subplots(1, 2, width_ratios=(4, 1), sharey=True)
    draw_search(left, search)
    draw_draws(right, search)
    style.legend(figure, [left], columns=2)
    return figure


@draws("linear", "network")
def walk_to_the_solution(evidence: Evidence) -> Figure:
    """Descent of a linear model towards the minimum from its normal equations, and the descent of a network."""
    data = evidence["data"]
    remark = (
        "The normal equations are linear equations whose solution is the minimum; its cost is "
        f"{number(data['linear']['solution'], 'number')}."
    )
    if data["network"] is not None:
        seeds = counted(len(data["network"]["cost"]), "seed")
        remark += f" A network has no such equations: its descent ({seeds}) is shown for comparison."
    figure = page(evidence, 3.4, remark)
    panels = figure.subplots(1, 1 if data["network"] is None else 2, squeeze=False)[0]
    draw_excess(panels[0], evidence)
    if data["network"] is not None:
        draw_network_walk(panels[1], data["network"])
    style.legend(figure, panels, columns=2)
    return figure
