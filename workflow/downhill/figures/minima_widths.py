"""Drawing costs of networks of several widths, and how much they spread over seeds."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from downhill.claims.wording import with_minus
from downhill.figures import style
from downhill.figures.scales import label_decades

_FEWEST_OF_A_DENSITY = 20
"""Seeds; the density of fewer suggests a shape that is not known."""

_OTHER: dict[str, Any] = {"color": style.GREY, "marker": "^"}  # widths that the verdict is not about


def draw_costs(ax: Axes, data: dict[str, Any]) -> None:
    """The cost of every seed by width; with many seeds, also its density."""
    rows = data["widths"]
    costs = [style.values(row["cost"]) for row in rows]
    ax.set_xlim(-0.6, len(rows) - 0.4)
    ax.set_ylim(style.span(*costs))
    for place, (row, values) in enumerate(zip(rows, costs, strict=True)):
        if len(values) >= _FEWEST_OF_A_DENSITY:
            bodies: Any = ax.violinplot([values], [place], widths=0.8, showextrema=False)["bodies"]
            for body in bodies:
                body.set(facecolor="white", edgecolor=style.GREY, alpha=1, linewidth=0.8)
        look = style.TEST if row["width"] in (data["wide"], data["narrow"]) else _OTHER
        style.draw_seeds(
            ax, place, values, "y", 0.6, markersize=3.5, color=look["color"], marker=look["marker"]
        )
    ax.set_xticks(range(len(rows)), [_name(row) for row in rows], size=7.5)
    ax.set_xlabel("hidden units; r: correlation between\ntraining and test cost over seeds")
    ax.set_ylabel("test cost at the end of training")
    for look, which in ((style.TEST, "widths of the verdict"), (_OTHER, "other widths")):
        color, marker = look["color"], look["marker"]
        ax.plot([], [], marker, color=color, markersize=3.5, label=f"a seed ({which})")


def draw_ratios(ax: Axes, evidence: style.Evidence) -> None:
    """The standard deviation of each width over that of the narrow one, with intervals, and the band."""
    data = evidence["data"]
    known = [row for row in data["widths"] if row["ratio"]["value"]]
    widths = [row["width"] for row in known]
    numbers = [row["ratio"][key] for row in known for key in ("value", "lower", "upper")]
    shown = [number for number in (*numbers, *style.ends(evidence), 1.0) if number]
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(min(widths, default=1) / 1.5, max(widths, default=1) * 1.5)
    ax.set_ylim(min(shown) / 1.3, max(shown) * 1.3)
    style.shade_band(ax, evidence, "y")
    ax.plot(widths, [row["ratio"]["value"] for row in known], color=style.GREY, linewidth=0.8, zorder=1)
    for row in known:
        ratio, low, high = (row["ratio"][key] for key in ("value", "lower", "upper"))
        known_ends = low is not None and high is not None
        whiskers = [[max(0.0, ratio - low)], [max(0.0, high - ratio)]] if known_ends else None
        look = _look(row["width"], data)
        ax.errorbar(row["width"], ratio, yerr=whiskers, capsize=4, **look)
    for width, label in (
        (data["wide"], f"ratio of the verdict ({data['wide']:,} to {data['narrow']:,} units)"),
        (data["narrow"], "1 by definition"),
        (None, "ratio at another width"),
    ):
        ax.errorbar([], [], yerr=[], capsize=4, label=label, **_look(width, data))
    ax.set_xticks(widths, [f"{width:,}" for width in widths], size=7.5)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set_xlabel("hidden units (logarithmic scale)")
    ax.set_ylabel(
        f"standard deviation of the test cost,\nover that with {data['narrow']:,} units (log. scale)"
    )
    label_decades(ax.yaxis, ax.get_ylim())


def _look(width: int | None, data: dict[str, Any]) -> dict[str, Any]:
    if width == data["wide"]:
        return {"fmt": "D", "color": style.BLUE, "markersize": 8, "elinewidth": 2.5}
    if width == data["narrow"]:
        return {"fmt": "o", "color": style.INK, "markerfacecolor": "white"}
    return {"fmt": "^", "color": style.GREY}


def _name(row: dict[str, Any]) -> str:
    """Width, number of seeds and correlation on three lines."""
    known = row["correlation"]["value"]
    correlation = "" if known is None else f"\nr = {with_minus(f'{known:.2f}')}"
    return f"{row['width']:,}\nn = {len(row['cost']['values'])}{correlation}"
