"""One fault of each kind: what is said, and that the same command again completes with the same bytes."""

import os
import re
import shutil
import signal
from pathlib import Path

import pytest

from tests.faults.disks import mounted, need_disks
from tests.faults.small import (
    TRACE,
    Reference,
    complaint,
    copy_of,
    lay_out_small,
    snakemake,
    started,
    training,
    wait_for,
)
from tests.faults.tally import Tally

BLOCK = "results/runs/slow/seeds-0-0"


def test_killed_snakemake_needs_no_unlocking_while_its_jobs_go_on(
    reference: Reference, tally: Tally, tmp_path: Path
):
    kind, project = "SIGKILL of Snakemake", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    with started(project) as head:
        wait_for(lambda: training(project), "a block in training")
        jobs = head.jobs()
        head.process.kill()
        head.process.wait()
        assert any(job.is_running() for job in jobs)
        tally.count(kind, "faults")
        tally.recovered(kind, project, reference)
    assert "Nothing to be done" in snakemake(project)


def test_left_over_job_of_old_settings_does_not_end_last(reference: Reference, tally: Tally, tmp_path: Path):
    kind, project = "job left over from other settings", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    table = project / "config" / "networks.tsv"
    wanted = table.read_text(encoding="utf-8")
    table.write_text(wanted.replace("3000", "12000"), encoding="utf-8")
    with started(project) as head:
        wait_for(lambda: training(project), "a block in training")
        jobs = head.jobs()
        head.process.kill()
        tally.count(kind, "faults")
        table.write_text(wanted, encoding="utf-8")
        tally.recovered(kind, project, reference)
        wait_for(lambda: not any(job.is_running() for job in jobs), "the end of what was left over")
        tally.recovered(kind, project, reference)
    assert "waiting for another job that is writing it" in "".join(
        path.read_text(encoding="utf-8", errors="replace")
        for path in (project / "results" / "logs" / "train").rglob("*.log")
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm(number: signal.Signals, reference: Reference, tally: Tally, tmp_path: Path):
    kind = {signal.SIGINT: "SIGINT (Ctrl-C)", signal.SIGTERM: "SIGTERM"}[number]
    project = lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    with started(project) as head:
        wait_for(lambda: training(project), "a block in training")
        if number == signal.SIGINT:
            head.group(number)
        else:
            head.process.terminate()
        assert TRACE not in head.end(ok=False)
    tally.count(kind, "faults")
    tally.recovered(kind, project, reference)


def test_second_snakemake_says_so_and_changes_nothing(reference: Reference, tally: Tally, tmp_path: Path):
    kind, project = "two Snakemakes at once", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    with started(project) as first:
        wait_for(lambda: training(project), "a block in training")
        printed = snakemake(project, ok=False)
        assert first.at_work
        tally.count(kind, "faults")
        assert re.search(
            rf"^another Snakemake is at work on results \(process {first.process.pid} on \S+ since .*\), and this one "
            "has changed nothing; wait for its end, or end it .*, then type the same command again$",
            printed,
            flags=re.MULTILINE,
        )
        assert TRACE not in printed
        first.end()
    tally.recovered(kind, project, reference)


def test_of_two_snakemakes_started_together_one_works(reference: Reference, tally: Tally, tmp_path: Path):
    kind, project = "two Snakemakes at once", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    with started(project) as one, started(project) as other:
        printed = [head.end(ok=None) for head in (one, other)]
        assert sorted(bool(head.process.returncode) for head in (one, other)) == [False, True]
    tally.count(kind, "faults")
    assert sum("another Snakemake is at work" in text for text in printed) == 1
    assert not any(TRACE in text for text in printed)
    tally.recovered(kind, project, reference)


@pytest.mark.parametrize("size", ["600k", "9m", "10m"])
def test_full_disk_of_results(size: str, reference: Reference, tally: Tally, tmp_path: Path):
    need_disks()
    kind, project = "full disk: results", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    with mounted(project / "results", size) as disk:
        printed = snakemake(project, ok=False)
        tally.count(kind, "faults")
        assert "No space left on device" in printed
        assert "free some space" in printed
        assert TRACE not in printed
        disk.change("size=200m")
        tally.recovered(kind, project, reference)


@pytest.mark.parametrize("size", ["40k", "120k", "200k"])
def test_full_disk_of_the_records_of_snakemake(size: str, reference: Reference, tally: Tally, tmp_path: Path):
    need_disks()
    kind, project = "full disk: .snakemake", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    with mounted(project / ".snakemake", size) as disk:
        printed = snakemake(project, ok=False)
        tally.count(kind, "faults")
        assert "No space left on device" in printed
        assert TRACE not in printed
        disk.change("size=50m")
        tally.recovered(kind, project, reference)


def test_read_only_results(reference: Reference, tally: Tally, tmp_path: Path):
    need_disks()
    kind, project = "read-only results", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    with mounted(project / "results", "50m") as disk:
        disk.change("ro")
        printed = snakemake(project, ok=False)
        tally.count(kind, "faults")
        assert "\ncannot write results: Read-only file system; make its folder writable" in printed
        assert TRACE not in printed
        assert "Error in rule" not in printed
        disk.change("rw")
        tally.recovered(kind, project, reference)


# Each artifact with the rule that reads it and what that one says; of records none does.
DAMAGED = {
    "resources/mnist/train-images-idx3-ubyte": "prepare",
    "results/data/few/dataset.npz": "train",
    "results/data/few/summary.json": "measure",
    f"{BLOCK}/weights.npz": "evaluate",
    f"{BLOCK}/history.parquet": "evaluate",
    "results/evaluation/slow/index.json": "measure",
    "results/evaluation/slow/scores.parquet": "measure",
    "results/claims/slow-gap.json": "draw",
}


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


@pytest.mark.parametrize("seen", [True, False], ids=["seen", "unseen"])
@pytest.mark.parametrize("name", DAMAGED)
def test_truncated_artifact(name: str, seen: bool, reference: Reference, tally: Tally, tmp_path: Path):
    kind, project = "truncated artifact", copy_of(reference, tmp_path / "project")
    tally.count(kind, "tries")
    path = project / name
    times = path.stat()
    cut(path)
    if not seen:
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert "Nothing to be done" in snakemake(project)
    tally.count(kind, "faults")
    printed = snakemake(project, *([] if seen else ["--forcerun", DAMAGED[name]]), ok=False)
    sentences = re.findall(rf"^error: ({re.escape(name)} .*)$", printed, flags=re.MULTILINE)
    assert sentences
    assert all("delete it and run again" in sentence for sentence in sentences)
    assert TRACE not in printed
    path.unlink()
    tally.recovered(kind, project, reference)
    assert "Nothing to be done" in snakemake(project)


@pytest.mark.parametrize(
    ("name", "result"),
    [
        (f"{BLOCK}/provenance.json", BLOCK),
        ("results/claims/slow-gap/provenance.json", "results/claims/slow-gap.json"),
    ],
)
def test_truncated_record(name: str, result: str, reference: Reference, tally: Tally, tmp_path: Path):
    kind, project = "truncated artifact", copy_of(reference, tmp_path / "project")
    tally.count(kind, "tries")
    cut(project / name)
    tally.count(kind, "faults")
    said = complaint(project)
    assert said.startswith(f"error: {name} is damaged (")
    assert said.endswith(f"); delete {result} and run again\n")
    assert "Nothing to be done" in snakemake(project)
    (shutil.rmtree if (project / result).is_dir() else os.remove)(project / result)
    tally.recovered(kind, project, reference)
