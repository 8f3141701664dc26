"""Drawing gradients by layer, and accuracies by depth."""

from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.marks import MARKERS, draw_sweep, looks
from downhill.figures.scales import label_decades


def in_panels(figure: Figure, count: int) -> list[Axes]:
    """Panels side by side with one axis of logarithms."""
    axes = list(figure.subplots(1, count, sharey=True, squeeze=False)[0])
    for ax in axes:
        ax.set_yscale("log")
        ax.set_xlabel("hidden layer")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=8, min_n_ticks=1))
    return axes


def same_limits(axes: Sequence[Axes], samples: Sequence[style.Sample]) -> None:
    """Limits that include all of these logarithms."""
    known = [value for sample in samples for value in style.mean_interval(sample)]
    low, high = style.span(known, margin=0.05)
    axes[0].set_ylim(10**low, 10**high)
    style.powers_of_ten(axes[0].yaxis)


def draw_start(ax: Axes, kind: dict[str, Any]) -> None:
    """Norms of every hidden layer before training: a line per depth."""
    for depth, layers in zip(kind["depths"], kind["start"], strict=True):
        _draw_layers(ax, layers, _shade(depth), MARKERS[(depth - 1) % len(MARKERS)], f"depth {depth}")
    _title(ax, kind, [sample for layers in kind["start"] for sample in layers])


def draw_training(ax: Axes, kind: dict[str, Any]) -> None:
    """Norms of every hidden layer of the deepest network: a line per epoch."""
    for place, (epoch, layers) in enumerate(zip(kind["epochs"], kind["training"], strict=True)):
        name = f"after {counted(int(epoch), 'epoch')}" if epoch else "before training"
        _draw_layers(ax, layers, _shade(2 * place + 1), MARKERS[place % len(MARKERS)], name)
    _title(ax, kind, [sample for layers in kind["training"] for sample in layers])


def _draw_layers(ax: Axes, layers: list[style.Sample], colour: Any, marker: str, name: str) -> None:
    ends = np.array([style.mean_interval(sample) for sample in layers], np.float64).reshape(-1, 3)
    x = np.arange(1, len(layers) + 1)
    mean, low, high = (10.0**column for column in ends.T)
    ax.fill_between(x, low, high, color=colour, alpha=0.25, linewidth=0)
    ax.plot(x, mean, color=colour, marker=marker, markersize=4.5, linewidth=1.3, label=name)


def _shade(place: int) -> Any:
    """A colour whose lightness shows the depth, or the epoch."""
    return mpl.colormaps["cividis"](min(0.92, 0.115 * (place - 1)))


def _title(ax: Axes, kind: dict[str, Any], samples: Sequence[style.Sample]) -> None:
    some = [sample for sample in samples if len(sample["values"])]
    seeds = style.seeds(some) if some else "no seed"
    ax.set_title("\n".join([*kind["name"].split(", ", 1), seeds]), size=8)


def draw_accuracy(ax: Axes, kind: dict[str, Any], place: int, count: int) -> None:
    """Test accuracy by depth: every seed, and the mean with its interval."""
    depths = style.array(kind["depths"]) + 0.11 * (place - (count - 1) / 2)
    label = f"{kind['name']} ({style.seeds(kind['accuracy'])})"
    draw_sweep(ax, depths, kind["accuracy"], place, count, label)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def draw_factors(ax: Axes, evidence: style.Evidence) -> None:
    """Factor between neighbouring layers of every seed by kind of units, with the band."""
    kinds = evidence["data"]["kinds"]
    found = [style.array(kind["factor"]["values"]) for kind in kinds]
    ends = [end for kind in kinds for end in kind["factor"]["mean"].values() if end is not None]
    low, high = _positive(np.concatenate([*found, style.array(ends), style.ends(evidence), [1.0]]))
    ax.set_xscale("log")
    ax.set_xlim(low / 1.15, high * 1.15)
    ax.set_ylim(0.3 - len(kinds), 0.5)
    style.shade_band(ax, evidence)
    style.guide(ax, 1, "1: no change between layers")
    for place, (kind, values, look) in enumerate(zip(kinds, found, looks(len(kinds)), strict=True)):
        ax.plot(
            values, np.full(len(values), 0.12 - place), **look, alpha=0.6, markersize=4, markeredgewidth=0
        )
        mean = kind["factor"]["mean"]
        if mean["value"] is None:
            continue
        style.draw_estimate(ax, -place - 0.2, mean, markersize=5)
        ax.annotate(f"{mean['value']:.2f}", (mean["value"], -place - 0.2), (0, -5), textcoords="offset points",
                    ha="center", va="top", size=8)  # fmt: skip
    names = [kind["name"].replace(", ", "\n", 1) for kind in kinds]
    ax.set_yticks(-np.arange(len(kinds)), names, size=7.5)
    ax.tick_params(axis="y", length=0)
    ax.set_ylabel("hidden units")
    label_decades(ax.xaxis, ax.get_xlim())
    ax.set_xlabel("factor from a hidden layer to the next")
    ax.plot([], [], "o", color=style.BLUE, alpha=0.6, markeredgewidth=0, label="a seed")
    ax.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="geometric mean and its interval")


def draw_scales(ax: Axes, evidence: style.Evidence) -> None:
    """Factor of the deepest network by the number that multiplies its initial weights, and where it crosses a value."""
    scales, name = evidence["data"]["scales"], evidence["data"]["kinds"][0]["name"]
    x = style.array(scales["scales"])
    values = [style.values(sample) for sample in scales["factors"]]
    ends = [end for sample in scales["factors"] for end in style.mean_interval(sample)]
    low, high = _positive(np.concatenate([*values, ends, [1.0, scales["threshold"]]]))
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlim(x.min() / 1.2, x.max() * 1.2)
    ax.set_ylim(low / 1.3, high * 1.3)
    for at, one, sample in zip(x, values, scales["factors"], strict=True):
        ax.plot(np.full(len(one), at), one, "o", color=style.BLUE, alpha=0.3, markersize=3, markeredgewidth=0)
        style.draw_mean(ax, at, sample, "y", color=style.BLUE, fmt="o", capsize=2, elinewidth=0.9)
    means = [style.mean_interval(sample)[0] for sample in scales["factors"]]
    ax.plot(
        x,
        means,
        color=style.BLUE,
        linewidth=1.1,
        marker="o",
        label="mean by size of the weights, and its interval",
    )
    style.guide(ax, 1, "1: no change between layers", along="y")
    threshold, found = scales["threshold"], scales["crossing"]
    label = "where the verdict flips" if threshold in style.ends(evidence) else "not an end of the band"
    ax.axhline(threshold, color=style.GREY, linewidth=0.9, linestyle="--", label=f"{threshold:g}: {label}")
    if found["value"] is not None:
        label = f"where the mean crosses {threshold:g}, with its interval"
        style.draw_estimate(ax, threshold, found, color=style.VERMILLION, zorder=5, label=label)
        ax.annotate(
            f"{found['value']:.2g}", (found["value"], threshold), (5, 5), textcoords="offset points", size=8
        )
    label_decades(ax.xaxis, ax.get_xlim())
    label_decades(ax.yaxis, ax.get_ylim())
    ax.set_xlabel("number that multiplies the initial weights")
    ax.set_ylabel("factor from a layer to the next")
    ax.set_title(
        f"{name},\n{scales['hidden_layers']} hidden layers, {style.seeds(scales['factors'])}", size=8
    )


def _positive(values: Any) -> tuple[float, float]:
    known = values[np.isfinite(values) & (values > 0)]
    return float(known.min()), float(known.max())
