"""The benchmark cases, their initial weights, their floating-point operations, and the recipes of P7."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

import downhill

N_INPUTS = {"digits": 784, "wide": 3072}
"""Numbers per image of each data set; `prepare` makes the data sets."""

N_CLASSES = 10

Weights = list[tuple[np.ndarray, np.ndarray]]
"""[(W, b), …] starting at the input side, float32; W has shape (n_in, n_out)."""


@dataclass(frozen=True)
class Case:
    """A network and a recipe for plain stochastic gradient descent, the same for every peer.

    Attributes
    ----------
    hidden_layers, activation, output, loss, initialization, batch_size, learning_rate
        The same as the fields of `downhill.Network`, whose docstring explains them.
    rounds
        Timed epochs of each peer, after one untimed epoch to warm up.
    data
        Name of the data set: a key of `N_INPUTS`.
    networks
        Number of networks trained side by side in the throughput case (P6), otherwise one.
    """

    name: str
    title: str
    hidden_layers: tuple[int, ...]
    activation: str
    output: str
    loss: str
    initialization: str
    batch_size: int
    learning_rate: float
    rounds: int
    data: str = "digits"
    networks: int = 1

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Widths of all layers, input first."""
        return (N_INPUTS[self.data], *self.hidden_layers, N_CLASSES)

    def network(self, epochs: int, **fields: Any) -> "downhill.Network":
        """The case as a `downhill.Network`, whose history has one row, at the end."""
        same = ("hidden_layers", "activation", "output", "loss", "initialization", "batch_size")
        own = {name: getattr(self, name) for name in (*same, "learning_rate")}
        return downhill.Network(**(own | {"epochs": epochs, "history_every": max(epochs, 1)} | fields))

    def initial_weights(self, seed: int) -> Weights:
        """Initial weights for every peer: N(0, 1), or N(0, 1/√n_in) with zero biases, depending on `initialization`."""
        random = np.random.default_rng(seed)
        weights = []
        for n_in, n_out in pairwise(self.layer_sizes):
            W, b = random.standard_normal((n_in, n_out)), random.standard_normal(n_out)
            if self.initialization == "lecun":
                W, b = W / np.sqrt(n_in), np.zeros(n_out)
            weights.append((W.astype(np.float32), b.astype(np.float32)))
        return weights

    def operations(self, n_images: int) -> int:
        """Floating-point operations of the dense matrix products of an epoch.

        For each weight and image: two in the forward pass, two for the gradient of the weight, and two for the
        delta that is propagated back through it. The first layer does not need the last two.
        """
        sizes = [n_in * n_out for n_in, n_out in pairwise(self.layer_sizes)]
        return n_images * (4 * sum(sizes) + 2 * sum(sizes[1:]))


_LESSON = {
    "hidden_layers": (16, 16),
    "activation": "sigmoid",
    "output": "sigmoid",
    "loss": "mse",
    "initialization": "normal",
    "batch_size": 10,
    "learning_rate": 3.0,
}
_RELU = {
    "activation": "relu",
    "output": "softmax",
    "loss": "cross_entropy",
    "initialization": "lecun",
    "learning_rate": 0.1,
}
_NIELSEN = {
    "hidden_layers": (100,),
    "activation": "sigmoid",
    "output": "sigmoid",
    "loss": "cross_entropy",
    "initialization": "lecun",
    "batch_size": 10,
    "learning_rate": 0.5,
}

CASES = {
    case.name: case
    for case in (
        Case("P1", "784-16-16-10 sigmoid, quadratic cost, batch 10", rounds=6, **_LESSON),
        Case("P2", "784-100-10 sigmoid, cross-entropy, batch 10", rounds=5, **_NIELSEN),
        Case("P3", "784-128-64-10 ReLU, softmax, batch 32", (128, 64), batch_size=32, rounds=5, **_RELU),
        Case("P4", "784-800-10 ReLU, softmax, batch 128", (800,), batch_size=128, rounds=4, **_RELU),
        Case("P5", "784-512-512-10 ReLU, softmax, batch 128", (512, 512), batch_size=128, rounds=4, **_RELU),
        Case("P6", "64 networks of P1 on all cores", rounds=3, networks=64, **_LESSON),
        Case(
            "P8",
            "3072-512-512-10 ReLU, softmax, batch 128",
            (512, 512),
            batch_size=128,
            rounds=4,
            data="wide",
            **_RELU | {"learning_rate": 0.03},
        ),
    )
}
SINGLE = tuple(name for name, case in CASES.items() if case.networks == 1)
LESSON_EPOCHS = 30  # of the lesson's recipe: defines "a trained network" where networks per hour are counted


@dataclass(frozen=True)
class Recipe:
    """How Downhill reaches a mean test accuracy quickly: fields of `downhill.Network`.

    Chosen from a grid of about 150 recipes (widths 32 to 128, batches of 8 to 48, learning rates 0.1 to 0.55, 1 to 7
    epochs, all with a cosine schedule): the fastest whose mean accuracy on the last 10,000 training images was at least
    two standard errors above the target. The test images were not used. `python -m benchmarks.search` searches further.
    """

    accuracy: float
    fields: dict[str, Any]


_COSINE = {
    "activation": "relu",
    "output": "softmax",
    "loss": "cross_entropy",
    "initialization": "he",
    "learning_rate_schedule": "cosine",
}
RECIPES = {
    "96": Recipe(
        0.96,
        {"hidden_layers": (48,), "learning_rate": 0.3, "batch_size": 16, "epochs": 1, **_COSINE},
    ),
    "98": Recipe(
        0.98,
        {
            "hidden_layers": (128,),
            "learning_rate": 0.3,
            "batch_size": 24,
            "epochs": 6,
            **_COSINE,
            "label_smoothing": 0.03,
        },
    ),
}
