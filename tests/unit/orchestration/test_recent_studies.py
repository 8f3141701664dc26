"""The notes on which studies were run last."""

from pathlib import Path

import pytest

from downhill.__main__ import main
from downhill.config.study import Study
from downhill.orchestration.recent_studies import latest_results, note

NOTES = Path(".snakemake/downhill-studies.json")
NETWORKS = "network\tdataset\tseeds\nsmall\tfew\t1\n"
CLAIMS = """\
claim\tfamily\tstatement\tsource\tstatistic\tnetworks\tunit\tband
count\tnetwork\tIt is so.\tL1\tparameter_count\tsmall\tcount\t= 1
"""
DATASETS = "{sources: {it: {title: It, classes: [a, b], mirrors: [nowhere]}}, datasets: {few: {source: it}}}"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DOWNHILL_RUN", raising=False)
    Path("networks.tsv").write_text(NETWORKS)
    Path("claims.tsv").write_text(CLAIMS)
    Path("datasets.yaml").write_text(DATASETS)


def study(results: str) -> Study:
    tables = {"networks": "networks.tsv", "claims": "claims.tsv", "datasets": "datasets.yaml"}
    return Study.from_values(tables | {"results": results}, "config.yaml")


def test_the_latest_study_is_found():
    assert latest_results() == Path("results")
    for results in ("results/quick", "out", "results/quick"):
        note(study(results))
        assert latest_results() == Path(results)


def test_two_studies_at_a_time_are_told_apart(monkeypatch: pytest.MonkeyPatch):
    """Each is recognised by what its run of make has set."""
    for run, results in (("1", "one"), ("2", "two"), ("1", "one")):
        monkeypatch.setenv("DOWNHILL_RUN", run)
        note(study(results))
    for run, results in (("1", "one"), ("2", "two"), ("3", "one")):
        monkeypatch.setenv("DOWNHILL_RUN", run)
        assert latest_results() == Path(results)


def test_only_the_latest_studies_are_kept(monkeypatch: pytest.MonkeyPatch):
    for run in range(30):
        monkeypatch.setenv("DOWNHILL_RUN", str(run))
        note(study(f"results-{run}"))
    assert len(NOTES.read_text().split('"run"')) == 21
    assert latest_results() == Path("results-29")


@pytest.mark.parametrize("content", [b"", b"\xff", b"[1]", b'{"run": 1}', b'[{"run": "1"}]'])
def test_damaged_notes_do_no_harm(content: bytes):
    NOTES.parent.mkdir()
    NOTES.write_bytes(content)
    assert latest_results() == Path("results")
    note(study("out"))
    assert latest_results() == Path("out")


def test_folder_that_cannot_be_written_to_does_no_harm():
    NOTES.parent.write_text("a file")
    note(study("out"))
    assert latest_results() == Path("results")


def test_command_shows_the_latest_study(capsys: pytest.CaptureFixture[str]):
    note(study("out"))
    assert main(["show", "--folder"]) == 0
    assert capsys.readouterr().out == "out\n"
    assert main(["show"]) == 1
    assert (
        capsys.readouterr().err == "error: out/claims.csv does not exist; run `make`, or `snakemake`, first\n"
    )
    assert main(["show", "--folder", "--results", "results"]) == 0
    assert capsys.readouterr().out == "results\n"
