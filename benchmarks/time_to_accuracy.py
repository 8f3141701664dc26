"""How long does Downhill's best recipe train to reach a target mean test accuracy over seeds?

The recipes are in `cases.RECIPES`; `search` finds them on validation images. Here each recipe trains on all training
images, one network after the other on one core. Only the final accuracy counts: no epoch is chosen by its test
accuracy.
"""

import argparse
from pathlib import Path
from typing import Any

from benchmarks.agreement import mean_interval
from benchmarks.cases import RECIPES, Recipe
from downhill import Network, load_dataset, train
from downhill.datasets import Dataset
from downhill.storage.json_files import write_json


def time_to_accuracy(recipe: Recipe, data: Dataset, seeds: int) -> dict[str, Any]:
    """Training time in seconds and final test accuracy for each seed."""
    network = Network(**recipe.fields, history_every=recipe.fields["epochs"])
    train(Network(**recipe.fields | {"epochs": 1}), data, seed=0)  # warms up
    runs = [train(network, data, seed) for seed in range(seeds)]
    accuracy = [float(run.history["test_accuracy"].iloc[-1]) for run in runs]
    return {
        "wanted": recipe.accuracy,
        "recipe": recipe.fields,
        "n_seeds": seeds,
        "accuracy": mean_interval(accuracy) | {"values": accuracy},
        "seconds": [float(run.seconds.sum()) for run in runs],
    }


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", choices=RECIPES)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    data = load_dataset(arguments.data)
    write_json(arguments.output, time_to_accuracy(RECIPES[arguments.recipe], data, arguments.seeds))


if __name__ == "__main__":
    main()
