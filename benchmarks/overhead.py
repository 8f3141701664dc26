"""How much of the cores' time a study spends in training: `python -m benchmarks.overhead results --cores 2`.

Reads the records that stand beside the blocks of a finished study (made in one run, or it measures the pause between
runs too). The training phase lasts from the start of the first block's job to the end of the last one's; what
each core did in it is told apart as

training
    steps of gradient descent alone, `seconds` of `downhill.train`
scoring
    cost and accuracy for the histories, on all training and test images, and copies of the weights if asked for;
    bringing the images into the engine's form, loading compiled kernels, writing the block
start-up
    of Python, imports and loading the data set, as far as a job's own clock sees it
rest
    starting and ending processes, Snakemake's own work, cores that had nothing to do or were taken by others
"""

import argparse
from datetime import datetime
from pathlib import Path

from downhill.errors import DownhillError
from downhill.provenance.record import read_record


def main() -> None:
    """Print what the training phase was spent on."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path, help="folder of a finished study")
    parser.add_argument("--cores", type=int, required=True, help="cores that it ran on")
    arguments = parser.parse_args()
    records = [read_record(path) for path in sorted(arguments.results.glob("runs/*/*/provenance.json"))]
    if not records:
        raise DownhillError(f"{arguments.results} has no finished blocks; run the study first")
    begin = min(datetime.fromisoformat(record["started"]) for record in records)
    end = max(datetime.fromisoformat(record["finished"]) for record in records)
    wall = (end - begin).total_seconds()
    whole = arguments.cores * wall
    training = sum(sum(seconds) for record in records for seconds in record["seconds"].values())
    blocks = sum(record["threads"] * record["block_seconds"] for record in records)
    jobs = sum(record["threads"] * record["wall_seconds"] for record in records)
    print(f"{len(records)} jobs, {wall:.1f} s on {arguments.cores} core(s): {whole:.1f} s of cores, of which")
    parts = {
        "training": training,
        "scoring": blocks - training,
        "start-up": jobs - blocks,
        "rest": whole - jobs,
    }
    for name, seconds in parts.items():
        print(f"{name:10} {seconds:8.1f} s  {seconds / whole:6.1%}")
    print(f"training and scoring together {blocks / whole:.1%}")


if __name__ == "__main__":
    try:
        main()
    except DownhillError as error:
        raise SystemExit(str(error)) from error
