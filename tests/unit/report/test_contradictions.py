"""Contradictions in the pages of claims: side by side, with the claims that bear on them, as in the tables."""

import re
from html import unescape
from itertools import count
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from markdown_it import MarkdownIt

from downhill.config.contradiction import Contradiction
from downhill.config.settings import Statistics
from downhill.report.networks import tabulate
from downhill.report.tables import summarise
from downhill.report.wording import interval, number
from downhill.storage.json_files import write_json

PART: dict[str, Any] = {"name": "", "value": 0.953, "lower": 0.95, "upper": 0.956, "n": 12, "unit": "share"}
PART |= {
    "band": "> 0.9",
    "verdict": "supported",
    "why": "inside",
    "holds": True,
    "exact": False,
    "worst": None,
}
PART |= {"infinite": [], "covers": ["weights"], "of": "seed", "method": "", "strict": None, "further": None}
EVIDENCE: dict[str, Any] = {
    "claim": "right",
    "statement": "It is right.",
    "source": "L1",
    "family": "learning",
}
EVIDENCE |= {"said": None, "statistic": "test_accuracy", "measures": "Accuracy", "data": {}, "unit": "share"}
EVIDENCE |= {"note": "the worst seed reaches 90 %", "band": "> 0.9", "verdict": "supported", "why": "inside"}
EVIDENCE |= {
    "holds": True,
    "limits": "",
    "diverged": {"seeds": 0, "are": "dropped"},
    "confidence_level": 0.95,
}
EVIDENCE |= {"runs": [], "inputs": {}, "figures": [], "parts": [PART]}
FAST = {"claim": "fast", "statement": "It is fast.", "unit": "share; count", "band": "> 0.9; < 3", "note": ""}
TIME = {"name": "time", "value": 7.0, "lower": 6.0, "upper": 8.0, "unit": "count", "band": "< 3", "n": 5}
REFUTED = (
    EVIDENCE | FAST | {"verdict": "refuted", "holds": False, "parts": [PART | {"name": "rate"}, PART | TIME]}
)
DEEP = {"claim": "deep", "statement": "It is deep.", "verdict": "not measured", "holds": False, "note": ""}
NOT_MEASURED = EVIDENCE | DEEP | {"why": "no seed is left", "parts": []}
CONTRADICTION = Contradiction(
    contradiction="right-or-fast",
    title="Right, or fast",
    statement="It is always right.",
    source="L1",
    other_statement="It is fast.",
    other_source="L2",
    claims=("fast", "right", "elsewhere", "deep"),
)
numbers = count()


@pytest.fixture
def pages(tmp_path: Path):
    """Writes the tables of some claims and contradictions; returns Markdown, HTML, and the table for analysis."""

    def write(
        found: list[dict[str, Any]], contradictions: tuple[Contradiction, ...]
    ) -> tuple[str, str, pd.DataFrame]:
        folder = tmp_path / str(next(numbers))
        for evidence in found:
            write_json(folder / f"{evidence['claim']}.json", evidence)
        tabulate([], Statistics(), folder / "networks.csv")
        files = {
            "csv": folder / "claims.csv",
            "markdown": folder / "claims.md",
            "html": folder / "claims.html",
        }
        table = summarise(
            [folder / f"{evidence['claim']}.json" for evidence in found],
            folder / "networks.csv",
            **files,
            figures=folder / "figures",
            contradictions=contradictions,
        )
        return files["markdown"].read_text("utf-8"), files["html"].read_text("utf-8"), table

    return write


def cells_of(html: str) -> list[list[str]]:
    """The text of the cells of each row of some HTML."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", html, flags=re.DOTALL)
    cells = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, flags=re.DOTALL) for row in rows]
    return [[text_of(cell) for cell in row] for row in cells]


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())


def rendered(markdown: str) -> str:
    return str(MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown))


def section(page: str) -> str:
    """The contradictions of a page of HTML."""
    return page.partition("<h2>Contradictions</h2>")[2].partition("<h2>Networks</h2>")[0]


NUMBERS = {
    "fast": ["95.30 %; 7", "95.00 % to 95.60 %; 6 to 8", "12; 5", "above 90 %; below 3"],
    "right": ["95.30 %", "95.00 % to 95.60 %", "12", "above 90 %"],
    "deep": ["–", "–", "0", "above 90 %"],
    "elsewhere": ["–"] * 4,
}
VERDICTS = {"fast": "✘ refuted", "right": "✔ supported ✱", "deep": "– not measured"}
VERDICTS |= {"elsewhere": "– not in this study"}


def test_sentences_are_side_by_side_above_their_claims(pages):
    markdown, html, _ = pages([EVIDENCE, REFUTED, NOT_MEASURED], (CONTRADICTION,))
    said = [["L1", "L2"], ["It is always right.", "It is fast."]]
    statements = {name: f"It is {name}. (L1)" for name in ("fast", "right", "deep")} | {"elsewhere": "–"}
    notes = dict.fromkeys(VERDICTS, "–") | {"right": "The worst seed reaches 90 %."}
    headings = ["statistic", "interval", "n", "supported when", "what else was found"]
    found = cells_of(section(html))
    assert found[:3] == [*said, ["verdict", "statement", *headings, "claim"]]
    assert found[3:] == [
        [VERDICTS[name], statements[name], *NUMBERS[name], notes[name], name] for name in CONTRADICTION.claims
    ]
    found = cells_of(section(rendered(markdown)))
    assert found[:3] == [*said, ["verdict", "claim", "statement", *headings]]
    assert found[3:] == [
        [VERDICTS[name], name, statements[name], *NUMBERS[name], notes[name]] for name in CONTRADICTION.claims
    ]
    for name in ("fast", "right", "deep"):
        assert f"| [{name}](#{name}) |" in markdown.partition("## Contradictions")[2]
    assert "(#elsewhere)" not in markdown
    assert "<h3>Right, or fast</h3>" in section(html)
    assert "<h3>Right, or fast</h3>" in section(rendered(markdown))
    assert 'id="contradiction-right-or-fast"' in html


def test_numbers_are_those_of_the_tables(pages):
    """Of the table for analysis, and of the rows of the same claim above."""
    markdown, html, table = pages([EVIDENCE, REFUTED], (CONTRADICTION,))
    for name in ("right", "fast"):
        parts = table[table.claim == name].to_dict("records")
        value = "; ".join(number(part["value"], part["unit"]) for part in parts)
        ends = "; ".join(interval(part) for part in parts)
        (row,) = [cells for cells in cells_of(section(html)) if cells[-1] == name]
        assert row[2:4] == [value, ends]
        above, below = [cells for cells in cells_of(html) if cells[-1:] == [name]]
        assert above[:6] == below[:6]
        top, bottom = [
            cells for cells in cells_of(rendered(markdown)) if len(cells) == 8 and cells[1] == name
        ]
        assert (top[0], top[4:]) == (bottom[0], bottom[3:7])


def test_contradictions_are_in_order_between_claims_and_networks(pages):
    second = CONTRADICTION.model_copy(update={"contradiction": "another", "title": "Another"})
    markdown, html, _ = pages([EVIDENCE], (CONTRADICTION, second))
    places = [
        markdown.index(text)
        for text in ("## right", "## Contradictions", "### Right", "### An", "## Networks")
    ]
    assert places == sorted(places)
    assert "[Contradictions](#contradictions) are listed after the claims." in markdown
    places = [html.index(text) for text in ("<table", "<h2>Con", "<h3>Right", "<h3>Another", "<h2>Networks")]
    assert places == sorted(places)


def test_pages_without_contradictions_do_not_mention_them(pages):
    for page in pages([EVIDENCE], ())[:2]:
        assert "ontradiction" not in page


def test_claim_may_have_a_name_that_is_a_title(pages):
    """A link leads to the first heading of that name, which is the claim's."""
    markdown, _, _ = pages([EVIDENCE], (CONTRADICTION.model_copy(update={"title": "right"}),))
    assert markdown.index("\n## right\n") < markdown.index("\n### right\n")


ODD = 'It costs $5 | *not* <b>$6</b>, [a](b) `c` snake_case_ & "é" # 1. \\ {0} {title} -- ~x~'


def test_text_is_never_markup(pages):
    texts = ("title", "statement", "source", "other_statement", "other_source")
    odd = CONTRADICTION.model_copy(update=dict.fromkeys(texts, ODD))
    evidence = EVIDENCE | {"note": f"x {ODD}", "statement": ODD, "source": ODD}
    markdown, html, _ = pages([evidence], (odd,))
    for page in (html, rendered(markdown)):
        assert text_of(section(page)).count(ODD) == 5 + 2 + 1
        assert not set(re.findall(r"<(\w+)", section(page).replace("<span>$</span>", ""))) & {
            "b",
            "code",
            "ol",
            "ul",
        }
        assert cells_of(section(page))[:2] == [[ODD, ODD], [ODD, ODD]]


@pytest.mark.parametrize(
    "text", ["- 1", "1. x", "#", "---", "| |", "*", "  x", "a\\", "<!--", "&amp;", "=", "{}"]
)
def test_short_text_is_never_markup(text: str, pages):
    texts = ("title", "statement", "source", "other_statement", "other_source")
    odd = CONTRADICTION.model_copy(update=dict.fromkeys(texts, text))
    markdown, html, _ = pages([EVIDENCE], (odd,))
    for page in (html, rendered(markdown)):
        assert cells_of(section(page))[:2] == [[text.strip()] * 2] * 2
        assert f"{text_of(re.findall('<h3>(.*?)</h3>', section(page))[0])}" == text.strip()


def test_long_texts_are_shown_in_full(pages):
    long = CONTRADICTION.model_copy(update={"title": "w" * 2000, "statement": "long " * 399 + "text"})
    markdown, html, _ = pages([EVIDENCE], (long,))
    for page in (html, rendered(markdown)):
        assert f"<h3>{long.title}</h3>" in page
        assert cells_of(section(page))[1][0] == long.statement
