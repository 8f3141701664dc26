"""Evaluations of networks whose seeds have their own training images, and of regressions."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from downhill import Images, Network, evaluate, predict, reference
from downhill.claims.inputs import Inputs
from downhill.claims.memorisation import both_fitted
from downhill.datasets import Dataset
from downhill.datasets.store import save_dataset
from downhill.errors import DownhillError
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
    assert found.n_train == own.get("subset_images", 300)
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
        np.testing.assert_array_equal(scores.loss, last[f"{name}_loss"])
        np.testing.assert_array_equal(scores.accuracy, last[f"{name}_accuracy"])


def test_classes_have_the_names_of_the_study_or_else_numbers(data: Dataset, tmp_path: Path):
    folder = evaluated(NET, data, tmp_path).folder
    names = tuple("abcdefghij")
    assert EvaluatedNetwork(folder).classes == tuple("0123456789")
    assert EvaluatedNetwork(folder, {"other": names}).classes == tuple("0123456789")
    assert EvaluatedNetwork(folder, {"data": names}).classes == names
    with pytest.raises(DownhillError, match="'data' has 10 classes, but 3 names are given"):
        _ = EvaluatedNetwork(folder, {"data": names[:3]}).classes


def test_networks_with_true_and_with_shuffled_labels_of_their_own_are_a_pair(data: Dataset, tmp_path: Path):
    pair = [
        evaluated(
            NET.model_copy(update={"subset_images": 80, "shuffle_labels": share}), data, tmp_path / str(share)
        )
        for share in (0.0, 1.0)
    ]
    shape = "-".join(map(str, NET.hidden_layers))
    found = both_fitted(Inputs(tuple(pair)), hidden_layers=shape, images=80)
    accuracies = [evaluation.scores("train").accuracy for evaluation in pair]
    np.testing.assert_array_equal(found.parts.values, np.minimum(*accuracies))
    assert found.data["shapes"][0]["n_images"] == 80
    assert [evaluation.varying for evaluation in pair] == [
        ("subset of the training images",),
        ("subset of the training images", "shuffling of the labels"),
    ]
    for seed in SEEDS:
        np.testing.assert_array_equal(*(evaluation.training_images(seed).images for evaluation in pair))


def fits(n: int, seed: int) -> Images:
    """Points of a plane, and two functions of them."""
    points = np.random.default_rng(seed).uniform(-1, 1, (n, 1, 2)).astype(np.float32)
    x, y = points[:, 0].T
    return Images.with_targets(points, np.stack([x * y, x - y], axis=1))


FIT = Network(
    hidden_layers=(12,),
    activation="tanh",
    output="linear",
    initialization="lecun",
    learning_rate=0.1,
    epochs=3,
)


@pytest.fixture
def function() -> Dataset:
    """Two functions to fit: 200 points to train on, 50 for validation, 150 to test."""
    return Dataset(fits(200, 0), fits(50, 1), fits(150, 2), ("product", "difference"))


@pytest.mark.parametrize("own", [{}, {"subset_images": 60, "shuffle_labels": 1.0}])
def test_regression_is_scored_by_mean_and_largest_absolute_error(
    own: dict[str, float], function: Dataset, tmp_path: Path
):
    net = FIT.model_copy(update=own)
    found = evaluated(net, function, tmp_path)
    for name, images in (("train", None), ("validation", function.validation), ("test", function.test)):
        scores = found.scores(name)
        assert list(scores.columns)[-2:] == ["mean_absolute_error", "largest_absolute_error"]
        for seed in SEEDS:
            learned = images or found.training_images(seed)
            activations, z = reference.forward(found.weights(seed), learned.images, net)
            errors = np.abs(activations[-1] - learned.targets)
            row = scores.loc[seed]
            assert row.mean_absolute_error == pytest.approx(errors.mean(), rel=1e-5)
            assert row.largest_absolute_error == pytest.approx(errors.max(), rel=1e-5)
            assert row.loss == pytest.approx(reference.losses(z, learned.targets, net).mean(), rel=1e-5)
            assert row.images == len(learned)
        assert scores.accuracy.isna().all()


def test_predictions_of_a_regression_are_outputs_and_targets(function: Dataset, tmp_path: Path):
    found = evaluated(FIT, function, tmp_path)
    predictions = found.predictions
    assert list(predictions) == ["seeds", "targets", "outputs"]
    np.testing.assert_array_equal(predictions["targets"], function.test.targets)
    assert (predictions["outputs"].dtype, predictions["outputs"].shape) == (np.float32, (3, 150, 2))
    for row, seed in enumerate(SEEDS):
        np.testing.assert_array_equal(
            predictions["outputs"][row], predict(found.weights(seed), function.test.images, FIT)
        )
    confusion = found.table("confusion")
    assert list(confusion.columns) == ["seed", "label", "predicted", "images"]
    assert confusion.empty
    assert (pd.read_parquet(tmp_path / "evaluation" / "confusion.parquet").dtypes == np.int64).all()


def test_seeds_of_a_regression_that_diverged_are_left_out(function: Dataset, tmp_path: Path):
    found = evaluated(
        FIT.model_copy(update={"activation": "relu", "learning_rate": 1e30}), function, tmp_path
    )
    assert found.seeds == []
    assert found.scores("test").empty
    assert found.predictions["outputs"].shape == (0, 150, 2)
    assert found.predictions["targets"].shape == (150, 2)
    scores = pd.read_parquet(tmp_path / "evaluation" / "scores.parquet")
    assert not np.isfinite(scores.mean_absolute_error).any()


def test_classification_has_neither_errors_nor_targets(data: Dataset, tmp_path: Path):
    found = evaluated(NET, data, tmp_path)
    assert list(found.table("scores").columns) == [
        "seed",
        "image_set",
        "images",
        "loss",
        "accuracy",
        "confidence",
    ]
    assert list(found.predictions) == ["seeds", "labels", "predicted", "confidence", "above_half"]
    assert len(found.table("confusion")) == 3 * 100
