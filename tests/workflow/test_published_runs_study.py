"""A study with published single runs: all of them in one figure and one table, and on the page."""

import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
import yaml
from test_generated import CONFIG, NETWORK, write_sources
from test_study import lay_out, rewritten, set_cell, snakemake, stages, state, write_table

from downhill.claims.evidence import read_evidence
from downhill.provenance.record import find_record, inputs_of, read_record

RUNS = "published-runs"
FILES = {
    f"{RUNS}.csv",
    *(f"figures/{RUNS}.{kind}" for kind in ("svg", "png", "json")),
    *(f"{folder}{RUNS}/provenance.json" for folder in ("", "figures/")),
}
CLAIM = {
    "family": "published",
    "source": "A paper, table 1",
    "statistic": "single_run",
    "networks": "xor",
    "unit": "share",
    "band": "single run",
    "figures": "runs_beside_published",
}
CLAIMS = {
    "last-epoch": CLAIM | {"statement": "It gets 98 % right.", "said": "0.98"},
    "first-epoch": CLAIM | {"statement": "It starts at 1 %.", "said": "0.01", "options": "epoch: 1"},
    "solved": CLAIM | {"statement": "It learns.", "statistic": "test_accuracy", "family": "learning"}
    | {"band": "> 0.6", "figures": "accuracy_distribution"},
}  # fmt: skip


def laid_out(project: Path, *claims: str) -> Path:
    """A study of 40 small networks with these claims."""
    project = lay_out(project)
    write_sources(project)
    (project / "config" / "config.yaml").write_text(yaml.safe_dump(CONFIG))
    network = NETWORK | {"seeds": "40", "epochs": "2", "history_sets": "test"}
    write_table(project / "config" / "networks.tsv", pd.DataFrame({"xor": network}).T)
    rows = {name: {"said": "", "options": ""} | CLAIMS[name] for name in claims}
    write_table(project / "config" / "claims.tsv", pd.DataFrame(rows).T)
    return project


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    project = laid_out(tmp_path_factory.mktemp("finished") / "project", *CLAIMS)
    assert stages(snakemake(project))["compare"] == "1"
    return project


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """A copy of a finished study."""
    return Path(shutil.copytree(finished, tmp_path / "project", symlinks=True))


def test_table_holds_what_the_evidence_holds(finished: Path):
    assert {file for file in state(finished) if RUNS in file} == FILES
    table = pd.read_csv(finished / "results" / f"{RUNS}.csv", index_col="claim")
    assert list(table.index) == ["last-epoch", "first-epoch"]
    for name, row in table.iterrows():
        evidence = read_evidence(finished / "results" / "claims" / f"{name}.json")
        runs = pd.Series(evidence["data"]["runs"]["values"])
        part = evidence["parts"][0]
        assert row.n == len(runs) == 40
        assert row.published == float(CLAIMS[str(name)]["said"])
        assert (row["mean"], row.lower, row.upper) == (part["value"], part["lower"], part["upper"])
        assert (row.smallest, row.largest) == (runs.min(), runs.max())
        assert row.sd == pytest.approx(runs.std(), rel=1e-12)
        assert row.below == (runs < row.published).sum() + (runs == row.published).sum() / 2
        assert row.p == part["published"]["p"]
        assert row.verdict == evidence["verdict"]
    assert table.verdict["first-epoch"] == "not reproduced"


def test_each_file_has_a_record_of_how_it_was_made(finished: Path):
    """Table and figure are in different folders, so each has its own."""
    evidence = {finished / "results" / "claims" / f"{name}.json" for name in ("last-epoch", "first-epoch")}
    for file in FILES:
        place = find_record(finished / "results" / file)
        assert place is not None
        record = read_record(place)
        assert record["stage"] == "compare"
        assert record["settings"] == {"claims": ["last-epoch", "first-epoch"]}
        assert {path for path, _ in inputs_of(place, record)} == evidence


def test_page_and_tables_name_them(finished: Path):
    results = finished / "results"
    page = (results / "index.html").read_text(encoding="utf-8")
    assert '<h2 id="published-runs">' in page
    assert 'class="verdict not-reproduced"' in page
    assert "(figures/published-runs.svg)" in (results / "claims.md").read_text(encoding="utf-8")
    assert "published-runs.csv" in (results / "claims.html").read_text(encoding="utf-8")
    snakemake(finished, "--report", "report.html")
    assert "published-runs" in (finished / "report.html").read_text(encoding="utf-8")


def test_other_wording_draws_them_again_without_measuring(project: Path):
    assert "Nothing to be done" in snakemake(project)
    before = state(project)
    set_cell(project, "claims", "last-epoch", "source", "Another paper")
    made = stages(snakemake(project))
    assert {"judge", "compare", "publish"} <= made.keys()
    assert not {"measure", "evaluate", "train"} & made.keys()
    assert rewritten(before, state(project)) >= FILES
    assert "Another paper" in (project / "results" / f"{RUNS}.csv").read_text(encoding="utf-8")


def test_missing_table_is_made_again(project: Path):
    (project / "results" / f"{RUNS}.csv").unlink()
    assert stages(snakemake(project)).keys() >= {"compare"}
    assert (project / "results" / f"{RUNS}.csv").is_file()


def test_study_without_them_has_neither_rule_nor_files_nor_section(tmp_path: Path):
    project = laid_out(tmp_path / "project", "solved")
    assert "compare" not in re.findall(r"^(\w+)", snakemake(project, "--list-rules"), flags=re.MULTILINE)
    assert "compare" not in stages(snakemake(project))
    assert not {file for file in state(project) if RUNS in file}
    for name in ("index.html", "claims.md", "claims.html"):
        text = (project / "results" / name).read_text(encoding="utf-8")
        assert 'id="published-runs"' not in text
        assert f"{RUNS}." not in text
        assert "Published single runs" not in text.partition("Method</h2>")[0]
    printed = snakemake(project, f"results/{RUNS}.csv", ok=False)
    assert "has nothing to compare" in printed
    assert "single run" in printed
