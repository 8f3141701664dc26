"""Faults that take only seconds: what is reported, and that running the same command again gives the same bytes."""

import re
from pathlib import Path

import pytest

from tests.faults.cutting import BLOCK, KIND, cut, cut_and_recover
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


def test_killed_snakemake_needs_no_unlocking_while_its_jobs_continue(
    reference: Reference, tally: Tally, tmp_path: Path
):
    kind, project = "SIGKILL of Snakemake", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    with started(project) as head:
        wait_for(lambda: training(project), "a block that is training")
        jobs = head.jobs()
        head.process.kill()
        head.process.wait()
        assert any(job.is_running() for job in jobs)
        tally.count(kind, "faults")
        tally.recovered(kind, project, reference)
    assert "Nothing to be done" in snakemake(project)


def test_second_snakemake_reports_the_first_and_changes_nothing(
    reference: Reference, tally: Tally, tmp_path: Path
):
    kind, project = "two Snakemakes at once", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    with started(project) as first:
        wait_for(lambda: training(project), "a block that is training")
        printed = snakemake(project, ok=False)
        assert first.at_work
        tally.count(kind, "faults")
        assert re.search(
            rf"^another Snakemake is at work on results \(process {first.process.pid} on \S+ since .*\), and this one "
            "has changed nothing; wait for its end, or end it .*, then run the same command again$",
            printed,
            flags=re.MULTILINE,
        )
        assert TRACE not in printed
        first.end()
    tally.recovered(kind, project, reference)


def test_read_only_results(reference: Reference, tally: Tally, tmp_path: Path):
    need_disks()
    kind, project = "read-only results", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    with mounted(project / "results", "50m") as disk:
        disk.change("ro")
        printed = snakemake(project, ok=False)
        tally.count(kind, "faults")
        assert (
            "\ncannot write results: Read-only file system; choose a path on another disk, or remount"
            in printed
        )
        assert TRACE not in printed
        assert "Error in rule" not in printed
        disk.change("rw")
        tally.recovered(kind, project, reference)


def test_truncated_weights(reference: Reference, tally: Tally, tmp_path: Path):
    cut_and_recover(f"{BLOCK}/weights.npz", True, reference, tally, tmp_path / "project")


@pytest.mark.parametrize("name", [f"{BLOCK}/provenance.json", "results/data/few/summary.json"])
def test_truncated_file_that_no_stage_of_the_study_reads(
    name: str, reference: Reference, tally: Tally, tmp_path: Path
):
    kind, project = KIND, copy_of(reference, tmp_path / "project")
    tally.count(kind, "tries")
    cut(project / name)
    tally.count(kind, "faults")
    message = complaint(project)
    first, *listed = message.splitlines()
    assert first.endswith(" files are as recorded; delete what differs, and run again:")
    assert [line.split()[0] for line in listed] == [name]
    (project / name).unlink()
    tally.recovered(kind, project, reference)
