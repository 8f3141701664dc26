"""Figures of the family *minima*: where descent ends."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator

from downhill.claims.wording import counted, percent_as_given
from downhill.figures import style
from downhill.figures.minima_barriers import draw_barriers, draw_line, name_of, share_with_interval
from downhill.figures.minima_ends import LOOKS, criteria, join_seeds, of_highest, training, when
from downhill.figures.minima_widths import draw_costs, draw_ratios
from downhill.figures.pages import page
from downhill.figures.regions import CRITERION
from downhill.figures.scales import in_decades_of, label_decades
from downhill.figures.style import Evidence, draws

_VALLEYS = (
    (style.BLUE, "o", "-"),
    (style.VERMILLION, "s", "--"),
    (style.SKY, "^", "-."),
    (style.INK, "D", ":"),
)
_LEAST = 1e-6  # of a ratio on a logarithmic axis


@draws("lines", "threshold", "n_images")
def along_the_line(evidence: Evidence) -> Figure:
    """Cost along the straight line between two trained networks: every pair, and the median of all pairs."""
    data = evidence["data"]
    lines = [
        line for line in data["lines"] if not line["same_start"] or line["name"].endswith("units matched")
    ]
    images = counted(data["n_images"], "training image")
    figure = page(evidence, 4.6, f"The cost is the mean over {images}.")
    axes = figure.subplots(-(-len(lines) // 2), 2, sharex=True, sharey=True, squeeze=False).ravel()
    for ax, line in zip(axes, lines, strict=False):
        draw_line(ax, line, data["threshold"])
    for ax in axes[len(lines) :]:
        ax.set_axis_off()
    axes[0].set_ylim(bottom=0)
    for ax in axes:
        style.percent(ax.xaxis, "fraction of the way to the other network")
        ax.set_ylabel("cost")
        ax.label_outer()
    style.legend(figure, [axes[0]])
    return figure


@draws("lines", "threshold")
def barrier_of_each_pair(evidence: Evidence) -> Figure:
    """Height of the cost barrier between the networks of each pair: as trained, after matching, with the same start."""
    data = evidence["data"]
    lines, threshold = data["lines"], data["threshold"]
    heights = [style.array(line["barriers"]) for line in lines]
    control = any(line["same_start"] for line in lines)
    remark = "Pairs with the same start show the effect of the order of images alone." if control else ""
    figure = page(evidence, 0.9 + 0.62 * len(lines), remark)
    ax = figure.subplots()
    ax.set_xlim(style.span(0, threshold, *heights, margin=0.03))
    ax.set_ylim(-0.6, len(lines) - 0.4)
    style.guide(ax, threshold, f"threshold: {percent_as_given(threshold)}")
    places = list(range(len(lines)))[::-1]
    for place, line in zip(places, lines, strict=True):
        draw_barriers(ax, line, place)
    ax.set_yticks(places, [name_of(line) for line in lines])
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel("networks of two seeds")
    style.percent(ax.xaxis, "barrier: rise above the line between the ends, relative to their mean cost")
    ax.plot([], [], "o", color=style.BLUE, alpha=0.75, label="a pair with different starts")
    if control:
        ax.plot([], [], "s", color=style.VERMILLION, alpha=0.75, label="a pair with the same start")
    ax.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="median and its interval")
    style.legend(figure, [ax], columns=2)
    return figure


@draws("wells")
def wells(evidence: Evidence) -> Figure:
    """Gradient descent on a toy curve with several valleys: the start decides in which valley the descent ends."""
    found = evidence["data"]["wells"]
    x, cost = style.array(found["x"]), style.array(found["cost"])
    paths, valley = style.array(found["paths"]), np.array(found["valley"])
    figure = page(
        evidence, 4.2, "The curve below is a toy example, computed exactly; it is not the network's cost."
    )
    top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=(3, 2))
    top.plot(x, cost, color=style.GREY, linewidth=1.2)
    for which in np.unique(valley):
        colour, marker, line = _VALLEYS[which % len(_VALLEYS)]
        own = paths[valley == which]
        starts, ends = own[:, 0], own[:, -1]
        top.plot(
            starts, np.interp(starts, x, cost), marker, color=colour, markersize=5, markerfacecolor="white"
        )
        top.plot(ends.mean(), np.interp(ends.mean(), x, cost), marker, color=colour, markersize=9)
        n = counted(len(own), "start")
        top.annotate(n, (ends.mean(), np.interp(ends.mean(), x, cost)), (0, -9), textcoords="offset points",
                     ha="center", va="top", size=8)  # fmt: skip
        bottom.plot(own.T, style.array(found["step"]), color=colour, linestyle=line, linewidth=0.9)
    low, high = top.get_ylim()
    top.set_ylim(low - 0.12 * (high - low), high)
    bottom.invert_yaxis()
    top.set_ylabel("cost")
    bottom.set_ylabel("step (downwards)")
    bottom.set_xlabel(f"the single weight (learning rate {found['rate']:g})")
    top.plot([], [], "o", color=style.GREY, markerfacecolor="white", label="a start")
    top.plot(
        [], [], "o", color=style.GREY, markersize=9, label="where descent ends, and from how many starts"
    )
    bottom.plot([], [], color=style.GREY, linewidth=0.9, label="path of a start")
    style.legend(figure, [top, bottom])
    return figure


@draws("ends", "gradient", "curvature")
def at_a_minimum(evidence: Evidence) -> Figure:
    """Length of the gradient and lowest curvature of every seed, at the end of training and after further steps."""
    data = evidence["data"]
    negative = "Where the lowest curvature is negative, the cost curves downwards in some direction."
    figure = page(evidence, 3.7, training(data["ends"][0]), negative)
    ax = figure.subplots()
    gradients = [np.maximum(style.values(end["gradient"]), _LEAST) for end in data["ends"]]
    curvatures = [style.values(end["curvature"]) for end in data["ends"]]
    threshold = max(data["gradient"], _LEAST)
    known = np.concatenate([*gradients, [threshold]])
    known = known[np.isfinite(known)]
    ax.set_xscale("log")
    ax.set_xlim(known.min() / 1.8, known.max() * 1.8)
    in_decades_of(ax, data["curvature"], curvatures)
    below = f"gradient below {percent_as_given(data['gradient'])}"
    label = f"counts as a minimum: {below}, lowest curvature at least −{percent_as_given(data['curvature'])}"
    right = max(min(threshold, ax.get_xlim()[1]), ax.get_xlim()[0])
    corner = [(ax.get_xlim()[0], right), (-data["curvature"], ax.get_ylim()[1])]
    ax.fill_between(corner[0], *corner[1], label=label, **CRITERION)
    style.guide(ax, threshold, "thresholds")
    style.guide(ax, -data["curvature"], "thresholds", along="y")
    join_seeds(ax, data["ends"], gradients, curvatures)
    for order, (end, x, y) in enumerate(zip(data["ends"], gradients, curvatures, strict=True)):
        share = end["share"]
        where = f"{when(end)}, gradient on {counted(end['n_gradient'], 'image')}"
        text = f"{where}: {share_with_interval(share)} at a minimum (n = {counted(share['n'], 'seed')})"
        ax.plot(x, y, linestyle="none", alpha=0.8, markeredgewidth=0, label=text, markersize=5.5,
                **LOOKS[order % len(LOOKS)])  # fmt: skip
    ax.set_xlabel(
        "length of the gradient, as a share of that at the start of training (%, logarithmic scale)"
    )
    label_decades(ax.xaxis, ax.get_xlim(), 100)
    ax.set_ylabel("lowest curvature / highest curvature\n(%, partly logarithmic)")
    style.legend(figure, [ax], columns=1)
    return figure


@draws("ends", "gradient", "curvature")
def further_descent(evidence: Evidence) -> Figure:
    """Length of the gradient as training continues with full-batch steps, without the noise of small batches."""
    data = evidence["data"]
    with_steps = [end for end in data["ends"] if end["steps"]]
    figure = page(evidence, 3.2, *(criteria(end, data) for end in (data["ends"][0], *with_steps[-1:])))
    if not with_steps:
        figure.text(0.5, 0.3, "There are no further steps.", ha="center")
        return figure
    end = with_steps[-1]
    ax = figure.subplots()
    step, path = style.array(end["step"]), np.maximum(style.array(end["path"]), _LEAST)
    threshold = max(data["gradient"], _LEAST)
    ax.plot(step, path.T, color=style.VERMILLION, linewidth=1, alpha=0.75, marker="s", markersize=3)
    ax.plot([], [], color=style.VERMILLION, marker="s", markersize=3, label=f"a seed (n = {len(path)})")
    ax.set_xscale("symlog", linthresh=1, linscale=0.4)
    ax.set_yscale("log")
    low, high = style.span(np.log10(path), np.log10(threshold), margin=0.1)
    ax.set_ylim(10**low, 10**high)
    label = f"meets the criterion on the gradient: below {percent_as_given(data['gradient'])}"
    ax.axhspan(ax.get_ylim()[0], threshold, label=label, **CRITERION)
    label_decades(ax.yaxis, ax.get_ylim(), 100)
    powers = [0, *(10**power for power in range(int(np.log10(max(1, end["steps"]))) + 1))]
    ax.set_xticks(powers, [f"{power:,}" for power in powers])
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlim(-0.15, end["steps"] * 1.15)
    ax.set_xlabel("further steps after the end of training")
    ax.set_ylabel("length of the gradient\n(% of that at the start of training)")
    ax.set_title(
        f"on the {counted(end['n_images'], 'training image')} of these steps", size=8, color=style.GREY
    )
    style.legend(figure, [ax])
    return figure


@draws("ends", "gradient", "curvature")
def curvatures(evidence: Evidence) -> Figure:
    """Lowest and highest curvatures of the cost (eigenvalues of its Hessian) of every seed, relative to the highest."""
    data = evidence["data"]
    figure = page(evidence, 3.2, *(criteria(end, data) for end in data["ends"]))
    axes = figure.subplots(1, 2, sharex=False)
    for order, end in enumerate(data["ends"]):
        shares = of_highest(end)
        count = shares.shape[1] // 2
        look = LOOKS[order % len(LOOKS)]
        for ax, part in zip(axes, (shares[:, :count], shares[:, : count - 1 : -1]), strict=True):
            places = np.arange(1, count + 1) + 0.16 * (2 * (order % 2) - 1)
            ax.plot(places, part.T, linestyle="none", alpha=0.6, markeredgewidth=0, markersize=4.5, **look)
            ax.set_xticks(range(1, count + 1))
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes[0].plot(
            [], [], linestyle="none", **look, label=f"{when(end)} (n = {counted(len(shares), 'seed')})"
        )
    lowest = [of_highest(end)[:, : len(end["spectrum"][0]) // 2] for end in data["ends"]]
    in_decades_of(axes[0], data["curvature"], lowest)
    style.guide(axes[0], -data["curvature"], f"threshold: −{percent_as_given(data['curvature'])}", along="y")
    axes[0].axhline(0, color=style.GREY, linewidth=0.8, zorder=1)
    axes[1].set_ylim(bottom=min(0.0, axes[1].get_ylim()[0]))
    axes[0].set_xlabel("curvature, lowest first")
    axes[1].set_xlabel("curvature, highest first")
    style.percent(axes[1].yaxis, "curvature / highest curvature")
    axes[0].set_ylabel("curvature / highest curvature\n(%, partly logarithmic)")
    style.legend(figure, axes, columns=2)
    return figure


@draws("widths", "wide", "narrow")
def cost_by_width(evidence: Evidence) -> Figure:
    """Final test cost of every seed by width, and its standard deviation over seeds relative to one narrow width."""
    figure = page(evidence, 3.7)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    draw_costs(left, evidence["data"])
    draw_ratios(right, evidence)
    style.legend(figure, [left, right], columns=3)
    return figure
