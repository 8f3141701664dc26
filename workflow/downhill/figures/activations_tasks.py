"""Drawing tasks that a line cannot solve: answers on the plane, and accuracies by units."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from numpy.typing import NDArray

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.marks import draw_sweep, looks
from downhill.report.wording import number

_BACKGROUNDS = ("#b5cfe4", "#fbeadb", "#d0d0d0", "#f9f5c8", "#e6dff0")
_POINTS: tuple[dict[str, Any], ...] = (
    {"color": style.BLUE, "marker": "o"},
    {"color": style.VERMILLION, "marker": "^"},
    {"color": style.INK, "marker": "s"},
    {"color": style.SKY, "marker": "D"},
    {"color": style.GREY, "marker": "v"},
)


def draw_plane(ax: Axes, region: dict[str, Any], kind: str, task: dict[str, Any]) -> None:
    """The answers of a network on a grid, and test points with their classes; the title gives the mean accuracy."""
    low, high = region["axis"]
    answers = np.array([[ord(letter) - ord("0") for letter in row] for row in region["answers"][kind]])
    colours = ListedColormap([_BACKGROUNDS[place % len(_BACKGROUNDS)] for place in range(255)])
    half = (high - low) / max(1, len(answers) - 1) / 2
    edges = (low - half, high + half, low - half, high + half)
    ax.imshow(
        answers, cmap=colours, vmin=-0.5, vmax=254.5, origin="lower", extent=edges, interpolation="nearest"
    )
    axis = np.linspace(low, high, len(answers))
    for answer in np.unique(answers)[1:]:  # the border of the first one is that of the others
        ax.contour(axis, axis, _smoothed(answers == answer), levels=[0.5], colors=style.INK, linewidths=1.2)
    points, labels = style.array(region["points"]).reshape(-1, 2), np.array(region["labels"], int)
    for label in np.unique(labels):
        look = _POINTS[label % len(_POINTS)]
        chosen = points[labels == label]
        ax.plot(
            *chosen.T,
            linestyle="none",
            markersize=3,
            markeredgewidth=0,
            alpha=0.8,
            label=f"class {label}",
            **look,
        )
    ax.set_xlim(low - half, high + half)
    ax.set_ylim(low - half, high + half)
    ax.set_aspect("equal")
    mean, least, most = style.mean_interval(task["accuracy"][kind])
    interval = "" if np.isnan(least) else f" ({number(least, 'share')} to {number(most, 'share')})"
    ax.set_title(f"{region['name']}, {kind} units:\n{number(mean, 'share')}{interval}", size=8.5)
    ax.set_xlabel("first input")
    ax.set_ylabel("second input")


def _smoothed(inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """The mean of the 5 × 5 places around each, so that a border along a grid looks as straight as it is."""
    around = np.pad(inside.astype(np.float64), 2, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(around, (5, 5)).mean(axis=(2, 3)))


def draw_kind(ax: Axes, evidence: style.Evidence, kind: str, part: int) -> None:
    """Test accuracy of every seed of each task with one kind of hidden units, with the band."""
    data = evidence["data"]
    tasks = data["tasks"]
    ax.set_xlim(-0.6, len(tasks) - 0.4)
    ax.set_ylim(-0.03, 1.05)
    style.shade_band(ax, evidence, along="y", part=part)
    for place, (task, look) in enumerate(zip(tasks, looks(len(tasks)), strict=True)):
        sample = task["accuracy"][kind]
        marks = {"color": look["color"], "marker": look["marker"]}
        style.draw_seeds(ax, place + 0.15, style.values(sample), "y", 0.5, **marks)
        style.draw_mean(ax, place - 0.28, sample, "y")
    ax.set_xticks(
        range(len(tasks)), [f"{task['name']}\nn = {len(task['accuracy'][kind]['values'])}" for task in tasks]
    )
    ax.set_xlabel("task")
    if part:
        ax.tick_params(labelleft=False)
    else:
        style.percent(ax.yaxis, "test accuracy")
    ax.set_title(counted(data["units"], f"{kind} unit"))
    if not part:
        ax.plot([], [], "o", color=style.BLUE, alpha=0.75, markeredgewidth=0, label="a seed")
        ax.errorbar([], [], yerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")


def draw_by_width(ax: Axes, tasks: list[dict[str, Any]], enough: float) -> None:
    """Test accuracy by number of tanh units: every seed, and the mean with its interval."""
    for place, task in enumerate(tasks):
        widths = style.array(task["widths"]) * 1.05 ** (place - (len(tasks) - 1) / 2)
        label = f"{task['name']}: mean and its interval"
        draw_sweep(ax, widths, task["by_width"], place, len(tasks), label)
    ax.set_xscale("log", base=2)
    if tasks:
        ax.set_xticks(tasks[0]["widths"], [f"{width:,}" for width in tasks[0]["widths"]])
    ax.minorticks_off()
    ax.set_ylim(-0.03, 1.05)
    style.guide(ax, enough, f"{100 * enough:g} %", along="y")
    ax.set_xlabel("number of tanh units")
    style.percent(ax.yaxis, "test accuracy")
    ax.set_title("how many units it takes")
