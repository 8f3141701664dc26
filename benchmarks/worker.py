"""Run one peer in a separate process: prepare it, then train one epoch on each request.

`measure` starts the worker, sends `epoch` or `score` on standard input, and reads one line of JSON for each. Between
two commands the worker waits for input and uses no processor time, which every reply confirms.
"""

import argparse
import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def main() -> None:
    """Prepare the peer, report that it is ready, and process commands until standard input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--case", required=True)
    parser.add_argument("--module", required=True, help="a module of benchmarks.peers")
    parser.add_argument("--options", type=json.loads, default={})
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cores", required=True, help="numbers of the cores to run on, such as 0,1")
    parser.add_argument("--data", type=Path, required=True, help="folder of the data set")
    arguments = parser.parse_args()

    cores = [int(core) for core in arguments.cores.split(",")]
    if hasattr(os, "sched_setaffinity"):  # before any library counts the cores for its thread pool
        os.sched_setaffinity(0, cores)
    reply = _replies()
    try:
        training, score = _prepared(arguments, threads=len(cores))
    except Exception as error:
        reply(failure=_sentence(error))
        raise
    reply(ready=True)

    idle_since = time.process_time()
    for line in sys.stdin:
        idle = time.process_time() - idle_since
        try:
            answer = {"seconds": training.epoch()} if line.strip() == "epoch" else {"accuracy": score()}
        except Exception as error:
            reply(failure=_sentence(error))
            raise
        reply(**answer, idle_seconds=idle)
        idle_since = time.process_time()


def _prepared(arguments: argparse.Namespace, threads: int) -> tuple[Any, Callable[[], list[float]]]:
    """The peer, ready to train, and a function that returns the test accuracies of its networks."""
    from benchmarks.cases import CASES
    from benchmarks.peers import Task, scaled
    from downhill import load_dataset

    data = load_dataset(arguments.data)
    case = CASES[arguments.case]
    whole = len(data.train) // case.batch_size * case.batch_size  # lax.scan needs batches of equal size
    task = Task(case, data.train.take(slice(whole)), arguments.seed, threads=threads, share=arguments.share)
    module = importlib.import_module(f"benchmarks.peers.{arguments.module}")
    training = module.prepare(task, **arguments.options)
    pixels = scaled(data.test.images)

    def score() -> list[float]:
        answers = [_answers(weights, pixels, case.activation) for weights in training.networks()]
        return [float((answer == data.test.labels).mean()) for answer in answers]

    return training, score


def _answers(weights: Any, pixels: np.ndarray, activation: str) -> np.ndarray:
    """The index of the largest output for each image, computed by the same code for every peer."""
    a = pixels
    for W, b in weights[:-1]:
        z = a @ W + b
        a = np.maximum(z, 0) if activation == "relu" else 0.5 * (1 + np.tanh(0.5 * z))
    W, b = weights[-1]
    return (a @ W + b).argmax(axis=1)  # output functions preserve the order


def _replies() -> Callable[..., None]:
    """A function that writes a reply where `measure` reads it. All other output goes to the log."""
    channel = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)

    def reply(**content: Any) -> None:
        channel.write(json.dumps(content) + "\n")
        channel.flush()

    return reply


def _sentence(error: Exception) -> str:
    """The error in one line."""
    text = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {text[0]}"[:200]


if __name__ == "__main__":
    main()
