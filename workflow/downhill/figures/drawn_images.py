"""Pictures and maps of colours in a figure as rows of numbers."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import QuadMesh
from numpy.typing import NDArray

from downhill.figures.drawn_axis import column_name, reader_of

COLUMNS = ("image", "rows", "columns", "smallest", "largest")
_MOST_CELLS = 40  # of a picture whose numbers are listed


def images_of(ax: Axes, before: int = 0) -> list[list[Any]]:
    """A row for each picture in a panel: its title or else its number, its size, its smallest and its largest value."""
    rows: list[list[Any]] = []
    for one, values in _pictures(ax):
        known = values[np.isfinite(values)]
        if known.size:
            rows.append(
                [_name(ax, one) or str(before + len(rows) + 1), *values.shape[:2], known.min(), known.max()]
            )
    surface = getattr(ax, "zz_dataLim", None)  # of a panel with three axes
    if surface is not None and ax.collections:
        rows.append([_name(ax, None), None, None, *surface.intervalx])
    return rows


def cells_of(ax: Axes) -> Iterator[tuple[list[str], list[list[Any]]]]:
    """Columns and rows with all numbers of each small picture in a panel that has ticks."""
    for one, values in _pictures(ax):
        if values.ndim != 2 or values.size > _MOST_CELLS or not ax.axison or isinstance(one, QuadMesh):
            continue
        x, y = (reader_of(ax, name, ()) for name in ("x", "y"))
        if x.means_something or y.means_something:
            left, right, bottom, top = one.get_extent()  # type: ignore[attr-defined]
            across = _middles(left, right, values.shape[1])
            down = _middles(*((bottom, top) if one.origin == "lower" else (top, bottom)), values.shape[0])  # type: ignore[attr-defined]
            columns = [column_name(ax, "y"), column_name(ax, "x"), _scale(one) or "value"]
            yield (
                columns,
                [
                    [y.read(down[row]), x.read(across[column]), value]
                    for (row, column), value in np.ndenumerate(values)
                ],
            )


def _pictures(ax: Axes) -> Iterator[tuple[ScalarMappable, NDArray[np.float64]]]:
    """Visible pictures with their values; NaN where there is none."""
    for one in (*ax.images, *(mesh for mesh in ax.collections if isinstance(mesh, QuadMesh))):
        array = one.get_array()
        if one.get_visible() and array is not None:
            yield one, np.ma.filled(np.ma.asarray(array, np.float64), np.nan)


def _middles(start: float, end: float, count: int) -> NDArray[np.float64]:
    edges = np.linspace(start, end, count + 1)
    return (edges[1:] + edges[:-1]) / 2


def _name(ax: Axes, one: ScalarMappable | None) -> str:
    """The title of a picture, or what names it: the label of an axis, or of the scale of its colours."""
    titles = [ax.get_title(place) for place in ("left", "center", "right")]
    texts = [*titles, ax.get_ylabel(), ax.get_xlabel(), _scale(one)]
    return " ".join(next(filter(str.strip, texts), "").split())


def _scale(one: ScalarMappable | None) -> str:
    """What the scale of a picture's colours shows; empty if it has none."""
    if one is None or one.colorbar is None:
        return ""
    scale = one.colorbar.ax
    return " ".join((scale.get_ylabel() or scale.get_xlabel()).split())
