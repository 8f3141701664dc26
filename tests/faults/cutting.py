"""Cutting artifacts in half, as a machine crash may leave them, and recovering from it."""

import os
import re
from pathlib import Path

from tests.faults.small import TRACE, Reference, copy_of, snakemake
from tests.faults.tally import Tally

KIND = "truncated artifact"
BLOCK = "results/runs/slow/seeds-0-0"
# Each artifact with the rule that reads it.
READERS = {
    "resources/mnist/train-images-idx3-ubyte": "prepare",
    "results/data/few/dataset.npz": "train",
    f"{BLOCK}/weights.npz": "evaluate",
    f"{BLOCK}/history.parquet": "evaluate",
    "results/evaluation/slow/index.json": "measure",
    "results/evaluation/slow/scores.parquet": "measure",
    "results/experiments/curves/quick/seeds-0-1.npz": "measure",
    "results/measurements/slow-gap.json": "judge",
    "results/claims/slow-gap.json": "draw",
}


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def cut_and_recover(name: str, seen: bool, reference: Reference, tally: Tally, project: Path) -> None:
    """Cut an artifact of a finished study, with or without a new modification time, and follow the error message."""
    copy_of(reference, project)
    tally.count(KIND, "tries")
    path = project / name
    times = path.stat()
    cut(path)
    if not seen:
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
        assert "Nothing to be done" in snakemake(project)
    tally.count(KIND, "faults")
    printed = snakemake(project, *([] if seen else ["--forcerun", READERS[name]]), ok=False)
    sentences = re.findall(rf"^(?:error: )?({re.escape(name)} .*)$", printed, flags=re.MULTILINE)
    assert sentences, printed
    assert all("delete it and run again" in sentence for sentence in sentences)
    assert TRACE not in printed
    path.unlink()
    tally.recovered(KIND, project, reference)
    assert "Nothing to be done" in snakemake(project)
