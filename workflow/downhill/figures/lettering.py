"""Text in figures: characters that the font lacks, and lines and labels that are too long."""

import logging
import re
import textwrap
import unicodedata
from collections.abc import Iterable
from typing import Any

from matplotlib import font_manager
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text

from downhill.report.escaping import every_text, without_controls

FONT = "DejaVu Sans"  # comes with Matplotlib
LONGEST_NAME = 16  # of a class, in letters
_HEADING = "statement"  # the key of the evidence that is drawn in bold
_MOST_LISTED = 5  # characters named in a figure
_PLACE = "\ue000"  # stands for the second half of a wide character while lines are broken

_NO_CHARACTER = "\uffff"  # some fonts draw a box even for this

_log = logging.getLogger("downhill.figures")


def drawable(evidence: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The evidence with text that can be drawn, and the families of fonts that have all its characters.

    Characters that Matplotlib's own font lacks are drawn with installed fonts. Those that no font has are replaced by
    their codes, such as U+304A; then the key `remarks` says so.

    Parameters
    ----------
    evidence
        Evidence of a claim.

    Returns
    -------
    evidence, families
        Families are in order of preference; with text in Latin letters, only Matplotlib's own font.
    """
    plain = every_text(evidence, without_controls)
    missing = _lacked(_characters(plain[_HEADING]), "bold") | _lacked(_characters(plain), "normal")
    if not missing:
        return plain, [FONT]
    families = _families_with(missing)
    lost: set[str] = set()

    def replace(text: str, weight: str) -> str:
        lacked = missing.intersection(text)
        for family in [FONT, *families] if lacked else ():
            lacked = _lacked(lacked, weight, family)
        lost.update(one for one in lacked if not _invisible(one))
        return _with_codes(text, lacked)

    shown = {
        key: every_text(value, lambda text, key=key: replace(text, "bold" if key == _HEADING else "normal"))  # type: ignore[misc]
        for key, value in plain.items()
        if key in (_HEADING, "measures", "why", "parts", "data")
    }
    if families:
        _log.info("using the fonts %s for characters that %s lacks", ", ".join(families), FONT)
    if lost:
        codes = [_code(one) for one in sorted(lost)]
        listed = ", ".join(codes[:_MOST_LISTED])
        more = f" and {len(codes) - _MOST_LISTED} more" if len(codes) > _MOST_LISTED else ""
        remark = f"Characters missing from all installed fonts are shown as codes: {listed}{more}."
        _log.warning("%s To show them in the figure, install a font that contains them.", remark)
        shown["remarks"] = remark
    return plain | shown, [FONT, *families]


def shows_codes(figure: Figure) -> bool:
    """Whether a figure shows codes of characters; the evidence may also hold texts that it does not show."""
    figure.draw_without_rendering()  # which sets the labels of ticks
    return any(has_codes(text.get_text()) for text in figure.findobj(Text))


def wrapped(text: str, width: int, most_lines: int, inches: float, **look: Any) -> list[str]:
    """The text on lines of at most `width` letters that fit into some inches.

    After `most_lines` it is cut off with an ellipsis. `look` holds arguments of `Figure.text`: size and weight.
    """
    padded = "".join(one + _PLACE if _is_wide(one) else one for one in text)
    page = Figure()
    while True:
        broken = textwrap.wrap(padded, width, max_lines=most_lines, placeholder=" …")
        lines = [line.replace(_PLACE, "") for line in broken]
        if width < 20 or all(
            page.text(0, 0, line, **look).get_window_extent().width <= inches * page.dpi for line in lines
        ):
            return lines
        width = width * 19 // 20


def shortened(text: str, most: int) -> str:
    """The text if it is at most as wide as `most` letters, or else its beginning and its end with … between them."""
    width = len(text) + sum(map(_is_wide, text))
    if width <= most:
        return text
    kept = max(2, most * len(text) // width - 1)
    return f"{text[: kept - kept // 2].rstrip()}…{text[len(text) - kept // 2 :].lstrip()}"


def has_codes(text: str) -> bool:
    """Whether the text contains codes for characters that cannot be drawn."""
    return re.search(r"U\+[0-9A-F]{4}", text) is not None


def _characters(value: Any) -> set[str]:
    found: set[str] = set()
    every_text(value, lambda text: found.update(text) or text)  # type: ignore[func-returns-value]
    return found


def _lacked(characters: Iterable[str], weight: str, family: str = FONT) -> set[str]:
    """Those of the characters that a family of fonts has no glyph for."""
    try:
        wanted = FontProperties(family=[family], weight=weight)
        return _lacked_by(font_manager.findfont(wanted, fallback_to_default=False), characters)
    except ValueError:  # the family was removed
        return set(characters)


def _lacked_by(path: str, characters: Iterable[str]) -> set[str]:
    try:
        font = font_manager.get_font(path)
    except (OSError, RuntimeError):  # removed or damaged since Matplotlib listed it
        return set(characters)
    return {one for one in characters if not font.get_char_index(ord(one))}


def _families_with(characters: set[str]) -> list[str]:
    """A small, reproducible choice of installed families that together have these characters."""
    left = {one for one in characters if not _invisible(one)}
    files: dict[str, str] = {}
    for name, path in sorted((entry.name, str(entry.fname)) for entry in font_manager.fontManager.ttflist):
        files.setdefault(name, path)
    lacked = {name: _lacked_by(path, left | {_NO_CHARACTER}) for name, path in files.items()}
    has = {name: left - found for name, found in lacked.items() if _NO_CHARACTER in found}
    found: list[str] = []
    while left and (best := max(has, key=lambda name: len(has[name] & left))) and has[best] & left:
        found.append(best)
        left = left - has[best]
    return found


def _with_codes(text: str, lacked: set[str]) -> str:
    """The text with codes for characters that cannot be drawn; marks without a shape of their own are left out."""
    if not lacked:
        return text
    text = "".join(" " if one in lacked and one.isspace() else one for one in text)
    text = "".join(one for one in text if one not in lacked or not _invisible(one))
    runs = re.compile(f"[{re.escape(''.join(sorted(lacked)))}]+")
    return runs.sub(lambda run: " ".join(map(_code, run[0])), text)


def _code(character: str) -> str:
    return f"U+{ord(character):04X}"


def _invisible(character: str) -> bool:
    """Whether a character has no shape of its own: a space, a joiner, or a selector of a variant."""
    return (
        character.isspace()
        or unicodedata.category(character) == "Cf"
        or "VARIATION SELECTOR" in unicodedata.name(character, "")
    )


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in ("F", "W")


def readable_on(background: Any) -> str:
    """Black or white, whichever has the larger contrast with a colour: at least 4.58, and so also in greyscale.

    The contrast is that of WCAG 2.2, whose level AA asks for 4.5: (L + 0.05) / (l + 0.05) for the relative luminances
    of the lighter and the darker colour.
    """
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(background)
    )
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return "white" if 1.05 / (luminance + 0.05) > (luminance + 0.05) / 0.05 else "black"
