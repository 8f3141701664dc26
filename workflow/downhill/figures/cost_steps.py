"""Drawing which steps lower the cost, and a descent on a slice of its surface."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm

from downhill.claims.wording import counted
from downhill.figures import style


def draw_shares(ax: Axes, one: dict[str, Any], look: dict[str, Any], count: int, place: int) -> None:
    """Shares of steps that lower the cost by the size of the step: a dot for each seed, and the mean with its interval.

    Parameters
    ----------
    one
        A network of the sweep.
    look
        Its colour and marker.
    count, place
        Number of networks in the panel, and which of them it is: their marks lie side by side.
    """
    multiples = style.array(one["multiples"]) * 1.04 ** (place - (count - 1) / 2)
    for multiple, sample in zip(multiples, one["shares"], strict=True):
        values = style.values(sample)
        ax.plot(np.full(len(values), multiple), values, **(look | {"alpha": 0.25, "markersize": 3}))
        style.draw_mean(
            ax, multiple, sample, "y", color=look["color"], fmt=look["marker"], capsize=2, elinewidth=0.8
        )
    means = [style.mean_interval(sample)[0] for sample in one["shares"]]
    label = f"{one['activation']} units ({style.seeds(one['shares'])}, {counted(one['points'], 'point')})"
    ax.plot(multiples, means, color=look["color"], marker=look["marker"], linewidth=1.1, label=label)


def draw_crossings(ax: Axes, panel: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    """Where half of the steps fail, with the interval: a row for each network with its look, the first at the top."""
    ax.set_yticks([])
    for place, (one, look) in enumerate(panel):
        found = one["crossing"]
        if not found:
            text = "at none of these sizes"
            ax.text(0.5, place, text, transform=ax.get_yaxis_transform(), ha="center", va="center", size=6.5)
            continue
        marks = {"color": look["color"], "fmt": look["marker"], "capsize": 3, "elinewidth": 2.2}
        style.draw_estimate(ax, place, found, **marks)


def draw_surface(ax: Axes, found: dict[str, Any]) -> None:
    """The cost on a plane with contours, and the path of a descent on it with its epochs and costs."""
    x, y, cost, path = (style.array(found[name]) for name in ("x", "y", "cost", "path"))
    low, high = float(np.nanmin(cost)), float(np.nanmax(cost))
    scale = LogNorm(low, high) if 0 < low < high else None
    image = ax.pcolormesh(x, y, cost, cmap=style.DIVERGING, shading="gouraud", norm=scale, rasterized=True)
    figure = ax.get_figure()
    assert figure is not None
    bar = figure.colorbar(image, ax=ax, aspect=30)
    bar.set_label(f"mean cost of {counted(found['n_images'], 'training image')}")
    if scale:
        levels = np.geomspace(low, high, 14)[1:-1]
        bar.add_lines(ax.contour(x, y, cost, levels, colors="white", linewidths=0.7))
        bar.set_ticks(levels.tolist(), labels=[f"{level:.2g}" for level in levels])
        bar.ax.minorticks_off()
    ax.plot(*path.T, color=style.INK, linewidth=3.2)
    ax.plot(*path.T, color="white", linewidth=1.4, marker="o", markersize=6, markeredgecolor=style.INK)
    box = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.2}
    for place, (at, epoch, value) in enumerate(zip(path, found["epoch"], found["path_cost"], strict=True)):
        text = f"{f'epoch {epoch}' if epoch else 'start'} ({value:.2g})"
        right = [beside - at for beside in path[max(0, place - 1) : place + 2] if beside[0] > at[0]]
        below = bool(right) and all(way[1] > 0 for way in right)  # the label must not hide the path
        ax.annotate(text, at, (7, -5 if below else 5), va="top" if below else "bottom",
                    textcoords="offset points", size=8, bbox=box)  # fmt: skip
    ax.set_aspect("equal" if 0.4 < np.ptp(y) / np.ptp(x) < 2.5 else "auto")
    ax.set_xlabel("along the first principal direction of the descent (units of the weights)")
    ax.set_ylabel("along the second principal direction")
