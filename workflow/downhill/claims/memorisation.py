"""Family *memorisation*: learning or remembering."""

from typing import Any

import numpy as np
import pandas as pd

from downhill.claims.inputs import Inputs, percent
from downhill.claims.measurement import Measurement, NotMeasuredError, PerSeed, Sample, gives
from downhill.config.network import Network
from downhill.network.architecture import count_parameters
from downhill.runs.evaluation import EvaluatedNetwork


@gives("train", "test", "n_images")
def gap_when_memorising(inputs: Inputs) -> Measurement:
    """Training accuracy minus test accuracy after training on few images."""
    network = inputs.only_network()
    train = network.scores("train").accuracy.to_numpy()
    test = network.scores("test").accuracy.to_numpy()
    n_images = network.n_train
    return Measurement(
        PerSeed(train - test),
        note=f"{percent(np.mean(train == 1), 0)} of seeds get all {n_images:,} training images right "
        f"(mean {percent(train.mean(), 1)}), and {percent(test.mean(), 1)} of new ones",
        data={"train": Sample(train), "test": Sample(test), "n_images": n_images},
    )


@gives("train", "test", "chance")
def test_accuracy_after_shuffling(inputs: Inputs) -> Measurement:
    """Test accuracy after training on shuffled labels."""
    network = inputs.only_network()
    train = network.scores("train").accuracy.to_numpy()
    test = network.scores("test").accuracy.to_numpy()
    answers = network.table("confusion").groupby("predicted").images.sum().to_numpy()
    classes = network.classes
    favourite = answers.max() / answers.sum()
    return Measurement(
        PerSeed(test),
        note=f"on its {network.n_train:,} shuffled training images it reaches {percent(train.mean(), 1)}; "
        f"its favourite answer is '{classes[answers.argmax()]}' ({percent(favourite, 0)} of answers)",
        data={"train": Sample(train), "test": Sample(test), "chance": 1 / len(classes)},
    )


@gives("shapes", "fitted")
def both_fitted(inputs: Inputs, *, fitted: float = 0.99) -> Measurement:
    """Training accuracy on true or on shuffled labels, whichever is lower, at the best width.

    `fitted` is the training accuracy that counts as having memorised the training set.
    """
    pairs: dict[tuple[int, tuple[int, ...], Network], dict[str, EvaluatedNetwork]] = {}
    for network in inputs.networks:
        labels = "shuffled" if network.labels_shuffled else "true"
        pair = pairs.setdefault((network.n_train, network.layer_sizes, _recipe(network)), {})
        if labels in pair:
            raise NotMeasuredError(
                f"'{network.name}' and '{pair[labels].name}' are the same network with {labels} labels"
            )
        pair[labels] = network
    complete = {key: pair for key, pair in pairs.items() if len(pair) == 2}
    if not complete:
        raise NotMeasuredError("no network is trained on both true and shuffled labels")
    lower = {key: _lower(pair) for key, pair in complete.items()}
    rows = {key: _row(key[0], pair) for key, pair in complete.items()}
    best = max(rows, key=lambda key: float(np.mean(lower[key])))
    reaching = [row for key, row in rows.items() if np.mean(lower[key]) > fitted]
    smallest = min(reaching, key=lambda row: row["parameters"]) if reaching else None
    note = (
        f"both are above {percent(fitted, 0)} on {smallest['n_images']:,} images from {_shape(smallest)} up"
        if smallest
        else f"no width reaches {percent(fitted, 0)} on both"
    )
    largest = max(rows, key=lambda key: key[0])
    true, shuffled = (
        percent(complete[largest][labels].scores("train").accuracy.mean(), 1)
        for labels in ("true", "shuffled")
    )
    note += (
        f"; on {largest[0]:,} images {_shape(rows[largest])} reaches "
        f"{true} on true and {shuffled} on shuffled labels"
    )
    return Measurement(PerSeed(lower[best]), note, {"shapes": list(rows.values()), "fitted": fitted})


def _recipe(network: EvaluatedNetwork) -> Network:
    """The network's settings without those that do not affect its weights, and without shuffling."""
    neutral = {"history_every": 1, "snapshot_epochs": (), "shuffle_labels": 0.0}
    return network.net.model_copy(update=neutral)


def _lower(pair: dict[str, EvaluatedNetwork]) -> Any:
    """The lower of the two training accuracies of each seed that both networks have, (n,)."""
    train = {labels: network.scores("train").accuracy for labels, network in pair.items()}
    return pd.concat(train, axis=1, join="inner").min(axis=1).to_numpy()


def _row(n_images: int, pair: dict[str, EvaluatedNetwork]) -> dict[str, Any]:
    """Accuracies of one recipe on true and shuffled labels."""

    def samples(image_set: str) -> dict[str, Sample]:
        return {
            labels: Sample(network.scores(image_set).accuracy.to_numpy()) for labels, network in pair.items()
        }

    return {
        "n_images": n_images,
        "hidden_layers": pair["true"].net.hidden_layers,
        "parameters": count_parameters(pair["true"].layer_sizes),
        "train": samples("train"),
        "test": samples("test"),
    }


def _shape(row: dict[str, Any]) -> str:
    return "-".join(map(str, row["hidden_layers"]))
