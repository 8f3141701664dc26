"""What a figure draws as tables, for readers who cannot see it, taken from the figure itself."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from downhill.figures.drawn_axis import Reader, column_name, reader_of
from downhill.figures.drawn_images import COLUMNS as OF_IMAGES
from downhill.figures.drawn_images import cells_of, images_of
from downhill.figures.drawn_series import (
    Look,
    Point,
    Series,
    names_by_look,
    needs_both_axes,
    series_of,
)

MOST_ROWS = 40
"""Rows of a table; of more, as many are kept, evenly spaced, and at least one of each series."""

_DIGITS = 4
_ENDS = ("from", "to")  # headings of an interval

Table = dict[str, Any]
Row = list[Any]


def tables_of(figure: Figure) -> list[Table]:
    """What a figure draws: one table for each panel, and one for all its images.

    A row is a point, a bar or an interval, with the name of its series from the legend. Values are given as the ticks
    of the axis show them: in per cent, or as names. An interval of the mean stands in the columns `from` and `to`; the
    columns of positions without a meaning are left out. Shaded bands, grids and invisible artists are left out too.

    Parameters
    ----------
    figure
        A complete figure. Its layout is computed, which changes nothing that is drawn.

    Returns
    -------
    list
        Dictionaries with the `title` of a panel (maybe empty), `columns`, `rows` (text, numbers of 4 significant
        digits, or None) and `left_out`, the number of rows that are not shown. A panel without numbers, such as
        a diagram, lists its texts.
    """
    figure.draw_without_rendering()
    axes = list(_all(figure.axes))
    looks = names_by_look(axes, figure.legends)
    images: list[Row] = []
    tables: list[Table] = []
    for ax in axes:
        images += images_of(ax, len(images))
        tables += [_table(_title(ax), columns, rows) for columns, rows in cells_of(ax)]
        if not (ax.images and _bare(ax)):  # lines on a picture are its outline
            tables += _panel(ax, looks)
    if images:
        tables.insert(0, _table("images", OF_IMAGES, images))
    if not tables:
        tables = [_table(_title(ax), ["text"], [[text] for text in _texts(ax)]) for ax in axes]
    return [table for table in tables if table["rows"]]


def _all(axes: Iterable[Axes]) -> Iterator[Axes]:
    """Visible panels and the small ones inside them; the scales of colours are no panels."""
    for ax in axes:
        if ax.get_visible() and ax.get_label() != "<colorbar>":
            yield ax
            yield from _all(child for child in ax.child_axes if isinstance(child, Axes))


def _bare(ax: Axes) -> bool:
    """Whether a panel has no ticks."""
    return not ax.axison or not (len(ax.get_xticks()) or len(ax.get_yticks()))


def _title(ax: Axes) -> str:
    titles = (ax.get_title(place) for place in ("left", "center", "right"))
    return _line(next(filter(None, titles), ""))


def _line(text: str) -> str:
    return " ".join(text.split())


def _panel(ax: Axes, looks: Mapping[Look, str]) -> Iterator[Table]:
    series = series_of(ax, looks)
    points = [point for one in series for point in one.points]
    if not points:
        return
    positions = {name: [getattr(point, name) for point in points] for name in ("x", "y")}
    readers: dict[str, Reader] = {name: reader_of(ax, name, positions[name]) for name in ("x", "y")}
    shown = [name for name in ("x", "y") if readers[name].means_something]
    if not shown or needs_both_axes(ax):
        shown = ["x", "y"]
    interval = any(point.ends is not None for point in points)
    columns = ["series", *(column_name(ax, name) for name in shown), *(_ENDS if interval else ())]
    rows = [_row(one, point, readers, shown, interval) for one in series for point in one.points]
    yield _table(_title(ax), columns, rows)


def _row(series: Series, point: Point, readers: dict[str, Reader], shown: list[str], interval: bool) -> Row:
    row: Row = [_line(series.name), *(readers[name].read(getattr(point, name)) for name in shown)]
    if interval:
        ends = point.ends or (None, None)
        row += [readers[point.along].read_number(end) for end in ends]
    return row


def _texts(ax: Axes) -> list[str]:
    texts = (text for text in ax.findobj(Text) if text.get_visible() and text.axes is ax)
    return [line for text in texts if (line := _line(text.get_text()))]


def _table(title: str, columns: Sequence[str], rows: list[Row]) -> Table:
    rounded = [[_rounded(cell) for cell in row] for row in rows]
    rounded = [row for row in rounded if any(cell is not None for cell in row[-len(row) + 1 :])]
    kept = _thinned(rounded)
    return {"title": title, "columns": list(columns), "rows": kept, "left_out": len(rounded) - len(kept)}


def _rounded(cell: Any) -> Any:
    """A text as it is, a number with few digits, a whole one without decimals; None for what is no number."""
    if cell is None or isinstance(cell, str):
        return cell
    number = float(cell)
    if not np.isfinite(number):
        return None
    number = float(f"{number:.{_DIGITS}g}")
    return int(number) if number == int(number) else number


def _thinned(rows: list[Row]) -> list[Row]:
    """At most `MOST_ROWS` rows: those of short series, and as many of each of the others, evenly spaced."""
    if len(rows) <= MOST_ROWS:
        return rows
    of_name: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        of_name.setdefault(str(row[0]), []).append(place)
    series = list(of_name.values())
    series = [series[place] for place in _evenly(len(series), MOST_ROWS)]
    room, kept = MOST_ROWS, []
    for left, places in zip(range(len(series), 0, -1), sorted(series, key=len), strict=True):
        chosen = [places[place] for place in _evenly(len(places), room // left)]
        kept += chosen
        room -= len(chosen)
    return [rows[place] for place in sorted(kept)]


def _evenly(count: int, most: int) -> list[int]:
    """At most that many of the numbers below `count`, evenly spaced, with the first and the last."""
    if count <= most:
        return list(range(count))
    return sorted({round(place) for place in np.linspace(0, count - 1, most)})
