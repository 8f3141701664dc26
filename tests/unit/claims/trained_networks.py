"""Networks of a few seeds, trained on few digits, and their outputs computed with plain NumPy."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from downhill import reference
from downhill.config.claim import Claim
from downhill.config.network import Network
from downhill.config.settings import Statistics
from downhill.datasets import Dataset, load_dataset
from downhill.experiments.inputs import Inputs as ExperimentInputs
from downhill.experiments.results import ExperimentResult, read_results
from downhill.experiments.run import run_experiment
from downhill.runs.evaluate import evaluate_network
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.runs.train import train_block
from downhill.runs.trained import TrainedNetwork

QUICK = Statistics(resamples=200)

NETWORKS = {
    "sigmoid": (Network(hidden_layers=(16,), epochs=3), range(5)),
    "softmax": (
        Network(
            hidden_layers=(12, 8),
            activation="relu",
            output="softmax",
            loss="cross_entropy",
            initialization="lecun",
            optimizer="momentum",
            learning_rate=0.05,
            momentum=0.9,
            epochs=4,
            history_every=2,
        ),
        range(3),
    ),
    "slow": (Network(hidden_layers=(16,), epochs=3, learning_rate=0.001), range(4)),
    "untrained": (Network(hidden_layers=(16,), epochs=0), range(6)),
    # The pair of "sigmoid": the same recipe, whatever its history scores.
    "shuffled": (Network(hidden_layers=(16,), epochs=3, history_sets=("train", "test")), range(4)),
    "bare": (Network(hidden_layers=(), epochs=1), range(2)),
    "dim": (
        Network(hidden_layers=(), output="softmax", loss="cross_entropy", initialization="lecun", epochs=0),
        range(2),
    ),
    "decay": (Network(hidden_layers=(16,), epochs=1, weight_decay=0.01), range(2)),
    "scored-on-test": (Network(hidden_layers=(16,), epochs=2, history_sets=("test",)), range(2)),
    # The steps are far too long: some seeds overflow, in others all hidden units die first.
    "some-diverge": (
        Network(
            hidden_layers=(16,),
            activation="relu",
            output="linear",
            initialization="lecun",
            learning_rate=4,
            epochs=2,
        ),
        range(8),
    ),
    "all-diverge": (Network(hidden_layers=(), output="linear", learning_rate=50, epochs=3), range(2)),
}


@dataclass(frozen=True)
class Runs:
    """Folders of a trained network, and what they were made from."""

    folder: Path
    net: Network
    seeds: range
    data: Dataset
    data_folder: Path

    @property
    def blocks(self) -> list[Path]:
        return sorted(self.folder.glob("seeds-*"))

    @property
    def evaluation(self) -> EvaluatedNetwork:
        return EvaluatedNetwork(self.folder / "evaluation")

    def weights_and_biases(self, path: Path) -> ExperimentResult:
        """The experiment `weights-and-biases` on the network, written to `path` and read."""
        network = TrainedNetwork(self.folder.name, self.net, self.data_folder, self.blocks)
        inputs = ExperimentInputs({network.name: network})
        run_experiment(
            "weights-and-biases",
            "network.weights_and_biases",
            self.seeds,
            inputs,
            {"images": 150},
            path,
            self.folder.name,
        )
        return read_results([path])["weights-and-biases"]

    def weights(self, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """[(W, b), …] extracted by hand from the block that holds the seed."""
        for block in self.blocks:
            with np.load(block / "weights.npz") as arrays:
                if seed in arrays["seeds"]:
                    vector = arrays["parameters"][arrays["seeds"].tolist().index(seed)]
                    sizes = arrays["layer_sizes"].tolist()
        weights = []
        for n_in, n_out in pairwise(sizes):
            W, b, vector = np.split(vector, [n_in * n_out, (n_in + 1) * n_out])[0:3]
            weights.append((W.reshape(n_in, n_out), b))
        assert len(vector) == 0
        return weights

    def outputs(self, seed: int, image_set: str) -> tuple[np.ndarray, np.ndarray]:
        """Outputs and costs in float64."""
        part = getattr(self.data, image_set)
        activations, z = reference.forward(self.weights(seed), part.images, self.net)
        return activations[-1], reference.losses(z, part.labels, self.net)

    def stuck(self) -> dict[int, tuple[int, ...]]:
        """The classes of which each seed recognises no test image."""
        labels, found = self.data.test.labels, {}
        for seed in self.evaluation.seeds:
            right = self.outputs(seed, "test")[0].argmax(1) == labels
            if never := tuple(int(c) for c in np.unique(labels) if not right[labels == c].any()):
                found[seed] = never
        return found

    def row_of_evidence(self) -> dict[str, Any]:
        """What evidence says about the network."""
        stuck = {str(seed): list(classes) for seed, classes in self.stuck().items()}
        return self.evaluation.index | {"stuck": stuck}

    def accuracy(self, image_set: str) -> np.ndarray:
        """Accuracies of all seeds (k,)."""
        labels = getattr(self.data, image_set).labels
        seeds = self.evaluation.seeds
        return np.array([(self.outputs(seed, image_set)[0].argmax(1) == labels).mean() for seed in seeds])


def trained(name: str, folder: Path, data_folder: Path, size: int = 2) -> Runs:
    """Train a network's seeds in blocks of `size`, the last one filled up, and evaluate them."""
    net, seeds = NETWORKS[name]
    data = load_dataset(data_folder)
    blocks = []
    for first in range(0, len(seeds), size):
        blocks.append(folder / f"seeds-{first:02}")
        train_block(net, data, range(first, first + size), 1, blocks[-1])
    evaluate_network(name, net, data_folder, blocks, seeds, folder / "evaluation")
    return Runs(folder, net, seeds, data, data_folder)


def claim_of(family: str, statistic: str, band: str, *networks: str, unit: str = "share") -> Claim:
    """A claim with a figure, as a row of the table would make it."""
    figures = {"network": "first_layer_weights", "learning": "learning_curves", "memorisation": "memorised"}
    figures["published"] = "best_epochs"
    return Claim(
        claim=statistic.replace("_", "-"),
        family=family,
        statement="It is so.",
        source="L1",
        statistic=statistic,
        networks=networks,
        unit=unit,
        band=band,
        figures=(figures[family],),
    )


def gap(run: Runs) -> np.ndarray:
    return run.accuracy("train") - run.accuracy("test")


def assert_is(found: dict[str, Any], values: np.ndarray, summary: Callable[..., Any] = np.mean) -> None:
    """The evidence of a supported claim is the summary of these values, one per seed, with an interval."""
    assert found["value"] == pytest.approx(summary(values), abs=1e-9)
    assert found["n"] == len(values)
    assert found["verdict"] == "supported"
    assert found["exact"] is False
    assert found["lower"] <= found["value"] <= found["upper"]
    assert found["why"] == "the interval lies entirely inside the band"
    if summary is np.mean:
        expected = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        if found["unit"] == "share":
            expected = np.clip(expected, 0, 1)
        np.testing.assert_allclose([found["lower"], found["upper"]], expected, atol=1e-9)
    trained = found["runs"][0]["settings"].get("epochs") != 0
    covers = "initial weights and order of images" if trained else "initial weights"
    assert [part["covers"] for part in found["parts"]] == [[covers]]
