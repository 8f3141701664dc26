"""NumPy: one batch at a time, with all arrays allocated in advance and written in place."""

from itertools import pairwise
from time import perf_counter

import numpy as np

from benchmarks.cases import Weights
from benchmarks.peers import Task


def prepare(task: Task) -> "_Training":
    """Load images and targets, and allocate the workspaces."""
    return _Training(task)


class _Training:
    def __init__(self, task: Task) -> None:
        self.task, self.case = task, task.case
        self.random = np.random.default_rng(task.seed)
        self.images, self.targets = task.pixels(), task.targets()
        self.weights = task.initial_weights()
        n, sizes = task.case.batch_size, task.case.layer_sizes
        self.activations = [np.empty((n, width), np.float32) for width in sizes]
        self.deltas = [np.empty((n, width), np.float32) for width in sizes]
        self.gradients = [
            (np.empty((n_in, n_out), np.float32), np.empty(n_out, np.float32))
            for n_in, n_out in pairwise(sizes)
        ]
        self.target = np.empty((n, sizes[-1]), np.float32)

    def epoch(self) -> float:
        """Train one epoch, and return the seconds that it took."""
        begin = perf_counter()
        order = self.task.order(self.random)
        with np.errstate(over="ignore"):  # e⁻ᶻ of a saturated sigmoid: 1 / (1 + ∞) is 0, as intended
            for batch in order.reshape(-1, self.case.batch_size):
                self._step(batch)
        return perf_counter() - begin

    def networks(self) -> list[Weights]:
        """Weights of the single network."""
        return [self.weights]

    def _step(self, batch: np.ndarray) -> None:
        last = len(self.weights)
        # mode="clip" lets NumPy write directly into `out`.
        np.take(self.images, batch, axis=0, out=self.activations[0], mode="clip")
        np.take(self.targets, batch, axis=0, out=self.target, mode="clip")
        for layer, (W, b) in enumerate(self.weights, 1):
            z = self.activations[layer]
            np.dot(self.activations[layer - 1], W, out=z)
            z += b
            _activate(self.case.output if layer == last else self.case.activation, z)

        # Multiplying the last delta by the step size multiplies all gradients by it.
        delta, outputs = self.deltas[last], self.activations[last]
        np.subtract(outputs, self.target, out=delta)
        if self.case.loss == "mse":
            _times_slope(self.case.output, delta, outputs)
        delta *= np.float32(self.case.learning_rate / self.case.batch_size)
        for layer in range(last, 0, -1):
            W, b = self.weights[layer - 1]
            W_step, b_step = self.gradients[layer - 1]
            delta = self.deltas[layer]
            np.dot(self.activations[layer - 1].T, delta, out=W_step)
            np.add.reduce(delta, axis=0, out=b_step)
            if layer > 1:
                np.dot(delta, W.T, out=self.deltas[layer - 1])
                _times_slope(self.case.activation, self.deltas[layer - 1], self.activations[layer - 1])
            W -= W_step
            b -= b_step


def _activate(name: str, z: np.ndarray) -> None:
    """Replace z by σ(z) in place."""
    if name == "relu":
        np.maximum(z, 0, out=z)
    elif name == "sigmoid":
        np.negative(z, out=z)
        np.exp(z, out=z)
        z += 1
        np.reciprocal(z, out=z)
    elif name == "softmax":
        z -= z.max(axis=1, keepdims=True)
        np.exp(z, out=z)
        z /= z.sum(axis=1, keepdims=True)


def _times_slope(name: str, delta: np.ndarray, a: np.ndarray) -> None:
    """Multiply delta by σ'(z) in place, computed from a = σ(z)."""
    if name == "relu":
        delta *= a > 0
    else:
        delta *= a
        delta *= 1 - a
