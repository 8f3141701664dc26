"""SVG files of Matplotlib fit into a page: their letters become text, and nothing else changes."""

import re
from io import StringIO
from xml.etree.ElementTree import Element, fromstring

import matplotlib as mpl
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import TextPath, TextToPath

from downhill.figures import style
from downhill.figures.pages import _RC
from downhill.report.inline_svg import inline_svg
from downhill.report.svg_paths import short_number, short_path

SVG = "{http://www.w3.org/2000/svg}"


def saved(figure: Figure) -> str:
    file = StringIO()
    with mpl.rc_context(_RC):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None})
    return file.getvalue()


def with_texts(*texts: str, **look: object) -> str:
    with mpl.rc_context(_RC):
        figure = Figure(figsize=(8, 4))
        for place, text in enumerate(texts):
            figure.text(0.1, 0.1 + 0.8 * place / len(texts), text, **look)  # type: ignore[arg-type]
        return saved(figure)


def inlined(text: str, prefix: str = "p") -> Element:
    return fromstring(inline_svg(text, prefix, "A title", "A description"))


def texts_of(root: Element) -> list[str]:
    return ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]


def styles(root: Element) -> dict[str, dict[str, str]]:
    """Declarations of each class."""
    rules = re.findall(r"\.(.*?)\{(.*?)\}", root.findtext(f"{SVG}style") or "")
    return {name: dict(one.split(":", 1) for one in rule.split(";")) for name, rule in rules}  # type: ignore[misc]


def a_figure() -> str:
    with mpl.rc_context(_RC):
        figure = Figure(figsize=(5, 4))
        left, right = figure.subplots(1, 2)
        left.plot([1, 2, 3], [1, 10, 100], "o--", label="a line")
        left.set_yscale("log")
        style.powers_of_ten(left.yaxis)
        left.set_ylabel("cost")
        left.legend()
        right.imshow(np.arange(6).reshape(2, 3))
        right.bar([0, 1], [1, 2], hatch="//")
        return saved(figure)


def parts(d: str) -> list[tuple[str, list[float]]]:
    """Absolute points of path data, by an interpreter of its own."""
    found, x, y, start = [], 0.0, 0.0, (0.0, 0.0)
    for name, rest in re.findall(r"([a-zA-Z])([^a-zA-Z]*)", d):
        numbers = [float(one) for one in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", rest)]
        size = {"m": 2, "l": 2, "h": 1, "v": 1, "q": 4, "c": 6, "z": 0}[name.lower()]
        for at in range(0, max(len(numbers), 1), size or 1):
            some = numbers[at : at + size]
            if name in "hv":
                some = [some[0], 0] if name == "h" else [0, some[0]]
            if name.islower():
                some = [one + (y if place % 2 else x) for place, one in enumerate(some)]
            if name in "zZ":
                x, y = start
            else:
                x, y = some[-2:]
            if name in "mM" and at == 0:
                start = (x, y)
            line = name in "hv" or (name in "mM" and at > 0)  # further points after m are joined to it
            found.append(("l" if line else name.lower(), some))
    return found  # type: ignore[return-value]


@pytest.mark.parametrize(
    "text",
    [
        "plain words",
        "−0.5 ✱ w₁ ½e² ‖∇C‖ 99 % → 1.00",
        "a--b ---- - - c",
        "a < b & c > d \"quoted\" 'so'",
        "it costs $5, not $\\alpha$",
        "  kept   spaces ",
        "Unicode: Σσ ▸ ✓",
        "fi ffl (letters that some fonts join)",
        "]]> &amp; <!-- no comment",
    ],
)
def test_text_is_what_was_drawn(text: str):
    assert texts_of(inlined(with_texts(text))) == [text]


@settings(max_examples=40)
@given(st.text(st.sampled_from("ab -<>&'\"$^_{}\\%−₁"), min_size=1, max_size=12))
def test_any_text_is_what_was_drawn(text: str):
    found = texts_of(inlined(with_texts(text)))
    assert found == ([text] if text.strip() or found else [])


def test_lines_of_a_text_are_texts_at_their_own_heights():
    root = inlined(with_texts("one\ntwo\nthree"))
    assert texts_of(root) == ["one", "two", "three"]
    heights = [float(text.get("y", "")) for text in root.iter(f"{SVG}text")]
    assert heights == sorted(heights)
    assert len(set(heights)) == 3


def test_length_of_a_text_is_that_of_its_letters():
    words = "Refuted: it gets 96 % right."
    root = inlined(with_texts(words, "it gets: right. 96 % of Refuted.", size=11))
    (text,) = [one for one in root.iter(f"{SVG}text") if one.text == words]
    width, _, _ = TextToPath().get_text_width_height_descent(
        words, FontProperties(family=_RC["font.family"], size=11), False
    )
    assert float(text.get("textLength", "")) == pytest.approx(width, rel=0.01)
    assert styles(root)[text.get("class", "")]["font-size"] == "11px"


def test_length_is_estimated_for_a_letter_that_only_ends_lines():
    (text,) = inlined(with_texts("abW", size=100)).iter(f"{SVG}text")
    drawn = TextPath((0, 0), "abW", size=100, prop=FontProperties(family=_RC["font.family"])).get_extents()
    assert float(text.get("textLength", "")) == pytest.approx(drawn.x1, rel=0.05)


def test_bold_italic_and_rotated_text():
    root = inlined(with_texts("words", weight="bold", style="italic", rotation=90, color="#d55e00"))
    (text,) = root.iter(f"{SVG}text")
    assert "rotate(-90)" in text.get("transform", "")
    look = styles(root)[text.get("class", "")]
    assert (look["font-weight"], look["font-style"], look["fill"]) == ("700", "italic", "#d55e00")


def test_powers_of_ten_are_text_with_a_raised_part():
    root = inlined(a_figure())
    (power,) = [text for text in root.iter(f"{SVG}text") if "".join(text.itertext()) == "102"]
    base, raised = power
    assert (base.text, raised.text) == ("10", "2")
    assert float(raised.get("y", "")) < float(base.get("y", ""))
    sizes = styles(root)
    assert sizes[raised.get("class", "")]["font-size"] == "5.95px"


def test_other_formulas_stay_as_they_are_drawn():
    with mpl.rc_context(_RC | {"text.parse_math": True}):
        figure = Figure()
        figure.text(0.1, 0.5, r"$\sqrt{x}$ and $y$")
        text = saved(figure)
    root = inlined(text)
    assert not texts_of(root)
    assert list(root.iter(f"{SVG}path"))


def test_names_start_with_the_prefix_and_are_found():
    text = a_figure()
    page = f"<div>{inline_svg(text, 'fig-1', 'T', 'D')}{inline_svg(text, 'fig-2', 'T', 'D')}</div>"
    root = fromstring(page)
    ids = [one.attrib["id"] for one in root.iter() if "id" in one.attrib]
    assert len(ids) == len(set(ids))
    assert all(re.match("fig-[12]", name) for name in ids)
    linked = re.findall(r'(?:href="|url\()#([^")]*)', page)
    assert linked
    assert set(linked) <= set(ids)
    assert set(ids) - set(linked) == {f"fig-{n}-{kind}" for n in (1, 2) for kind in ("title", "desc")}
    used = {one.attrib["class"] for one in root.iter() if "class" in one.attrib}
    defined = set(re.findall(r"\.([\w-]+)\{", page))
    assert used == defined
    assert all(re.match("fig-[12]", name) for name in used)


def test_it_is_an_image_with_title_and_description_that_css_scales():
    root = fromstring(inline_svg(a_figure(), "f", "It's <so>", 'A "finding" & more'))
    assert root.get("role") == "img"
    assert root.get("viewBox") == "0 0 360 288"
    assert "width" not in root.attrib
    assert "height" not in root.attrib
    title, description = root[:2]
    assert root.get("aria-labelledby", "").split() == [title.get("id"), description.get("id")]
    assert (title.text, description.text) == ("It's <so>", 'A "finding" & more')
    assert "<!--" not in inline_svg(a_figure(), "f", "", "")
    assert "metadata" not in inline_svg(a_figure(), "f", "", "")


def test_it_is_much_shorter_and_always_the_same():
    text = a_figure()
    first = inline_svg(text, "f", "T", "D")
    assert first == inline_svg(text, "f", "T", "D")
    assert len(first) < 0.4 * len(text)


def test_shapes_and_their_looks_stay():
    """Marks, dashes, clip paths, hatches and pictures are those of the file."""
    text = a_figure()
    before, after = fromstring(text), inlined(text)
    glyphs = {one.get("id") for one in before.iter(f"{SVG}path") if "DejaVu" in one.get("id", "")}
    marks = [
        one
        for one in before.iter(f"{SVG}use")
        if one.get("{http://www.w3.org/1999/xlink}href", "")[1:] not in glyphs
    ]
    assert len(list(after.iter(f"{SVG}use"))) == len(marks)
    assert len(list(after.iter(f"{SVG}image"))) == 1
    assert len(list(after.iter(f"{SVG}pattern"))) == 1
    assert any("stroke-dasharray" in look for look in styles(after).values())
    shown = [one for one in before.iter(f"{SVG}path") if one.get("id") not in glyphs]
    assert len(list(after.iter(f"{SVG}path"))) == len(shown)


@pytest.mark.parametrize("text", ["", "no SVG", "<p>words</p>", "<svg>"])
def test_what_is_no_svg_is_refused(text: str):
    with pytest.raises(ValueError, match="this is no SVG"):
        inline_svg(text, "f", "", "")


@pytest.mark.parametrize("prefix", ["", "1", "a b", '"', "é"])
def test_prefix_that_is_no_name_is_refused(prefix: str):
    with pytest.raises(ValueError, match="cannot start the name"):
        inline_svg(a_figure(), prefix, "", "")


@given(st.floats(-1e6, 1e6), st.integers(1, 3))
def test_numbers_are_rounded_and_short(number: float, digits: int):
    text = short_number(number, digits)
    assert float(text) == pytest.approx(number, abs=0.5001 * 10**-digits)
    assert len(text) <= len(f"{number:.{digits}f}")
    assert text != "-0"


points = st.tuples(st.floats(-999, 999), st.floats(-999, 999))


@given(
    st.lists(st.tuples(st.sampled_from("LQCZM"), st.lists(points, min_size=3, max_size=3)), max_size=30),
    points,
)
def test_short_path_has_the_same_points(
    segments: list[tuple[str, list[tuple[float, float]]]], first: tuple[float, float]
):
    sizes = {"L": 1, "M": 1, "Q": 2, "C": 3, "Z": 0}
    words = [f"M {first[0]:f} {first[1]:f}"]
    for name, some in segments:
        words.append(" ".join([name, *(f"{one:f}" for point in some[: sizes[name]] for one in point)]))
    before, after = parts(" \n".join(words)), parts(short_path(" \n".join(words)))
    if len(after) == len(before):  # lines without length are left out
        assert [name for name, _ in after] == [name for name, _ in before]
        for (_, some), (_, others) in zip(before, after, strict=True):
            np.testing.assert_allclose(others, some, atol=0.00501)
    ends = [one[-2:] for _, one in before if one], [one[-2:] for _, one in after if one]
    for one in ends[0]:
        assert min(np.abs(np.subtract(one, other)).max() for other in ends[1]) < 0.00502


def test_dot_of_no_length_is_kept():
    assert short_path("M 1 2 L 1 2 M 3 4 L 3 4 L 5 4") == "m1 2h0m2 2h0 2"


def test_unknown_path_is_left_alone():
    assert short_path("M 1 2\n A 3 3 0 0 1 4 4") == "M 1 2 A 3 3 0 0 1 4 4"


def test_empty_line_leaves_nothing_behind():
    text = with_texts("one\n\nthree")
    assert "<!--  -->" in text
    root = inlined(text)
    assert texts_of(root) == ["one", "three"]
    assert all(len(group) for group in root.iter(f"{SVG}g"))
