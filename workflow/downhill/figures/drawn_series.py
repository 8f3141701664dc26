"""The points, bars and intervals of a panel by series."""

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import (
    Collection,
    FillBetweenPolyCollection,
    LineCollection,
    PathCollection,
)
from matplotlib.colors import to_hex
from matplotlib.container import BarContainer, ErrorbarContainer
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import StepPatch
from matplotlib.quiver import Quiver
from numpy.typing import NDArray

Look = tuple[Any, ...]
_MEAN = re.compile(r"\b(mean|median)\b")


class Point(NamedTuple):
    """One point; a pair of edges where a bar extends, None where it has no position; with an interval along an axis."""

    x: Any
    y: Any
    ends: tuple[Any, Any] | None = None
    along: str = "y"


class Series(NamedTuple):
    """Points with a name in common."""

    name: str
    points: list[Point]


def names_by_look(axes: Iterable[Axes], legends: Iterable[Legend] = ()) -> dict[Look, str]:
    """Entries of legends by colour, mark and line, for artists of the same look that have no name themselves."""
    named: list[tuple[Any, str]] = []
    for ax in axes:
        named += zip(*ax.get_legend_handles_labels(), strict=True)
    known = {label for _, label in named}
    named = [(handle, label) for handle, label in named if not _is_guide(handle)]
    for legend in legends:
        entries = zip(legend.legend_handles, (text.get_text() for text in legend.get_texts()), strict=True)
        named += [(handle, label) for handle, label in entries if label not in known]
    found: dict[Look, str] = {}
    for handle, label in named:
        for look in _looks(handle):
            found.setdefault(look, _of_all(label) if look[0] == "alike" else label)
    return {look: name for look, name in found.items() if name}


def _is_guide(artist: Any) -> bool:
    """Whether an artist is a line across a whole panel."""
    return (
        isinstance(artist, Line2D)
        and artist.axes is not None
        and artist.get_transform() != artist.axes.transData
    )


def _of_all(label: str) -> str:
    """What the name of a mean says about the values behind it, which look alike: `relu: mean` is about `relu`."""
    first, mean, _ = label.partition(": mean")
    return first if mean or not _MEAN.search(label) else ""


def series_of(ax: Axes, looks: Mapping[Look, str]) -> list[Series]:
    """What a panel draws, in the order in which it was added.

    A line through the points of intervals is left out.
    """
    looks = {**looks, **names_by_look([ax])}
    intervals = list(_containers(ax, looks))
    known = {(point.x, point.y) for one in intervals for point in one.points}
    lines = [one for one in _lines(ax, looks) if not {(point.x, point.y) for point in one.points} <= known]
    return [*intervals, *lines, *_patches(ax), *_collections(ax, looks)]


def needs_both_axes(ax: Axes) -> bool:
    """Whether a panel has bars, or lines along its points, so that neither axis only keeps marks apart."""
    lines = (line for line in ax.lines if line.get_linestyle() != "None" and len(_xy(line.get_xydata())) > 1)
    return any(_shown(line) and not _is_guide(line) for line in lines) or any(
        isinstance(one, BarContainer) for one in ax.containers
    )


def _containers(ax: Axes, looks: Mapping[Look, str]) -> Iterator[Series]:
    for one in ax.containers:
        if isinstance(one, BarContainer):
            first = _label(one.patches[0]) if one.patches else ""  # has the label of a histogram
            yield Series(_label(one) or first or "bars", list(_bars(one)))
        elif isinstance(one, ErrorbarContainer):
            yield Series(_name(one, looks, "mean and its interval"), list(_errorbars(one)))


def _bars(bars: BarContainer) -> Iterator[Point]:
    upright = bars.orientation != "horizontal"
    edges = [(bar.get_x(), bar.get_x() + bar.get_width()) if upright else (bar.get_y(), bar.get_y() + bar.get_height())
             for bar in bars.patches]  # fmt: skip
    adjoin = len(edges) > 1 and all(np.isclose(one[1], other[0]) for one, other in pairwise(edges))
    for bar, edge in zip(bars.patches, edges, strict=True):
        place = edge if adjoin else sum(edge) / 2
        if upright:
            yield Point(place, bar.get_y() + bar.get_height())
        else:
            yield Point(bar.get_x() + bar.get_width(), place)


def _errorbars(one: ErrorbarContainer) -> Iterator[Point]:
    """Points with the ends of their intervals; of two intervals, the vertical one."""
    line, _, bars = one.lines
    along, which = ("y", 1) if one.has_yerr else ("x", 0)
    segments = [np.asarray(segment, float) for segment in bars[-1].get_segments()] if bars else []
    points = [segment.mean(axis=0) for segment in segments] if line is None else list(_xy(line.get_xydata()))
    for place, (x, y) in enumerate(points):
        ends = None
        if len(segments) == len(points) and len(segments[place]):
            ends = segments[place][:, which].min(), segments[place][:, which].max()
        yield Point(x, y, ends, along)


def _lines(ax: Axes, looks: Mapping[Look, str]) -> Iterator[Series]:
    parts = {id(part) for part in _parts(ax)}
    for line in ax.lines:
        points = _xy(line.get_xydata())
        if id(line) in parts or not _shown(line) or not len(points):
            continue
        if not _is_guide(line):
            kind = "marks" if line.get_linestyle() == "None" else "line"
            yield Series(_name(line, looks, kind), _points(points))
        elif label := _label(line):  # a guide across the panel
            (x, y), level = points[0], len(set(points[:, 1])) == 1
            yield Series(label, [Point(None, y) if level else Point(x, None)])


def _xy(data: Any) -> NDArray[np.float64]:
    """Positions as an array (n, 2); NaN for those that are masked."""
    return np.asarray(np.ma.filled(np.ma.asarray(data, np.float64), np.nan)).reshape(-1, 2)


def _points(positions: Any) -> list[Point]:
    return [Point(x, y) for x, y in _xy(positions)]


def _patches(ax: Axes) -> Iterator[Series]:
    for patch in ax.patches:
        if isinstance(patch, StepPatch) and _shown(patch):
            values, edges, _ = patch.get_data()
            steps = [Point(edge, value) for edge, value in zip(pairwise(edges), values, strict=True)]
            yield Series(_label(patch) or "steps", steps)


def _collections(ax: Axes, looks: Mapping[Look, str]) -> Iterator[Series]:
    parts = {id(part) for part in _parts(ax)}
    for one in ax.collections:
        if id(one) in parts or not _shown(one):
            continue
        if isinstance(one, FillBetweenPolyCollection):
            if one.t_direction == "x":  # type: ignore[attr-defined]
                yield Series(_label(one) or _band_name(one, looks), list(_band(one)))
        elif isinstance(one, PathCollection | Quiver):
            kind = "marks" if isinstance(one, PathCollection) else "arrows"
            yield Series(_name(one, looks, kind), _points(one.get_offsets()))
        elif isinstance(one, LineCollection):
            points = [point for line in one.get_segments() for point in _points(line)]
            yield Series(_name(one, looks, "line"), points)


def _band(one: FillBetweenPolyCollection) -> Iterator[Point]:
    """The lower and the upper end of a band, by x: its outline goes along one of them, and back along the other."""
    for path in one.get_paths():
        vertices = np.asarray(path.vertices, dtype=float)[:-1]  # the first again
        count = len(vertices) // 2 - 1
        there, back = vertices[1 : count + 1], vertices[count + 2 :][::-1]
        for (x, first), (_, second) in zip(there, back, strict=True):
            yield Point(x, None, (min(first, second), max(first, second)))


def _band_name(one: FillBetweenPolyCollection, looks: Mapping[Look, str]) -> str:
    """The name of the line with the colour of a band."""
    colors: Any = one.get_facecolor()
    color = to_hex(colors[0]) if len(colors) else ""
    lines = (name for look, name in looks.items() if look[0] in ("line", "marks") and look[1] == color)
    return f"{next(lines, '')}: band".removeprefix(": ")


def _parts(ax: Axes) -> Iterator[Artist]:
    """The lines and whiskers of intervals, which belong to their containers."""
    for one in ax.containers:
        if isinstance(one, ErrorbarContainer):
            line, caps, bars = one.lines
            yield from (part for part in (line, *caps, *bars) if part is not None)


def _shown(artist: Artist) -> bool:
    return artist.get_visible() and artist.get_alpha() != 0


def _label(artist: Any) -> str:
    """The name of an artist; empty if it has none of its own."""
    label = str(artist.get_label() or "")
    return "" if label.startswith("_") else label


def _name(artist: Any, looks: Mapping[Look, str], otherwise: str) -> str:
    return _label(artist) or next((looks[look] for look in _looks(artist) if look in looks), otherwise)


def _looks(artist: Any) -> list[Look]:
    """The look of an artist, from its exact one to its colour and mark alone."""
    if isinstance(artist, ErrorbarContainer):
        looks = _looks(artist.lines[0]) if artist.lines[0] else []
        return [("interval", *look) for look in looks] + looks
    if isinstance(artist, Line2D):
        color, mark, line = to_hex(artist.get_color()), str(artist.get_marker()), artist.get_linestyle()
        if mark in ("None", "none", " ", ""):
            return [("line", color, line, artist.get_linewidth()), ("line", color, line)]
        return [("marks", color, mark, line), ("alike", color, mark)]
    if isinstance(artist, Collection):
        for colors in (artist.get_facecolor(), artist.get_edgecolor()):
            if len(colors) == 1:
                return [(type(artist).__name__, to_hex(colors[0]))]
    return []
