"""Colours and marks of all figures, and what many of them draw.

Colours are those of Okabe & Ito 2008 (safe for colour-blind readers), with a darker blue so that they differ in
lightness as well. They can be distinguished in greyscale, and each has its own marker and line style.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator
from numpy.typing import ArrayLike, NDArray

from downhill.claims.wording import counted, with_minus
from downhill.config.band import Band, parse_bands
from downhill.report.wording import band_text, parts_of

Evidence = dict[str, Any]
Sample = dict[str, Any]
"""One number per seed in the data of evidence: `values`, and their `mean`, `lower` and `upper`."""

Draw = Callable[[Evidence], Figure]

INK, BLUE, VERMILLION, SKY, YELLOW = "#1a1a1a", "#0b4f8a", "#d55e00", "#56b4e9", "#f0e442"
PALETTE = (INK, BLUE, VERMILLION, SKY, YELLOW)
RUST = "#b04c00"  # for text beside what is vermillion, which is too light to be read on white
GREY, BAND = "#6e6e6e", "#e4e4e4"  # for notes and guides; for the values that support a claim
TEST: dict[str, Any] = {"color": BLUE, "linestyle": "-", "marker": "o"}
TRAIN: dict[str, Any] = {"color": VERMILLION, "linestyle": "--", "marker": "s"}

CROSS: dict[str, Any] = {"color": VERMILLION, "marker": "X", "markersize": 6, "alpha": 1}

# From dark blue through grey to light yellow: lightness rises from end to end, so that the sign of a number
# is visible in greyscale, unlike with red and blue on either side of white.
DIVERGING = "cividis"

_MOST_OBLONG = 2  # of an image: its longer side by its shorter one
_MOST_TICKS = 15  # on an axis with a logarithmic scale


def draws(*keys: str) -> Callable[[Draw], Draw]:
    """Declare the keys of the evidence's data that a figure draws; planning checks them against the statistic."""

    def decorate(function: Draw) -> Draw:
        function.keys = keys  # type: ignore[attr-defined]
        return function

    return decorate


def drawn_height(height: int, width: int) -> float:
    """The height at which an image is drawn, in widths of a pixel, so that it is neither too flat nor too narrow."""
    return min(max(height, width / _MOST_OBLONG), width * _MOST_OBLONG)


def stretched(height: int, width: int) -> list[str]:
    """A remark for an image whose pixels are not drawn as squares; none for any other."""
    if drawn_height(height, width) == height:
        return []
    return [f"Images of {height:,} × {width:,} pixels are stretched to make them visible."]


def array(values: ArrayLike) -> NDArray[np.float64]:
    """Numbers of the evidence as an array; null becomes NaN."""
    return np.array(values, dtype=np.float64)


def values(sample: Sample) -> NDArray[np.float64]:
    """The numbers of a sample, one per seed; null becomes NaN."""
    return array(sample["values"])


def seeds(samples: Iterable[Sample]) -> str:
    """Their numbers of seeds: `1 seed`, or `3 to 4 seeds` where they differ."""
    counts = sorted({len(sample["values"]) for sample in samples})
    fewer = f"{counts[0]} to " if len(counts) > 1 else ""
    return f"{fewer}{counted(counts[-1], 'seed')}"


def mean_interval(sample: Sample) -> tuple[float, float, float]:
    """Mean of a sample with the ends of its interval, from the evidence; NaN where there is none."""
    mean, low, high = (sample[key] for key in ("mean", "lower", "upper"))
    return tuple(math.nan if number is None else float(number) for number in (mean, low, high))  # type: ignore[return-value]


def draw_mean(ax: Axes, at: float, sample: Sample, along: str = "x", **look: Any) -> float:
    """A mark at the mean of a sample with whiskers to the ends of its interval; returns the mean."""
    mean, low, high = mean_interval(sample)
    whiskers = None if math.isnan(low) else [[max(0, mean - low)], [max(0, high - mean)]]
    shown: dict[str, Any] = {"fmt": "D", "color": INK, "markersize": 5, "capsize": 4, "zorder": 4} | look
    if along == "x":
        ax.errorbar(mean, at, xerr=whiskers, **shown)
    else:
        ax.errorbar(at, mean, yerr=whiskers, **shown)
    return mean


def draw_estimate(ax: Axes, at: float, found: dict[str, Any], along: str = "x", **look: Any) -> None:
    """A mark at the `value` of an estimate or a crossing, with whiskers to `lower` and `upper` if both are known."""
    value, low, high = (found[key] for key in ("value", "lower", "upper"))
    whiskers = None if low is None or high is None else [[max(0, value - low)], [max(0, high - value)]]
    shown: dict[str, Any] = {"fmt": "D", "color": INK, "capsize": 4, "zorder": 4} | look
    if along == "x":
        ax.errorbar(value, at, xerr=whiskers, **shown)
    else:
        ax.errorbar(at, value, yerr=whiskers, **shown)


def draw_seeds(
    ax: Axes,
    at: float,
    values: ArrayLike,
    along: str = "x",
    room: float = 0.7,
    crossed: ArrayLike | None = None,
    cross: Any = CROSS,
    **look: Any,
) -> None:
    """Draw one mark per seed at `at`; marks that would overlap are placed side by side, from the middle outwards.

    It is a cross, which looks like `cross`, where `crossed` is true for the seed, and a dot elsewhere. The axis along
    which the values lie must have its final limits.
    """
    numbers = array(values)
    order = np.flatnonzero(np.isfinite(numbers))
    order = order[np.argsort(numbers[order], kind="stable")]
    known = numbers[order]
    low, high = ax.get_xlim() if along == "x" else ax.get_ylim()
    place = np.floor((known - low) / (high - low) * (70 if along == "x" else 35))
    rank = np.array([np.sum(place[:i] == place[i]) for i in range(len(place))])
    counts = np.array([np.sum(place == one) for one in place])
    step = min(0.13, room / max(1, max(counts, default=1)))
    side = np.where(rank % 2, 1, -1) * ((rank + 1) // 2)
    offsets = at + step * (side - np.where(counts % 2, 0, 0.5))
    look = {"color": BLUE, "marker": "o", "markersize": 4.5 if len(known) <= 60 else 3} | look
    look |= {"linestyle": "none", "alpha": 0.75, "markeredgewidth": 0}
    x, y = (known, offsets) if along == "x" else (offsets, known)
    crosses = np.zeros(len(known), bool) if crossed is None else np.asarray(crossed, bool)[order]
    for where, mark in ((~crosses, look), (crosses, look | cross)):
        if where.any():
            ax.plot(x[where], y[where], **mark)


def draw_curve(ax: Axes, curves: dict[str, Any], column: str, label: str, look: dict[str, Any]) -> None:
    """The mean over seeds by epoch, and a band with the central 90 % of seeds."""
    epoch = array(curves["epoch"])
    low, high, mean = (array(curves[column][end]) for end in ("low", "high", "mean"))
    look = look if len(epoch) <= 12 else look | {"marker": ""}
    ax.fill_between(epoch, low, high, color=look["color"], alpha=0.2, linewidth=0)
    ax.plot(epoch, mean, label=label, **look)
    ax.set_xlabel("epoch")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))


def explain_curves(ax: Axes, curves: dict[str, Any]) -> None:
    """Explain the lines and bands of a panel of curves in its title."""
    n = curves["seeds"]
    ax.set_title(f"line: mean, band: central 90 % of {counted(n, 'seed')}", size=8, color=GREY)


def said(evidence: Evidence) -> list[float]:
    """The number that the source gives, if any."""
    return [] if evidence["said"] is None else [float(evidence["said"])]


def percent(axis: Axis, label: str) -> None:
    """Label an axis of shares in per cent."""
    axis.set_major_formatter(FuncFormatter(lambda share, _: with_minus(f"{round(100 * share, 6):g}")))
    axis.set_label_text(f"{label} (%)")


def powers_of_ten(axis: Axis) -> None:
    """Label the ticks of an axis with a logarithmic scale as powers of ten, the only formulas of a figure."""
    with mpl.rc_context({"text.parse_math": True}):  # read when a tick is created
        axis.get_major_ticks(_MOST_TICKS)
        axis.get_minor_ticks(2 * _MOST_TICKS)


def span(*values: ArrayLike, margin: float = 0.06) -> tuple[float, float]:
    """Limits of an axis that include all of these numbers, with a margin on either side."""
    known = np.concatenate([np.atleast_1d(array(one)).ravel() for one in values])
    known = known[np.isfinite(known)]
    if not len(known):
        return 0.0, 1.0
    room = margin * (float(np.ptp(known)) or 0.02)
    return float(known.min()) - room, float(known.max()) + room


def _part(evidence: Evidence, part: int) -> dict[str, Any]:
    return parts_of(evidence)[part]


def _band(evidence: Evidence, part: int) -> Band:
    return parse_bands(evidence["band"])[part]


def ends(evidence: Evidence, part: int = 0) -> list[float]:
    """The ends of the claim's band that are finite, for one of its parts."""
    band = _band(evidence, part)
    return [end for end in (band.lower, band.upper) if math.isfinite(end)]


def shade_band(
    ax: Axes, evidence: Evidence, along: str = "x", part: int = 0, across: tuple[float, float] = (0, 1)
) -> None:
    """Shade the values that support the claim, or one of its parts; the axis must have its final limits.

    `across` are shares of the other axis between which it is shaded.
    """
    band = _band(evidence, part)
    limits = ax.get_xlim() if along == "x" else ax.get_ylim()
    shade = ax.axvspan if along == "x" else ax.axhspan
    label = f"supports the claim: {band_text(_part(evidence, part))}"
    shade(max(band.lower, limits[0]), min(band.upper, limits[1]), *across, color=BAND, zorder=0, label=label)


def guide(ax: Axes, value: float, label: str, along: str = "x") -> None:
    """A thin dotted line at a value that matters."""
    line = ax.axvline if along == "x" else ax.axhline
    line(value, color=INK, linewidth=1, linestyle=":", zorder=1, label=label)


def label_stuck(ax: Axes, stuck: Sequence[bool] | NDArray[np.bool_], interval: str = "") -> None:
    """Explain the crosses of stuck seeds in the legend, with the interval of their share; nothing if there are none."""
    if any(stuck):
        count = f"{sum(stuck):,} of {len(stuck):,}{f'; interval {interval}' if interval else ''}"
        label = f"stuck: never recognises one of the classes\n({count})"
        ax.plot([], [], linestyle="none", markeredgewidth=0, **CROSS, label=label)


def legend(figure: Figure, axes: Sequence[Axes], columns: int = 3) -> None:
    """One legend below the panels, each entry once, in fewer columns if the page is too narrow for so many."""
    entries = {
        label: handle for ax in axes for handle, label in zip(*ax.get_legend_handles_labels(), strict=True)
    }
    for count in range(columns, 0, -1):
        drawn = figure.legend(entries.values(), entries.keys(), loc="outside lower left", ncols=count)
        if count == 1 or drawn.get_window_extent().width <= 0.99 * figure.bbox.width:  # it has margins, too
            return
        drawn.remove()
