"""The tables of claims: one row per part, pages to read, and an overview for a terminal."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from downhill.errors import DownhillError
from downhill.report.tables import overview, summarise
from downhill.storage.atomic import write_json

from .trained_networks import claim_of


def test_table_has_a_row_for_each_claim_in_order(evidence_for, tmp_path: Path):
    claims = [
        claim_of("network", "parameter_count", "= 12730", "sigmoid", unit="count"),
        claim_of("learning", "test_accuracy", "> 0.99", "some-diverge"),
        claim_of("learning", "generalisation_gap", "< 0.03", "all-diverge", unit="points"),
        claim_of("memorisation", "gap_when_memorising", "-1 to 1", "softmax", unit="points"),
    ]
    evidence = [evidence_for(claim) for claim in claims]
    files = [tmp_path / f"{claim.claim}.json" for claim in claims]
    page, html = tmp_path / "page" / "claims.md", tmp_path / "claims.html"
    summarise(files, csv=tmp_path / "claims.csv", markdown=page, html=html, figures=tmp_path / "figures")
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
    bands = ["exactly 12,730", "above 99 %", "below 3 points", "between -100 points and 100 points"]
    assert [row.rsplit(" | ", 1)[1].removesuffix(" |") for row in rows] == bands
    assert "2 supported, 1 refuted, 1 not measured." in page
    assert "| ✔ supported | [parameter-count]" in rows[0]
    assert "| 12,730 | exact | 1 |" in rows[0]
    diverged = len(evidence[1]["runs"][0]["diverged"])
    assert f"`some-diverge` (seeds 0 to 7, {diverged} diverged)" in page
    assert "(../figures/parameter-count-first-layer-weights.svg)" in page
    assert f"{100 * evidence[3]['value']:.2f} points" in rows[3]
    for claim in claims:
        assert f"<td>{claim.claim}</td>" in html.read_text(encoding="utf-8")


PART: dict[str, Any] = {"exact": False, "worst": None, "infinite": [], "n": 12, "covers": ["weights"]}
PARTS: list[dict[str, Any]] = [
    PART
    | {"name": "rate", "value": 0.953, "lower": 0.95, "upper": 0.956, "unit": "share", "band": "> 0.9"}
    | {"verdict": "supported", "why": "inside"},
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
    "measures": "What is measured",
    "unit": "share; count; ratio",
    "band": "> 0.9; < 3; all > 0.1",
    "verdict": "refuted",
    "why": "rate: inside; time: outside; each: all",
    "confidence_level": 0.9,
    "note": "a note",
    "parts": PARTS,
    "runs": [],
    "inputs": {"bias-curves": {}, "flips": {}},
    "figures": ["learning_curves"],
}


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """Where the tables of a claim of three parts were written."""
    files = {"csv": tmp_path / "claims.csv", "markdown": tmp_path / "claims.md", "html": tmp_path / "c.html"}
    write_json(tmp_path / "both.json", EVIDENCE)
    summarise([tmp_path / "both.json"], **files, figures=tmp_path / "figures", title="Toys")
    return files


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
    assert table.experiments.tolist() == ["bias-curves, flips"] * 3
    assert table.confidence_level.tolist() == [0.9] * 3


def test_pages_show_every_part(files: dict[str, Path]):
    page = files["markdown"].read_text(encoding="utf-8")
    assert page.startswith("# Toys: the claims and their verdicts\n")
    assert "95.30 %; 7; 0.400" in page
    assert "95.00 % to 95.60 %; 6 to beyond; worst case" in page
    assert "| 12; 5 | above 90 %; below 3; all above 0.1 |" in page
    assert "- **Verdict: refuted** (rate: inside; time: outside; each: all)." in page
    for line in (
        "- What is measured (rate): **95.30 %**; 90% interval: 95.00 % to 95.60 %; n = 12; supported when above 90 %.",
        "- What is measured (time): **7**; 90% interval: 6 to beyond; n = 5; supported when below 3.",
        "- The interval covers: weights, images.",
        "- A note.",
        "- Experiments: `bias-curves`, `flips`.",
        "![both-learning-curves](figures/both-learning-curves.svg)",
    ):
        assert line in page.splitlines()
    html = files["html"].read_text(encoding="utf-8")
    assert "<td>95.30 %; 7; 0.400</td>" in html
    assert "<h1>Toys: the claims and their verdicts</h1>" in html


def test_overview_has_a_line_for_each_part(files: dict[str, Path], tmp_path: Path):
    lines = overview(tmp_path).splitlines()
    assert [line.split()[:4] for line in lines[:3]] == [
        ["✔", "supported", "both:", "rate"],
        ["✘", "refuted", "both:", "time"],
        ["✔", "supported", "both:", "each"],
    ]
    assert "6 to beyond" in lines[1]
    assert lines[1].endswith("n = 5    supported when below 3")
    files["csv"].write_text("claim")
    with pytest.raises(DownhillError, match=r"claims.csv is damaged; delete it and run again$"):
        overview(tmp_path)
