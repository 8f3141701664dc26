"""Studies for the cluster, each in its own folder, and runs of Snakemake on them."""

import hashlib
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import yaml

from downhill.storage.locks import LOCKS

REPOSITORY = Path(__file__).parents[2]

# Jobs that take some seconds, so that tests can interrupt them.
NETWORKS = """\
network	dataset	seeds	seeds_per_block	hidden_layers	epochs	history_every
slow	few	4	1	16-16	20000	5000
quick	few	2	2	8	5	1
"""
CLAIMS = """\
claim	family	statement	source	statistic	networks	unit	band	figures
slow-gap	learning	It learns by heart.	L1	generalisation_gap	slow	points	< 0.5	train_and_test
quick-gap	learning	It learns.	L1	generalisation_gap	quick	points	< 0.5	train_and_test
"""
RECIPE = {"source": "mnist", "validation_images": 100, "training_images": 200}

SLURM = (
    *("--workflow-profile", "profiles/slurm", "--slurm-no-account", "--slurm-status-command", "squeue"),
    *("--slurm-init-seconds-before-status-checks", "1", "--latency-wait", "10"),
)
GENERIC = ("--workflow-profile", "profiles/cluster-generic", "--seconds-between-status-checks", "2")


def lay_out(project: Path) -> Path:
    """Copy the project as shipped, except for its package, which jobs import from where it is installed."""
    project.mkdir()
    for folder in ("workflow/rules", "workflow/report", "profiles", "config"):
        shutil.copytree(REPOSITORY / folder, project / folder)
    shutil.copy2(REPOSITORY / "workflow" / "Snakefile", project / "workflow")
    (project / "resources").mkdir()
    (project / "resources" / "bundled").symlink_to(REPOSITORY / "resources" / "bundled")
    return project


def lay_out_small(project: Path) -> Path:
    """Create a study with a few jobs, some of them slow."""
    config = lay_out(project) / "config"
    sources = yaml.safe_load((config / "datasets.yaml").read_text(encoding="utf-8"))["sources"]
    tables = {"sources": {"mnist": sources["mnist"]}, "datasets": {"few": RECIPE}}
    (config / "datasets.yaml").write_text(yaml.safe_dump(tables), encoding="utf-8")
    (config / "config.yaml").write_text("statistics: {resamples: 500}\n", encoding="utf-8")
    (config / "networks.tsv").write_text(NETWORKS, encoding="utf-8")
    (config / "claims.tsv").write_text(CLAIMS, encoding="utf-8")
    return project


def snakemake(project: Path, *options: str, ok: bool = True, seconds: float = 600) -> str:
    """Run Snakemake until it ends, and return what it printed."""
    with started(project, *options) as run:
        return run.end(ok, seconds)


@contextmanager
def started(project: Path, *options: str) -> Iterator["Running"]:
    """A running Snakemake; it is killed if it is still running when the block ends."""
    log = project / f"snakemake-{time.time_ns()}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", "snakemake", *options],
            cwd=project,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
        )
        try:
            yield Running(process, log)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()


class Running:
    """A running Snakemake."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path):
        self.process = process
        self.log = log

    @property
    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def end(self, ok: bool = True, seconds: float = 600) -> str:
        """Wait until it ends, check its exit status, and return what it printed."""
        try:
            status = self.process.wait(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise AssertionError(f"still running after {seconds:.0f} s:\n{self.printed}") from error
        assert (status == 0) is ok, self.printed
        return self.printed

    def kill(self) -> None:
        """Kill it as a crash would: immediately, and without notifying its jobs."""
        self.process.kill()
        self.process.wait()


def results(project: Path) -> dict[str, str]:
    """Digests of all results that must be the same wherever they are computed."""
    folder = project / "results"
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        and {"logs", LOCKS}.isdisjoint(path.relative_to(folder).parts)
        and "compiled" not in path.name
        and path.name != "provenance.json"
    }


class Training(NamedTuple):
    """A block that is being trained: the id of its cluster job, and the training process."""

    job: str
    process: psutil.Process


def training(project: Path) -> dict[str, Training]:
    """The blocks of a project that the cluster is training, by network and seeds."""
    found = {}
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            if words[1:4] == ["-m", "downhill", "train"] and process.cwd() == str(project):
                block = f"{words[4]} {words[words.index('--seeds') + 1]}"
                found[block] = Training(process.environ()["SLURM_JOB_ID"], process)
        except (psutil.Error, KeyError):  # the process has ended, or was not started by SLURM
            continue
    return found
