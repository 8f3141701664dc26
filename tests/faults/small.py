"""A small study with all stages, and Snakemake processes that run it and are interrupted by faults."""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import psutil
import yaml

from downhill.storage.json_files import read_json
from tests.cluster.study import lay_out, results

# Most blocks take a second or two.
NETWORKS = """\
network	dataset	seeds	seeds_per_block	hidden_layers	epochs	history_every
slow	few	3	1	16-16	2000	1000
quick	few	2	2	8	5	1
"""
CLAIMS = """\
claim	family	statement	source	statistic	networks	experiments	unit	band	figures
slow-gap	learning	It learns by heart.	L1	generalisation_gap	slow		points	< 0.5	train_and_test
memory	memorisation	It may learn by heart.	L1	gap_when_memorising	quick		points	-1 to 1	memorised
bias	network	Biases matter.	L1	strength_and_tendency		curves	correlation	> -1; > -1	strength_and_tendency
"""
EXPERIMENTS = "curves: { function: network.weights_and_biases, networks: [quick], options: { images: 50 } }\n"
RECIPE = {"source": "mnist", "validation_images": 100, "training_images": 200}
LONG = 1800  # seconds, longer than anything takes even on a busy machine
TRACE = "Traceback (most recent call last)"


class Reference(NamedTuple):
    """The results of an uninterrupted run."""

    project: Path


def lay_out_small(project: Path) -> Path:
    """Create the study, without any results."""
    config = lay_out(project) / "config"
    sources = yaml.safe_load((config / "datasets.yaml").read_text(encoding="utf-8"))["sources"]
    tables = {"sources": {"mnist": sources["mnist"]}, "datasets": {"few": RECIPE}}
    (config / "datasets.yaml").write_text(yaml.safe_dump(tables), encoding="utf-8")
    settings = "experiments: config/experiments.yaml\nstatistics: {resamples: 500}\n"
    (config / "config.yaml").write_text(settings, encoding="utf-8")
    (config / "experiments.yaml").write_text(EXPERIMENTS, encoding="utf-8")
    (config / "networks.tsv").write_text(NETWORKS, encoding="utf-8")
    (config / "claims.tsv").write_text(CLAIMS, encoding="utf-8")
    return project


def copy_of(reference: Reference, project: Path) -> Path:
    """Copy the finished study, with its modification times and Snakemake's metadata."""
    return Path(shutil.copytree(reference.project, project, symlinks=True))


class Head:
    """A Snakemake that was started as in a terminal: it forms one process group with its jobs."""

    def __init__(self, project: Path, *options: str):
        self.log = project.parent / f"{project.name}-{time.time_ns()}.log"
        with self.log.open("wb") as file:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "snakemake", "--cores", "2", *options],
                cwd=project,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                # If the tests run in the background of a script, Ctrl-C would be ignored otherwise.
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL) and None,
            )

    @property
    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")

    @property
    def at_work(self) -> bool:
        return self.process.poll() is None

    def jobs(self) -> list[psutil.Process]:
        """The processes of its jobs, including shells."""
        with suppress(psutil.NoSuchProcess):
            return sorted(psutil.Process(self.process.pid).children(recursive=True), key=lambda job: job.pid)
        return []

    def reach(self, share: float, seconds: float) -> bool:
        """Wait until a share of its jobs is done, and then for some seconds; False if it ends before that."""
        while self.at_work and self.done() < share:
            time.sleep(0.01)
        end = time.monotonic() + seconds
        while self.at_work and time.monotonic() < end:
            time.sleep(0.005)
        return self.at_work

    def done(self) -> float:
        """The share of its jobs that are done, according to its log."""
        steps = re.findall(r"^(\d+) of (\d+) steps", self.printed, flags=re.MULTILINE)
        return int(steps[-1][0]) / int(steps[-1][1]) if steps else 0.0

    def end(self, ok: bool | None = True) -> str:
        """Wait until it ends, check its exit status unless `ok` is None, and return what it printed."""
        status = self.process.wait(timeout=LONG)
        assert ok is None or (status == 0) is ok, self.printed
        return self.printed

    def group(self, number: signal.Signals) -> None:
        """Send a signal to it and its jobs, as a terminal does."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


@contextmanager
def started(project: Path, *options: str) -> Iterator[Head]:
    """A running Snakemake; it and its jobs are killed when the block ends."""
    head = Head(project, *options)
    try:
        yield head
    finally:
        head.group(signal.SIGKILL)
        head.process.wait()


def snakemake(project: Path, *options: str, ok: bool | None = True) -> str:
    """Run Snakemake to its end; returns what it printed."""
    with started(project, *options) as head:
        return head.end(ok)


def wait_for(condition: Callable[[], object], what: str, seconds: float = LONG) -> None:
    """Wait until a condition holds; raises an error that names it if it never does."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"timed out after {seconds:.0f} s waiting for {what}"
        time.sleep(0.02)


def training(project: Path, network: str = "*") -> bool:
    """Whether a block of a study is being trained, that is, whether its job has opened a log."""
    return any((project / "results" / "logs" / "train").glob(f"{network}/*.log"))


def waiting(project: Path, network: str = "*") -> bool:
    """Whether the log of a block's job records that it waited for another job."""
    return any(
        "waiting for another job that is writing it" in path.read_text(encoding="utf-8", errors="replace")
        for path in (project / "results" / "logs" / "train").glob(f"{network}/*.log")
    )


def kill_a_job(head: Head, draw: random.Random) -> bool:
    """Kill a random process of a running job; False if Snakemake ends before there is one."""
    delay = draw.uniform(0, 0.3)
    while head.at_work:
        if jobs := head.jobs():
            time.sleep(delay)
            with suppress(psutil.NoSuchProcess):
                draw.choice(jobs).kill()
                return True
        time.sleep(0.005)
    return False


def bytes_that_differ(reference: Path, project: Path) -> dict[str, int]:
    """Number of bytes of each result that differ from those of an uninterrupted run."""
    found = {}
    one, other = results(reference), results(project)
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) != other.get(name):
            ours, theirs = (
                path.read_bytes() if (path := folder / "results" / name).is_file() else b""
                for folder in (reference, project)
            )
            changed = sum(a != b for a, b in zip(ours, theirs, strict=False))
            found[name] = changed + abs(len(ours) - len(theirs)) or 1
    return found


def check_records(project: Path) -> None:
    """Check that all records are complete and match the files, and that no log contains a stack trace."""
    for path in (project / "results").rglob("provenance.json"):
        assert read_json(path)["outputs"], path
    assert complaint(project) == ""
    for log in (project / "results" / "logs").rglob("*.log"):
        assert TRACE not in log.read_text(encoding="utf-8"), log


def complaint(project: Path) -> str:
    """The errors reported by the command that checks all files against their records."""
    command = [sys.executable, "-m", "downhill", "provenance", "results/claims.csv", "--check"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=LONG)
    assert (done.returncode == 0) is (not done.stderr)
    return done.stderr
