"""Compare the evidence of a finished study with a second opinion, and write a table.

    python -m benchmarks.second_opinion results --images resources/mnist

The exit status is 1 if a second opinion disagrees.
"""

import argparse
import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from benchmarks.second_opinion import CLAIMS
from benchmarks.second_opinion.checks import check, table

_OUTPUT = Path("benchmarks/results/second-opinion.md")
# Those that take longest.
_FIRST = (
    "universal-approximation",
    "structure-is-easier",
    "shuffled-curve-linear",
    "reaches-minimum",
    "mostly-convex",
    "no-edges",
)


def main() -> None:
    """Command line."""
    known = [claim for claims in CLAIMS.values() for claim in claims]
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path, nargs="?", default=Path("results"), help="folder of the study")
    parser.add_argument(
        "--images", type=Path, default=Path("resources/mnist"), help="folder of the IDX files"
    )
    parser.add_argument("--claims", nargs="+", choices=known, default=known, metavar="CLAIM")
    parser.add_argument("--jobs", type=int, default=2, help="processes, one for each core")
    parser.add_argument("--output", type=Path, default=_OUTPUT, help="file for the table")
    arguments = parser.parse_args()
    longest_first = sorted(
        arguments.claims, key=lambda claim: _FIRST.index(claim) if claim in _FIRST else len(_FIRST)
    )
    spawn = multiprocessing.get_context("spawn")  # PyTorch's threads do not survive a fork
    with ProcessPoolExecutor(arguments.jobs, mp_context=spawn) as pool:
        jobs = {
            claim: pool.submit(check, claim, arguments.results, arguments.images) for claim in longest_first
        }
        for job in as_completed(jobs.values()):
            print(f"{job.result().claim}: {job.result().seconds:.0f} s", file=sys.stderr, flush=True)
        found = [jobs[claim].result() for claim in arguments.claims]
    text = table(found)
    print(text)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(text, encoding="utf-8")
    if all(checked.why_not for checked in found):
        sys.exit(f"nothing could be checked in {arguments.results}; run the study first: make")
    sys.exit(any(checked.disagrees for checked in found))


if __name__ == "__main__":
    main()
