"""Drawing what networks answer to noise: images with answers, and how often each seed gives each answer."""

from textwrap import wrap
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from downhill.figures import style
from downhill.figures.gallery import draw_image, without_ticks
from downhill.figures.lettering import LONGEST_NAME, shortened
from downhill.figures.noise_kinds import about_network, about_outputs, about_verdict, noise_first
from downhill.figures.pages import page

_LONGEST_ANSWER = 12  # on the wall, in letters


def draw_wall_of_noise(evidence: style.Evidence) -> Figure:
    """Images of noise and test images, with the answers of a few seeds and their largest outputs."""
    wall, kind = evidence["data"]["wall"], evidence["data"]["kind"]
    kinds = {row["kind"]: row for row in wall["rows"] if row["images"]}
    rows = [kinds[kind] for kind in noise_first(kinds)]
    columns = max((len(row["images"]) for row in rows), default=0)
    shape = np.shape(rows[0]["images"][0]["pixels"]) if rows else (1, 1)
    remarks = [about_verdict(kind), about_network(wall["network"]), about_outputs(wall["output"])]
    figure = page(evidence, 0.85 + 1.08 * max(1, len(rows)), *remarks, *style.stretched(*shape))
    if not rows:
        figure.text(0.5, 0.3, "The experiment keeps no images.", ha="center")
        return figure
    grid = figure.subplots(len(rows), 2 * columns, width_ratios=[1, 1.5] * columns, squeeze=False)
    limit = max(1.0, *(float(np.max(one["largest"])) for row in rows for one in row["images"]))
    for axes, row in zip(grid, rows, strict=True):
        axes[0].set_ylabel("\n".join(wrap(shortened(row["kind"], 32), 16)), size=7.5, weight="bold")
        for place, one in enumerate(row["images"]):
            image, bars = axes[2 * place : 2 * place + 2]
            draw_image(image, one["pixels"])
            without_ticks(image)
            _draw_bars(bars, one, wall, limit)
            bars.set_xticks([0, 0.5, 1] if row is rows[-1] else [])
            if row is rows[-1]:
                bars.set_xlabel("largest output", size=7)
    style.legend(figure, [grid[0][1]], columns=2)
    return figure


def _draw_bars(ax: Axes, one: dict[str, Any], wall: dict[str, Any], limit: float) -> None:
    """The answer of each seed to an image, with a bar as long as its largest output."""
    seeds = wall["seeds"]
    places = np.arange(len(seeds))
    ax.barh(
        places, style.array(one["largest"]), color=style.BLUE, height=0.7, label="largest output of a seed"
    )
    ax.set(xlim=(0, limit), ylim=(len(seeds) - 0.4, -0.6))
    ax.set_yticks(places, [shortened(name, _LONGEST_ANSWER) for name in one["answers"]])
    ax.tick_params(axis="both", length=0, labelsize=7)
    ax.set_ylabel("answer", size=7)
    for place, seed in enumerate(seeds):
        ax.annotate(f"seed {seed}", (1, place), (2, 0), xycoords=("axes fraction", "data"),
                    textcoords="offset points", va="center", size=6, color=style.GREY)  # fmt: skip
    marked = wall["marked"]
    ax.axvline(marked["output"], color=style.VERMILLION, linewidth=1, linestyle="--", zorder=3,
               label=f"{marked['as']}: {marked['output']:g}")  # fmt: skip


def draw_answers_by_seed(evidence: style.Evidence) -> Figure:
    """How often each seed gives each answer, for noise and for test images."""
    answers = evidence["data"]["answers"]
    kinds = noise_first(answers["shares"])
    classes = [shortened(name, LONGEST_NAME) for name in answers["classes"]]
    shares = {kind: style.array(answers["shares"][kind]) for kind in kinds}
    order = np.lexsort((-shares[kinds[0]].max(axis=1), shares[kinds[0]].argmax(axis=1)))
    n = len(order)
    figure = page(evidence, min(6.0, 1.5 + 0.075 * max(n, 12)), about_verdict(evidence["data"]["kind"]))
    axes = figure.subplots(1, len(kinds), sharey=True, squeeze=False)[0]
    for ax, kind in zip(axes, kinds, strict=True):
        look: dict[str, Any] = {"cmap": "gray_r", "vmin": 0, "vmax": 1, "aspect": "auto"}
        image = ax.imshow(shares[kind][order], interpolation="none", **look)
        ax.set_title(shortened(kind, 24), size=8)
        ax.set_xlabel("answer")
        every = -(-len(classes) // 30)
        long = max(map(len, classes)) > 2
        ax.set_xticks(
            range(0, len(classes), every), classes[::every], rotation=90 if long else 0, size=7 if long else 8
        )
        ax.spines[["top", "right"]].set_visible(True)
    axes[0].set_yticks([])
    axes[0].set_ylabel(f"seeds (n = {n}), by their most\nfrequent answer to {shortened(kinds[0], 24)}")
    bar = figure.colorbar(image, ax=list(axes), pad=0.01, aspect=25)
    style.percent(bar.ax.yaxis, "share of images")
    return figure
