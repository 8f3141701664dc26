"""Longer tests, one fault of each kind: `make faults` runs them, `make test` does not."""

import re
import shutil
import signal
from contextlib import ExitStack, suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.faults.cutting import BLOCK, READERS, cut_and_recover
from tests.faults.disks import mounted, need_disks
from tests.faults.small import (
    TRACE,
    Reference,
    lay_out_small,
    snakemake,
    started,
    training,
    wait_for,
    waiting,
)
from tests.faults.tally import Tally


@pytest.mark.parametrize("killed", [1, 2])
def test_leftover_jobs_with_old_settings_do_not_end_last(
    killed: int, reference: Reference, tally: Tally, tmp_path: Path
):
    """Jobs of one Snakemake, or of two that were killed one after another."""
    kind, project = "jobs left over from other settings", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    table = project / "config" / "networks.tsv"
    wanted = table.read_text(encoding="utf-8")
    with ExitStack() as heads:
        jobs = []
        for epochs, at_work in [("60000", training), ("50000", waiting)][:killed]:
            table.write_text(wanted.replace("2000", epochs), encoding="utf-8")
            head = heads.enter_context(started(project))
            wait_for(partial(at_work, project), "a block that is training, or one that waits for it")
            jobs += head.jobs()
            head.process.kill()
            tally.count(kind, "faults")
        table.write_text(wanted, encoding="utf-8")
        tally.recovered(kind, project, reference)
        wait_for(lambda: not any(job.is_running() for job in jobs), "the leftover jobs to end")
        tally.recovered(kind, project, reference)
    assert waiting(project)


def test_leftover_job_that_ends_last_is_not_mistaken_for_the_new_one(
    reference: Reference, tally: Tally, tmp_path: Path
):
    """The job waiting for it is killed, so Snakemake takes the output of the leftover job for the requested one."""
    kind, project = "job left over, and the one that waits killed", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    table = project / "config" / "networks.tsv"
    wanted = table.read_text(encoding="utf-8")
    table.write_text(wanted.replace("2000", "60000"), encoding="utf-8")
    with started(project) as first:
        wait_for(lambda: training(project, "slow"), "a block that is training")
        jobs = first.jobs()
        first.process.kill()
        table.write_text(wanted, encoding="utf-8")
        with started(project) as second:
            wait_for(lambda: waiting(project, "slow"), "a job that waits")
            for job in second.jobs():
                with suppress(psutil.NoSuchProcess):
                    job.kill()
            tally.count(kind, "faults", 2)
            second.end(ok=False)
        wait_for(lambda: not any(job.is_running() for job in jobs), "the leftover jobs to end")
    printed = snakemake(project, ok=False)
    assert re.search(
        r"^  results/runs/slow/seeds-\d-\d/weights\.npz: epochs: 60000 → 2000", printed, re.MULTILINE
    )
    for block in re.search(r"To delete them: rm -r (.*)", printed)[1].split():
        shutil.rmtree(project / block)
    tally.recovered(kind, project, reference)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_and_sigterm(number: signal.Signals, reference: Reference, tally: Tally, tmp_path: Path):
    kind = {signal.SIGINT: "SIGINT (Ctrl-C)", signal.SIGTERM: "SIGTERM"}[number]
    project = lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    with started(project) as head:
        wait_for(lambda: training(project), "a block that is training")
        if number == signal.SIGINT:
            head.group(number)
        else:
            head.process.terminate()
        assert TRACE not in head.end(ok=False)
    tally.count(kind, "faults")
    tally.recovered(kind, project, reference)


def test_only_one_of_two_snakemakes_started_together_runs(reference: Reference, tally: Tally, tmp_path: Path):
    kind, project = "two Snakemakes at once", lay_out_small(tmp_path / "project")
    tally.count(kind, "tries")
    with started(project) as one, started(project) as other:
        printed = [head.end(ok=None) for head in (one, other)]
        assert sorted(bool(head.process.returncode) for head in (one, other)) == [False, True]
    tally.count(kind, "faults")
    assert sum("another Snakemake is at work" in text for text in printed) == 1
    assert not any(TRACE in text for text in printed)
    tally.recovered(kind, project, reference)


@pytest.mark.parametrize("size", ["600k", "8200k", "8900k"])
def test_full_disk_for_results(size: str, reference: Reference, tally: Tally, tmp_path: Path):
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


@pytest.mark.parametrize("size", ["40k", "150k", "210k"])
def test_full_disk_for_snakemake_metadata(size: str, reference: Reference, tally: Tally, tmp_path: Path):
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


@pytest.mark.parametrize("name", READERS)
def test_truncated_artifact(name: str, reference: Reference, tally: Tally, tmp_path: Path):
    cut_and_recover(name, True, reference, tally, tmp_path / "project")


@pytest.mark.parametrize("name", [f"{BLOCK}/weights.npz", "results/claims/slow-gap.json"])
def test_truncated_artifact_with_its_old_modification_time(
    name: str, reference: Reference, tally: Tally, tmp_path: Path
):
    cut_and_recover(name, False, reference, tally, tmp_path / "project")
