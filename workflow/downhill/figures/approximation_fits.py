"""Drawing a curve with its fits, their errors, and the largest error by width."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.scales import label_decades

_CURVE: dict[str, Any] = {"color": "#b5b5b5", "linewidth": 3.6, "solid_capstyle": "round"}
_FIT: dict[str, Any] = {"color": style.BLUE, "linewidth": 0.9}
_BY_HAND: dict[str, Any] = {"color": style.VERMILLION, "linewidth": 0.8, "linestyle": (0, (3, 1.5))}
_LEAST = 1e-4  # the smallest error that is drawn on a logarithmic scale


def draw_fits(ax: Axes, fits: dict[str, Any], place: int, row: dict[str, Any]) -> None:
    """The curve, the fit of every seed, and the network written by hand, for one width."""
    x = style.array(fits["x"])
    ax.plot(x, style.array(fits["target"]), **_CURVE, label="the curve f(x)")
    ax.plot(x, style.array(fits["by_hand"][place]), **_BY_HAND, label="a network written by hand")
    for output in fits["outputs"][place]:
        ax.plot(x, style.array(output), **_FIT)
    ax.plot([], [], **_FIT, label="found by descent (one line per seed)")
    values = style.values(row["fits"])
    error = f"{np.nanmean(values):.2g}" if np.isfinite(values).any() else "unknown"
    ax.set_title(f"{counted(row['width'], 'unit')}\nlargest error {error}", size=8.5)
    ax.set_ylim(*style.span(style.array(fits["target"]), margin=0.2))
    ax.set_xticks(np.linspace(x.min(), x.max(), 3))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:.3g}"))


def draw_error(ax: Axes, fits: dict[str, Any], place: int) -> None:
    """The absolute error of the same networks, on a logarithmic scale."""
    x, target = style.array(fits["x"]), style.array(fits["target"])
    ax.set_yscale("log")
    errors = [abs(style.array(fits[name]) - target) for name in ("outputs", "by_hand")]
    ax.set_ylim(_LEAST, max(1.0, style.span(*errors)[1]))
    for output, look in [
        (fits["by_hand"][place], _BY_HAND | {"linewidth": 0.6}),
        *((output, _FIT | {"linewidth": 0.6}) for output in fits["outputs"][place]),
    ]:
        ax.plot(x, np.maximum(abs(style.array(output) - target), _LEAST), **look)
    style.powers_of_ten(ax.yaxis)


def draw_widths(ax: Axes, data: dict[str, Any]) -> None:
    """Largest errors of all restarts, of every seed's fit with their mean, and of the network written by hand."""
    rows, threshold = data["widths"], data["threshold"]
    widths = style.array([row["width"] for row in rows])
    by_hand = style.array([row["by_hand"] for row in rows])
    numbers = [style.array(row["restarts"]) for row in rows]
    low, high = style.span(*(np.log10(one[one > 0]) for one in (*numbers, by_hand)), np.log10(threshold))
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(widths.min() / 1.6, widths.max() * 1.6)
    ax.set_ylim(10**low, 10**high)
    for row in rows:
        restarts, fits = style.array(row["restarts"]), style.values(row["fits"])
        beside = row["width"] * np.array([0.87, 1.0])
        ax.plot(np.full(len(restarts), beside[0]), restarts, "_", color=style.GREY, markersize=9)
        ax.plot(
            np.full(len(fits), beside[1]),
            fits,
            "o",
            color=style.BLUE,
            alpha=0.75,
            markersize=4.5,
            markeredgewidth=0,
        )
        style.draw_mean(ax, row["width"] * 1.13, row["fits"], "y")
    means = [style.mean_interval(row["fits"])[0] for row in rows]
    ax.plot(widths * 1.13, means, color=style.INK, linewidth=1, zorder=1)
    ax.plot(
        widths,
        by_hand,
        marker="s",
        markersize=5,
        **_BY_HAND,
        label="a network written by hand: steps of a staircase",
    )
    found = data["crossing"]
    if found and found["value"] is not None:
        label = f"the mean crosses {threshold:g} at {found['value']:.0f} units, with its interval"
        style.draw_estimate(ax, threshold, found, fmt="P", color=style.SKY, markeredgecolor=style.INK,
                            ecolor=style.INK, markersize=8, zorder=5, label=label)  # fmt: skip
    ax.plot([], [], "_", color=style.GREY, markersize=9, label="a restart")
    many = data["restarts"] > 1
    best = f"the best of {data['restarts']:,} restarts by training cost" if many else "a single start"
    label = f"fit of a seed: {best} (n = {data['seeds']:,})"
    ax.plot([], [], "o", color=style.BLUE, alpha=0.75, markersize=4.5, label=label)
    ax.errorbar(
        [], [], yerr=[], fmt="D", color=style.INK, capsize=4, label="mean of the fits and its interval"
    )
    ax.set_xticks(widths, [f"{width:,.0f}" for width in widths])
    ax.xaxis.set_minor_locator(NullLocator())
    label_decades(ax.yaxis, ax.get_ylim())
