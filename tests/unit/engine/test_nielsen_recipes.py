"""The recipes of examples/nielsen against the book's update rule, image by image, in plain NumPy.

The rule (Nielsen, chapter 1, equations 20 and 21, and chapter 3, equations 93 and 94): for each batch, the gradients of
its images are added up one by one; weights shrink by 1 − ηλ/n, biases do not. Nothing of Downhill's own mathematics is
used here, only its initial weights.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from downhill import Network
from downhill.datasets import Dataset
from downhill.engine.train import train
from downhill.network.architecture import initial_parameters, unpack

REPOSITORY = Path(__file__).parents[3]
STEPS, BATCH = 20, 10  # of each of the passes; 15 passes are 300 steps
PASSES = 15

TABLE = pd.read_csv(
    REPOSITORY / "examples" / "nielsen" / "config" / "networks.tsv", sep="\t", comment="#", dtype=str
)


@pytest.mark.parametrize("name", ["quadratic-30", "entropy-100", "few-decay", "small-100", "depth-4"])
def test_weights_after_300_steps_are_those_of_the_book(name: str, digits: Dataset):
    row = TABLE.set_index("network").loc[name].fillna("")
    hidden = tuple(map(int, row.hidden_layers.split("-")))
    eta, lambda_over_n = float(row.learning_rate), float(row.weight_decay or 0)
    net = Network.model_validate(
        {
            "hidden_layers": hidden,
            "loss": row.loss,
            "initialization": row.initialization,
            "learning_rate": eta,
            "weight_decay": lambda_over_n,
            "epochs": PASSES,
            "history_sets": ("test",),
        }
    )
    assert (net.activation, net.output, net.optimizer, net.batch_size) == ("sigmoid", "sigmoid", "sgd", BATCH)
    few = digits.train.take(slice(STEPS * BATCH))
    run = train(net, Dataset(few, few.take(slice(0)), digits.test, digits.classes), seed=3, shuffle=False)

    sizes = (784, *hidden, 10)
    weights = [
        (W.T.astype(float), b.astype(float)[:, None])
        for W, b in unpack(initial_parameters(net, sizes, 3), sizes)
    ]
    images = [image.reshape(784, 1) / 255 for image in few.images]
    targets = [np.eye(10)[label][:, None] for label in few.labels]
    for _ in range(PASSES):
        for first in range(0, len(images), BATCH):
            batch = range(first, first + BATCH)
            gradients = [by_hand(weights, images[one], targets[one], row.loss) for one in batch]
            weights = [
                (
                    (1 - eta * lambda_over_n) * W
                    - eta / BATCH * sum(gradient[layer][0] for gradient in gradients),
                    b - eta / BATCH * sum(gradient[layer][1] for gradient in gradients),
                )
                for layer, (W, b) in enumerate(weights)
            ]
    for (W, b), (expected_W, expected_b) in zip(run.weights, weights, strict=True):
        np.testing.assert_allclose(W.T, expected_W, atol=1e-4)
        np.testing.assert_allclose(b, expected_b[:, 0], atol=1e-4)


def by_hand(weights: list[Any], x: np.ndarray, y: np.ndarray, loss: str) -> list[Any]:
    """The gradient for one image (a column): backpropagation as in chapter 2."""
    activations = [x]
    for W, b in weights:
        activations.append(1 / (1 + np.exp(-(W @ activations[-1] + b))))
    delta = activations[-1] - y
    if loss == "mse":
        delta = delta * activations[-1] * (1 - activations[-1])
    found = []
    for layer in range(len(weights) - 1, -1, -1):
        a = activations[layer]
        found.append((delta @ a.T, delta))
        delta = (weights[layer][0].T @ delta) * a * (1 - a)
    return found[::-1]
