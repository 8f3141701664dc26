"""Evaluations of networks whose seeds have training images of their own."""

from pathlib import Path

import numpy as np
import pytest

from downhill import Network, evaluate
from downhill.claims.memorisation import both_fitted
from downhill.datasets import Dataset
from downhill.datasets.store import save_dataset
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block

NET = Network(hidden_layers=(12,), epochs=3)
SEEDS = range(3)


def evaluated(net: Network, data: Dataset, folder: Path) -> EvaluatedNetwork:
    """A network's seeds in blocks of two, trained and evaluated."""
    save_dataset(data, folder / "data", recipe={"shuffle_labels": 0.0})
    blocks = [folder / "0-1", folder / "2-3"]
    for first, block in zip((0, 2), blocks, strict=True):
        train_block(net, data, range(first, first + 2), 1, block)
    evaluate_network("own", net, folder / "data", blocks, SEEDS, folder / "evaluation")
    return EvaluatedNetwork(folder / "evaluation")


@pytest.fixture
def data(digits: Dataset) -> Dataset:
    """300 digits to train on, 200 for validation."""
    return Dataset(
        digits.train.take(slice(300)), digits.train.take(slice(300, None)), digits.test, digits.classes
    )


@pytest.mark.parametrize(
    "own", [{}, {"shuffle_labels": 1.0}, {"subset_images": 80}, {"subset_images": 80, "shuffle_labels": 0.5}]
)
def test_seeds_are_scored_on_the_images_and_labels_that_they_learned(
    own: dict[str, float], data: Dataset, tmp_path: Path
):
    net = NET.model_copy(update=own)
    found = evaluated(net, data, tmp_path)
    assert found.labels_shuffled == ("shuffle_labels" in own)
    assert found.n_training_images == own.get("subset_images", 300)
    history = found.table("history")
    last = history[history.epoch == 3].set_index("seed")
    for name, images in (("train", None), ("validation", data.validation), ("test", data.test)):
        scores = found.scores(name)
        assert list(scores.index) == list(SEEDS)
        for seed in SEEDS:
            expected = evaluate(found.weights(seed), images or found.training_images(seed), net)
            assert scores.loc[seed, ["loss", "accuracy", "confidence"]].tolist() == [
                expected.loss,
                expected.accuracy,
                expected.confidence,
            ]
            assert scores.images[seed] == len(expected.outputs)
        if name != "validation":
            np.testing.assert_array_equal(scores.loss, last[f"{name}_loss"])
            np.testing.assert_array_equal(scores.accuracy, last[f"{name}_accuracy"])


def test_networks_with_true_and_with_shuffled_labels_of_their_own_are_a_pair(data: Dataset, tmp_path: Path):
    pair = [
        evaluated(
            NET.model_copy(update={"subset_images": 80, "shuffle_labels": share}), data, tmp_path / str(share)
        )
        for share in (0.0, 1.0)
    ]
    found = both_fitted(pair)
    accuracies = [evaluation.scores("train").accuracy for evaluation in pair]
    np.testing.assert_array_equal(found.per_seed, np.minimum(*accuracies))
    assert found.data["shapes"][0]["n_images"] == 80
    for seed in SEEDS:
        np.testing.assert_array_equal(*(evaluation.training_images(seed).images for evaluation in pair))
