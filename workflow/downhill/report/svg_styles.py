"""Styles of an SVG's elements, each written once."""

import re
from collections.abc import Iterator
from itertools import count, groupby
from xml.etree.ElementTree import Element

from downhill.report.svg_text import SVG

_NEUTRAL = {"stroke-dashoffset": "0", "stroke-linejoin": "round", "stroke-linecap": "butt"}
_OF_A_GROUP = re.compile("(?<!-)opacity:")  # means another thing for a group than for each of its elements
_OF_THE_SHAPE = ("stroke-linejoin", "stroke-linecap")
_FEW = 3  # neighbours with the same class: fewer are not worth a group
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


def styles_to_classes(page: Element, prefix: str) -> str:
    """Replace all styles with classes, whose names start with the prefix; returns the rules of these classes."""
    names: dict[str, str] = {}
    numbers = count()
    for element in page.iter():
        style = _short(element.attrib.pop("style", ""), element.tag == f"{SVG}use")
        if style:
            if style not in names:
                names[style] = f"{prefix}{_letters(next(numbers))}"
            element.set("class", names[style])
    return "".join(f".{name}{{{style}}}" for style, name in names.items())


def share_attributes(page: Element) -> None:
    """Write attributes that neighbours have in common once, for a group of them: their clip paths and classes."""
    unshared = {name for name, style in _rules(page).items() if _OF_A_GROUP.search(style)}
    head = [one for one in page if one.tag in {f"{SVG}{name}" for name in ("title", "desc", "style", "defs")}]
    content = list(_grouped([one for one in page if one not in head], "clip-path", 1, set()))
    page[:] = head + list(_grouped(content, "class", _FEW, unshared))
    for group in content:
        if group.tag == f"{SVG}g" and "clip-path" in group.attrib and "transform" not in group.attrib:
            group[:] = list(_grouped(list(group), "class", _FEW, unshared))
            if len(group) == 1 and group[0].tag == f"{SVG}g" and set(group[0].attrib) == {"class"}:
                group.set("class", group[0].attrib["class"])
                group[:] = list(group[0])


def _rules(page: Element) -> dict[str, str]:
    """The style of each class."""
    found = page.find(f"{SVG}style")
    rules = "" if found is None else found.text or ""
    return dict(re.findall(r"\.([^{]*)\{([^}]*)\}", rules))


def _grouped(elements: list[Element], name: str, fewest: int, unshared: set[str]) -> Iterator[Element]:
    """The elements in order, with a group for each run of at least `fewest` that have an attribute in common."""
    for value, run in groupby(elements, key=lambda one: one.get(name)):
        members = list(run)
        alone = len(members) == 1 and members[0].tag == f"{SVG}path" and "transform" not in members[0].attrib
        if value is None or value in unshared or len(members) < fewest or alone:
            yield from members
            continue
        group = Element(f"{SVG}g", {name: value})
        for member in members:
            del member.attrib[name]
        group.extend(members)
        yield group


def _short(style: str, of_use: bool) -> str:
    """A style without what it need not say, in as few characters.

    What Matplotlib says about the ends and corners of lines is in the shape that an element uses.
    """
    said = {
        name.strip(): value.strip()
        for name, _, value in (one.partition(":") for one in style.split(";"))
        if value
    }
    kept = {
        name: _short_colour(value)
        for name, value in said.items()
        if _NEUTRAL.get(name) != value and not (of_use and name in _OF_THE_SHAPE)
    }
    return ";".join(f"{name}:{value}" for name, value in kept.items())


def _short_colour(value: str) -> str:
    if len(value) == 7 and value[0] == "#" and value[1::2] == value[2::2]:
        return f"#{value[1::2]}"
    return value


def _letters(number: int) -> str:
    """`a` to `z`, then `aa`, `ab` and so on."""
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, len(_LETTERS))
        text = _LETTERS[rest] + text
    return text
