"""A plain C loop, `plain_loop.c`, compiled for this machine and called through ctypes."""

import ctypes
import os
import shlex
import subprocess
import tempfile
from itertools import pairwise
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.cases import Weights
from benchmarks.peers import Task

SOURCE = Path(__file__).parents[1] / "plain_loop.c"
FLAGS = ("-O3", "-march=native", "-ffast-math")
_RELU, _SOFTMAX, _QUADRATIC = 1, 2, 4  # as in plain_loop.c


def compiler() -> list[str]:
    """The command of the C compiler: `CC`, or `cc`."""
    return shlex.split(os.environ.get("CC", "cc"))


def prepare(task: Task) -> "_Training":
    """Compile the loop, and load images and parameters into memory."""
    return _Training(task)


class _Training:
    def __init__(self, task: Task) -> None:
        case = self.case = task.case
        self.task = task
        self.random = np.random.default_rng(task.seed)
        self.images, self.labels = task.pixels(), task.labels()
        self.sizes = np.array(case.layer_sizes, np.int64)
        parts = [part.ravel() for layer in task.initial_weights() for part in layer]
        self.parameters = np.concatenate(parts)
        self.kind = (
            _RELU * (case.activation == "relu")
            + _SOFTMAX * (case.output == "softmax")
            + _QUADRATIC * (case.loss == "mse")
        )
        self.train_epoch = _compiled()

    def epoch(self) -> float:
        """Train one epoch, and return the seconds that it took."""
        begin = perf_counter()
        order = self.task.order(self.random)
        n, rate = self.case.batch_size, self.case.learning_rate
        arrays = (self.images, self.labels, order, self.sizes, self.parameters)
        pointers = [ctypes.c_void_p(array.ctypes.data) for array in arrays]
        failed = self.train_epoch(*pointers, len(order), n, len(self.sizes) - 1, rate, self.kind)
        seconds = perf_counter() - begin
        if failed:
            raise MemoryError("plain_loop.c could not allocate its workspace")
        return seconds

    def networks(self) -> list[Weights]:
        """Weights of the single network."""
        weights, start = [], 0
        for n_in, n_out in pairwise(self.case.layer_sizes):
            split = start + n_in * n_out
            W = self.parameters[start:split].reshape(n_in, n_out)
            weights.append((W, self.parameters[split : split + n_out]))
            start = split + n_out
        return [weights]


def _compiled():
    with tempfile.TemporaryDirectory() as folder:
        part, library = Path(folder, "plain_loop.o"), Path(folder, "plain_loop.so")
        # Linked without -ffast-math, because loading a library linked with it flushes denormals in the whole thread.
        for words in (
            [*FLAGS, "-fPIC", "-c", str(SOURCE), "-o", str(part)],
            ["-shared", str(part), "-o", str(library), "-lm"],
        ):
            subprocess.run([*compiler(), *words], check=True, capture_output=True, text=True)
        function = ctypes.CDLL(str(library)).train_epoch  # stays loaded after the file is deleted
    integer = ctypes.c_int64
    function.argtypes = [ctypes.c_void_p] * 5 + [integer, integer, integer, ctypes.c_float, ctypes.c_int]
    function.restype = ctypes.c_int
    return function
