"""Characters that the font lacks, and lines and labels that are too long."""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given
from hypothesis import strategies as st
from matplotlib import font_manager
from matplotlib.figure import Figure

from downhill.figures.lettering import FONT, drawable, shortened, wrapped

KANA = "おきす"


def font_of(characters: str, family: str, path: Path) -> Path:
    """A font with a triangle of its own for each of a few characters."""
    names = [".notdef", *(f"glyph{number}" for number in range(len(characters)))]
    glyphs = {}
    for number, name in enumerate(names):
        pen = TTGlyphPen(None)
        pen.moveTo((0, 0))
        pen.lineTo((100 + 200 * number, 700))
        pen.lineTo((800, 0))
        pen.closePath()
        glyphs[name] = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({ord(one): name for one, name in zip(characters, names[1:], strict=True)})
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(dict.fromkeys(names, (900, 0)))
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": family, "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    builder.save(path)
    return path


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Any]:
    """Installs fonts until the end of a test."""
    fonts = font_manager.fontManager
    before = list(fonts.ttflist)

    def install(characters: str, family: str) -> None:
        fonts.addfont(font_of(characters, family, tmp_path / f"{family}.ttf"))

    yield install
    fonts.ttflist[:] = before


def evidence(*classes: str, statement: str = "It is so.") -> dict[str, Any]:
    return {"statement": statement, "source": "L1", "data": {"classes": list(classes), "k": 2}, "note": "✔"}


def test_text_that_the_font_has_is_left_as_it_is():
    plain = evidence("0", "½ × – … ¿é", "Ж", statement="About 96 %.")
    assert drawable(plain) == (plain, [FONT])


def test_characters_that_no_font_has_are_given_by_their_codes(caplog: pytest.LogCaptureFixture):
    shown, families = drawable(evidence("お", "き", "b", statement="It says すきs."))
    assert families == [FONT]
    assert shown["data"] == {"classes": ["U+304A", "U+304D", "b"], "k": 2}
    assert shown["statement"] == "It says U+3059 U+304Ds."
    assert shown["remarks"] == (
        "Characters missing from all installed fonts are shown as codes: U+304A, U+304D, U+3059."
    )
    assert [record.levelno for record in caplog.records] == [logging.WARNING]
    assert "install a font that contains them" in caplog.text


def test_long_list_of_codes_is_cut():
    shown, _ = drawable(evidence(*map(chr, range(0x3042, 0x3052))))
    assert shown["remarks"].endswith("U+3042, U+3043, U+3044, U+3045, U+3046 and 11 more.")


def test_other_installed_fonts_are_used(installed: Any, caplog: pytest.LogCaptureFixture):
    installed("おきxyz", "Most Kana")
    installed("す", "One Kana")
    installed("お", "Another Kana")
    with caplog.at_level(logging.INFO):
        shown, families = drawable(evidence(*KANA, "ん"))
    assert families == [FONT, "Most Kana", "One Kana"]
    assert shown["data"]["classes"] == [*KANA, "U+3093"]
    assert "shown as codes: U+3093." in shown["remarks"]
    assert "using the fonts Most Kana, One Kana for characters that DejaVu Sans lacks" in caplog.text


def test_marks_without_a_shape_are_left_out_in_silence():
    shown, families = drawable(evidence("a\u2067b\ufe0fc\U000e0101d", "x\u3000y"))
    assert shown["data"]["classes"][0].replace("\ufe0f", "") == "a bcd"
    assert "remarks" not in shown
    assert families == [FONT]


def test_control_characters_become_spaces():
    shown, _ = drawable(evidence("a\nb", "c\x00d\ud800", statement="Two\tlines.\n"))
    assert shown["data"]["classes"] == ["a b", "c d "]
    assert shown["statement"] == "Two lines. "


@given(st.text(), st.integers(4, 40))
def test_shortened_text_is_short_and_keeps_both_ends(text: str, most: int):
    found = shortened(text, most)
    assert len(found) <= max(most, 3)
    if found != text:
        start, end = found.split("…")[0], found.split("…")[-1]
        assert text.startswith(start)
        assert text.endswith(end)


def test_name_of_wide_characters_is_cut_earlier():
    assert shortened("The quick brown fox jumps", 16) == "The quic…x jumps"
    assert len(shortened("日" * 30, 16)) == 8
    assert shortened("日" * 8, 16) == "日" * 8


@pytest.mark.filterwarnings("ignore:Glyph")  # the font may not have the character
def test_line_has_half_as_many_wide_characters():
    assert wrapped("日" * 50, 40, 6, 7.0, size=5) == ["日" * 20, "日" * 20, "日" * 10]


@pytest.mark.parametrize("letter", ["i", "W", "$x_$", "word "])
def test_lines_fit_on_the_page(letter: str):
    look = {"size": 10, "weight": "bold"}
    with mpl.rc_context({"text.parse_math": False}):
        lines = wrapped(letter * 800, 83, 6, 7.0, **look)
        figure = Figure()
        widths = [figure.text(0, 0, line, **look).get_window_extent().width / figure.dpi for line in lines]
    assert len(lines) == 6
    assert 3.5 < max(widths) < 7.1
    assert lines[-1].endswith("…")
