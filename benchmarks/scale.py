"""What a study of a million runs costs before and beside the training: planning, bookkeeping, gathering histories.

Run by hand, with the environment of the project: `python -m benchmarks.scale [plan] [finished] [histories]`.

plan
    1,000 networks × 1,000 seeds in blocks of 100: a dry run of 10,000 blocks and all behind them.
finished
    The same when all is done: what Snakemake takes to say that there is nothing to be done. Nobody trains a
    million networks for that: the files are empty, and `snakemake --touch` writes the records that a real run
    would have written (parameters, code, inputs of every job), so that only the content is not real.
histories
    The histories of a million runs, 30 epochs each, gathered from 10,000 blocks (all links to one block of 100
    seeds that is as large as a real one) into one table: time and peak memory for 1,000 and for 10,000 blocks.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from downhill.config import Study

REPOSITORY = Path(__file__).parents[1]
NETWORKS, SEEDS, BLOCK = 1000, 1000, 100
SNAKEMAKE = (sys.executable, "-m", "snakemake", "--quiet", "all")
CLAIM = (
    "claim\tfamily\tstatement\tsource\tstatistic\tnetworks\tunit\tband\tfigures\n"
    "accurate\tlearning\tIt gets most right.\tnobody\ttest_accuracy\tnet-0000\tshare\t> 0.5\taccuracy_distribution\n"
)


def measured(title: str, command: tuple[str, ...], folder: Path) -> str:
    """Run a command, print its time, CPU time and peak memory, and return what it printed."""
    started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{title} failed:\n{done.stdout[-3000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = after.ru_maxrss / 2**20  # of the largest child so far
    print(
        f"{title:42} {time.perf_counter() - started:7.1f} s ({cpu:.1f} s of CPU), at most {peak:.2f} GB",
        flush=True,
    )
    return done.stdout


def study(folder: Path) -> Path:
    """A million runs, laid out in `folder`."""
    for name in ("Snakefile", "workflow", "profiles"):
        (folder / name).symlink_to(REPOSITORY / name)
    (folder / "resources").mkdir()
    (folder / "resources" / "bundled").symlink_to(REPOSITORY / "resources" / "bundled")
    (folder / "config").mkdir()
    (folder / "config" / "datasets.yaml").symlink_to(REPOSITORY / "config" / "datasets.yaml")
    rows = [f"net-{number:04}\tmnist\t{SEEDS}\t{8 + number % 60}-16\t30" for number in range(NETWORKS)]
    (folder / "config" / "networks.tsv").write_text(
        "\n".join(["network\tdataset\tseeds\thidden_layers\tepochs", *rows]) + "\n"
    )
    (folder / "config" / "claims.tsv").write_text(CLAIM)
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump({"training": {"seeds_per_block": BLOCK}}))
    return folder


def finish(folder: Path) -> None:
    """Empty files for every result of a study, with the records that Snakemake keeps of finished jobs."""
    printed = subprocess.run(
        [sys.executable, "-m", "snakemake", "--summary"],
        cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
    ).stdout  # fmt: skip
    for line in printed.splitlines()[1:]:
        path = folder / line.partition("\t")[0]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    measured("  (records of all jobs, by --touch)", (*SNAKEMAKE, "--touch"), folder)


def histories(folder: Path, blocks: int) -> None:
    """Gather the histories of `blocks` blocks of 100 seeds in a process of its own."""
    block = folder / "block"
    if not block.exists():
        block.mkdir()
        epochs = 31
        table = pd.DataFrame(
            {"seed": np.repeat(np.arange(BLOCK), epochs), "epoch": np.tile(np.arange(epochs), BLOCK)}
            | {name: np.random.default_rng(0).random(BLOCK * epochs) for name in ("a", "b", "c", "d")}
        )
        table.to_parquet(block / "history.parquet", index=False)
    code = (
        "from pathlib import Path; from downhill.runs.history import gather_histories; "
        f"gather_histories([Path({str(block)!r})] * {blocks}, range({BLOCK}), Path({str(folder / 'all.parquet')!r}))"
    )
    measured(f"histories of {blocks * BLOCK:,} runs", (sys.executable, "-c", code), folder)


def main(parts: list[str]) -> None:
    """Measure the parts that are named, or all."""
    os.environ["PYTHONPATH"] = str(REPOSITORY / "workflow")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if not parts or "histories" in parts:  # first: peaks are of the largest process so far
            for blocks in (100, 1_000, 10_000):
                histories(folder, blocks)
        study(folder)
        if not parts or "plan" in parts:
            os.chdir(folder)
            count = sum(len(Study.load("config/config.yaml").blocks(f"net-{n:04}")) for n in range(NETWORKS))
            measured(
                f"dry run of {NETWORKS * SEEDS:,} runs in {count:,} blocks", (*SNAKEMAKE, "--dry-run"), folder
            )
        if not parts or "finished" in parts:
            finish(folder)
            measured("nothing to be done", SNAKEMAKE, folder)
        os.chdir(REPOSITORY)


if __name__ == "__main__":
    main(sys.argv[1:])
