from pathlib import Path

import pytest

from downhill.orchestration.failures import Failure, failures, summary

LOG = """\
[Sun Nov 22 07:06:20 2026]
Error in rule train:
    message: SLURM-job '4' failed due to a node failure
    jobid: 9
    input: results/data/few/dataset.npz
    output: results/runs/slow/seeds-2-2/weights.npz, results/runs/slow/seeds-2-2/history.parquet
    log: results/logs/train/slow/seeds-2-2.log, /somewhere/4.log (check log file(s) for error details)
    shell:
        python -m downhill train slow
        (command exited with non-zero exit code)
    external_jobid: 4

Trying to restart job 9.
[Sun Nov 22 07:06:20 2026]
Error in rule measure:
    jobid: 11
    output: results/claims/gap.json
    log: results/logs/measure/gap.log (check log file(s) for error details)
    shell:
        python -m downhill measure gap
        (command exited with non-zero exit code)
"""
TRAIN = "results/runs/slow/seeds-2-2/weights.npz"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_failures_with_their_tries_in_order():
    assert failures(LOG + LOG.partition("Trying")[0]) == [
        Failure("train", TRAIN, "results/logs/train/slow/seeds-2-2.log", 2),
        Failure("measure", "results/claims/gap.json", "results/logs/measure/gap.log", 1),
    ]


def test_job_that_succeeds_in_a_second_attempt_is_not_a_failure(folder: Path):
    (folder / TRAIN).parent.mkdir(parents=True)
    (folder / TRAIN).touch()
    assert [failure.rule for failure in failures(LOG)] == ["measure"]


def test_listing_names_what_is_missing_and_where_to_look(folder: Path):
    (folder / "log").write_text(LOG, encoding="utf-8")
    lines = summary([folder / "log"]).splitlines()
    assert lines[0] == "Jobs that failed (2 in all):"
    assert lines[1] == f"  train: {TRAIN} (tries: 1, log: results/logs/train/slow/seeds-2-2.log)"


def test_summary_is_empty_without_a_log_or_a_failure(folder: Path):
    (folder / "log").write_text("Nothing to be done\n", encoding="utf-8")
    assert summary([folder / "log"]) == ""
    assert summary([folder / "none"]) == ""
