"""Search for recipes that reach a validation accuracy in little training time, for `cases.RECIPES`.

Random search in two stages. Each candidate is trained twice on the first 50,000 training images and evaluated on
the last 10,000. Then the fastest candidates that reached the target are trained with more seeds, and printed as JSON
for `cases.py`, fastest first. Test images are not used. Run it on an otherwise idle machine::

    python -m benchmarks.search --accuracy 0.98 --candidates 100
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

from downhill import DownhillError, Network, load_dataset, train
from downhill.datasets import Dataset

_BUNDLED = Path("resources/bundled/mnist")
_VALIDATION = 10_000
_FIRST_SEEDS, _SECOND_SEEDS, _FINALISTS = 2, 10, 5

# The choices from which a candidate is drawn. Fields that this version's `Network` lacks are left out.
_SPACE: dict[str, Any] = {
    "hidden_layers": [
        (32,),
        (48,),
        (64,),
        (96,),
        (128,),
        (192,),
        (256,),
        (384,),
        (512,),
        (128, 64),
        (256, 128),
    ],
    "batch_size": [8, 16, 32, 64, 128],
    "epochs": [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20],
    "optimizer": ["sgd", "momentum", "nesterov", "adam"],
    "momentum": [0.8, 0.9, 0.95],
    "learning_rate_schedule": ["constant", "cosine"],
    "warmup_epochs": [0, 1],
    "label_smoothing": [0.0, 0.05, 0.1],
    "weight_decay": [0.0, 0.0, 1e-5, 1e-4],
}
# Ranges, sampled on a logarithmic scale.
_LEARNING_RATES = {
    "sgd": (0.02, 1.0),
    "momentum": (0.005, 0.2),
    "nesterov": (0.005, 0.2),
    "adam": (3e-4, 1e-2),
}
_FIXED = {"activation": "relu", "output": "softmax", "loss": "cross_entropy", "initialization": "lecun"}


def candidate(random: np.random.Generator) -> dict[str, Any]:
    """A random recipe that this version of Downhill can train."""
    known = Network.model_fields
    initializations = ["he", "lecun"]
    while True:
        recipe = {
            name: values[random.integers(len(values))] for name, values in _SPACE.items() if name in known
        }
        recipe |= _FIXED | {"initialization": initializations[random.integers(2)]}
        if recipe["optimizer"] not in ("momentum", "nesterov"):
            recipe["momentum"] = 0.0
        low, high = np.log(_LEARNING_RATES[recipe["optimizer"]])
        recipe["learning_rate"] = float(f"{np.exp(random.uniform(low, high)):.2g}")
        try:
            Network(**recipe)
        except DownhillError:
            continue
        return recipe


def judged(recipe: dict[str, Any], data: Dataset, seeds: range) -> dict[str, Any]:
    """Mean accuracy on `data.test`, which contains validation images here, and median training time in seconds."""
    network = Network(**recipe, history_every=recipe["epochs"])
    runs = [train(network, data, seed) for seed in seeds]
    accuracy = float(np.mean([run.history["test_accuracy"].iloc[-1] for run in runs]))
    return {
        "accuracy": accuracy,
        "seconds": float(np.median([run.seconds.sum() for run in runs])),
        "recipe": recipe,
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--accuracy", type=float, required=True, help="validation accuracy to reach, as 0.98")
    parser.add_argument("--candidates", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path, default=_BUNDLED)
    arguments = parser.parse_args()
    digits = load_dataset(arguments.data)
    split = len(digits.train) - _VALIDATION
    learn, validate = digits.train.take(slice(split)), digits.train.take(slice(split, None))
    data = Dataset(learn, validate.take(slice(0)), validate, digits.classes)

    random = np.random.default_rng(arguments.seed)
    found: list[dict[str, Any]] = []
    for number in range(arguments.candidates):
        one = judged(candidate(random), data, range(_FIRST_SEEDS))
        found.append(one)
        print(
            f"{number + 1:4d}  {one['accuracy']:.4f}  {one['seconds']:7.2f} s  {one['recipe']}",
            file=sys.stderr,
        )
    reached = sorted((one for one in found if one["accuracy"] >= arguments.accuracy), key=_seconds)
    finalists = [judged(one["recipe"], data, range(100, 100 + _SECOND_SEEDS)) for one in reached[:_FINALISTS]]
    for one in sorted((one for one in finalists if one["accuracy"] >= arguments.accuracy), key=_seconds):
        print(json.dumps(one))


def _seconds(one: dict[str, Any]) -> float:
    return float(one["seconds"])


if __name__ == "__main__":
    main()
