"""Drawing costs of single images: their distribution with examples, and how they change."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from downhill.claims.wording import counted, percent
from downhill.figures import style
from downhill.figures.gallery import draw_image
from downhill.figures.lettering import shortened
from downhill.figures.marks import COLOURS, MARKERS, extent

_LONGEST = 8  # letters of a class's name above a small image
_SMALL = 6.5  # points


def histogram_of_costs(ax: Axes, found: dict[str, Any]) -> None:
    """Shares of the images with right and with wrong answers, by cost, on a logarithmic axis."""
    edges = 10 ** style.array(found["edges"])
    filled: dict[str, Any] = {"facecolor": style.SKY, "edgecolor": "none", "fill": True}
    outlined: dict[str, Any] = {"color": style.VERMILLION, "linewidth": 1.8}
    for name, look in (("right", filled), ("wrong", outlined)):
        counts = style.array(found["counts"][name])
        if counts.sum():
            label = f"{name} answers ({counted(int(counts.sum()), 'image')})"
            ax.stairs(counts / counts.sum(), edges, label=label, **look)
    ax.set_xscale("log")
    ax.set_xlim(edges[0], edges[-1])
    ax.set_ylim(bottom=0)
    style.percent(ax.yaxis, "share of images with\nright or wrong answers")
    style.powers_of_ten(ax.xaxis)
    cheaper = (
        f" ({counted(found['cheaper'], 'cheaper image')} drawn at the left end)" if found["cheaper"] else ""
    )
    ax.set_xlabel(f"cost of an image{cheaper}")


def draw_examples(ax: Axes, found: dict[str, Any]) -> None:
    """One image of each column of the histogram, below it, with its class, the answer and its cost."""
    ax.set_axis_off()
    room = 0.42 * found["column"]  # to either side of an image
    for one in found["images"]:
        left, right = 10 ** (one["at"] - room), 10 ** (one["at"] + room)
        inset = ax.inset_axes((left, 0, right - left, 1), transform=ax.get_xaxis_transform())
        inset.set_axis_off()
        draw_image(inset, one["pixels"])
        label, answer = (shortened(one[key], _LONGEST) for key in ("label", "answer"))
        wrong = one["label"] != one["answer"]
        inset.set_title(
            f"{label}\n{answer}\n{one['cost']:.2g}",
            size=_SMALL,
            loc="center",
            pad=2,
            color=style.RUST if wrong else style.INK,
            weight="bold" if wrong else "normal",
        )
    if found["images"]:  # the three lines are named once, above an empty image at the left
        width = 2 * room / (found["edges"][-1] - found["edges"][0])
        inset = ax.inset_axes((-width - 0.01, 0, width, 1))
        inset.set_axis_off()
        draw_image(inset, np.full(np.shape(found["images"][0]["pixels"]), np.nan))
        inset.set_title("class\nanswer\ncost", size=_SMALL, loc="right", pad=2, color=style.GREY)


def histogram_of_changes(ax: Axes, changes: dict[str, Any]) -> None:
    """Counts of images by the change of their cost, on a logarithmic scale; rises have another colour and a hatch."""
    edges, counts = style.array(changes["edges"]), style.array(changes["counts"])
    middles, widths = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    looks: tuple[dict[str, Any], ...] = (
        {"color": style.SKY},
        {"facecolor": "white", "edgecolor": style.VERMILLION, "hatch": "//////"},
    )
    for name, where, look in zip(("fell", "rose"), (middles < 0, middles > 0), looks, strict=True):
        shown = where & (counts > 0)
        if shown.any():
            ax.bar(middles[shown], counts[shown], widths[shown], label=f"cost {name}", linewidth=0.6, **look)
    ax.set_yscale("log")
    ax.set_ylim(0.7, 30 * max(1, counts.max(initial=1)))
    style.powers_of_ten(ax.yaxis)
    style.guide(ax, 0, "no change")
    texts = [f"{name}: {changes[name]:,}" for name in ("fell", "rose") if changes[name]]
    texts += [f"same: {changes['same']:,}"] if changes["same"] else []
    ax.text(0.03, 0.98, "\n".join(texts), transform=ax.transAxes, va="top", size=8)
    ax.set_xlabel("change of an image's cost")


def draw_shares_that_fell(ax: Axes, compared: dict[str, style.Sample]) -> None:
    """Shares of the images whose own cost fell between two sets of weights, for every seed, and their means."""
    ax.set_xlim(-0.6, len(compared) - 0.4)
    ax.set_ylim(style.span(*map(extent, compared.values()), 1))
    ax.axhline(1, color=style.INK, linewidth=1, linestyle=":", zorder=1)
    names = []
    for place, (name, sample) in enumerate(compared.items()):
        color, marker = COLOURS[place], MARKERS[place]
        style.draw_seeds(ax, place + 0.15, style.values(sample), "y", room=0.4, color=color, marker=marker)
        mean = style.draw_mean(ax, place - 0.15, sample, "y")
        names.append(f"{name}\nmean:\n{percent(mean, 3)}")
    ax.set_xticks(range(len(compared)), names, size=7.5)
    ax.set_xlabel("weights compared")
    ax.yaxis.set_major_locator(MaxNLocator(5))
    style.percent(ax.yaxis, "images whose own cost fell")
    ax.set_title("all seeds\n" + f"(n = {len(next(iter(compared.values()))['values']):,})")
    ax.errorbar([], [], yerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")


def before_and_after(one: dict[str, Any]) -> str:
    """The cost of an image before and after training: `0.63 → 0.99`."""
    return " → ".join(f"{cost:.2f}" if cost >= 0.1 else f"{cost:.2g}" for cost in (one["start"], one["end"]))
