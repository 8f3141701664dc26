"""How much core time a study spends on training: `python -m benchmarks.overhead results --cores 2`.

Reads the provenance records of the blocks of a finished study. The study must have been made in one run; otherwise
the pause between runs is measured too. The training phase lasts from the start of the first block's job to the end
of the last one's. The core time in this phase is divided into

training
    only the steps of gradient descent, `seconds` of `downhill.train`
scoring
    cost and accuracy for the histories, on all training, validation and test images, and any snapshots that were
    requested; also converting the images to the format of the engine, loading compiled kernels and writing the block
start-up
    starting Python, imports and loading the data set, as far as the job itself can measure it
rest
    starting and ending processes, Snakemake's own work, and cores that were idle or used by other programs
"""

import argparse
from datetime import datetime
from pathlib import Path

from downhill.errors import DownhillError
from downhill.provenance.record import read_record


def main() -> None:
    """Print how the time of the training phase was spent."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path, help="folder of a finished study")
    parser.add_argument("--cores", type=int, required=True, help="number of cores that the study ran on")
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
    print(
        f"{len(records)} jobs, {wall:.1f} s on {arguments.cores} core(s): {whole:.1f} s of core time, of which"
    )
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
