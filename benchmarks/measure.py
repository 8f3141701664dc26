"""Time all peers on one case, interleaved: in each round every peer trains one epoch, in a new random order.

Each peer is a separate process (`worker`). It is started once, warmed up with one untimed epoch, and kept alive, so
that no round includes loading or compilation, and anything else that the machine does in a round affects all peers
equally. Only one peer works at a time; the others wait for input. With one thread, a process has one core to itself.
"""

import argparse
import contextlib
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.cases import CASES, Case
from benchmarks.peers import A_PROCESS_A_CORE, Peer, contenders, remark
from downhill.storage.json_files import write_json

# Thread pools keep spinning briefly after work, in case more arrives: wait until they are idle.
_SETTLE_SECONDS = 0.1

# Variables that configure libraries. Peers get their thread count from us, and library defaults for everything else.
_STEERING = ("OMP_", "GOMP_", "KMP_", "OPENBLAS_", "MKL_", "BLIS_", "VECLIB_", "XLA_", "JAX_", "TORCH")
_THREAD_COUNTS = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"),
    *("NUMBA_NUM_THREADS", "NPROC"),  # NPROC is the size of XLA's pool
)


class PeerFailedError(Exception):
    """A peer cannot be run; the message says why."""


@dataclass
class _Worker:
    """The process of a peer."""

    process: subprocess.Popen[str]

    @classmethod
    def start(cls, case: Case, peer: Peer, cores: list[int], seed: int, data: Path, log: Any) -> "_Worker":
        """Start the process, which prepares itself while others start."""
        command = [sys.executable, "-m", "benchmarks.worker", "--case", case.name, "--module", peer.module]
        command += ["--options", json.dumps(peer.options), "--share", str(peer.shares.get(case.name, 1.0))]
        command += ["--seed", str(seed), "--cores", ",".join(map(str, cores)), "--data", str(data)]
        pipe = subprocess.PIPE
        environment = environment_of_workers(len(cores))
        return cls(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=log, text=True, env=environment))

    def tell(self, command: str) -> None:
        """Send a command."""
        with contextlib.suppress(BrokenPipeError):  # `hear` reports that it has ended
            self.process.stdin.write(command + "\n")
            self.process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """The reply to the last command."""
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"failure": "its process ended; see the log"}
        if "failure" in answer:
            raise PeerFailedError(answer["failure"])
        return answer

    def dismiss(self) -> None:
        """Close the input of the process, which makes it exit."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()

    def wait(self) -> None:
        """Wait until the process has ended, and kill it if necessary."""
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


@dataclass
class _Contender:
    """The workers of a peer (one, or one per core), and their results so far."""

    peer: Peer
    workers: list[_Worker]
    networks: int
    share: float
    seconds: list[float] = field(default_factory=list)
    epochs: int = 0
    idle: float = 0.0
    accuracy: list[float] = field(default_factory=list)
    failure: str | None = None

    def epoch(self, timed: bool) -> None:
        """Train one epoch in all workers simultaneously, and record the seconds per network and whole epoch."""
        answers = self._ask("epoch")
        networks_a_second = sum(self.networks / (answer["seconds"] / self.share) for answer in answers)
        self.epochs += 1
        if timed:
            self.seconds.append(1 / networks_a_second)
            self.idle = max(self.idle, *(answer["idle_seconds"] for answer in answers))

    def score(self) -> None:
        """Record the test accuracy of each network."""
        self.accuracy = [accuracy for answer in self._ask("score") for accuracy in answer["accuracy"]]

    def _ask(self, command: str) -> list[dict[str, Any]]:
        for worker in self.workers:
            worker.tell(command)
        return [worker.hear() for worker in self.workers]

    def result(self, case: Case) -> dict[str, Any]:
        """Everything to store."""
        return {
            "label": self.peer.label,
            "remark": remark(self.peer, case),
            "failure": self.failure,
            "seconds": self.seconds,
            "epochs": self.peer.options.get("epochs", self.epochs * self.share),
            "accuracy": self.accuracy,
            "idle_seconds": self.idle,
        }


def environment_of_workers(threads: int) -> dict[str, str]:
    """Environment variables for the process of a peer."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_STEERING)}
    counts = dict.fromkeys(_THREAD_COUNTS, str(threads))
    # Use the CPU even if there is a GPU; compile in the worker itself, not in additional processes that then wait.
    return kept | counts | {"JAX_PLATFORMS": "cpu", "TORCHINDUCTOR_COMPILE_THREADS": "1"}


def cores_of_this_machine() -> list[int]:
    """Numbers of the cores that may be used."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


def measure(case: Case, threads: str, rounds: int, data: Path, log: Any) -> dict[str, Any]:
    """Time all peers of a case.

    Parameters
    ----------
    threads
        `one` or `all`.
    rounds
        Number of timed epochs for each peer.
    log
        File for the output of the workers.
    """
    cores = cores_of_this_machine()
    own_cores = cores if threads == "all" else cores[-1:]  # the first core serves most interrupts
    found = {}
    try:
        for name, peer in contenders(case, threads).items():
            split = case.networks > 1 and peer is A_PROCESS_A_CORE.get(name)
            groups = [[core] for core in cores] if split else [own_cores]
            networks = peer.options.get("networks", 1)
            seeds = range(0, networks * len(groups), networks)
            workers = [
                _Worker.start(case, peer, group, seed, data, log)
                for seed, group in zip(seeds, groups, strict=True)
            ]
            found[name] = _Contender(peer, workers, networks, peer.shares.get(case.name, 1.0))
        _run(found, rounds)
    finally:
        workers = [worker for contender in found.values() for worker in contender.workers]
        for action in (_Worker.dismiss, _Worker.wait):
            for worker in workers:
                action(worker)
    return {
        "case": case.name,
        "title": case.title,
        "threads": threads,
        "n_threads": len(own_cores),
        "rounds": rounds,
        "peers": {name: contender.result(case) for name, contender in found.items()},
    }


def _run(found: dict[str, _Contender], rounds: int) -> None:
    for contender in found.values():
        _attempt(contender, lambda one: [worker.hear() for worker in one.workers])
    for contender in found.values():
        _attempt(contender, lambda one: one.epoch(timed=False))
    order, shuffled = list(found.values()), random.Random(0)
    for _ in range(rounds):
        shuffled.shuffle(order)
        for contender in order:
            time.sleep(_SETTLE_SECONDS)
            _attempt(contender, lambda one: one.epoch(timed=True))
    for contender in found.values():
        _attempt(contender, _Contender.score)


def _attempt(contender: _Contender, action: Any) -> None:
    """Apply an action to a contender that has not failed; a failure excludes it, but no other contender."""
    if contender.failure is None:
        try:
            action(contender)
        except PeerFailedError as error:
            contender.failure = str(error)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=CASES)
    parser.add_argument("--threads", choices=("one", "all"), required=True)
    parser.add_argument("--rounds", type=int, help="default: the number set by the case")
    parser.add_argument("--data", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    case = CASES[arguments.case]
    rounds = arguments.rounds or case.rounds
    write_json(arguments.output, measure(case, arguments.threads, rounds, arguments.data, sys.stderr))


if __name__ == "__main__":
    main()
