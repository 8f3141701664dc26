"""The report page without a browser: hostile text, smoke studies, and claims with unusual or missing numbers."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from downhill.config import functions
from downhill.config.claim import figure_ids
from downhill.config.contradiction import Contradiction
from downhill.config.reading_notes import ReadingNote
from downhill.config.settings import Statistics
from downhill.errors import DownhillError
from downhill.figures.pages import save
from downhill.report.networks import tabulate
from downhill.report.page import publish
from downhill.report.trace import trace
from downhill.storage.json_files import write_json
from tests.constructed import checks_of_gradients, evidence_of, inputs_of

CLAIM = "chain-rule-exact"
HOSTILE = """<script>alert(1)</script></script><!-- {{ 7 * 7 }} {% raw %} "double" 'single' & &amp; </style></title>"""
_VOID = {"meta", "br", "hr", "img", "link", "input"}


class Document(HTMLParser):
    """The elements of a page, checked for being closed in order, and the text of each."""

    def __init__(self, page: str):
        super().__init__()
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}
        self.attributes: list[str] = []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        self.attributes += [value or "" for _, value in attributes]
        assert not [name for name, _ in attributes if name.startswith("on")]
        if tag not in _VOID:
            self.open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self.open):
            self.texts[tag][-1] += data


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Evidence of a shipped claim, measured and judged on constructed arrays, with one figure."""
    folder = tmp_path_factory.mktemp("evidence")
    found = evidence_of(CLAIM, inputs_of(gradient_checks=checks_of_gradients()), folder)
    return found | {"figures": found["figures"][:1]}


def page_of(folder: Path, *found: dict[str, Any], **options: Any) -> str:
    """The page of a study with this evidence; the figures are drawn from it."""
    results = folder / "results"
    tabulate([], Statistics(), results / "networks.csv")
    files = []
    for evidence in found:
        files.append(results / "claims" / f"{evidence['claim']}.json")
        write_json(files[-1], evidence)
        names = figure_ids(evidence["claim"], evidence["figures"])
        for name, function in zip(names, evidence["figures"], strict=True):
            draw = functions.load("figures", evidence["family"], function)
            save(draw, evidence, [results / "figures" / f"{name}{kind}" for kind in (".svg", ".json")])
    page = results / "index.html"
    size = publish(files, results / "networks.csv", results / "figures", page, **options)
    text = page.read_text(encoding="utf-8")
    assert size == len(text.encode())
    return text


def test_page_shows_a_claim_with_its_figure_and_the_table_of_what_is_drawn(
    evidence: dict[str, Any], tmp_path: Path
):
    text = page_of(tmp_path, evidence, title="Toys", about="About toys.")
    document = Document(text)
    assert document.texts["title"][0] == "Toys: claims and verdicts"
    assert document.texts["svg"]
    assert "About toys." in text
    assert "Data of this figure" in text
    assert "`" not in text.partition("<script>")[0]  # Markdown has no meaning here
    assert evidence["statement"] in " ".join(document.texts["h3"])


def test_same_evidence_gives_the_same_page(
    evidence: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    found = []
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        found.append(page_of(Path(), evidence, title="Toys"))
    assert found[0] == found[1]
    assert f"snakemake --forceall results/claims/{CLAIM}.json<" in found[0]


def test_hostile_text_is_text(evidence: dict[str, Any], tmp_path: Path):
    """Wherever a study can put text of its own: in the page, its figure, its tables and its data for the script."""
    keys = ("statement", "source", "note", "why", "measures")
    parts = [part | {"name": HOSTILE, "of": HOSTILE, "why": HOSTILE} for part in evidence["parts"]]
    runs = [{"network": HOSTILE, "seeds": [0, 1], "diverged": {}, "stuck": {}}]
    bad = evidence | dict.fromkeys(keys, HOSTILE) | {"parts": parts, "runs": runs}
    both = {"title": HOSTILE, "statement": HOSTILE, "source": HOSTILE, "claims": (CLAIM,)}
    text = page_of(
        tmp_path,
        bad,
        title=HOSTILE,
        about=HOSTILE,
        contradictions=[
            Contradiction(contradiction="one", other_statement=HOSTILE, other_source=HOSTILE, **both)
        ],
        reading=[
            ReadingNote(claim=CLAIM, controls=HOSTILE, traps=HOSTILE, fixed=HOSTILE, deviations=HOSTILE)
        ],
    )
    document = Document(text)
    shown = " ".join(HOSTILE.split())
    assert shown in document.texts["title"][0]
    for tag, least in (
        ("h1", 1),
        ("h3", 2),
        ("blockquote", 2),
        ("dd", 8),
        ("li", 2),
        ("td", 1),
    ):
        found = [" ".join(one.split()) for one in document.texts[tag]]
        assert len([one for one in found if shown in one]) >= least, tag
    scripts = document.texts["script"]
    assert not [one for one in scripts if one.startswith("alert")]
    machines = [json.loads(one) for one in scripts[:-1]]
    assert [one["of"] for one in machines] == [f"{HOSTILE}s"] * len(parts)
    assert text.count("<script") == 1 + len(machines)
    assert "49" not in "".join(document.texts["title"])


def test_page_says_when_a_band_was_fixed_and_what_was_changed_later(evidence: dict[str, Any], tmp_path: Path):
    note = ReadingNote(claim=CLAIM, fixed="2026-11-22, before the first run", deviations="One seed fewer.")
    document = Document(page_of(tmp_path, evidence, reading=[note]))
    assert "2026-11-22, before the first run" in document.texts["dd"]
    assert "One seed fewer." in document.texts["dd"]
    assert f"{CLAIM}: One seed fewer." in document.texts["li"]
    nothing = page_of(tmp_path / "nothing", evidence, reading=[ReadingNote(claim=CLAIM, traps="A trap.")])
    assert "Band fixed" not in nothing
    assert "Deviations" not in nothing


def test_no_line_ends_before_a_unit_or_within_n(evidence: dict[str, Any], tmp_path: Path):
    text = page_of(
        tmp_path, evidence | {"note": "With n = 40 and 96 % of all, then = 3"}, about="const n = 5 %"
    )
    shown, _, script = text.rpartition("<script>")
    assert "With n\u00a0=\u00a040 and 96\u00a0% of all, then = 3" in shown
    assert not re.search(r"\d %", shown)
    assert "\u00a0" not in script


def test_smoke_study_is_marked(evidence: dict[str, Any], tmp_path: Path):
    limits = "at most 2 seeds, 2 epochs"
    text = page_of(tmp_path, evidence | {"limits": limits})
    marked = re.search(r'<p class="warning">(.*?)</p>', text)
    assert marked
    assert limits in marked[1]
    assert marked[1].startswith("Smoke run")
    assert 'class="warning"' not in page_of(tmp_path / "full", evidence)


def test_claim_that_was_not_measured_says_why(evidence: dict[str, Any], tmp_path: Path):
    why = "all seeds diverged"
    nothing = dict.fromkeys(("value", "lower", "upper")) | {"n": 0, "exact": False, "holds": False}
    text = page_of(
        tmp_path, evidence | nothing | {"parts": [], "verdict": "not measured", "why": why, "figures": []}
    )
    assert "not measured</span>: all seeds diverged" in text
    assert "data-machine>" not in text
    assert "Where it flips" not in text
    Document(text)


def test_infinite_numbers_have_no_machine(evidence: dict[str, Any], tmp_path: Path):
    """They cannot be placed on an axis, but where the verdict flips is said in words."""
    part = evidence["parts"][0] | {"worst": None, "value": 4.0, "lower": 2.0, "upper": None, "n": 8}
    part |= {
        "infinite": ["upper"],
        "band": "< 3",
        "unit": "number",
        "verdict": "undecided",
        "method": "bootstrap",
    }
    text = page_of(
        tmp_path, evidence | {"parts": [part], "band": "< 3", "verdict": "undecided", "figures": []}
    )
    assert "2.000 to beyond" in text
    assert "Undecided while the edge of the band is above 2.000, refuted from there on." in text
    assert "data-machine>" not in text
    assert "inf" not in re.findall(r"left:([^%]*)%", text)


def test_page_without_figures_networks_or_claims(evidence: dict[str, Any], tmp_path: Path):
    without = Document(page_of(tmp_path, evidence | {"figures": []}))
    assert "svg" not in without.texts
    empty = Document(page_of(tmp_path / "empty"))
    assert "article" not in empty.texts


def test_missing_table_of_a_figure_leaves_no_half_written_page(evidence: dict[str, Any], tmp_path: Path):
    page_of(tmp_path, evidence)
    results = tmp_path / "results"
    (results / "index.html").write_text("the page before")
    drawn = next((results / "figures").glob("*.json"))
    drawn.unlink()
    with pytest.raises(DownhillError, match=drawn.name):
        publish(
            [results / "claims" / f"{CLAIM}.json"], results / "networks.csv", results / "figures",
            results / "index.html",
        )  # fmt: skip
    assert (results / "index.html").read_text() == "the page before"
    assert sorted(path.name for path in results.iterdir()) == [
        "claims", "figures", "index.html", "networks.csv",
    ]  # fmt: skip


def test_evidence_without_records_has_no_trace(tmp_path: Path):
    (tmp_path / "claim.json").write_text("{}")
    assert trace(tmp_path / "claim.json", tmp_path) == []
