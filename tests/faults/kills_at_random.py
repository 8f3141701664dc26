"""Kills and signals at random moments of a run. These tests are slow: `make faults` runs them, `make test` does not.

The moments are drawn from a generator whose seed is printed with each test; `DOWNHILL_FAULT_SEED=7 make faults` draws
others, and `make faults ARGS="-k kill-11"` repeats a single test.
"""

import os
import random
import signal
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.faults.small import (
    TRACE,
    Head,
    Reference,
    kill_a_job,
    lay_out_small,
    started,
    wait_for,
)
from tests.faults.tally import Tally

SEED = os.environ.get("DOWNHILL_FAULT_SEED", "1")
KILLS, SIGNALS, STRIKES = 18, 4, 3  # number of tests of each kind, and of strikes per test
MOST_TRIES = 10  # most of them strike, but a moment may be after the end of the run

Strike = Callable[[Head, random.Random], bool]


def kill_the_head(head: Head, draw: random.Random) -> bool:
    head.process.kill()
    return True


def press_ctrl_c(head: Head, draw: random.Random) -> bool:
    # Before Snakemake has read the Snakefile, it responds with its own stack trace.
    wait_for(lambda: "Building DAG" in head.printed, "Snakemake to plan")
    head.group(signal.SIGINT)
    return True


def ask_to_end(head: Head, draw: random.Random) -> bool:
    head.process.terminate()
    return True


FAULTS: dict[str, tuple[str, Strike]] = {
    f"{name}-{number}": pair
    for name, count, pairs in (
        ("kill", KILLS, [("SIGKILL of Snakemake", kill_the_head), ("SIGKILL of a job", kill_a_job)]),
        ("signal", SIGNALS, [("SIGINT (Ctrl-C)", press_ctrl_c), ("SIGTERM", ask_to_end)]),
    )
    for number in range(count)
    for pair in [pairs[number % 2]]
}


@pytest.mark.parametrize("name", FAULTS)
def test_running_the_same_command_again_gives_the_same_bytes(
    name: str, reference: Reference, tally: Tally, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    """The command is interrupted, run again and interrupted several times, and then completes.

    A moment is a share of the jobs to be done, plus some seconds.
    """
    kind, strike = FAULTS[name]
    draw = random.Random(f"{SEED} {name}")
    struck = tries = 0
    with ExitStack() as stack:  # jobs of a killed Snakemake are still running when it is started again
        while struck < STRIKES:
            assert tries < MOST_TRIES
            if struck == 0:
                project = lay_out_small(tmp_path / f"project-{tries}")
            tries += 1
            share, seconds = draw.uniform(-0.1, 0.5), draw.uniform(0, 2)
            tally.count(kind, "tries")
            if struck:
                tally.count(kind, "reruns")
            head = stack.enter_context(started(project))
            hit = head.reach(share, seconds) and strike(head, draw)
            with capsys.disabled():
                moment = f"at {max(0, share):.0%} and {seconds:.2f} s"
                print(f"\n{kind}: seed {SEED}, {name}, {moment}: {'struck' if hit else 'too late'}", end="")
            if hit:
                struck += 1
                tally.count(kind, "faults")
            if strike is not kill_the_head or not hit:
                assert TRACE not in head.end(ok=None if hit else True)
            if struck and not hit:  # the run completed before it was struck again
                struck = STRIKES
        tally.recovered(kind, project, reference)


def test_there_were_at_least_thirty_kills(tally: Tally):
    """Otherwise too many moments were after the end of the run; another seed draws others."""
    assert sum(tally.counts[kind]["faults"] for kind in ("SIGKILL of Snakemake", "SIGKILL of a job")) >= 30
