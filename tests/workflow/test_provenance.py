"""How a result was made: the record of every result, and its lineage back to the download."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml
from test_study import ALL_FILES, FIGURES, finished, project, snakemake, state  # noqa: F401

from downhill.__main__ import main
from downhill.provenance.code_digest import source_digest
from downhill.storage.json_files import read_json, write_json

Capture = pytest.CaptureFixture[str]
FIGURE = f"results/figures/{FIGURES['rise']}"
TO_DATA = ["prepare few", "download mnist"]
TO_BLOCKS = ["evaluate soft", "train soft", "train soft", *TO_DATA]
TO_MEASUREMENT = ["measure rise", *TO_BLOCKS]
TO_CLAIM = ["judge rise", *TO_MEASUREMENT]
CHAINS = {
    f"{FIGURE}.svg": ["draw learning_curves", *TO_CLAIM],
    f"{FIGURE}.png": ["draw learning_curves", *TO_CLAIM],
    f"{FIGURE}.json": ["draw learning_curves", *TO_CLAIM],
    "results/claims/rise.json": TO_CLAIM,
    "results/measurements/rise.json": TO_MEASUREMENT,
    "results/evaluation/soft": TO_BLOCKS,
    "results/evaluation/soft/scores.parquet": TO_BLOCKS,
    "results/runs/soft/seeds-2-3/weights.npz": ["train soft", *TO_DATA],
    "results/runs/soft/seeds-2-3/history.parquet": ["train soft", *TO_DATA],
    "results/runs/soft/seeds-2-3/provenance.json": ["train soft", *TO_DATA],
    "results/data/few": TO_DATA,
    "results/data/few/": TO_DATA,
    "resources/mnist/train-images-idx3-ubyte": ["download mnist"],
}


def lineage(path: str, capsys: Capture) -> list[dict[str, Any]]:
    assert main(["provenance", path, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["result"] == path.rstrip("/")
    return list(found["chain"])


def problems(path: str, capsys: Capture) -> list[str]:
    """What the check of a result lists."""
    assert main(["provenance", path, "--check"]) == 1
    first, *listed = capsys.readouterr().err.splitlines()
    assert re.fullmatch(
        r"error: not all \d+ files are as recorded; delete what differs, and run again:", first
    )
    return [line.removeprefix("  ") for line in listed]


def refused(words: list[str], capsys: Capture) -> str:
    assert main(["provenance", *words]) == 1
    (sentence,) = capsys.readouterr().err.splitlines()
    return sentence


@pytest.mark.parametrize("path", CHAINS)
def test_chain_of_a_result_leads_to_the_download(
    path: str, finished: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(finished)
    chain = lineage(path, capsys)
    assert [f"{record['stage']} {record['name']}" for record in chain] == CHAINS[path]
    files = yaml.safe_load(Path("config/datasets.yaml").read_text())["sources"]["mnist"]["files"]
    checksums = {made["sha256"] for made in chain[-1]["outputs"].values()}
    assert checksums == {file["sha256"] for file in files.values()}
    assert set(chain[-1]["checked_against"].values()) == checksums
    for record in chain:
        assert record["code"]["digest"] == source_digest(*record["code"]["modules"])
        assert {"host", "processor", "python", "versions", "started", "finished"} <= record.keys()
        assert all(Path(file).is_file() for file in record["outputs"])


def test_every_result_has_a_record(finished: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(finished)
    for file in ALL_FILES:
        chain = lineage(f"results/{file}", capsys)
        named = [Path(path) for path in chain[0]["outputs"]]
        assert Path("results", file) in named or file.endswith("provenance.json")
        assert chain[-1]["stage"] == "download"


def test_page_shows_settings_seeds_and_checksums(
    finished: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(finished)
    assert main(["provenance", f"{FIGURE}.svg", "--check"]) == 0
    page = capsys.readouterr().out
    assert page.endswith("\nall 20 files are as recorded\n")
    assert page.startswith(f"{FIGURE}.svg\n  draw learning_curves\n")
    assert "← results/runs/soft/seeds-2-3\n" in page
    assert "train soft, seeds 2 to 3, 1 thread(s)\n" in page
    assert "learning_rate 0.05" in page
    assert "← results/data/few (see above)" in page
    assert "mirrors: resources/bundled/mnist" in page
    images = yaml.safe_load(Path("config/datasets.yaml").read_text())["sources"]["mnist"]["files"][
        "train_images"
    ]
    assert f"sha256 {images['sha256']}  train-images-idx3-ubyte (as expected)" in page


@pytest.mark.parametrize(
    "path", ["config", "config/config.yaml", "results/logs/compile.log", "results/claims.txt"]
)
def test_path_that_is_not_a_result_is_reported_in_one_sentence(
    path: str, project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(project)
    Path("results/claims.txt").write_text("notes")
    assert refused([path], capsys).startswith(
        f"error: {path} is not the result of a stage: no provenance.json records how"
    )
    assert refused(["nowhere"], capsys).startswith("error: nowhere does not exist; name a result")


def test_check_finds_files_that_have_changed(project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(project)
    weights = Path("results/runs/soft/seeds-0-1/weights.npz")
    content, evidence = weights.read_bytes(), Path("results/claims/rise.json").read_bytes()
    weights.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    Path("results/claims/rise.json").unlink()
    assert problems(f"{FIGURE}.svg", capsys) == [
        "results/claims/rise.json is missing",
        f"{weights} is not the file that was made: its checksum differs",
    ]
    Path("results/claims/rise.json").write_bytes(evidence)
    # Another block in its place, which is itself unchanged.
    shutil.rmtree(weights.parent)
    shutil.copytree("results/runs/soft/seeds-2-3", weights.parent)
    replaced = f"{weights.parent} has been replaced since evaluate soft used it"
    assert problems(f"{FIGURE}.svg", capsys) == [replaced]
    shutil.rmtree(weights.parent)
    assert main(["provenance", f"{FIGURE}.svg", "--check"]) == 0
    page = capsys.readouterr().out
    assert f"← {weights.parent} (missing)" in page
    assert page.endswith(
        "\nall 18 files are as recorded; 1 of their inputs are missing and were not compared\n"
    )


@pytest.mark.parametrize("record", ["runs/soft/seeds-0-1", "claims/rise", "claims", "data/few"])
def test_damaged_record_is_made_again_after_it_is_deleted(
    record: str, project: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(project)
    path = Path("results", record, "provenance.json")
    path.write_bytes(path.read_bytes()[:100])
    if record == "claims":
        said = refused(["results/claims.csv", "--check"], capsys).removeprefix("error: ")
    else:
        (said,) = problems("results/claims.csv", capsys)
        assert main(["provenance", "results/claims.csv"]) == 0
        assert "(its provenance.json is damaged)" in capsys.readouterr().out
    assert said.startswith(f"{path} is damaged (")
    assert said.endswith("); delete it and run again")
    path.unlink()
    if record != "claims":
        assert " has lost the provenance.json " in problems("results/claims.csv", capsys)[0]
    snakemake(project)
    assert main(["provenance", "results/claims.csv", "--check"]) == 0


def test_records_are_not_a_reason_to_make_anything_again(project: Path):
    before = state(project)
    for record in project.rglob("provenance.json"):
        write_json(record, read_json(record) | {"host": "elsewhere"})
    assert "Nothing to be done" in snakemake(project)
    after = state(project)
    assert {name for name in after if after[name] != before[name]} == {
        name for name in ALL_FILES if name.endswith("provenance.json")
    }


def test_study_may_be_moved_as_a_whole(
    project: Path, tmp_path: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    project.rename(tmp_path / "moved")
    chain = lineage("moved/results/claims/rise.json", capsys)
    assert [f"{record['stage']} {record['name']}" for record in chain] == TO_CLAIM
