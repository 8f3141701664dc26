"""Training networks in an experiment, where there are many small ones."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from downhill.config.network import Network
from downhill.datasets.dataset import Dataset
from downhill.engine.evaluate import evaluate
from downhill.engine.history import HISTORY_COLUMNS
from downhill.engine.train import train
from downhill.network.architecture import Weights

TEST_ACCURACY = HISTORY_COLUMNS.index("test_accuracy")
"""Column of a history."""


class Learned(NamedTuple):
    """Weights at the end of training, and test accuracy: NaN if training diverged or no test image has a class."""

    weights: Weights
    accuracy: float
    diverged: bool


def network(
    activation: str,
    initialization: str,
    rate: float,
    hidden_layers: Sequence[int],
    batch: int,
    epochs: int,
    **more: Any,
) -> Network:
    """A network to be trained with plain gradient descent, whose history scores test images at the end.

    Raises
    ------
    DownhillError
        If a setting is not valid.
    """
    recipe: dict[str, Any] = {
        "hidden_layers": tuple(hidden_layers),
        "activation": activation,
        "initialization": initialization,
        "learning_rate": rate,
        "batch_size": batch,
        "epochs": epochs,
        "history_every": max(1, epochs),
        "history_sets": ("test",),
    }
    return Network(**recipe | more)


def learned(net: Network, data: Dataset, seed: int) -> Learned:
    """Train a network, and score it on the test images."""
    run = train(net, data, seed)
    accuracy = float("nan") if run.diverged else evaluate(run.weights, data.test, net).accuracy
    return Learned(run.weights, accuracy, run.diverged)


def never_recognises(weights: Weights, data: Dataset, net: Network) -> bool:
    """Whether there is a class none of whose test images is recognised; classes without test images do not count."""
    confusion = evaluate(weights, data.test, net).confusion
    return bool((confusion.diagonal() == 0)[confusion.sum(axis=1) > 0].any())


def to_learn(data: Dataset, images: int | None = None) -> Dataset:
    """A data set without validation images and without images of no class, which a softmax cannot learn.

    It has at most this many training images, from the first one on.
    """
    train, test = (
        part.take(part.classed) if part.targets is None and not part.classed.all() else part
        for part in (data.train, data.test)
    )
    return Dataset(train.take(slice(images)), data.validation.take(slice(0)), test, data.classes)
