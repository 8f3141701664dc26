"""Search for the learning rates of networks that compare hidden units: 784-16-16-10, with two costs.

    python -m benchmarks.rates

Each combination of hidden units and cost is trained with every rate of one grid, on the first 55,000 training images of
MNIST, with seeds that the study does not use. One more combination is that of `step-straight-through`: the lesson's
network with step units and straight-through gradients. These gradients are larger than those of sigmoid units, so that
the lesson's rate need not suit them.

The rate with the highest mean accuracy on the other 5,000 images is chosen; of equal accuracies, the smallest rate
counts. A run that diverges has an accuracy of 0. All rates are written to `benchmarks/rates.tsv`, and the chosen ones
are printed as well. The test images are not used.
"""

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from downhill import Network, load_dataset, train
from downhill.datasets import Dataset

BUNDLED = Path(__file__).parents[1] / "resources" / "bundled" / "mnist"
RESULT = Path(__file__).with_name("rates.tsv")

RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
INITIALIZATIONS = {"sigmoid": "lecun", "tanh": "lecun", "relu": "he", "straight-through": "normal"}
OUTPUTS = {"mse": "sigmoid", "cross_entropy": "softmax"}
COMBINATIONS = [
    *((loss, activation) for loss in OUTPUTS for activation in ("sigmoid", "tanh", "relu")),
    ("mse", "straight-through"),
]
EPOCHS = 8
_SEEDS = range(100, 103)
_VALIDATION = 5_000


def network(activation: str, loss: str, rate: float) -> Network:
    """The recipe of a combination with one rate."""
    through = activation == "straight-through"
    return Network(
        hidden_layers=(16, 16),
        activation="step" if through else activation,
        straight_through=through,
        output=OUTPUTS[loss],
        loss=loss,
        initialization=INITIALIZATIONS[activation],
        learning_rate=rate,
        epochs=EPOCHS,
        history_every=EPOCHS,
        history_sets=("validation",),
    )


def validation_accuracy(net: Network, data: Dataset, seed: int) -> float:
    """Accuracy on the validation images at the end of training; 0 if training diverged."""
    run = train(net, data, seed)
    return 0.0 if run.diverged else float(run.history.validation_accuracy.iloc[-1])


def searched(data: Dataset) -> pd.DataFrame:
    """Mean validation accuracy of every combination and rate, and whether the rate is chosen for the combination."""
    rows = [
        {
            "activation": activation,
            "loss": loss,
            "learning_rate": rate,
            "validation_accuracy": np.mean(
                [validation_accuracy(network(activation, loss, rate), data, seed) for seed in _SEEDS]
            ).round(5),
        }
        for loss, activation in COMBINATIONS
        for rate in RATES
    ]
    table = pd.DataFrame(rows)
    best = table.groupby(["loss", "activation"]).validation_accuracy.idxmax()  # the first of equal ones
    table["chosen"] = table.index.isin(best)
    return table


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, default=BUNDLED)
    parser.add_argument("--output", type=Path, default=RESULT)
    arguments = parser.parse_args()
    digits = load_dataset(arguments.data)
    split = len(digits.train) - _VALIDATION
    learn, validate = digits.train.take(slice(split)), digits.train.take(slice(split, None))
    table = searched(Dataset(learn, validate, digits.test.take(slice(0)), digits.classes))
    table.to_csv(arguments.output, sep="\t", index=False, lineterminator="\n")
    print(table[table.chosen].to_string(index=False))


if __name__ == "__main__":
    main()
