"""Training with one of two costs, and the test accuracy after each epoch."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from downhill.datasets.dataset import Dataset
from downhill.engine.train import train
from downhill.experiments.activations_training import TEST_ACCURACY, network, never_recognises

COSTS = ("mse", "cross_entropy")
"""The costs with which activations are compared, in the order of the arrays."""

_OUTPUTS = {"mse": "sigmoid", "cross_entropy": "softmax"}


def accuracy_by_epoch(
    data: Dataset,
    seed: int,
    cost: str,
    kind: tuple[str, str, float],
    hidden_layers: Sequence[int],
    batch: int,
    epochs: int,
) -> tuple[NDArray[np.float64], bool]:
    """Train a network with a cost and a kind of hidden units: their activation, initial weights and learning rate.

    Returns
    -------
    accuracy, stuck
        On the test images after each epoch, (epochs,), NaN from the epoch on in which it diverged; and whether it never
        recognises one of the classes at the end (not if it diverged).
    """
    outputs = _OUTPUTS[cost]
    net = network(*kind, hidden_layers, batch, epochs, loss=cost, output=outputs, history_every=1)
    run, found = train(net, data, seed), np.full(epochs, np.nan)
    found[: len(run.rows)] = run.rows[:, TEST_ACCURACY]
    return found, not run.diverged and never_recognises(run.weights, data, net)
