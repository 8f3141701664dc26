"""Drawing numbers of operations: bars for the passes of a network, and their ratio by width."""

from typing import Any

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, NullLocator

from downhill.claims.wording import counted
from downhill.figures import style

_PASSES = ("forward", "backward")
_LOOKS: dict[str, dict[str, Any]] = {
    "multiplications": {"facecolor": style.BLUE, "edgecolor": style.INK},
    "additions": {"facecolor": style.SKY, "edgecolor": style.INK, "hatch": "///"},
}
_LINES: tuple[dict[str, Any], ...] = (
    {"color": style.BLUE, "marker": "o", "linestyle": "-"},
    {"color": style.VERMILLION, "marker": "s", "linestyle": "--"},
    {"color": style.INK, "marker": "^", "linestyle": ":"},
    {"color": style.GREY, "marker": "D", "linestyle": "-."},
)


def draw_bars(ax: Axes, count: dict[str, Any], parameters: int | None = None) -> None:
    """Operations of both passes for some number of images; with `parameters`, also those of nudging each of them.

    Without it, bars are divided into multiplications and additions; with it, the scale is logarithmic.
    """
    totals = [count["tape"][one]["multiplications"] + count["tape"][one]["additions"] for one in _PASSES]
    names = ["forward\npass", "backward\npass"]
    if parameters is None:
        bottom = [0, 0]
        for kind, look in _LOOKS.items():
            heights = [count["tape"][one][kind] for one in _PASSES]
            ax.bar(range(2), heights, 0.6, bottom, linewidth=0.6, label=kind, **look)
            bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
        ax.set_ylim(0, 1.18 * max(totals))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))
    else:
        totals.append(parameters * totals[0])
        names.append(f"{parameters:,}\nforward\npasses")
        ax.set_yscale("log")
        ax.set_ylim(min(totals) / 10, max(totals) * 6)
        ax.bar(range(3), totals, 0.6, facecolor="white", edgecolor=style.INK, linewidth=0.8)
        style.powers_of_ten(ax.yaxis)
    for place, total in enumerate(totals):
        ax.annotate(f"{total:,}", (place, total), (0, 5), textcoords="offset points", ha="center", size=7)
    ax.plot(range(2), [count["formulas"][one] for one in _PASSES], "D", color=style.VERMILLION, markersize=4,
            linestyle="none", label="by the formulas")  # fmt: skip
    ax.set_xticks(range(len(names)), names, size=7)
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.set_xlabel(f"{'mean cost' if count['images'] > 1 else 'cost'} of {counted(count['images'], 'image')}")
    ax.set_ylabel("operations" if parameters is None else "operations (log. scale)")


def draw_ratios(ax: Axes, data: dict[str, Any]) -> None:
    """The ratio by width for several numbers of images, and the network of the claim with a line across."""
    found = data["widths"]
    ax.set_xscale("log")
    highest = max(ratio for one in found["ratios"] for ratio in one["ratio"])
    ax.set_ylim(0, max(1.08 * highest, 3.3))
    for one, look in zip(found["ratios"], _LINES, strict=False):
        label = f"mean cost of {counted(one['images'], 'image')}"
        ax.plot(found["widths"], one["ratio"], **look, label=label)
    dashes = ((1, 1.5), (5, 2))
    for count, look, dash in zip((data["counts"][0], data["counts"][-1]), _LINES, dashes, strict=False):
        passes = [count["tape"][one]["multiplications"] + count["tape"][one]["additions"] for one in _PASSES]
        name = "-".join(map(str, data["layer_sizes"]))
        label = f"the {name} network, {counted(count['images'], 'image')}"
        ax.axhline(
            passes[1] / passes[0], color=look["color"], linewidth=0.9, linestyle=(0, dash), label=label
        )
    ax.set_xticks(found["widths"], [f"{width:,}" for width in found["widths"]], size=7.5)
    ax.xaxis.set_minor_locator(NullLocator())
