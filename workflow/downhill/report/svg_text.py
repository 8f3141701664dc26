"""Real text in place of the outlines of letters that Matplotlib draws in an SVG.

With `svg.fonttype: path`, Matplotlib writes a line of text as a comment with the string, followed by a group whose
transformation holds place, angle and size, with one `<use>` for each glyph (`RendererSVG._draw_text_as_path` in
`matplotlib.backends.backend_svg`). The place of each glyph gives the length of the line, so that a browser that lacks
the font still fits the text into its space.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import pairwise
from statistics import mode
from typing import NamedTuple
from xml.etree.ElementTree import Comment, Element, SubElement

from downhill.report.svg_paths import short_number

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
FONTS = "DejaVu Sans,Verdana,sans-serif"

_EM = 100  # units of a glyph's place: Matplotlib's TextToPath.FONT_SCALE
_UNITS = 64  # of an outline, for each of these
_SPACE = 32  # of an em, in hundredths: the width of what has no outline, such as a space
_MATHS = re.compile(r"\\mathdefault|[${}^_]")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")


class _Glyph(NamedTuple):
    """One glyph of a line: its name, its place from the start of the line, and its scale."""

    name: str
    x: float
    y: float
    scale: float


def replace_letters(root: Element) -> None:
    """Replace the outlines of all lines of text of a parsed SVG, which must hold its comments, with `<text>`.

    A line whose glyphs cannot be told apart (a formula other than a power) stays as it is. The definitions of
    glyphs stay too; those that are no longer used can be removed.
    """
    lines = list(_lines(root))
    widths = _widths(root, [glyphs for *_, glyphs in lines])
    for parent, comment, group, glyphs in lines:
        text = _text(_string(comment, glyphs), group, glyphs, widths)
        if text is not None:
            parent[list(parent).index(group)] = text


def is_comment(element: Element) -> bool:
    """Whether a node of the parsed tree is a comment, which has a function as its tag."""
    tag: object = element.tag
    return tag is Comment


def _lines(root: Element) -> Iterator[tuple[Element, Element, Element, list[_Glyph]]]:
    """Parent, comment, group and glyphs of each line of text."""
    for parent in root.iter():
        for comment, group in pairwise(list(parent)):
            if is_comment(comment) and group.tag == f"{SVG}g" and "scale" in group.get("transform", ""):
                uses = group.findall(f"{SVG}use")
                if uses and not group.findall(f"{SVG}path"):
                    yield parent, comment, group, [_glyph(use) for use in uses]


def _glyph(use: Element) -> _Glyph:
    x, y = _numbers(use, "translate") or (0.0, 0.0)
    (scale,) = _numbers(use, "scale") or (1.0,)
    return _Glyph(use.get(HREF, "").removeprefix("#"), x, y, scale)


def _numbers(element: Element, name: str) -> tuple[float, ...]:
    """The arguments of a function in the transformation of an element; none if it is not there."""
    found = re.search(rf"{name}\((.*?)\)", element.get("transform", ""))
    return tuple(map(float, _NUMBER.findall(found[1]))) if found else ()


def _string(comment: Element, glyphs: list[_Glyph]) -> str:
    """The string of a line: that of its comment, in which Matplotlib writes `--` as `- -`."""
    text = unescape((comment.text or "")[1:-1])
    place = 0
    while (place := text.find("- -", place)) >= 0:
        middle = glyphs[place + 1 : place + 2]
        if middle and middle[0].name == glyphs[place].name:
            text = text[: place + 1] + text[place + 2 :]
        place += 1
    return text


def _widths(root: Element, lines: list[list[_Glyph]]) -> Mapping[str, float]:
    """How far each glyph moves the next one, in hundredths of an em, as far as the lines show it.

    A glyph that only ends lines is as wide as its outline, with the same space on its right as on its left.
    """
    seen: defaultdict[str, list[float]] = defaultdict(list)
    for glyphs in lines:
        for one, following in pairwise(glyphs):
            if one.scale == following.scale == 1 and one.y == following.y:
                seen[one.name].append(following.x - one.x)
    widths = {name: mode(found) for name, found in seen.items()}
    for path in root.iter(f"{SVG}path"):
        name = path.get("id", "")
        if name not in widths:
            across = [float(x) for x in _NUMBER.findall(path.get("d", ""))[::2]]
            widths[name] = (min(across) + max(across)) / _UNITS if across else _SPACE
    return widths


def _text(string: str, group: Element, glyphs: list[_Glyph], widths: Mapping[str, float]) -> Element | None:
    """A line as text; None if its glyphs cannot be told apart."""
    x, y = _numbers(group, "translate")
    size = _numbers(group, "scale")[0]  # of a hundredth of an em
    text = Element(f"{SVG}text")
    if angle := _numbers(group, "rotate"):
        place = f"translate({short_number(x)} {short_number(y)})"
        text.set("transform", f"{place}rotate({short_number(angle[0])})")
    else:
        text.set("x", short_number(x))
        text.set("y", short_number(y))
    style = [group.get("style", ""), f"font-size: {short_number(size * _EM)}px"]
    fonts = Counter(glyph.name.rpartition("-")[0] for glyph in glyphs).most_common(1)[0][0]
    style += ["font-weight: 700"] if "Bold" in fonts else []
    style += ["font-style: italic"] if re.search("Oblique|Italic", fonts) else []
    if string != string.strip(" ") or "  " in string:
        style.append("white-space: pre")
    text.set("style", "; ".join(filter(None, style)))
    if any(glyph.y or glyph.scale != 1 for glyph in glyphs):
        return _with_powers(text, _MATHS.sub("", string).replace("-", "−"), glyphs, size)
    text.text = string
    length = max(glyph.x + widths.get(glyph.name, 0) for glyph in glyphs)
    if len(string) > 1:
        text.set("textLength", short_number(size * length))
        text.set("lengthAdjust", "spacingAndGlyphs")
    return text


def _with_powers(text: Element, string: str, glyphs: list[_Glyph], size: float) -> Element | None:
    """A line with a part for each run of glyphs of the same size and height; None if there are other letters in it."""
    if len(string) != len(glyphs):
        return None
    left, base = (float(text.attrib.pop(name, "0")) for name in "xy")
    last: _Glyph | None = None
    for character, glyph in zip(string, glyphs, strict=True):
        if last is None or (last.y, last.scale) != (glyph.y, glyph.scale):
            part = SubElement(text, f"{SVG}tspan")
            part.set("x", short_number(left + size * glyph.x))
            part.set("y", short_number(base - size * glyph.y))
            if glyph.scale != 1:
                part.set("style", f"font-size: {short_number(size * _EM * glyph.scale)}px")
            part.text = ""
        part.text = (part.text or "") + character
        last = glyph
    return text
