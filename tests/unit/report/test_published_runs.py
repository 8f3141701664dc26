"""Published single runs in tables and in words: what is written equals the evidence."""

import math
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from downhill.claims.parts import PerSeed
from downhill.claims.wording import RANGE
from downhill.config.settings import Statistics
from downhill.report.networks import tabulate
from downhill.report.overview import overview
from downhill.report.published_runs import (
    HEADINGS,
    PublishedRun,
    by_chance,
    counts,
    published_runs,
    write_table,
)
from downhill.report.tables import summarise
from downhill.report.verdict_machine import enough_seeds, flips, machine
from downhill.report.wording import band_text, condition, interval_name, parts_of
from tests.single_runs import evidence_of

Evidence = dict[str, Any]

SPREAD = np.linspace(0.94, 0.96, 45)


@pytest.fixture
def found(tmp_path: Path) -> list[Evidence]:
    """Reproduced, not reproduced, undecided, not measured; shares, points, counts and other numbers."""
    return [
        evidence_of("inside", 0.95, SPREAD, tmp_path),
        evidence_of("above", 0.9654, SPREAD, tmp_path),
        evidence_of("too-few", 0.05, [0.04], tmp_path, unit="points"),
        evidence_of("epoch", 15, np.arange(1, 101), tmp_path, unit="count", source="B, table 1"),
        evidence_of("cost", 0.0042, np.linspace(0.004, 0.005, 40), tmp_path, unit="number"),
        evidence_of("nothing", 0.5, [], tmp_path, why_not="every seed of network 'x' diverged"),
    ]


def test_csv_has_all_digits_of_the_evidence(found: list[Evidence], tmp_path: Path):
    write_table(published_runs(found), tmp_path / "runs.csv")
    table = pd.read_csv(tmp_path / "runs.csv")
    assert list(table.columns) == [
        *("claim", "source", "statement", "unit", "published", "mean", "sd", "lower", "upper", "smallest"),
        *("largest", "n", "below", "p", "verdict", "why", "limits"),
    ]
    for (_, row), evidence in zip(table.iterrows(), found, strict=True):
        for column in ("claim", "source", "statement", "unit", "verdict", "why"):
            assert row[column] == evidence[column]
        assert row.published == evidence["said"]
        if evidence["verdict"] == "not measured":
            numbers = row[["mean", "sd", "lower", "upper", "smallest", "largest", "below", "p"]]
            assert numbers.isna().all()
            assert row.n == 0
            continue
        runs, part = np.array(evidence["data"]["runs"]["values"]), evidence["parts"][0]
        assert (row["mean"], row.n, row.p) == (part["value"], len(runs), part["published"]["p"])
        assert (row.smallest, row.largest) == (runs.min(), runs.max())
        assert (
            row.below == np.count_nonzero(runs < row.published) + np.count_nonzero(runs == row.published) / 2
        )
        ends = [math.nan if part[end] is None else part[end] for end in ("lower", "upper")]
        np.testing.assert_array_equal([row.lower, row.upper], ends)
        sd = math.nan if len(runs) == 1 else np.sqrt(np.sum((runs - runs.mean()) ** 2) / (len(runs) - 1))
        assert row.sd == pytest.approx(sd, nan_ok=True)


def test_words_are_in_the_unit_of_the_claim(found: list[Evidence]):
    cells = [list(row.cells().values()) for row in published_runs(found)]
    assert cells == [
        ["95 %", "95.00 %", "0.60 points", "94.00 % to 96.00 %", "45", "✔ reproduced"],
        ["96.54 %", "95.00 %", "0.60 points", "94.00 % to 96.00 %", "45", "✘ not reproduced"],
        ["5.00 points", "4.00 points", "–", "–", "1", "? undecided"],
        ["15", "50", "29.0", "2 to 99", "100", "✔ reproduced"],
        ["0.0042", "0.0045", "0.0003", "0.004 to 0.005", "40", "✔ reproduced"],
        ["50 %", "–", "–", "–", "0", "– not measured"],
    ]
    assert tuple(published_runs(found)[0].cells()) == HEADINGS


def test_counts_of_verdicts_and_those_expected_by_chance(found: list[Evidence]):
    rows = published_runs(found)
    assert (
        counts(rows) == "6 published single runs: 3 reproduced, 1 not reproduced, 1 undecided, 1 not measured"
    )
    assert counts(rows[:1]) == "1 published single run: 1 reproduced"
    assert by_chance(rows) == (
        "Even if all published runs are like ours, up to 5 % of them are not reproduced by chance: here, 0.2 of 4."
    )
    assert by_chance(rows[2:3]) == ""


def test_claims_about_anything_else_have_no_row(found: list[Evidence]):
    other = found[0] | {"band": "> 0.9"}
    assert [row.claim for row in published_runs([other, *found[1:3]])] == ["above", "too-few"]


@pytest.mark.parametrize(
    ("unit", "published", "text"),
    [
        ("share", 0.9542, "95.42 %"),
        ("points", 0.1773, "17.73 points"),
        ("count", 15.0, "15"),
        ("number", 0.3, "0.300"),
    ],
)
def test_condition_names_the_published_value(unit: str, published: float, text: str, tmp_path: Path):
    evidence = evidence_of("one", published, np.linspace(0.1, 1, 40), tmp_path, unit=unit)
    sentence = f"{text} lies within the range of single runs"
    (part,) = parts_of(evidence)
    assert condition(part) == f"reproduced when {sentence}"
    assert condition(part, capital=True) == f"Reproduced when {sentence}"
    assert band_text(evidence) == sentence  # of a claim as of its part
    (unmeasured,) = parts_of(evidence_of("one", published, [], tmp_path, unit=unit, why_not="no run"))
    assert condition(unmeasured) == f"reproduced when {sentence}"


def test_condition_and_interval_of_any_other_claim():
    part = PerSeed([0.1, 0.2]).estimate(Statistics()) | {"band": "> 0.9", "unit": "share"}
    assert condition(part) == "supported when above 90 %"
    assert condition(part, capital=True) == "Supported when above 90 %"
    assert interval_name(part, 0.95) == "95 % interval"
    assert interval_name(part, 0.999) == "99.9 % interval"


def test_range_of_single_runs_is_named_and_flips_at_its_ends(found: list[Evidence]):
    inside, above, too_few, *_ = (parts_of(evidence)[0] for evidence in found)
    assert interval_name(inside, 0.95) == RANGE
    for part in (inside, above):  # the same runs
        assert flips(part) == "Reproduced for every published value between 94.00 % and 96.00 %."
    assert flips(too_few) == ""
    assert flips(parts_of(found[-1])[0]) == ""
    for part in (inside, above, too_few):
        assert machine(part, 0.95) is None  # there is no band to move
        assert enough_seeds(part, 0.95) is None


def test_values_at_the_ends_that_are_named_are_reproduced(tmp_path: Path):
    """What the sentence says is what a published value at each end, and beyond it, gets."""
    (part,) = parts_of(evidence_of("one", 0.95, SPREAD, tmp_path))
    for end, outside in ((part["lower"], -math.inf), (part["upper"], math.inf)):
        for at in (end, math.nextafter(end, outside)):  # the same number but for rounding
            assert evidence_of("at", at, SPREAD, tmp_path)["verdict"] == "reproduced"
        beyond = end + math.copysign(1e-9, outside)
        assert evidence_of("beyond", beyond, SPREAD, tmp_path)["verdict"] == "not reproduced"


def tables(found: list[Evidence], folder: Path) -> dict[str, str]:
    """The tables of claims as text."""
    files = {name: folder / f"claims.{name}" for name in ("csv", "md", "html")}
    tabulate([], Statistics(), folder / "networks.csv")
    summarise(
        [folder / f"{evidence['claim']}.json" for evidence in found],
        folder / "networks.csv",
        csv=files["csv"],
        markdown=files["md"],
        html=files["html"],
        figures=folder / "figures",
    )
    return {name: path.read_text(encoding="utf-8") for name, path in files.items()}


def test_tables_of_claims_have_the_words_of_single_runs(found: list[Evidence], tmp_path: Path):
    texts = tables(found, tmp_path)
    page = texts["md"]
    assert "3 reproduced, 1 not reproduced, 1 undecided, 1 not measured." in page
    assert "is reproduced when it lies within the range of single runs" in page
    assert (
        "- test accuracy: **95.00 %**; range of single runs: 94.00 % to 96.00 %; n = 45; reproduced when 96.54 % lies "
        "within the range of single runs."
    ) in page.splitlines()
    assert "## Published single runs\n" in page
    assert "![published-runs](figures/published-runs.svg)" in page
    assert "<h2>Published single runs</h2>" in texts["html"]
    assert "<td>✘ not reproduced</td>" in texts["html"]


def test_overview_aligns_the_longer_verdicts(found: list[Evidence], tmp_path: Path):
    tables(found, tmp_path)
    lines = overview(tmp_path).splitlines()[: len(found)]
    assert [line.index(evidence["claim"]) for line, evidence in zip(lines, found, strict=True)] == [19] * len(
        found
    )
    assert lines[1].startswith("✘ not reproduced   above ")
    # The conditions are not in the table of claims, which names no published value.
    assert lines[1].endswith("reproduced when the published value lies within the range of single runs")
    assert "6 claims: 3 reproduced, 1 not reproduced, 1 undecided, 1 not measured" in overview(tmp_path)


def test_fields_of_the_table_are_described():
    """Each column is explained where the row is defined."""
    text = PublishedRun.__doc__ or ""
    assert all(name in text for name in PublishedRun.__dataclass_fields__)
