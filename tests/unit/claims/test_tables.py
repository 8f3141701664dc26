"""The tables of claims: one row per part, pages to read, and an overview for a terminal."""

import re
from html import unescape
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from markdown_it import MarkdownIt
from scipy import stats

from downhill.config.settings import Statistics
from downhill.errors import DownhillError
from downhill.report.network_table import accuracy, read_networks
from downhill.report.networks import tabulate
from downhill.report.overview import overview
from downhill.report.tables import summarise
from downhill.storage.json_files import write_json

from .trained_networks import QUICK, Runs, claim_of


def test_table_has_a_row_for_each_claim_in_order(runs: dict[str, Runs], evidence_for, tmp_path: Path):
    claims = [
        claim_of("network", "parameter_count", "= 12730", "sigmoid", unit="count"),
        claim_of("learning", "test_accuracy", "> 0.99", "some-diverge"),
        claim_of("learning", "generalisation_gap", "< 0.03", "all-diverge", unit="points"),
        claim_of("memorisation", "gap_when_memorising", "-1 to 1", "softmax", unit="points"),
    ]
    evidence = [evidence_for(claim) for claim in claims]
    files = [tmp_path / f"{claim.claim}.json" for claim in claims]
    page, html = tmp_path / "page" / "claims.md", tmp_path / "claims.html"
    tabulate([run.folder / "evaluation" for run in runs.values()], QUICK, tmp_path / "networks.csv")
    summarise(
        files,
        tmp_path / "networks.csv",
        csv=tmp_path / "claims.csv",
        markdown=page,
        html=html,
        figures=tmp_path / "figures",
    )
    table = pd.read_csv(tmp_path / "claims.csv")
    assert table.claim.tolist() == [claim.claim for claim in claims]
    assert table.verdict.tolist() == ["supported", "refuted", "not measured", "supported"]
    for key in ("value", "lower", "upper", "n"):
        expected = [np.nan if one[key] is None else one[key] for one in evidence]
        np.testing.assert_array_equal(table[key].to_numpy(float), expected)
    assert table.figures.tolist()[0] == "parameter-count-first-layer-weights"
    assert table.claim_verdict.tolist() == table.verdict.tolist()  # for claims of one part
    assert table.part.isna().all()
    assert table.networks.tolist() == ["sigmoid", "some-diverge", "all-diverge", "softmax"]
    assert table.experiments.isna().all()
    seeds = "initial weights and order of images"
    assert table.covers.fillna("").tolist() == ["", seeds, "", seeds]

    page = page.read_text(encoding="utf-8")
    rows = [line for line in page.splitlines() if line.startswith("| ") and "](#" in line]
    for row, claim, one in zip(rows, claims, evidence, strict=True):
        assert f"[{claim.claim}](#{claim.claim})" in row
        assert f"## {claim.claim}\n" in page
        assert f"| {one['n']} | " in row
    bands = ["exactly 12,730", "above 99 %", "below 3 points", "between −100 points and 100 points"]
    assert [row.rsplit(" | ", 1)[1].removesuffix(" |") for row in rows] == bands
    assert "2 supported, 1 refuted, 1 not measured." in page
    assert "| ✔ supported ✱ | [parameter-count]" in rows[0]
    assert "| 12,730 | exact | 1 |" in rows[0]
    diverged, stuck = (len(evidence[1]["runs"][0][state]) for state in ("diverged", "stuck"))
    assert f"`some-diverge` (seeds 0 to 7, {diverged} diverged, {stuck} stuck)" in page
    assert f"\n- {diverged} seeds diverged (left out).\n" in page
    assert "(../figures/parameter-count-first-layer-weights.svg)" in page
    assert f"{100 * evidence[3]['value']:.2f} points" in rows[3]
    for claim in claims:
        assert f"<td>{claim.claim}</td>" in html.read_text(encoding="utf-8")


PART: dict[str, Any] = {"exact": False, "worst": None, "infinite": [], "n": 12, "covers": ["weights"]}
PART |= {"of": "seed", "method": "", "strict": None, "further": None, "holds": False}
PARTS: list[dict[str, Any]] = [
    PART
    | {"name": "rate", "value": 0.953, "lower": 0.95, "upper": 0.956, "unit": "share", "band": "> 0.9"}
    | {"verdict": "supported", "why": "inside", "method": "Student's t", "holds": True}
    | {"strict": {"lower": 0.94, "upper": 0.96}}
    | {"further": {"lower": 0.945, "upper": 0.958, "covers": ["weights", "test images"]}},
    PART
    | {"name": "time", "value": 7.0, "lower": 6.0, "upper": None, "unit": "count", "band": "< 3", "n": 5}
    | {"verdict": "refuted", "why": "outside", "infinite": ["upper"], "covers": ["weights", "images"]},
    PART
    | {"name": "each", "value": 0.4, "lower": None, "upper": None, "unit": "ratio", "band": "all > 0.1"}
    | {"verdict": "supported", "why": "all", "worst": [0.4, 0.8], "covers": []},
]
EVIDENCE: dict[str, Any] = {
    "claim": "both",
    "family": "learning",
    "statement": "Fast | and good.",
    "source": "L1",
    "statistic": "test_accuracy",
    "said": None,
    "data": {},
    "measures": "What is measured",
    "unit": "share; count; ratio",
    "band": "> 0.9; < 3; all > 0.1",
    "verdict": "refuted",
    "why": "rate: inside; time: outside; each: all",
    "holds": False,
    "diverged": {"seeds": 1, "are": "dropped"},
    "limits": "",
    "confidence_level": 0.9,
    "note": "a note",
    "parts": PARTS,
    "runs": [],
    "inputs": {"weights-and-biases": {}, "flips": {}},
    "figures": ["learning_curves"],
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Where the tables of a claim of three parts were written."""
    files = {"csv": tmp_path / "claims.csv", "markdown": tmp_path / "claims.md", "html": tmp_path / "c.html"}
    write_json(tmp_path / "both.json", EVIDENCE)
    tabulate([], QUICK, tmp_path / "networks.csv")
    summarise(
        [tmp_path / "both.json"],
        tmp_path / "networks.csv",
        **files,
        figures=tmp_path / "figures",
        title="Toys",
    )
    return files


def test_a_source_of_variation_that_is_part_of_another_is_named_once(tmp_path: Path):
    parts = [PARTS[0] | {"covers": ["weights"]}, PARTS[1] | {"covers": ["weights and order"]}, PARTS[2]]
    write_json(tmp_path / "both.json", EVIDENCE | {"parts": parts})
    tabulate([], QUICK, tmp_path / "networks.csv")
    files = {"csv": tmp_path / "claims.csv", "markdown": tmp_path / "claims.md", "html": tmp_path / "c.html"}
    summarise([tmp_path / "both.json"], tmp_path / "networks.csv", **files, figures=tmp_path / "figures")
    assert "- The interval covers: weights and order.\n" in files["markdown"].read_text(encoding="utf-8")


def test_claim_of_several_parts_has_a_row_for_each(files: dict[str, Path]):
    table = pd.read_csv(files["csv"])
    assert table.claim.tolist() == ["both"] * 3
    assert table.part.tolist() == ["rate", "time", "each"]
    assert table.verdict.tolist() == ["supported", "refuted", "supported"]
    assert table.claim_verdict.tolist() == ["refuted"] * 3
    assert table.why.tolist() == ["inside", "outside", "all"]
    np.testing.assert_array_equal(table.value, [0.953, 7, 0.4])
    np.testing.assert_array_equal(table.lower, [0.95, 6, np.nan])
    np.testing.assert_array_equal(table.upper, [0.956, np.inf, np.nan])
    assert table.n.tolist() == [12, 5, 12]
    assert table.unit.tolist() == ["share", "count", "ratio"]
    assert table.band.tolist() == ["> 0.9", "< 3", "all > 0.1"]
    assert table.covers.fillna("").tolist() == ["weights", "weights, images", ""]
    assert table.experiments.tolist() == ["weights-and-biases, flips"] * 3
    assert table.confidence_level.tolist() == [0.9] * 3


def test_pages_show_every_part(files: dict[str, Path]):
    page = files["markdown"].read_text(encoding="utf-8")
    assert page.startswith("# Toys: the claims and their verdicts\n")
    assert "95.30 %; 7; 0.400" in page
    assert "95.00 % to 95.60 %; 6 to beyond; worst case" in page
    assert "| 12; 5 | above 90 %; below 3; all above 0.1 |" in page
    assert "- **Verdict: refuted** (rate: inside; time: outside; each: all)." in page
    for line in (
        "- What is measured (rate): **95.30 %**; 90 % interval: 95.00 % to 95.60 % (Student's t); n = 12; supported "
        "when above 90 %.",
        "- Including the choice of images: 94.50 % to 95.80 % (weights, test images).",
        "- At 99.9 %: 94.00 % to 96.00 %; the verdict holds at this level.",
        "- What is measured (time): **7**; 90 % interval: 6 to beyond; n = 5; supported when below 3.",
        "- 1 seed diverged (left out).",
        "- The interval covers: weights, images.",
        "- A note.",
        "- Experiments: `weights-and-biases`, `flips`.",
        "![both-learning-curves](figures/both-learning-curves.svg)",
    ):
        assert line in page.splitlines()
    html = files["html"].read_text(encoding="utf-8")
    assert "<td>95.30 %; 7; 0.400</td>" in html
    assert "<h1>Toys: the claims and their verdicts</h1>" in html


def test_overview_has_a_line_for_each_part(files: dict[str, Path], tmp_path: Path):
    lines = overview(tmp_path).splitlines()
    assert [line.split()[:5] for line in lines[:3]] == [
        ["✔", "supported", "✱", "both:", "rate"],
        ["✘", "refuted", "both:", "time", "7"],
        ["✔", "supported", "both:", "each", "0.400"],
    ]
    assert "6 to beyond" in lines[1]
    assert lines[1].endswith("n = 5    supported when below 3")
    # A claim with several parts counts once, with its verdict as a whole.
    assert lines[lines.index("") :].count("1 claim: 1 refuted") == 1
    files["csv"].write_text("claim")
    with pytest.raises(DownhillError, match=r"claims.csv is not the table of claims"):
        overview(tmp_path)


def test_brief_overview_of_many_claims_has_a_line_for_each_family(files: dict[str, Path], tmp_path: Path):
    few = overview(tmp_path, brief=True).splitlines()
    assert few[:3] == overview(tmp_path).splitlines()[:3]
    assert not any(line.startswith("network ") for line in few)
    table = pd.read_csv(files["csv"])
    copies = [
        table.assign(claim=f"claim-{number}", family=f"family-{number % 3}", claim_verdict=verdict)
        for number, verdict in enumerate(["supported", "refuted", "undecided", "supported"] * 5)
    ]
    pd.concat(copies).to_csv(files["csv"], index=False)
    lines = overview(tmp_path, brief=True).splitlines()
    assert lines[:3] == ["family-0  ✔ ✔ ? ✘ ✔ ✔ ?", "family-1  ✘ ✔ ✔ ? ✘ ✔ ✔", "family-2  ? ✘ ✔ ✔ ? ✘"]
    assert lines[4] == "20 claims: 10 supported, 5 refuted, 5 undecided (`downhill show` lists them)"


def test_overview_names_the_page_to_open(files: dict[str, Path], tmp_path: Path):
    pages = []
    for name in ("claims.html", "report.html", "index.html"):  # each is better than those before
        (tmp_path / name).touch()
        pages += [line for line in overview(tmp_path).splitlines() if line.startswith("Open in a browser ")]
    assert [page.split()[-1] for page in pages] == [
        f"{tmp_path}/{name}" for name in ("claims.html", "report.html", "index.html")
    ]
    assert "Draw a digit" not in overview(tmp_path)
    (tmp_path / "playground.html").touch()
    assert f"\nDraw a digit          {tmp_path}/playground.html\n" in overview(tmp_path)


def test_tables_of_a_study_with_limits_are_marked(tmp_path: Path):
    files = {"csv": tmp_path / "claims.csv", "markdown": tmp_path / "claims.md", "html": tmp_path / "c.html"}
    write_json(tmp_path / "both.json", EVIDENCE | {"limits": "at most 2 seeds, 2 epochs"})
    tabulate([], QUICK, tmp_path / "networks.csv")
    summarise([tmp_path / "both.json"], tmp_path / "networks.csv", **files, figures=tmp_path / "figures")
    mark = "Smoke run: verdicts and numbers mean nothing (at most 2 seeds, 2 epochs)."
    assert f"\n\n**{mark}**\n\n" in files["markdown"].read_text(encoding="utf-8")
    assert f"<strong>{mark}</strong>" in files["html"].read_text(encoding="utf-8")
    assert pd.read_csv(files["csv"]).limits.tolist() == ["at most 2 seeds, 2 epochs"] * 3
    assert overview(tmp_path).endswith(f"\n{mark}")


def test_interval_of_an_accuracy_has_the_digits_of_its_mean():
    row = {"test": 0.99997, "test_lower": 0.99991, "test_upper": 1.0}
    assert accuracy(row, "test") == "99.997 % (99.991 to 100.000)"
    assert accuracy({"test": 0.5, "test_lower": 0.4, "test_upper": 0.6}, "test") == "50.00 % (40.00 to 60.00)"


def test_networks_are_listed_whether_or_not_a_claim_names_them(runs: dict[str, Runs], tmp_path: Path):
    names = ["softmax", "some-diverge", "all-diverge", "untrained", "bare"]
    tabulate([runs[name].folder / "evaluation" for name in names], Statistics(), tmp_path / "networks.csv")
    rows = {row["network"]: row for row in read_networks(tmp_path / "networks.csv")}
    assert list(rows) == names
    for name, row in rows.items():
        run = runs[name]
        seeds = run.evaluation.seeds
        assert (row["n"], row["diverged"]) == (len(run.seeds), len(run.seeds) - len(seeds))
        assert row["layers"] == "-".join(map(str, run.evaluation.layer_sizes))
        assert row["stuck"] == (0 if name == "untrained" else len(run.stuck()))
        for image_set in ("train", "validation", "test"):
            if not seeds:
                assert row[image_set] is None
                continue
            accuracy = run.accuracy(image_set)
            assert row[image_set] == pytest.approx(accuracy.mean())
            if len(seeds) > 1:
                low, high = stats.ttest_1samp(accuracy, 0).confidence_interval(0.95)
                assert row[f"{image_set}_lower"] == pytest.approx(max(0, low))
                assert row[f"{image_set}_upper"] == pytest.approx(min(1, high))
    assert rows["softmax"]["recipe"] == (
        "relu, softmax output, cross-entropy, lecun initialisation, momentum, rate 0.05, batch 10, 4 epochs, "
        "momentum 0.9"
    )
    assert rows["untrained"]["recipe"].endswith(", untrained")
    assert rows["bare"]["recipe"].startswith("no hidden layer, ")
    assert rows["softmax"]["parameters"] == 785 * 12 + 13 * 8 + 9 * 10


@pytest.fixture
def finished(runs: dict[str, Runs], tmp_path: Path) -> Path:
    """A folder of results with a table of claims and one of networks, the second of which is called `nan`."""
    write_json(tmp_path / "both.json", EVIDENCE)
    tabulate(
        [runs[name].folder / "evaluation" for name in ("softmax", "all-diverge")],
        QUICK,
        tmp_path / "networks.csv",
    )
    files = {"csv": tmp_path / "claims.csv", "markdown": tmp_path / "claims.md", "html": tmp_path / "c.html"}
    text = (tmp_path / "networks.csv").read_text().replace("\nall-diverge,", "\nnan,")
    (tmp_path / "networks.csv").write_text(text)
    summarise([tmp_path / "both.json"], tmp_path / "networks.csv", **files, figures=tmp_path / "figures")
    return tmp_path


def test_table_with_other_columns_is_not_a_table_without_rows(finished: Path):
    for name in ("claims.csv", "networks.csv"):
        content = (finished / name).read_text()
        (finished / name).write_text("something else\n")
        with pytest.raises(DownhillError, match=f"{name} is not the table of .*it has no column"):
            overview(finished)
        (finished / name).write_text("\ufeff" + content)  # as a spreadsheet saves it
        overview(finished)


@pytest.mark.parametrize(
    ("level", "sentence"),
    [
        (0.95, "Of 100 intervals at 95 %, about 5 miss the truth by chance"),
        (0.999, "Of 100 intervals at 99.9 %, about 0.1 miss"),
    ],
)
def test_share_of_intervals_that_miss_is_that_of_their_level(level: float, sentence: str, tmp_path: Path):
    files = {"csv": tmp_path / "claims.csv", "markdown": tmp_path / "claims.md", "html": tmp_path / "c.html"}
    write_json(tmp_path / "both.json", EVIDENCE | {"confidence_level": level})
    tabulate([], QUICK, tmp_path / "networks.csv")
    summarise([tmp_path / "both.json"], tmp_path / "networks.csv", **files, figures=tmp_path / "figures")
    for name in ("markdown", "html"):
        assert sentence in files[name].read_text(encoding="utf-8")


def test_network_may_have_a_name_that_means_something_elsewhere(finished: Path):
    assert [row["network"] for row in read_networks(finished / "networks.csv")] == ["softmax", "nan"]
    assert "\nnan  " in overview(finished)


@pytest.mark.parametrize("name", ["claims.csv", "networks.csv"])
def test_damaged_tables_are_reported(name: str, finished: Path):
    """Wherever a byte is changed, or the file is cut, `downhill show` prints a table or one sentence."""
    content = (finished / name).read_bytes()
    generator = np.random.default_rng(0)
    messages = []
    for place in generator.integers(0, len(content), 400):
        change = generator.integers(3)
        if change == 0:
            damaged = content[:place]
        else:
            damaged = (
                content[:place]
                + generator.choice([b"x", b",", b'"', b"\n", b"", b"\xff"])
                + content[place + 1 :]
            )
        (finished / name).write_bytes(damaged)
        try:
            overview(finished)
        except DownhillError as error:
            messages.append(str(error))
    assert len(messages) > 150
    for message in messages:
        assert message.startswith(f"{finished / name} is not the table of ")
        assert len(message.splitlines()) == 1
        assert "pydantic" not in message


MARKUP = "It costs $5 | *not* <b>$6</b>, [a](b) `c` snake_case_\n# 1. \\"


def test_text_of_tables_is_never_markup(tmp_path: Path):
    """Not in Markdown, not in HTML, and not on a terminal."""
    texts = dict.fromkeys(("statement", "source", "measures", "why", "note"), MARKUP)
    one = PARTS[0] | {"name": MARKUP, "method": "", "covers": [MARKUP]}
    write_json(tmp_path / "both.json", EVIDENCE | texts | {"parts": [one], "unit": "share", "band": "> 0.9"})
    tabulate([], QUICK, tmp_path / "networks.csv")
    files = {"csv": tmp_path / "claims.csv", "markdown": tmp_path / "claims.md", "html": tmp_path / "c.html"}
    title = MARKUP + "{0} {title} \x1b[31m"
    summarise(
        [tmp_path / "both.json"],
        tmp_path / "networks.csv",
        **files,
        figures=tmp_path / "my figures (new)",
        title=title,
    )
    shown = " ".join(MARKUP.split())
    page = MarkdownIt("commonmark", {"html": True}).enable("table").render(files["markdown"].read_text())
    assert page.count("<tr>") == 3  # both headings, and one claim
    assert "my%20figures%20%28new%29/both-learning-curves.svg" in page
    for html in (page, files["html"].read_text(encoding="utf-8")):
        text = " ".join(unescape(re.sub(r"<[^>]*>", "", html)).split())
        assert f"{shown}{{0}} {{title}} [31m: the claims and their verdicts" in text
        assert text.count(shown) >= 5
        assert not set(re.findall(r"<(\w+)", html.replace("<span>$</span>", ""))) & {"b", "ol"}
    table = pd.read_csv(files["csv"])
    assert table.statement.tolist() == [MARKUP]
    assert (
        overview(tmp_path).splitlines()[0].startswith(f"✔ supported ✱  both: {MARKUP.replace(chr(10), ' ')}")
    )
