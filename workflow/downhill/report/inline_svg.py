"""A figure's SVG, made fit to stand in a page among others."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError, SubElement, TreeBuilder, XMLParser, fromstring

from downhill.report.svg_paths import short_number, short_path
from downhill.report.svg_styles import share_attributes, styles_to_classes
from downhill.report.svg_text import FONTS, HREF, SVG, is_comment, replace_letters
from downhill.report.svg_writing import written

_LINKS = re.compile(r"url\(#(.*?)\)")
_DECIMALS = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


def inline_svg(text: str, prefix: str, title: str, description: str) -> str:
    """One of Matplotlib's SVG files as an element of an HTML page, with real text and in fewer bytes.

    Parameters
    ----------
    text
        The file, written with `svg.fonttype: path`.
    prefix
        Start of all ids and class names; different for each SVG on a page. Letters, digits, `-` and `_`, the first
        of them a letter.
    title, description
        Plain text for readers who do not see the picture.

    Returns
    -------
    str
        An `<svg>` without width and height, which CSS therefore scales, drawn in the same way as the file. It
        is well-formed XML, and the same for the same arguments. All its text can be searched and copied.

    Raises
    ------
    ValueError
        If the text is no SVG, or the prefix cannot start a name.
    """
    if not re.fullmatch(r"[A-Za-z][\w-]*", prefix, re.ASCII):
        raise ValueError(f"'{prefix}' cannot start the name of an element; use letters, digits, - and _")
    try:
        root = fromstring(text, XMLParser(target=TreeBuilder(insert_comments=True)))
    except ParseError as error:
        raise ValueError(f"this is no SVG: {error}") from error
    if root.tag != f"{SVG}svg":
        raise ValueError(f"this is no SVG: its first element is <{root.tag}>")
    replace_letters(root)
    drawn = [child for child in root if child.tag not in (f"{SVG}title", f"{SVG}metadata")]
    definitions = Element(f"{SVG}defs")
    content = list(_flat(drawn, {}, definitions))
    definitions[:] = [
        one for one in definitions if one.tag != f"{SVG}style"
    ]  # Matplotlib's, for all elements
    page = Element(f"{SVG}svg", {"viewBox": root.get("viewBox", ""), "role": "img"})
    page.set("aria-labelledby", f"{prefix}-title {prefix}-desc")
    page.set("font-family", FONTS)
    page.set("stroke-linejoin", "round")  # what Matplotlib's style for all elements says
    for name, words in (("title", title), ("desc", description)):
        SubElement(page, f"{SVG}{name}", {"id": f"{prefix}-{name}"}).text = words
    rules = SubElement(page, f"{SVG}style")
    page.append(definitions)
    page.extend(content)
    _name(page, definitions, prefix)
    _shorten(page)
    rules.text = styles_to_classes(page, prefix)
    share_attributes(page)
    for unneeded in (definitions, rules):
        if not len(unneeded) and not unneeded.text:
            page.remove(unneeded)
    return written(page)


def _flat(elements: list[Element], inherited: dict[str, str], definitions: Element) -> Iterator[Element]:
    """What is drawn, without groups that only name their content; definitions are moved to `definitions`.

    The clip path of a group goes to its elements.
    """
    for element in elements:
        if is_comment(element) or (
            element.tag == f"{SVG}g" and not len(element)
        ):  # an empty text has such a group
            continue
        if element.tag == f"{SVG}defs":
            definitions.extend(one for one in element if not is_comment(one))
        elif element.tag == f"{SVG}g" and not set(element.attrib) - {"id", "clip-path"}:
            clip = {name: value for name, value in element.attrib.items() if name == "clip-path"}
            yield from _flat(list(element), inherited | clip, definitions)
        else:
            for name, value in inherited.items():
                element.attrib.setdefault(name, value)
            yield element


def _name(page: Element, definitions: Element, prefix: str) -> None:
    """Remove definitions that nothing refers to, and give the others short names that start with the prefix."""
    while True:
        used = set(_used(page))
        kept = [one for one in definitions if one.get("id") in used]
        if len(kept) == len(definitions):
            break
        definitions[:] = kept
    names = {one.get("id", ""): f"{prefix}-{place}" for place, one in enumerate(definitions)}
    for element in page.iter():
        if element in page and element.tag in (f"{SVG}title", f"{SVG}desc"):
            continue
        if (own := element.attrib.pop("id", None)) in names:
            element.set("id", names[own])  # type: ignore[index]
        for name, value in list(element.attrib.items()):
            if name == HREF and value[1:] in names:
                element.set(name, f"#{names[value[1:]]}")
            elif "url(#" in value:
                element.set(name, _LINKS.sub(lambda link: f"url(#{names.get(link[1], link[1])})", value))


def _used(page: Element) -> Iterator[str]:
    """Names that an element refers to."""
    for element in page.iter():
        for name, value in element.attrib.items():
            if name == HREF and value.startswith("#"):
                yield value[1:]
            yield from _LINKS.findall(value)


def _shorten(page: Element) -> None:
    """Shorten paths, images and numbers, where they lie."""
    for element in page.iter():
        for name, value in element.attrib.items():
            if name == "d":
                element.set(name, short_path(value))
            elif name == HREF and value.startswith("data:"):
                element.set(name, "".join(value.split()))
            elif name in ("x", "y", "width", "height", "style"):
                element.set(name, _DECIMALS.sub(lambda one: short_number(float(one[0])), value))
            elif name == "transform":
                element.set(name, _DECIMALS.sub(lambda one: f"{float(one[0]):.6g}", value))
