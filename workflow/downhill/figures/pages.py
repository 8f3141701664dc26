"""The page of a figure: its fonts, its size, its heading with the verdict, and how it is saved."""

import hashlib
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.figure import Figure

from downhill.claims.wording import counted
from downhill.errors import DownhillError
from downhill.figures.drawn import tables_of
from downhill.figures.lettering import FONT, drawable, shows_codes, wrapped
from downhill.figures.style import GREY, INK, Draw, Evidence
from downhill.report.escaping import without_controls
from downhill.report.inline_svg import inline_svg
from downhill.report.wording import SMOKE, condition, interval, interval_name, number, parts_of
from downhill.storage.atomic import atomic_path
from downhill.storage.json_files import write_json

WIDTH = 7.2  # inches: the text width of a page
HIGHEST = 9.0  # inches: below the heading, so that a figure fits on a page
_MARGIN, _TITLE, _LINE = 0.12, 0.21, 0.165  # inches: around the heading, and the heights of its lines
_LETTERS, _SHORTER = (
    83,
    20,
)  # at most on a line of the title, and fewer if its last line would be a single word
_ROOM = WIDTH - 1.5 * _MARGIN  # for a line of the heading
_RC: dict[str, Any] = {
    "font.family": [FONT],
    "font.size": 8.5,
    "axes.titlesize": 9,
    "axes.titlelocation": "left",
    "axes.edgecolor": GREY,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.color": INK,
    "text.parse_math": False,  # `$` is a character like any other
    "legend.frameon": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 4.5,
    "hatch.linewidth": 0.6,
    "hatch.color": GREY,
    "savefig.dpi": 200,
    "svg.fonttype": "path",  # letters as outlines: the same on a machine without the font
    "svg.hashsalt": "downhill",
}


def save(draw: Draw, evidence: Evidence, paths: Iterable[Path | str]) -> None:
    """Draw once and write each path, in the format of its suffix; the same evidence gives the same bytes.

    A `.json` file holds what an HTML page needs: a `title`, a `description` that states the finding, the picture as an
    `svg` element, and `tables` of what is drawn.

    A claim that could not be measured gives a figure that says why.
    """
    with drawable_text(evidence) as shown:
        try:
            drawing = unmeasured if evidence["verdict"] == "not measured" else draw
            remark = shown.pop("remarks", "")
            figure = drawing(shown)
            if remark and shows_codes(figure):
                figure = drawing(shown | {"remarks": remark})
        except KeyError as key:
            raise DownhillError(
                f"claim '{evidence['claim']}': the figure '{draw.__name__}' cannot draw what the statistic "
                f"'{evidence['statistic']}' measures (there is no {key} in its data); name a figure that another row "
                "of the claims table uses with this statistic"
            ) from key
        name = f"{evidence['claim']}-{draw.__name__}"
        write(figure, paths, name, first_line(draw), description(evidence, draw))


@contextmanager
def drawable_text(evidence: Evidence) -> Iterator[Evidence]:
    """Set Matplotlib up, whatever the user's settings are; gives evidence with text that can be drawn (`drawable`)."""
    with mpl.rc_context():
        mpl.rcdefaults()  # whatever the user's own matplotlibrc says
        shown, families = drawable(evidence)
        mpl.rcParams.update(_RC | {"font.family": families})  # type: ignore[arg-type]  # takes no dict[str, Any]
        yield shown


def write(
    figure: Figure,
    paths: Iterable[Path | str],
    name: str,
    title: str,
    text: str,
    tables: list[dict[str, Any]] | None = None,
) -> None:
    """Write a figure to each path, in the format of its suffix (see `save`), inside of `drawable_text`.

    Parameters
    ----------
    name
        Its name, which no other figure of a page has.
    title, text
        What it shows, and a description that states the finding.
    tables
        What is drawn; None to take it from the figure itself.
    """
    svg = io.StringIO()
    figure.savefig(svg, format="svg", metadata=_metadata(".svg", title, text))
    figure.set_layout_engine("none")  # the layout of all files: computed again, it would move some panels
    for path in map(Path, paths):
        if path.suffix.lower() == ".json":
            drawn = tables_of(figure) if tables is None else tables
            write_json(path, _for_a_page(svg.getvalue(), drawn, name, title, text))
            continue
        with atomic_path(path) as temporary:
            if path.suffix.lower() == ".svg":
                temporary.write_text(svg.getvalue(), encoding="utf-8")
            else:
                figure.savefig(temporary, metadata=_metadata(path.suffix.lower(), title, text))


def _for_a_page(svg: str, tables: list[dict[str, Any]], name: str, title: str, text: str) -> dict[str, Any]:
    """What an HTML page shows of a figure; its ids begin with letters that belong to the figure's name."""
    prefix = (
        f"f{hashlib.sha256(name.encode()).hexdigest()[:8]}"  # short, since it is repeated thousands of times
    )
    return {
        "title": title,
        "description": text,
        "svg": inline_svg(svg, prefix, title, text),
        "tables": tables,
    }


def first_line(draw: Draw) -> str:
    """What a figure shows: the first line of its function's docstring."""
    return (draw.__doc__ or draw.__name__).strip().splitlines()[0].rstrip(".")


def description(evidence: Evidence, draw: Draw) -> str:
    """What a figure shows and what was found, as plain text on one line, for readers who cannot see it."""
    text = f"{first_line(draw)}. {heading(evidence)} {summary(evidence)}"
    return " ".join(without_controls(text).split())


def _metadata(suffix: str, title: str, text: str) -> dict[str, Any]:
    """Metadata without date and version; in an SVG a title and a description for screen readers."""
    if suffix == ".svg":
        return {"Date": None, "Creator": None, "Title": title, "Description": text}
    if suffix == ".pdf":
        return {"CreationDate": None, "Creator": None, "Producer": None}
    return {"Software": None}


def page(evidence: Evidence, height: float, *remarks: str) -> Figure:
    """An empty figure, `height` inches high below its heading: the verdict on the claim, with interval and n.

    It is at most as high as a page. Sentences on how to read it, `remarks`, are added to the heading.
    """
    height = min(height, HIGHEST)
    figure = blank(heading(evidence), [summary(evidence), *remarks, evidence.get("remarks", "")], height)
    below = height / figure.get_figheight()
    figure.set_layout_engine("constrained", rect=(0, 0, 1, below), h_pad=0.06, w_pad=0.08)
    return figure


def blank(title: str, sentences: Sequence[str], height: float) -> Figure:
    """An empty figure, `height` inches high below its heading: a title, and sentences in smaller letters."""
    looks: tuple[dict[str, Any], dict[str, Any]] = ({"size": 10, "weight": "bold"}, {"size": 8.5})
    titles = _title(unbroken(title), **looks[0])
    found = wrapped(unbroken(" ".join(filter(None, sentences))), 108, 12, _ROOM, **looks[1])
    top = 2 * _MARGIN + _TITLE * len(titles) + _LINE * len(found)
    figure = Figure(figsize=(WIDTH, top + height))
    y = top + height - _MARGIN
    for lines, step, look in zip((titles, found), (_TITLE, _LINE), looks, strict=True):
        for line in lines:
            figure.text(_MARGIN / WIDTH, y / (top + height), line, va="top", **look)
            y -= step
    return figure


def heading(evidence: Evidence) -> str:
    """The verdict and the claim, such as `Refuted: The plain network gets …`, marked if it is from a smoke run."""
    verdict = f"{evidence['verdict'].capitalize()}: {evidence['statement']}"
    return f"{SMOKE}. {verdict}" if evidence["limits"] else verdict


def summary(evidence: Evidence) -> str:
    """Statistic, interval, n and band of every part, in a sentence or two."""
    if evidence["verdict"] == "not measured":
        return f"{evidence['measures']}."
    parts = "; ".join(_summary_of(part, evidence["confidence_level"]) for part in parts_of(evidence))
    return f"{evidence['measures']}: {parts}. {condition(evidence, capital=True)}."


def _summary_of(part: dict[str, Any], confidence_level: float) -> str:
    """Value, interval and n of one part, after its name if it has one."""
    name = f"{part['name']} " if part["name"] else ""
    cases = f"n = {counted(part['n'], part['of'])}"
    if part["exact"]:
        sure = "exact" if part["n"] == 1 else f"exact, {cases}"
    elif part["worst"]:
        sure = f"the worst case, {cases}"
    elif part["lower"] is None:
        sure = f"no interval, {cases}"
    else:
        level = interval_name(part, confidence_level)
        sure = f"{level} {interval(part)}, {cases}"
        if part["further"]:
            sure = (
                f"{level} {interval(part)}, over seeds and images {interval(part | part['further'])}, {cases}"
            )
    return f"{name}{number(part['value'], part['unit'])} ({sure})"


def unbroken(text: str) -> str:
    """The text with non-breaking spaces between a number and its unit or name."""
    return re.sub(r" (?=%)|(?<=n) (?==)|(?<==) (?=\d)|(?<=\d) (?=(?:seed|pair|case)s?\b)", "\u00a0", text)


def _title(text: str, **look: Any) -> list[str]:
    """The lines of a title, a little shorter if this leaves more than a single word on the last one."""
    lines = wrapped(text, _LETTERS, 6, _ROOM, **look)
    for width in range(_LETTERS, _LETTERS - _SHORTER, -1):
        narrower = wrapped(text, width, 6, _ROOM, **look)
        if len(narrower) == 1 or " " in narrower[-1]:
            return narrower
    return lines


def unmeasured(evidence: Evidence) -> Figure:
    """A page that says why a claim could not be measured."""
    lines = wrapped(evidence["why"][:1].upper() + evidence["why"][1:] + ".", 96, 30, _ROOM, size=10)
    figure = page(evidence, max(1.2, 0.7 + 0.25 * len(lines)))
    figure.text(_MARGIN / WIDTH, 0.35, "\n".join(lines), va="center", size=10, color=GREY)
    return figure
