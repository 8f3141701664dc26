"""Text from tables is text, never markup: in Markdown, in HTML and in reStructuredText."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jinja2
import pytest
from docutils.core import publish_parts
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from downhill.report.escaping import markdown, restructured_text, without_controls

REPOSITORY = Path(__file__).parents[3]
MARKUP = (
    "It costs $5 or $6",
    "$x_$",
    "a | b | c",
    "*not* _emphasised_ `code` ~~gone~~",
    "<b>not bold</b> &amp; <!-- here -->",
    "[a link](https://example.org) ![an image](x.png) <https://example.org>",
    "trailing \\",
    "# no heading #",
    "- no list",
    "+ no list",
    "1. no list",
    "123) no list",
    "two\nlines\r\n\n\nor\tmore",
    "> no quotation",
    ".. include:: /etc/passwd",
    ":field: |substitution| footnote [1]_ reference_ ``literal``",
    "a\\*b\\\\",
    "\x1b[31mred\x1b[0m \x00\x08",
    "• bullet",
    "{{ 1 + 1 }} {% if x %}",
    "half \ud800 a character",
    "お, き, す",
)
# Characters with a meaning somewhere come up more often.
TEXTS = st.lists(st.one_of(st.sampled_from("\\`*_[]<>&|$#-+.)(:!~=\"'{}% \n\t1aé"), st.characters())).map(
    "".join
)


def texts(test: Callable[[str], None]) -> Callable[[], None]:
    """Run a test with many texts, always with those that are known to be difficult."""
    for text in MARKUP:
        test = example(text=text)(test)
    return settings(max_examples=400)(given(text=TEXTS)(test))


class Page(HTMLParser):
    """The text of each element of some kinds, and all tags."""

    def __init__(self, page: str, *kinds: str):
        super().__init__()
        self.kinds, self.found, self.tags, self.inside = kinds, [], [], False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.tags.append(tag)
        if tag in self.kinds:
            self.found.append("")
            self.inside = True

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag not in self.kinds

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.found[-1] += data


def words(text: str) -> str:
    """A text as a browser shows it: with single spaces."""
    return " ".join(without_controls(text).split())


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])


@texts
def test_markdown_shows_the_text_wherever_it_stands(text: str):
    cell = markdown(text)
    page = Page(MARKDOWN.render(f"| a | b |\n|---|---|\n| {cell} | end |\n"), "td")
    assert [words(found) for found in page.found] == [words(text), "end"]
    for before, kind in (("## ", "h2"), ("- ", "li"), ("", "p")):
        if words(text):
            page = Page(MARKDOWN.render(f"{before}{cell}\n"), kind)
            assert [words(found) for found in page.found] == [words(text)]
            assert set(page.tags) <= {kind, "ul", "span"}


@texts
def test_restructured_text_shows_the_text(text: str):
    if words(text):
        escaped = restructured_text(text)
        page = publish_parts(f"{escaped}\n\nThe claim: *{escaped}* (end).", writer="html")["body"]
        found = Page(page, "p")
        assert [words(one) for one in found.found] == [words(text), f"The claim: {words(text)} (end)."]
        assert set(found.tags) == {"p", "em"}


@pytest.mark.parametrize("text", MARKUP)
def test_captions_of_the_report_show_the_text(text: str):
    """The templates, as Snakemake renders them: with Jinja, and then with docutils."""
    claim = dict.fromkeys(("statement", "source", "band"), restructured_text(text))
    shown = {
        "figure.rst": {"params": SimpleNamespace(claim=claim, shows=restructured_text(text)), "input": ["a"]},
        "workflow.rst": {"config": {"about": restructured_text(text)}},
    }
    for name, given_to in shown.items():
        template = (REPOSITORY / "workflow" / "report" / name).read_text(encoding="utf-8")
        page = jinja2.Environment().from_string(template).render(snakemake=SimpleNamespace(**given_to))
        body = publish_parts(page, writer="html", settings_overrides={"halt_level": 2})["body"]
        assert words(text) in words(" ".join(Page(body, "p").found))


def test_one_line_has_nothing_that_controls_a_terminal():
    assert without_controls("a\nb\x1b[2Jc\u202ed\x85e") == "a b [2Jc d e"
    assert without_controls("ordinary  text, 96 %, ½ × お") == "ordinary  text, 96 %, ½ × お"
    assert not re.search(r"[\x00-\x1f]", without_controls("".join(map(chr, range(32)))))
