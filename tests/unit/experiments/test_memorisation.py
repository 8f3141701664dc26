"""Experiments of the family *memorisation*."""

from pathlib import Path

import numpy as np
import pytest

from downhill import reference
from downhill.config.network import Network
from downhill.datasets import Dataset, load_dataset
from downhill.datasets.store import save_dataset
from downhill.experiments.inputs import Inputs
from downhill.experiments.memorisation import score_at_start
from downhill.network.architecture import initial_parameters, unpack
from downhill.runs.train import train_block
from downhill.runs.trained import TrainedNetwork


@pytest.mark.parametrize("shuffled", [0.0, 1.0])
def test_score_at_start_is_that_of_the_images_and_labels_that_are_learned(
    shuffled: float, digits: Dataset, tmp_path: Path
):
    data = Dataset(digits.train.take(slice(200)), digits.train.take(slice(0)), digits.test, digits.classes)
    net = Network(
        hidden_layers=(8,), loss="cross_entropy", epochs=1, subset_images=50, shuffle_labels=shuffled
    )
    save_dataset(data, tmp_path / "data", recipe={"source": "mnist", "shuffle_labels": 0.0})
    train_block(net, data, range(2), 1, tmp_path / "block")
    network = TrainedNetwork("small", net, tmp_path / "data", [tmp_path / "block"])
    for seed in (0, 1):
        found = score_at_start(seed, Inputs({"small": network}))
        images = network.training_images(seed)
        sizes = net.layer_sizes(784, 10)
        start = unpack(initial_parameters(net, sizes, seed), sizes)
        activations, z = reference.forward(start, images.images, net)
        assert found["cost"] == pytest.approx(reference.losses(z, images.labels, net).mean(), rel=1e-4)
        assert found["accuracy"] == np.mean(activations[-1].argmax(axis=1) == images.labels)
    assert len(load_dataset(tmp_path / "data").train) == 200
