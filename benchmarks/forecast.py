"""Compare the predictions of `downhill forecast` with measurements: on 1 and 2 cores, and on SLURM with four nodes.

Run it by hand, in the project's environment, on an otherwise idle machine:

    python -m benchmarks.forecast here      # the default study on 1 and on 2 cores: about 15 minutes
    python -m benchmarks.forecast slurm     # as root, with Debian's slurm-wlm and munge: about 5 minutes

The four nodes are processes on this machine and share its cores. The forecast therefore assumes the cores of this
machine, the overheads of a cluster, and as many simultaneous jobs as there are nodes.
"""

import fcntl
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from downhill.config import Study
from downhill.engine.train import ready
from downhill.planning import cost
from downhill.planning.forecast import CLUSTER, HERE, Forecaster, Overheads
from tests.cluster import slurm
from tests.cluster.study import SLURM, lay_out

# Blocks of about twenty seconds each.
NETWORKS = """\
network	dataset	seeds	hidden_layers	epochs
lesson	mnist-60000	80	16-16	30
wider	mnist-60000	80	32	30
"""
CLAIMS = """\
claim	family	statement	source	statistic	networks	unit	band	figures
right	learning	It gets most right.	nobody	test_accuracy	lesson	share	> 0.5	accuracy_distribution
"""
TRAINING, PROFILE_TRAINING = "{seeds_per_block: 10, threads: 1}", "{seeds_per_block: 100, threads: 2}"


def main(parts: list[str]) -> None:
    """Measure the named parts, or both."""
    ready()  # so that no job waits for the compiler
    print(f"{'':22} {'forecast s':>11} {'measured s':>11} {'measured / forecast':>20}")
    if not parts or "here" in parts:
        for cores in (1, 2):
            compare(f"here, {cores} cores", cores, HERE, ("--cores", str(cores)))
    if not parts or "slurm" in parts:
        if why_not := slurm.why_not():
            sys.exit(f"no SLURM: {why_not}")
        with Path(tempfile.gettempdir(), "downhill-slurm.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # only one per machine at a time, as in the tests
            with slurm.running():
                nodes = len(slurm.NODES)
                compare(
                    f"SLURM, {nodes} nodes",
                    os.cpu_count() or 1,
                    CLUSTER,
                    (*SLURM, "--jobs", str(nodes)),
                    nodes,
                )


def compare(
    title: str, cores: int, overheads: Overheads, options: tuple[str, ...], most: int | None = None
) -> None:
    """Run a study in its own folder, and print its total time and the work and wall time of its training."""
    with tempfile.TemporaryDirectory() as name:
        project = lay_out(Path(name) / "project")
        if most:
            _shorten(project)
        os.chdir(project)  # the paths of the tables are relative to it
        study = Study.load("config/config.yaml")
        began = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-m", "snakemake", "--quiet", "all", *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        wall = time.perf_counter() - began
        os.chdir("/")
        if done.returncode:
            sys.exit(f"{title} failed:\n{done.stdout[-3000:]}")
        blocks = [json.loads(path.read_text()) for path in project.glob("results/runs/*/*/provenance.json")]
    expected = sum(
        cost.seconds(cost.work_of_block(study, block["name"], study.seeds_per_block(block["name"]), 1))
        for block in blocks
    )
    found = sum(block["wall_seconds"] for block in blocks)
    overheads = replace(overheads, compiling=2.0)
    _line(f"{title}: total", Forecaster(study, overheads, most).forecast(cores).wall, wall)
    # Blocks that shared cores were as slow as if each had had its own, slower core.
    at_pace = Forecaster(study, replace(overheads, pace=found / expected), most)
    _line("  at the pace of its blocks", at_pace.forecast(most or cores).wall, wall)
    _line(f"  {len(blocks)} blocks, one by one", expected, found)
    times = [datetime.fromisoformat(block[end]) for block in blocks for end in ("started", "finished")]
    print(
        f"  from the start of the first block to the end of the last: {(max(times) - min(times)).total_seconds():.0f} s"
    )


def _shorten(project: Path) -> None:
    """Make a study of 16 blocks of about twenty seconds each; the block size of the profile takes precedence."""
    config, profile = project / "config", project / "profiles" / "slurm" / "config.yaml"
    (config / "networks.tsv").write_text(NETWORKS, encoding="utf-8")
    (config / "claims.tsv").write_text(CLAIMS, encoding="utf-8")
    (config / "config.yaml").write_text(f"training: {TRAINING}\n", encoding="utf-8")
    text = profile.read_text(encoding="utf-8")
    assert PROFILE_TRAINING in text
    profile.write_text(text.replace(PROFILE_TRAINING, TRAINING), encoding="utf-8")


def _line(title: str, forecast: float, measured: float) -> None:
    print(f"{title:28} {forecast:11.0f} {measured:11.0f} {measured / forecast:20.2f}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
