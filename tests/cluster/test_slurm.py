"""The workflow on a real SLURM: the same bytes as without, whatever happens to jobs, nodes and Snakemake."""

import re
from pathlib import Path

import pytest
from slurm import Slurm, ask, wait_for
from study import GENERIC, SLURM, lay_out, lay_out_small, results, snakemake, started, training

pytestmark = pytest.mark.xdist_group("slurm")


def test_quick_study_is_the_same_bytes(slurm: Slurm, local_quick: dict[str, str], tmp_path: Path):
    project = lay_out(tmp_path / "project")
    before = len(slurm.history())
    snakemake(project, *SLURM, "--configfile", "config/quick.yaml")
    assert results(project) == local_quick
    jobs = slurm.history()[before:]
    assert {job["JobState"] for job in jobs} == {"COMPLETED"}
    assert len({job["NodeList"] for job in jobs}) > 1
    assert "Nothing to be done" in snakemake(project, *SLURM, "--configfile", "config/quick.yaml")


def test_failed_cancelled_and_lost_jobs_are_tried_again(
    slurm: Slurm, local_small: dict[str, str], tmp_path: Path
):
    project = lay_out_small(tmp_path / "project")
    with started(project, *SLURM, "--retries", "1") as run:
        first = wait_for(lambda: all_four(project), "four blocks in training", seconds=120)
        failed, cancelled, lost, doomed = (first[f"slow {seed}-{seed}"] for seed in range(4))
        try:
            ask("scontrol", "update", f"nodename={slurm.node_of(lost.job)}", "state=down", "reason=test")
            ask("scancel", cancelled.job)
            failed.process.kill()  # as the kernel does when memory runs out
            doomed.process.kill()
            again = wait_for(lambda: tried_again(project, doomed.job), "the last block's second try", seconds=120)
            again.process.kill()
            printed = run.end(ok=False)
        finally:
            ask("scontrol", "update", f"nodename={','.join(NODES)}", "state=resume", ok=False)
    states = slurm.endings()
    assert [states[job.job] for job in (failed, cancelled, lost, doomed, again)] == [
        *("FAILED", "CANCELLED", "NODE_FAIL", "FAILED", "FAILED")
    ]
    assert slurm.memory(again.job) == 2 * slurm.memory(doomed.job)
    made = results(project)  # all but what needs the block that failed twice
    assert made.items() <= local_small.items()
    assert local_small.keys() - made.keys() == {
        *("runs/slow/seeds-3-3/weights.npz", "runs/slow/seeds-3-3/history.parquet"),
    }
    snakemake(project, *SLURM)
    assert results(project) == local_small
    (project / "printed").write_text(printed)
