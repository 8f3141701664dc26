"""Measure what a study of a million runs costs in addition to training: planning, tracking, gathering histories.

Run it by hand, in the project's environment: `python -m benchmarks.scale [plan] [finished] [histories]`.

plan
    1,000 networks × 1,000 seeds in blocks of 100: a dry run of 10,000 blocks and everything that depends on them.
finished
    The same after everything is done: the time that Snakemake takes to find that there is nothing to do. No network
    is trained for this. The files are empty, and the records are those that a real run would have written
    (parameters, code and inputs of every job): `snakemake --touch` writes those of one network, and the others, which
    differ only in name, get copies.
histories
    The histories of a million runs of 30 epochs, gathered from 10,000 blocks into one table: time and peak
    memory for 100, 1,000 and 10,000 blocks. All blocks are the same block of 100 seeds, which has a realistic size.
"""

import base64
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from downhill.engine.history import HISTORY_COLUMNS

REPOSITORY = Path(__file__).parents[1]
NETWORKS, SEEDS, BLOCK = 1000, 1000, 100
SNAKEMAKE = (sys.executable, "-m", "snakemake")
CLAIM = (
    "claim\tfamily\tstatement\tsource\tstatistic\tnetworks\tunit\tband\tfigures\n"
    "accurate\tlearning\tIt gets most right.\tnobody\ttest_accuracy\tnet-0000\tshare\t> 0.5\taccuracy_distribution\n"
)


def measured(title: str, command: tuple[str, ...], folder: Path) -> str:
    """Run a command, print its time, CPU time and peak memory, and return its output."""
    with tempfile.TemporaryFile("w+") as printed:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=folder, text=True, stdout=printed, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        printed.seek(0)
        text = printed.read()
    if status:
        sys.exit(f"{title} failed:\n{text[-3000:]}")
    cpu = used.ru_utime + used.ru_stime
    print(f"{title:42} {wall:7.1f} s ({cpu:.1f} s of CPU), {used.ru_maxrss / 2**20:.2f} GB", flush=True)
    return text


def study(folder: Path) -> Path:
    """Set up a study of a million runs in `folder`."""
    for name in ("workflow", "profiles"):
        (folder / name).symlink_to(REPOSITORY / name)
    (folder / "resources").mkdir()
    (folder / "resources" / "bundled").symlink_to(REPOSITORY / "resources" / "bundled")
    (folder / "config").mkdir()
    (folder / "config" / "datasets.yaml").symlink_to(REPOSITORY / "config" / "datasets.yaml")
    write_networks(folder, NETWORKS)
    (folder / "config" / "claims.tsv").write_text(CLAIM)
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump({"training": {"seeds_per_block": BLOCK}}))
    return folder


def write_networks(folder: Path, count: int) -> None:
    """Write a table of `count` networks with different names."""
    rows = [f"{network(number)}\tmnist\t{SEEDS}\t16-16\t30" for number in range(count)]
    text = "\n".join(["network\tdataset\tseeds\thidden_layers\tepochs", *rows]) + "\n"
    (folder / "config" / "networks.tsv").write_text(text)


def network(number: int) -> str:
    """Name of a network."""
    return f"net-{number:04}"


def finish(folder: Path) -> None:
    """Create empty files for all results of a study, with Snakemake's records of finished jobs."""
    write_networks(folder, 1)
    printed = subprocess.run(
        (*SNAKEMAKE, "--summary"),
        cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True,
    ).stdout  # fmt: skip
    paths = [line.partition("\t")[0] for line in printed.splitlines()[1:]]
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    subprocess.run(
        (*SNAKEMAKE, "--quiet", "all", "--touch"), cwd=folder, check=True, stderr=subprocess.DEVNULL
    )
    records = folder / ".snakemake" / "metadata"
    for path in paths:
        if network(0) not in path:
            continue
        record, modified = (records / encoded(path)).read_text(), (folder / path).stat().st_mtime_ns
        for number in range(1, NETWORKS):
            copy = folder / path.replace(network(0), network(number))
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.touch()
            os.utime(copy, ns=(modified, modified))
            (records / encoded(path.replace(network(0), network(number)))).write_text(
                record.replace(network(0), network(number))
            )
    write_networks(folder, NETWORKS)


def encoded(path: str) -> str:
    """File name of Snakemake's record for a file."""
    return base64.urlsafe_b64encode(path.encode()).decode()


def histories(folder: Path, blocks: int) -> None:
    """Gather the histories of `blocks` blocks of 100 seeds in a separate process."""
    block = folder / "block"
    if not block.exists():
        block.mkdir()
        epochs = 31
        table = pd.DataFrame(
            {"seed": np.repeat(np.arange(BLOCK), epochs), "epoch": np.tile(np.arange(epochs), BLOCK)}
            | {name: np.random.default_rng(0).random(BLOCK * epochs) for name in HISTORY_COLUMNS[1:]}
        )
        table.to_parquet(block / "history.parquet", index=False)
    code = (
        "from pathlib import Path; from downhill.runs.history import gather_histories; "
        f"gather_histories([Path({str(block)!r})] * {blocks}, range({BLOCK}), Path({str(folder / 'all.parquet')!r}))"
    )
    measured(f"histories of {blocks * BLOCK:,} runs", (sys.executable, "-c", code), folder)


def main(parts: list[str]) -> None:
    """Measure the named parts, or all of them."""
    os.environ["PYTHONPATH"] = str(REPOSITORY / "workflow")
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        if not parts or "histories" in parts:
            for blocks in (100, 1_000, 10_000):
                histories(folder, blocks)
        study(folder)
        count = NETWORKS * SEEDS // BLOCK
        if not parts or "plan" in parts:
            title = f"dry run of {NETWORKS * SEEDS:,} runs in {count:,} blocks"
            measured(title, (*SNAKEMAKE, "--dry-run", "--quiet"), folder)
        if not parts or "finished" in parts:
            finish(folder)
            printed = measured(f"nothing to be done, {count:,} blocks", SNAKEMAKE, folder)
            if "Nothing to be done" not in printed:
                sys.exit(f"expected nothing to be done, but Snakemake printed:\n{printed[-3000:]}")


if __name__ == "__main__":
    main(sys.argv[1:])
