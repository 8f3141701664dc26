"""Figures of the family *minima*: where descent ends."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullLocator
from numpy.typing import NDArray

from downhill.claims.wording import counted, percent_as_given
from downhill.figures import style
from downhill.figures.pages import page
from downhill.figures.scales import in_decades_of, label_decades
from downhill.figures.style import Evidence, draws

_VALLEYS = (
    (style.BLUE, "o", "-"),
    (style.VERMILLION, "s", "--"),
    (style.SKY, "^", "-."),
    (style.INK, "D", ":"),
)
_ENDS: tuple[dict[str, Any], ...] = (
    {"color": style.BLUE, "marker": "o"},
    {"color": style.VERMILLION, "marker": "s"},
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
        share, costs = style.array(line["share"]), style.array(line["costs"])
        ax.plot(share, costs.T, color=style.SKY, linewidth=0.7, alpha=0.8)
        ends = np.median(costs[:, [0, -1]], axis=0)
        straight = ends[0] * (1 - share) + ends[1] * share
        above = straight + data["threshold"] * ends.mean()
        label = f"{percent_as_given(data['threshold'])} above the straight line between the ends"
        ax.plot(share, above, color=style.INK, linewidth=1.2, linestyle=":", label=label)
        ax.plot(share, np.median(costs, axis=0), color=style.INK, linewidth=2, label="median of all pairs")
        ax.plot([], [], color=style.SKY, linewidth=1, label="a pair of networks")
        verdict = " (verdict)" if line["verdict"] else ""
        n = counted(len(costs), "pair")
        ax.set_title(f"{line['name']}{verdict}\n{_above(line, data['threshold'])}, n = {n}", size=8)
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
    """Height of the barrier between the networks of every pair: as trained, after matching, and from the same start."""
    data = evidence["data"]
    lines, threshold = data["lines"], data["threshold"]
    heights = [style.array(line["barriers"]) for line in lines]
    control = any(line["same_start"] for line in lines)
    remark = "Pairs with the same start show what the order of images alone decides." if control else ""
    figure = page(evidence, 0.9 + 0.62 * len(lines), remark)
    ax = figure.subplots()
    ax.set_xlim(style.span(0, threshold, *heights, margin=0.03))
    ax.set_ylim(-0.6, len(lines) - 0.4)
    style.guide(ax, threshold, f"threshold: {percent_as_given(threshold)}")
    places = list(range(len(lines)))[::-1]
    for place, line, values in zip(places, lines, heights, strict=True):
        look = style.TRAIN if line["same_start"] else style.TEST
        style.draw_seeds(ax, place, values, room=0.6, color=look["color"], marker=look["marker"])
        median = line["median"]
        if median["value"] is not None:
            ends = [median["value"] if median[end] is None else median[end] for end in ("lower", "upper")]
            whiskers = [[max(0.0, median["value"] - ends[0])], [max(0.0, ends[1] - median["value"])]]
            ax.errorbar(
                median["value"], place - 0.38, xerr=whiskers, fmt="D", color=style.INK, capsize=4, zorder=4
            )
    ax.set_yticks(places, [_row(line, threshold) for line in lines])
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel("networks of two seeds")
    style.percent(ax.xaxis, "barrier: rise above the straight line between the ends, over their mean cost")
    ax.plot([], [], "o", color=style.BLUE, alpha=0.75, label="a pair with different starts")
    if control:
        ax.plot([], [], "s", color=style.VERMILLION, alpha=0.75, label="a pair with the same start")
    ax.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="median and its interval")
    style.legend(figure, [ax], columns=2)
    return figure


@draws("wells")
def wells(evidence: Evidence) -> Figure:
    """Gradient descent on a curve with several valleys: the valley that a start ends in depends on the start."""
    found = evidence["data"]["wells"]
    x, cost = style.array(found["x"]), style.array(found["cost"])
    paths, valley = style.array(found["paths"]), np.array(found["valley"])
    figure = page(evidence, 4.2, "The curve below is a toy, computed exactly; it is not the network's cost.")
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
    figure = page(
        evidence, 3.7, "Where the lowest eigenvalue is negative, the cost curves downwards in some direction."
    )
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
    label = f"a minimum: {below}, lowest eigenvalue at least −{percent_as_given(data['curvature'])}"
    right = max(min(threshold, ax.get_xlim()[1]), ax.get_xlim()[0])
    corner = [(ax.get_xlim()[0], right), (-data["curvature"], ax.get_ylim()[1])]
    ax.fill_between(corner[0], *corner[1], color=style.BAND, linewidth=0, zorder=0, label=label)
    style.guide(ax, threshold, "thresholds")
    style.guide(ax, -data["curvature"], "thresholds", along="y")
    _join(ax, data["ends"], gradients, curvatures)
    for order, (end, x, y) in enumerate(zip(data["ends"], gradients, curvatures, strict=True)):
        share = end["share"]
        where = f"{_after(end)}, gradient on {counted(end['n_gradient'], 'image')}"
        text = f"{where}: {_interval(share)} at a minimum (n = {counted(share['n'], 'seed')})"
        ax.plot(x, y, linestyle="none", alpha=0.8, markeredgewidth=0, label=text, markersize=5.5,
                **_ENDS[order % len(_ENDS)])  # fmt: skip
    ax.set_xlabel(
        "length of the gradient, as a share of that at the start of training (%, logarithmic scale)"
    )
    label_decades(ax.xaxis, ax.get_xlim(), 100)
    ax.set_ylabel("lowest eigenvalue over highest\n(%, partly logarithmic)")
    style.legend(figure, [ax], columns=1)
    return figure


@draws("ends", "gradient")
def further_descent(evidence: Evidence) -> Figure:
    """Length of the gradient as training continues with full-batch steps, without the noise of small batches."""
    data = evidence["data"]
    with_steps = [end for end in data["ends"] if end["steps"]]
    figure = page(evidence, 3.2)
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
    label = f"below {percent_as_given(data['gradient'])}"
    ax.axhspan(ax.get_ylim()[0], threshold, color=style.BAND, zorder=0, label=label)
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


@draws("ends", "curvature")
def curvatures(evidence: Evidence) -> Figure:
    """Lowest and highest eigenvalues of the Hessian for every seed, as shares of the highest."""
    data = evidence["data"]
    figure = page(evidence, 3.2)
    axes = figure.subplots(1, 2, sharex=False)
    for order, end in enumerate(data["ends"]):
        shares = _of_highest(end)
        count = shares.shape[1] // 2
        look = _ENDS[order % len(_ENDS)]
        for ax, part in zip(axes, (shares[:, :count], shares[:, : count - 1 : -1]), strict=True):
            places = np.arange(1, count + 1) + 0.16 * (2 * (order % 2) - 1)
            ax.plot(places, part.T, linestyle="none", alpha=0.6, markeredgewidth=0, markersize=4.5, **look)
            ax.set_xticks(range(1, count + 1))
            ax.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes[0].plot(
            [], [], linestyle="none", **look, label=f"{_after(end)} (n = {counted(len(shares), 'seed')})"
        )
    lowest = [_of_highest(end)[:, : len(end["spectrum"][0]) // 2] for end in data["ends"]]
    in_decades_of(axes[0], data["curvature"], lowest)
    style.guide(axes[0], -data["curvature"], f"threshold: −{percent_as_given(data['curvature'])}", along="y")
    axes[0].axhline(0, color=style.GREY, linewidth=0.8, zorder=1)
    axes[1].set_ylim(bottom=min(0.0, axes[1].get_ylim()[0]))
    axes[0].set_xlabel("eigenvalue, lowest first")
    axes[1].set_xlabel("eigenvalue, highest first")
    style.percent(axes[1].yaxis, "share of the highest")
    axes[0].set_ylabel("share of the highest\n(%, partly logarithmic)")
    style.legend(figure, axes, columns=2)
    return figure


@draws("widths", "wide", "narrow")
def cost_by_width(evidence: Evidence) -> Figure:
    """Final test cost of every seed by width, with its density, and the standard deviation over seeds."""
    data = evidence["data"]
    rows = data["widths"]
    costs = [style.values(row["cost"]) for row in rows]
    figure = page(evidence, 3.7)
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    left.set_xlim(-0.6, len(rows) - 0.4)
    left.set_ylim(style.span(*costs))
    for place, (row, values) in enumerate(zip(rows, costs, strict=True)):
        chosen = row["width"] in (data["wide"], data["narrow"])
        bodies: Any = left.violinplot([values], [place], widths=0.8, showextrema=False)["bodies"]
        for body in bodies:
            body.set(
                facecolor=style.SKY if chosen else style.BAND, edgecolor=style.GREY, alpha=1, linewidth=0.8
            )
        style.draw_seeds(left, place, values, "y", 0.6, markersize=3)
    left.set_xticks(
        range(len(rows)),
        [_about_width(row) for row in rows],
        size=7.5,
    )
    left.set_xlabel(
        "hidden units (coloured: those of the verdict);\nr: correlation between training and test cost over seeds"
    )
    left.set_ylabel("test cost at the end of training")
    left.plot([], [], "o", color=style.BLUE, markersize=3, label="a seed")
    _spreads(right, evidence)
    style.legend(figure, [left, right], columns=2)
    return figure


def _about_width(row: dict[str, Any]) -> str:
    """Width, number of seeds and correlation on three lines."""
    known = row["correlation"]["value"]
    correlation = "" if known is None else f"\nr = {known:.2f}".replace("-", "−")
    return f"{row['width']:,}\nn = {len(row['cost']['values'])}{correlation}"


def _spreads(ax: Axes, evidence: Evidence) -> None:
    """The standard deviation by width with intervals, and the one that the band would allow at the wide network."""
    known = [row for row in evidence["data"]["widths"] if row["spread"]["value"]]
    widths = [row["width"] for row in known]
    spreads = [row["spread"]["value"] for row in known]
    narrow = [row["spread"]["value"] for row in known if row["width"] == evidence["data"]["narrow"]]
    edges = [end * narrow[0] for end in style.ends(evidence)] if narrow else []
    ends = [row["spread"][end] for row in known for end in ("lower", "upper")]
    shown = [number for number in (*spreads, *edges, *ends) if number] or [1.0]
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(min(widths, default=1) / 1.5, max(widths, default=1) * 1.5)
    ax.set_ylim(min(shown) / 1.3, max(shown) * 1.3)
    for row, spread in zip(known, spreads, strict=True):
        low, high = (row["spread"][end] for end in ("lower", "upper"))
        whiskers = (
            None if low is None or high is None else [[max(0.0, spread - low)], [max(0.0, high - spread)]]
        )
        ax.errorbar(row["width"], spread, yerr=whiskers, fmt="D", color=style.BLUE, capsize=4)
    ax.plot(widths, spreads, color=style.BLUE, linewidth=1)
    ax.errorbar(
        [], [], yerr=[], fmt="D", color=style.BLUE, capsize=4, label="standard deviation and its interval"
    )
    for end, edge in zip(style.ends(evidence), edges, strict=False):
        style.guide(ax, edge, f"edge of the band: {end:g} of that at the narrow width", along="y")
    ax.set_xticks(widths, [f"{width:,}" for width in widths], size=7.5)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("hidden units (logarithmic scale)")
    ax.set_ylabel("standard deviation of the test cost\n(logarithmic scale)")
    label_decades(ax.yaxis, ax.get_ylim())


def _of_highest(end: dict[str, Any]) -> NDArray[np.float64]:
    """Both ends of the spectrum as shares of the highest eigenvalue; NaN where that is not positive."""
    spectrum = style.array(end["spectrum"])
    highest = spectrum[:, -1:]
    return np.asarray(np.divide(spectrum, highest, out=np.full(spectrum.shape, np.nan), where=highest > 0))


def _above(line: dict[str, Any], threshold: float) -> str:
    """The share of pairs with a barrier, with its interval."""
    return f"barrier above {percent_as_given(threshold)}: {_interval(line['above'])}"


def _interval(share: dict[str, Any]) -> str:
    ends = f"{100 * share['lower']:.0f} to {100 * share['upper']:.0f} %"
    return f"{100 * share['value']:.0f} % ({ends})"


def _row(line: dict[str, Any], threshold: float) -> str:
    name = line["name"].replace(": ", ":\n")
    return f"{name}{' (verdict)' if line['verdict'] else ''}\nn = {counted(len(line['pairs']), 'pair')}"


def _after(end: dict[str, Any]) -> str:
    return f"after {counted(end['steps'], 'further step')}" if end["steps"] else "at the end of training"


def _join(ax: Axes, ends: list[dict[str, Any]], gradients: list[Any], curvatures: list[Any]) -> None:
    """Thin lines between the marks of a seed before and after further steps."""
    for last in range(1, len(ends)):
        places = [{seed: i for i, seed in enumerate(ends[which]["seeds"])} for which in (0, last)]
        for seed in sorted(places[0].keys() & places[1].keys()):
            i, j = places[0][seed], places[1][seed]
            x, y = (gradients[0][i], gradients[last][j]), (curvatures[0][i], curvatures[last][j])
            ax.plot(x, y, color=style.GREY, linewidth=0.6, zorder=1)
