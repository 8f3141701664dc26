"""The workflow on a real SLURM: the same bytes as without it, whatever happens to jobs, nodes and Snakemake."""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from slurm import Slurm, ask, wait_for
from study import GENERIC, SLURM, Training, lay_out, lay_out_small, results, snakemake, started, training

from tests.contributing import follow, lay_out_plain

pytestmark = pytest.mark.xdist_group("slurm")

SLOW = [f"slow {seed}-{seed}" for seed in range(4)]
LAST_BLOCK = {f"runs/slow/seeds-3-3/{name}" for name in ("weights.npz", "history.parquet")}


def test_quick_study_gives_the_same_bytes(slurm: Slurm, local_quick: dict[str, str], tmp_path: Path):
    project = lay_out(tmp_path / "project")
    before = slurm.endings()
    snakemake(project, *SLURM, "--configfile", "config/quick.yaml")
    assert results(project) == local_quick
    jobs = [job for number, job in slurm.endings().items() if number not in before]
    assert {job["JobState"] for job in jobs} == {"COMPLETED"}
    assert len({job["NodeList"] for job in jobs}) > 1
    assert "Nothing to be done" in snakemake(project, *SLURM, "--configfile", "config/quick.yaml")


@dataclass
class Faults:
    """A study in the state in which all of the faults left it."""

    project: Path
    printed: str
    results: dict[str, str]
    jobs: dict[str, Training]
    blocks: tuple[str, str, str, str]
    second_try: Training


@pytest.fixture(scope="module")
def faults(slurm: Slurm, tmp_path_factory: pytest.TempPathFactory) -> Faults:
    """One block's process is killed, another's job is cancelled, a third's node is lost, a fourth is killed twice."""
    project = lay_out_small(tmp_path_factory.mktemp("faults") / "project")
    with started(project, *SLURM, "--retries", "1") as run:

        def at_work() -> dict[str, Training] | None:
            found = training(project)
            return found if found.keys() >= set(SLOW) else None

        def tried_again() -> Training | None:
            found = training(project).get(SLOW[3])
            return found if found and found.job != jobs[SLOW[3]].job else None

        jobs = wait_for(at_work, "four blocks that are training", seconds=150)
        nodes = [slurm.node_of(jobs[block].job) for block in SLOW]
        lost = next(block for block, node in zip(SLOW[:3], nodes, strict=False) if nodes.count(node) == 1)
        killed, cancelled = (block for block in SLOW[:3] if block != lost)
        node = nodes[SLOW.index(lost)]
        try:
            jobs[SLOW[3]].process.kill()
            jobs[killed].process.kill()  # as the kernel does when it runs out of memory
            ask("scancel", jobs[cancelled].job)
            ask("scontrol", "update", f"nodename={node}", "state=down", "reason=test")
            slurm.kill(jobs[lost].job)  # losing the node kills everything that ran on it
            second_try = wait_for(tried_again, "the last block's second try", seconds=150)
            second_try.process.kill()
            printed = run.end(ok=False)
        finally:
            ask(
                "scontrol", "update", f"nodename={node}", "state=resume", ok=False
            )  # if it has not been resumed yet
    blocks = (killed, cancelled, lost, SLOW[3])
    return Faults(project, printed, results(project), jobs, blocks, second_try)


def test_failed_cancelled_and_lost_jobs_are_tried_again(
    slurm: Slurm, faults: Faults, local_small: dict[str, str]
):
    endings = slurm.endings()
    assert [endings[faults.jobs[block].job]["JobState"] for block in faults.blocks] == [
        *("FAILED", "CANCELLED", "NODE_FAIL", "FAILED")
    ]
    assert all(local_small[name] == digest for name, digest in faults.results.items())


def test_second_try_requests_more_memory(slurm: Slurm, faults: Faults):
    requested = [
        int(re.search(r"mem=(\d+)M", slurm.endings()[job.job]["Tres"])[1])
        for job in (faults.jobs[SLOW[3]], faults.second_try)
    ]
    assert requested[1] == 2 * requested[0]


def test_one_failure_stops_nothing_else_and_is_listed_at_the_end(faults: Faults, local_small: dict[str, str]):
    missing = {name for name in local_small.keys() - faults.results.keys() if not waits_for_slow(name)}
    assert missing == LAST_BLOCK
    assert faults.results.keys() >= {
        name for name in local_small if "quick" in name and not waits_for_slow(name)
    }
    listed = faults.printed.partition("Jobs that failed (1 in all):\n")[2]
    assert listed.startswith(
        "  train: results/runs/slow/seeds-3-3/weights.npz (tries: 2, log: results/logs/train/slow/seeds-3-3.log)\n"
    )


def waits_for_slow(name: str) -> bool:
    """Whether a result depends on all blocks of the slow network, or on all claims or networks."""
    return name.startswith(
        (
            "evaluation/slow/",
            "claims.",
            "networks.",
            "index.",
            "exports",
            "claims/slow",
            "measurements/slow",
            "figures/slow",
        )
    )


def test_killed_snakemake_can_be_rerun_as_documented(
    slurm: Slurm, faults: Faults, local_small: dict[str, str]
):
    project = faults.project
    with started(project, *SLURM) as run:
        wait_for(lambda: SLOW[3] in training(project), "the last block to be training", seconds=150)
        run.kill()
        (name,) = re.findall(r"SLURM run ID: (\S+)", run.printed)
    assert slurm.jobs()
    ask("scancel", f"--name={name}")
    wait_for(lambda: not slurm.jobs(), "the cancelled job to end", seconds=60)
    snakemake(project, *SLURM, "--unlock")
    snakemake(project, *SLURM)
    assert results(project) == local_small


def test_cluster_generic_gives_the_same_bytes_and_keeps_jobs_that_end_after_snakemake_was_killed(
    slurm: Slurm, local_small: dict[str, str], tmp_path: Path
):
    project = lay_out_small(tmp_path / "project")
    with started(project, *GENERIC) as run:
        wait_for(lambda: training(project).keys() >= set(SLOW), "four blocks that are training", seconds=150)
        run.kill()
    wait_for(lambda: not slurm.jobs(), "the jobs to end", seconds=150)
    snakemake(project, *GENERIC, "--unlock")
    printed = snakemake(project, *GENERIC)
    assert "rule train:" not in printed
    assert "rule evaluate:" in printed
    assert results(project) == local_small


def test_job_that_slurm_has_forgotten_counts_as_failed(slurm: Slurm):
    status = Path(__file__).parents[2] / "profiles" / "cluster-generic" / "status"
    assert ask(str(status), "987654") == "failed\n"


def test_experiment_of_the_contributing_page_is_the_same_bytes(
    slurm: Slurm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Its jobs import the package of their project, to which it was added."""
    found = []
    for name, options in (("local", ("--cores", "2")), ("slurm", SLURM)):
        project = lay_out_plain(tmp_path / name)
        follow(project)
        monkeypatch.setenv("PYTHONPATH", str(project / "workflow"))
        snakemake(project, *options)
        found.append(results(project))
    assert "experiments/noise-answers/lesson/seeds-0-5.npz" in found[0]
    assert found[1] == found[0]
