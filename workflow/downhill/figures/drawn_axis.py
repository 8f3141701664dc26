"""Positions along an axis as its ticks show them."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import FixedLocator
from numpy.typing import NDArray

_POWER = re.compile(r"\$\\mathdefault\{(-?)(?:(\d+)\\times)?10\^\{(-?\d+)\}\}\$")
_NEAR = 0.45  # of the distance between ticks: how far a mark may lie from its tick, to be one of its group
_AT = 1e-6  # likewise: how far from its tick what lies at it may be
_FEW = 3  # ticks: around fewer, positions lie in groups by chance
_SAME = 0.05  # by how much a tick's text may differ from its position, as it has few digits


@dataclass(frozen=True)
class Reader:
    """How positions along an axis are read.

    Attributes
    ----------
    means_something
        Whether the axis has ticks or a label; positions along others only keep marks apart.
    factor
        By what the ticks multiply positions: 100 for per cent; negative where the axis points the other way.
    names
        What ticks say, by position, where it is not the number there.
    reach
        How far from its tick a mark is still read as its name; marks of one name lie side by side.
    logarithmic
        Whether distances from ticks are those of decimal logarithms.
    """

    means_something: bool
    factor: float = 1
    names: Mapping[float, Any] = field(default_factory=dict)
    reach: float = 0
    logarithmic: bool = False

    def read(self, position: Any) -> Any:
        """A name or a number; `position` may be a pair, the edges of a bar, and None is returned as it is."""
        if isinstance(position, tuple):
            low, high = (f"{self.factor * edge:.4g}".replace("-", "−") for edge in position)
            return f"{low} to {high}"
        if position is None:
            return None
        away = {tick: self._distance(tick, position) for tick in self.names}
        near = min(away, key=away.__getitem__, default=None)
        return (
            self.names[near] if near is not None and away[near] <= self.reach else self.read_number(position)
        )

    def read_number(self, position: Any) -> float | None:
        """A number, such as the end of an interval."""
        return None if position is None else float(self.factor * position)

    def _distance(self, tick: float, position: float) -> float:
        if not self.logarithmic:
            return abs(tick - position)
        return abs(math.log10(position / tick)) if position > 0 and tick > 0 else math.inf


def reader_of(ax: Axes, name: str, positions: Iterable[Any]) -> Reader:
    """How positions along the axis `x` or `y` of a panel are read; the figure must have been drawn.

    Parameters
    ----------
    ax, name
        A panel, and the name of one of its axes.
    positions
        All that are drawn. If they lie in groups around ticks, the marks of a group were only kept apart, and they
        are all read as the tick.
    """
    axis: Axis = getattr(ax, f"{name}axis")
    ticks = _ticks(ax, name)
    if not ax.axison or not (ticks or _label(ax, name)):
        return Reader(means_something=False)
    if axis.get_major_formatter().get_offset():  # it multiplies the texts of the ticks
        return Reader(means_something=True)
    numbers = {tick: number for tick, text in ticks.items() if (number := _number(text)) is not None}
    texts = {tick: text for tick, text in ticks.items() if tick not in numbers}
    factor = _factor(numbers)
    fixed, linear = isinstance(axis.get_major_locator(), FixedLocator), axis.get_scale() == "linear"
    places = np.sort(np.array(list(ticks)))
    if factor is None and fixed:
        return Reader(True, names=ticks, reach=0.5 * float(min(np.diff(places), default=1.0)))
    if factor == 1 and not texts and len(ticks) >= _FEW:
        if (
            linear
            and not np.any(np.diff(places) != 1)
            and not np.any(places % 1)
            and _grouped(places, positions)
        ):
            return Reader(True, names=numbers, reach=0.5)
        if fixed and axis.get_scale() == "log" and _grouped(places, positions, np.log10):
            apart = float(np.diff(np.log10(places)).min())
            return Reader(True, names=numbers, reach=0.5 * apart, logarithmic=True)
    return Reader(True, factor or 1, texts, 1e-9)  # a name among numbers is that of its position alone


def _ticks(ax: Axes, name: str) -> dict[float, str]:
    """Texts of an axis's ticks by position, or those of another panel that shares the axis and shows them."""
    panels = [ax, *getattr(ax, f"get_shared_{name}_axes")().get_siblings(ax)]
    for axis in (getattr(panel, f"{name}axis") for panel in panels):
        labels = zip(axis.get_majorticklocs(), axis.get_majorticklabels(), strict=False)
        texts = {float(tick): " ".join(label.get_text().split()) for tick, label in labels}
        if any(texts.values()):
            return {tick: text for tick, text in texts.items() if text}
    return {}


def _grouped(places: NDArray[np.float64], positions: Iterable[Any], scale: Any = np.positive) -> bool:
    """Whether positions lie in groups around ticks, and not only at them."""
    known = np.array([one for one in positions if isinstance(one, float | int)], np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):  # a logarithmic axis does not show zero
        known = scale(known)
    marks = np.unique(known[np.isfinite(known)])
    if not len(marks):
        return False
    away = np.abs(marks[:, np.newaxis] - scale(places))
    sizes, nearest = np.bincount(away.argmin(axis=1)), away.min(axis=1)
    apart = np.diff(scale(places)).min()
    return bool(nearest.max() <= _NEAR * apart and nearest.max() > _AT * apart and sizes[sizes > 0].min() > 1)


def column_name(ax: Axes, name: str) -> str:
    """The label of an axis on one line, or else that of a panel that shares it or lies beside it with the same ends."""
    return _label(ax, name) or _label_beside(ax, name) or name


def _label(ax: Axes, name: str) -> str:
    """The label of an axis on one line; empty if there is none."""
    panels = [ax, *getattr(ax, f"get_shared_{name}_axes")().get_siblings(ax)]
    labels = [getattr(panel, f"get_{name}label")() for panel in panels]
    labels.append(getattr(ax.get_figure(), f"get_sup{name}label")())
    return " ".join(next(filter(str.strip, labels), "").split())


def _label_beside(ax: Axes, name: str) -> str:
    """The label of a panel of the same row or column whose axis has the same ends; empty if there is none."""
    place, figure = ax.get_subplotspec(), ax.get_figure()
    if place is None or figure is None:
        return ""
    ends = getattr(ax, f"get_{name}lim")()
    for other in figure.axes:
        beside = other.get_subplotspec()
        if beside is None or beside.get_gridspec() is not place.get_gridspec():
            continue
        in_line = beside.rowspan == place.rowspan or beside.colspan == place.colspan
        if in_line and getattr(other, f"get_{name}lim")() == ends and _label(other, name):
            return _label(other, name)
    return ""


def _number(text: str) -> float | None:
    """The number that a tick's text is; None if it is something else."""
    if power := _POWER.fullmatch(text):
        sign, times, exponent = power.groups()
        return float(f"{sign}{times or 1}e{exponent}")
    try:
        return float(text.replace("−", "-").replace(",", "").removesuffix("%"))
    except ValueError:
        return None


def _factor(numbers: dict[float, float]) -> float | None:
    """By which power of ten the texts of ticks multiply their positions, up to the sign; None if by no single one."""
    ratios = np.array([number / tick for tick, number in numbers.items() if tick])
    if any(number for tick, number in numbers.items() if not tick) or not len(ratios) or not np.all(ratios):
        return None
    middle = float(np.median(ratios))
    factor = math.copysign(10.0 ** round(math.log10(abs(middle))), middle)
    return factor if np.all(np.abs(ratios / factor - 1) <= _SAME) else None
