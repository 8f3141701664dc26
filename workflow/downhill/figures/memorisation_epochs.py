"""Drawing how many epochs it takes to fit a training set, by its number of images."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, NullLocator

from downhill.claims.wording import counted, percent_as_given
from downhill.figures import style
from downhill.figures.memorisation_curves import LOOKS
from downhill.figures.pages import page

_BESIDE = {"true": 0.94, "shuffled": 1.06}  # factors, so that marks at one number of images lie side by side
_ABOVE = 1.25  # how far above the longest time the mark of a censored seed lies, as a factor


def draw_fits(evidence: style.Evidence) -> Figure:
    """Epochs of every seed with true and with shuffled labels, and the ratio of their medians, by number of images."""
    data = evidence["data"]
    fits = data["fits"]
    figure = page(evidence, 3.3, *_remarks(evidence))
    left, right = figure.subplots(1, 2)
    for ax in (left, right):
        ax.set_xscale("log")
        ax.set_yscale("log")
        images = style.array([fit["images"] for fit in fits])
        ax.set_xlim(0.8 * images.min(), 1.25 * images.max())
        ax.set_xticks(images, [f"{int(count):,}" for count in images])
        ax.xaxis.set_minor_locator(NullLocator())
        ax.set_xlabel("number of training images")
    _draw_times(left, fits)
    left.set_ylabel(f"epochs until training\naccuracy reaches {percent_as_given(data['fitted'])}")
    n = len(fits[0]["true"]["values"])
    left.set_title(f"n = {counted(n, 'seed')}, common to all networks", size=8, color=style.GREY)
    _draw_ratios(right, evidence)
    for ax in (left, right):
        ax.yaxis.set_major_locator(LogLocator(10, subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        ax.yaxis.set_minor_formatter(NullFormatter())
    style.legend(figure, [left, right], columns=2)
    return figure


def _remarks(evidence: style.Evidence) -> list[str]:
    """What counts as fitted, and where the interval of the ratio includes an end of the band."""
    data = evidence["data"]
    remarks = [
        f"Training images count as fitted at a training accuracy of {percent_as_given(data['fitted'])}; whether the "
        "cost is at a minimum is not checked."
    ]
    for end in style.ends(evidence, 0):
        inside = [
            f"{fit['images']:,}"
            for fit in data["fits"]
            if fit["ratio"]["lower"] is not None
            and fit["ratio"]["lower"] <= end <= (fit["ratio"]["upper"] or np.inf)
        ]
        if inside:
            remarks.append(f"The interval of the ratio includes {end:g} for {' and '.join(inside)} images.")
    return remarks


def _draw_times(ax: Axes, fits: list[dict[str, Any]]) -> None:
    times = [style.values(fit[labels]) for fit in fits for labels in LOOKS]
    known = np.concatenate(times)
    known = known[np.isfinite(known)]
    longest = max(fit[labels]["observed"] for fit in fits for labels in LOOKS)
    censored = any(np.isnan(one).any() for one in times)
    top = _ABOVE * (longest if censored else known.max())
    ax.set_ylim(0.8 * (known.min() if len(known) else 1), (_ABOVE if censored else 1) * top)
    for labels, look in LOOKS.items():
        colour, marker = look["color"], look["marker"]
        places = [fit["images"] * _BESIDE[labels] for fit in fits]
        medians = []
        for place, fit in zip(places, fits, strict=True):
            values = style.values(fit[labels])
            beside = place * np.linspace(0.985, 1.015, len(values))
            ax.plot(beside, values, marker, color=colour, alpha=0.5, markersize=3.5, markeredgewidth=0)
            never = np.isnan(values)
            if never.any():
                cross = style.CROSS | {"color": colour, "linestyle": "none"}
                ax.plot(beside[never], np.full(never.sum(), top), **cross)
                text: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "size": 7}
                ax.annotate(f"{never.sum()}", (place, top), (0, 5), **text)
            medians.append(_draw_interval(ax, place, fit[labels], top, color=colour, fmt=marker))
        line = {"color": colour, "linestyle": look["linestyle"]}
        ax.plot(places, medians, linewidth=1, zorder=2, **line)
        ax.plot([], [], marker=marker, label=f"{labels} labels", **line)
    label = "large: median and its interval; small: a seed"
    ax.errorbar([], [], yerr=[], fmt="D", color=style.INK, capsize=4, label=label)
    if censored:
        cross = style.CROSS | {"color": style.GREY, "linestyle": "none"}
        ax.plot([], [], **cross, label="seeds that never fit (and how many)")


def _draw_ratios(ax: Axes, evidence: style.Evidence) -> None:
    data = evidence["data"]
    fits = data["fits"]
    numbers = [fit["ratio"][key] for fit in fits for key in ("value", "lower", "upper")]
    # Neither unknown nor 0, which has no place on the axis.
    known = style.array([one for one in numbers if one])
    low, high = (known.min(), known.max()) if len(known) else (1.0, 1.0)
    ends = style.ends(evidence, 0)
    ax.set_ylim(0.8 * min(1.0, low, *ends), 1.5 * max(1.0, high, *ends))
    style.shade_band(ax, evidence, "y", part=0)
    style.guide(ax, 1, "1: shuffled labels take no longer", along="y")
    top = ax.get_ylim()[1]
    for fit in fits:
        chosen = fit["images"] == data["images"]
        look = {"fmt": "D", "color": style.INK, "markersize": 7 if chosen else 4.5}
        _draw_interval(ax, fit["images"], fit["ratio"], top, **look)
    if data["line"]:
        images = style.array([fit["images"] for fit in fits])
        ratios = np.exp(data["line"]["intercept"]) * images ** data["line"]["slope"]
        label = f"line of slope {data['line']['slope']:.2f}"
        ax.plot(images, ratios, color=style.GREY, linewidth=1, linestyle="-.", label=label, zorder=1)
    ax.set_ylabel("ratio of median epochs")
    ax.set_title(f"large mark: {counted(data['images'], 'image')}, the verdict", size=8, color=style.GREY)


def _draw_interval(ax: Axes, place: float, numbers: dict[str, Any], top: float, **look: Any) -> float:
    """A value with whiskers, which reach the upper edge where an end is not known; returns the value, or NaN."""
    value, low, high = (numbers[key] for key in ("value", "lower", "upper"))
    if value is None:
        if low is not None:  # known to be at least that
            ax.plot([place, place], [low, top], color=look["color"], linewidth=1.6)
        return np.nan
    whiskers = None
    if low is not None:
        whiskers = [[max(0.0, value - low)], [max(0.0, (top if high is None else high) - value)]]
    ax.errorbar(place, value, yerr=whiskers, **({"markersize": 6, "capsize": 4, "zorder": 4} | look))
    return float(value)
