"""Family *memorisation*: learning or remembering."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from downhill.claims.evidence import Measurement, NotMeasuredError, only, percent
from downhill.config.network import Network
from downhill.network.architecture import count_parameters
from downhill.runs.evaluation import EvaluatedNetwork

_FITTED = 0.99  # training accuracy that counts as having learned the set by heart


def gap_when_memorising(evaluations: Sequence[EvaluatedNetwork]) -> Measurement:
    """Training accuracy minus test accuracy after training on few images."""
    evaluation = only(evaluations)
    train = evaluation.scores("train").accuracy.to_numpy()
    test = evaluation.scores("test").accuracy.to_numpy()
    n_images = evaluation.n_training_images
    return Measurement(
        train - test,
        note=f"{percent(np.mean(train == 1), 0)} of seeds get all {n_images:,} training images right "
        f"(mean {percent(train.mean(), 1)}), and {percent(test.mean(), 1)} of new ones",
        data={"train": train, "test": test, "n_images": n_images},
    )


def test_accuracy_after_shuffling(evaluations: Sequence[EvaluatedNetwork]) -> Measurement:
    """Test accuracy after training on shuffled labels."""
    evaluation = only(evaluations)
    train = evaluation.scores("train").accuracy.to_numpy()
    test = evaluation.scores("test").accuracy.to_numpy()
    answers = evaluation.table("confusion").groupby("predicted").images.sum().to_numpy()
    classes = evaluation.data.classes
    favourite = answers.max() / answers.sum()
    return Measurement(
        test,
        note=f"on its {evaluation.n_training_images:,} shuffled training images it reaches {percent(train.mean(), 1)}; "
        f"its favourite answer is '{classes[answers.argmax()]}' ({percent(favourite, 0)} of answers)",
        data={"train": train, "test": test, "chance": 1 / len(classes)},
    )


def both_fitted(evaluations: Sequence[EvaluatedNetwork]) -> Measurement:
    """Training accuracy on true or on shuffled labels, whichever is lower, at the best width."""
    pairs: dict[tuple[int, Network], dict[str, EvaluatedNetwork]] = {}
    for evaluation in evaluations:
        # What changes no weight, and what tells the two of a pair apart.
        recipe = evaluation.net.model_copy(
            update={"history_every": 1, "snapshot_epochs": (), "shuffle_labels": 0.0}
        )
        labels = "shuffled" if evaluation.labels_shuffled else "true"
        pairs.setdefault((evaluation.n_training_images, recipe), {})[labels] = evaluation
    rows = [_pair(n_images, pair) for (n_images, _), pair in pairs.items() if len(pair) == 2]
    if not rows:
        raise NotMeasuredError("no network is trained on both true and shuffled labels")
    best = max(rows, key=lambda row: float(np.mean(row["lower"])))
    fitted = [row for row in rows if np.mean(row["lower"]) > _FITTED]
    smallest = min(fitted, key=lambda row: row["parameters"]) if fitted else None
    note = (
        f"both are above {percent(_FITTED, 0)} on {smallest['n_images']:,} images from {_shape(smallest)} up"
        if smallest
        else f"no width reaches {percent(_FITTED, 0)} on both"
    )
    largest = max(rows, key=lambda row: row["n_images"])
    true, shuffled = (percent(np.mean(largest["train"][labels]), 1) for labels in ("true", "shuffled"))
    note += (
        f"; on {largest['n_images']:,} images {_shape(largest)} reaches "
        f"{true} on true and {shuffled} on shuffled labels"
    )
    return Measurement(best["lower"], note=note, data={"shapes": rows, "fitted": _FITTED})


def _pair(n_images: int, pair: dict[str, EvaluatedNetwork]) -> dict[str, Any]:
    """Accuracies of one recipe on true and shuffled labels; `lower` pairs the seeds that both have."""
    train = {labels: evaluation.scores("train").accuracy for labels, evaluation in pair.items()}
    test = {labels: evaluation.scores("test").accuracy for labels, evaluation in pair.items()}
    lower = pd.concat(train, axis=1, join="inner").min(axis=1)
    return {
        "n_images": n_images,
        "hidden_layers": pair["true"].net.hidden_layers,
        "parameters": count_parameters(pair["true"].layer_sizes),
        "train": {labels: series.to_numpy() for labels, series in train.items()},
        "test": {labels: series.to_numpy() for labels, series in test.items()},
        "lower": lower.to_numpy(),
    }


def _shape(row: dict[str, Any]) -> str:
    return "-".join(map(str, row["hidden_layers"]))
