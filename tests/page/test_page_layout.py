"""The page on a narrow screen, in the dark and on paper."""

import re
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.page.accessibility import check_width
from tests.page.published import Published

pytestmark = pytest.mark.xdist_group("page")


@pytest.mark.parametrize("details", ["folded", "open"])
@pytest.mark.parametrize("width", [320, 390, 768])
def test_narrow_screens_need_no_sideways_scrolling(width: int, details: str, opened: Callable[..., Any]):
    page = opened(viewport={"width": width, "height": 800})
    page.evaluate(
        "document.querySelectorAll('article').forEach(a => { a.style.contentVisibility = 'visible'; })"
    )
    if details == "open":
        page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
        if page.locator(
            "[data-machine]"
        ).count():  # not for published single runs, which have no band to move
            page.locator("[data-machine] input").last.wait_for()
    check_width(page, width)


def test_narrow_screens_show_the_headings_of_cells(opened: Callable[..., Any]):
    """Rows become blocks, whose cells say what they are."""
    page = opened(viewport={"width": 320, "height": 800})
    labels = page.eval_on_selector_all(
        "#verdicts tbody tr:first-child > *",
        "cells => cells.map(cell => getComputedStyle(cell, '::before').content)",
    )
    headings = page.eval_on_selector_all("#verdicts thead th", "all => all.map(one => one.textContent)")
    assert labels == [f'"{heading}"' for heading in headings]


def test_dark_mode_changes_the_colours(opened: Callable[..., Any]):
    colours = "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
    light, dark = (opened(color_scheme=scheme).evaluate(colours) for scheme in ("light", "dark"))
    assert light[0] == "rgb(255, 255, 255)"
    brightness = {name: [_brightness(colour) for colour in found] for name, found in
                  (("light", light), ("dark", dark))}  # fmt: skip
    assert brightness["light"][0] > brightness["light"][1]
    assert brightness["dark"][0] < brightness["dark"][1]


def _brightness(colour: str) -> int:
    return sum(map(int, re.findall(r"\d+", colour)))


@pytest.fixture(scope="module")
def printed(browser: Any, published: Published, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The page as a PDF file on A4, read by pypdf."""
    from pypdf import PdfReader

    path: Path = tmp_path_factory.mktemp("printed") / "page.pdf"
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(published.page.as_uri())
    page.pdf(path=path, format="A4", margin=dict.fromkeys(("top", "right", "bottom", "left"), "15mm"))
    context.close()
    return PdfReader(path)


@pytest.fixture(scope="module")
def texts(printed: Any) -> list[str]:
    """The text of each printed page."""
    return [_plain(page.extract_text()) for page in printed.pages]


def _plain(text: str) -> str:
    """A text without spaces, which PDF files do not have, and without ligatures, which they do have."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def test_paper_has_every_claim(texts: list[str], published: Published, opened: Callable[..., Any]):
    """Each begins on a page of its own, the first of a family below its heading; nothing of its parts is missing."""
    whole = "".join(texts)
    shown = opened(java_script_enabled=False)
    for claim, rows in published.claims.items():
        article = shown.locator(f"article[id='claim-{claim}']")
        start = _plain(article.locator("h3").text_content())
        heading = f"Family:{rows[0]['family']}"
        tops = [re.sub(rf"^{heading}.*?(?=[✔✘?–])", "", text) for text in texts]
        assert sum(top.startswith(start) for top in tops) == 1, claim
        for entry in article.locator(".part dd, .part dt").all_text_contents():
            assert _plain(entry) in whole
        assert all(_plain(row["statement"]) in whole for row in rows)


def test_paper_has_every_figure(texts: list[str], opened: Callable[..., Any]):
    """Also those that are folded away on the screen: what is written on each of them, and its description."""
    whole = "".join(texts)
    found = opened().eval_on_selector_all(
        "figure",
        """figures => figures.map(figure => [
            figure.id,
            figure.querySelector('figcaption').firstChild.textContent,
            [...figure.querySelectorAll('svg text')].map(text => text.textContent),
        ])""",
    )
    assert found
    for name, description, labels in found:
        assert _plain(description) in whole, name
        missing = [label for label in labels if _plain(label) and _plain(label) not in whole]
        assert not missing, (name, missing)


def test_nothing_is_cut_at_the_edge_of_the_paper(printed: Any):
    """All text lies within the margins of 15 mm; text that is clipped would still be in the file."""
    for number, page in enumerate(printed.pages, 1):
        width, outside = float(page.mediabox.width), []

        def visit(
            text: str, user: Any, matrix: Any, font: Any, size: Any, *, width=width, found=outside
        ) -> None:
            # The matrices of the page and of the text, combined: where the text begins.
            x = matrix[4] * user[0] + matrix[5] * user[2] + user[4]
            if text.strip() and not 40 <= x <= width - 42:
                found.append((round(x), text[:40]))

        page.extract_text(visitor_text=visit)
        assert not outside, (number, outside[:5])


def test_paper_is_white_and_has_no_controls(texts: list[str], opened: Callable[..., Any]):
    page = opened(color_scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert "Tryanotherband" not in "".join(texts)
    assert not page.locator("select:visible, .sections:visible, .script:visible").count()
