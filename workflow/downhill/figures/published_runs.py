"""The figure of all published single runs of a study: our runs as dots, and the published value as a line."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.transforms import Affine2D, Transform
from numpy.typing import ArrayLike, NDArray

from downhill.figures import style
from downhill.figures.lettering import wrapped
from downhill.figures.pages import WIDTH, blank, drawable_text, unbroken, write
from downhill.report.published_runs import (
    FIGURE,
    HEADINGS,
    PublishedRun,
    by_chance,
    counts,
    our_runs,
    published_runs,
)
from downhill.report.wording import SMOKE

TITLE = "Published single runs beside ours"
_READING = (
    "Each row has its own scale, on which the range of single runs is equally wide: about 95 of 100 further runs of "
    "ours would lie within it. A published value inside it is reproduced. Triangles stand for values beyond the scale."
)
_IN_THE_MIDDLE = 0.5  # of a row's width: the range of single runs

# Inches: the height of a row with one line of text and of each further line, of headings, and above the first row.
_ROW, _LINE, _HEADING, _TOP = 0.155, 0.09, 0.23, 0.36
_LEFT, _STRIP, _WIDE, _BOTTOM = 0.12, 3.18, 1.36, 0.12  # edges of the text and of the dots, and their width
_RIGHT = (5.2, 5.84, 6.12)  # right ends of the published value, our mean, and n
_VERDICT = 6.22  # left end
_SIZE = 6.2  # of letters
_ROOM = _STRIP - _LEFT + 0.33  # for a statement, whose small letters are measured some per cent too wide
_DOT = {"markersize": 2.4}
_STUCK = style.CROSS | {"markersize": 3.6}


def draw_published_runs(found: Sequence[dict[str, Any]], paths: Iterable[Path]) -> None:
    """Draw all published single runs of a study once, and write each path in the format of its suffix.

    Parameters
    ----------
    found
        The evidence of all claims that compare a published run with ours, in the order of the table of claims.
    paths
        As for `pages.save`; a `.json` file holds the table of the same numbers.
    """
    rows = published_runs(found)
    data = [
        asdict(row) | {"runs": runs.tolist(), "stuck": stuck.tolist()}
        for row, (runs, stuck) in zip(rows, map(our_runs, found), strict=True)
    ]
    with drawable_text({"statement": _heading(rows), "data": data}) as shown:
        figure = published_single_runs(shown)
        write(figure, paths, FIGURE, TITLE, _description(rows), [_table(rows)])


def published_single_runs(shown: dict[str, Any]) -> Figure:
    """One row for each claim, under its source, with a scale of its own.

    Parameters
    ----------
    shown
        `statement`, the heading, and `data`: for each claim the fields of a `PublishedRun`, `runs` and `stuck`.
    """
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in shown["data"]:
        groups.setdefault(row["source"], []).append(row)
    labels = {
        row["claim"]: wrapped(unbroken(row["statement"]), 80, 2, _ROOM, size=_SIZE) for row in shown["data"]
    }
    heights = {claim: _ROW + _LINE * (len(lines) - 1) for claim, lines in labels.items()}
    sources = {
        source: wrapped(unbroken(source), 150, 2, WIDTH - 2 * _LEFT, size=_SIZE, weight="bold")
        for source in groups
    }
    headings = {source: _HEADING + _LINE * (len(lines) - 1) for source, lines in sources.items()}
    height = _TOP + sum(headings.values()) + sum(heights.values()) + _BOTTOM
    rows = [_run(row) for row in shown["data"]]
    figure = blank(shown["statement"], [_READING, by_chance(rows), shown.get("remarks", "")], height)
    ax = figure.add_axes((_STRIP / WIDTH, 0, _WIDE / WIDTH, height / figure.get_figheight()))
    ax.set_axis_off()
    ax.set_xlim(0, 1)
    ax.set_ylim(height, 0)  # inches below the heading
    _explain(figure, ax, any(any(row["stuck"]) for row in shown["data"]))
    at = _TOP
    for source, members in groups.items():
        lines = sources[source]
        at += headings[source]
        middle = at - 0.08 - _LINE * (len(lines) - 1) / 2
        _write(ax, _LEFT, middle, "\n".join(lines), weight="bold", linespacing=1.1)
        for row in members:
            claim = row["claim"]
            _draw_row(ax, row, at + heights[claim] / 2, heights[claim], labels[claim])
            at += heights[claim]
    return figure


def place(values: ArrayLike, row: dict[str, Any]) -> NDArray[np.float64]:
    """Where values lie on a row's scale, between 0 and 1; infinite if they lie beyond it.

    The range of single runs is in the middle, and as wide in all rows. With too few runs for a range, all of our runs
    are; if the range is a single value, it is at 0.5, and all other values lie beyond the scale.
    """
    low, high = row["lower"], row["upper"]
    if low is None or high is None:
        low, high = row["smallest"], row["largest"]
    numbers = np.asarray(values, np.float64)
    if high > low:
        at = 0.5 + _IN_THE_MIDDLE * (numbers - (low + high) / 2) / (high - low)
    else:
        at = np.where(numbers == low, 0.5, np.copysign(math.inf, numbers - low))
    return np.where(at < 0, -math.inf, np.where(at > 1, math.inf, at))


def _draw_row(ax: Axes, row: dict[str, Any], at: float, height: float, label: Sequence[str]) -> None:
    """One claim at some inches below the heading: its statement, our runs, the published value, and the numbers."""
    run = _run(row)
    failed = run.verdict == "not reproduced"
    ax.axhline(at + height / 2, color=style.BAND, linewidth=0.4, zorder=0)
    _write(ax, _LEFT, at, "\n".join(label), linespacing=1.1)
    cells = run.cells()
    for right, heading in zip(_RIGHT, ("published", "ours (mean)", "n"), strict=True):
        _write(ax, right, at, cells[heading], ha="right")
    looks = {"color": style.RUST, "weight": "bold"} if failed else {}
    _write(ax, _VERDICT, at, cells["verdict"], **looks)
    if not row["runs"] or run.published is None:
        return
    half = 0.42 * _ROW
    if run.lower is not None and run.upper is not None:
        left, right = place([run.lower, run.upper], row)
        ends = (left, right) if right > left else (left - 0.01, right + 0.01)
        ax.fill_between(ends, at - half, at + half, color=style.BAND, linewidth=0, zorder=0)
    runs, stuck = place(row["runs"], row), np.array(row["stuck"], bool)
    inside = np.isfinite(runs)
    style.draw_seeds(
        ax, at, runs, "x", 1.6 * half, stuck, _STUCK, **_DOT, label=f"_runs of {run.claim}", zorder=2
    )
    for beyond in (-1, 1):
        if (~inside & (np.sign(runs) == beyond)).any():
            _triangle(ax, at + 0.6 * half, beyond, style.BLUE, f"_runs of {run.claim} beyond", 3)
    (published,) = place([run.published], row)
    color = style.VERMILLION if failed else style.INK
    name = f"_published {run.claim}"
    if math.isfinite(published):
        ax.plot(
            [published, published],
            [at - 1.1 * half, at + 1.1 * half],
            color=color,
            linewidth=1.5,
            label=name,
            zorder=3,
        )
    else:
        _triangle(ax, at, int(np.sign(published)), color, name, 5)


def _triangle(ax: Axes, at: float, side: int, color: str, name: str, size: float) -> None:
    """A triangle at the left (−1) or right (1) edge that points outwards."""
    ax.plot(
        0.5 + 0.5 * side,
        at,
        ">" if side > 0 else "<",
        color=color,
        markersize=size,
        markeredgewidth=0,
        label=name,
        zorder=3,
        clip_on=False,
    )


def _explain(figure: Figure, ax: Axes, any_stuck: bool) -> None:
    """The headings of the columns, and above them what the marks mean."""
    for right, heading in zip(_RIGHT, ("published", "our mean", "n"), strict=True):
        _write(ax, right, _TOP - 0.02, heading, ha="right", color=style.GREY)
    _write(ax, _VERDICT, _TOP - 0.02, "verdict", color=style.GREY)
    dot: dict[str, Any] = {"linestyle": "none", "markeredgewidth": 0}
    line: dict[str, Any] = {"linestyle": "none", "marker": "|", "markersize": 8, "markeredgewidth": 1.5}
    handles = [
        Line2D(
            [], [], marker="o", color=style.BLUE, alpha=0.75, markersize=3.5, label="a run of ours", **dot
        ),
        *([Line2D([], [], label="stuck run", **dot, **_STUCK)] if any_stuck else []),
        Patch(color=style.BAND, label="range of single runs"),
        Line2D([], [], color=style.INK, label="published value", **line),
        Line2D([], [], color=style.VERMILLION, label="published value, not reproduced", **line),
    ]
    figure.legend(
        handles=handles,
        loc="upper left",
        bbox_to_anchor=(_LEFT, 0.0),
        bbox_transform=_inches(ax),
        ncols=len(handles),
        fontsize=7,
        borderaxespad=0,
        borderpad=0,
        columnspacing=1.6,
        handlelength=1.4,
    )


def _inches(ax: Axes) -> Transform:
    """Coordinates in inches: from the left edge of the page, and downwards from the heading."""
    return Affine2D().translate(-_STRIP, 0).scale(1 / _WIDE, 1) + ax.transData


def _write(ax: Axes, x: float, y: float, text: str, **look: Any) -> None:
    """Write text at some inches from the left edge of the page, centred at y."""
    shown: dict[str, Any] = {"size": _SIZE, "va": "center_baseline" if "\n" not in text else "center"} | look
    ax.text((x - _STRIP) / _WIDE, y, text, clip_on=False, **shown)


def _run(row: dict[str, Any]) -> PublishedRun:
    return PublishedRun(**{key: value for key, value in row.items() if key not in ("runs", "stuck")})


def _heading(rows: Sequence[PublishedRun]) -> str:
    """The numbers of verdicts, marked if they are from a smoke run."""
    return f"{SMOKE}. {counts(rows)}" if any(row.limits for row in rows) else counts(rows)


def _description(rows: Sequence[PublishedRun]) -> str:
    """What was found, for readers who cannot see the figure."""
    failed = [row.claim for row in rows if row.verdict == "not reproduced"]
    named = f" Not reproduced: {', '.join(failed)}." if failed else ""
    return f"{TITLE}. {_heading(rows)}.{named}"


def _table(rows: Sequence[PublishedRun]) -> dict[str, Any]:
    """The table of what is drawn, in words."""
    cells = [[row.claim, *row.cells().values()] for row in rows]
    return {"title": TITLE, "columns": ["claim", *HEADINGS], "rows": cells, "left_out": 0}
