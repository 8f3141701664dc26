"""Trained networks, and evidence on them, for the tests of claims."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from downhill.claims.inputs import Inputs
from downhill.claims.judge import judge
from downhill.claims.measure import measure
from downhill.config.claim import Claim
from downhill.datasets import Dataset
from downhill.datasets.prepare import with_shuffled_labels
from downhill.datasets.store import save_dataset
from downhill.storage.json_files import read_json

from .trained_networks import NETWORKS, QUICK, Runs, trained

RECIPE = {"source": "mnist", "validation_images": 100, "training_images": 300}


@pytest.fixture(scope="session")
def data_folders(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """300 training, 100 validation and 200 test digits, with true and with shuffled labels."""
    folder = tmp_path_factory.mktemp("data")
    train = digits.train.take(slice(300))
    for name, share in (("true", 0.0), ("shuffled", 1.0)):
        data = Dataset(
            with_shuffled_labels(train, share, 0),
            digits.train.take(slice(300, 400)),
            digits.test,
            digits.classes,
        )
        save_dataset(data, folder / name, recipe=RECIPE | {"shuffle_labels": share})
    return {name: folder / name for name in ("true", "shuffled")}


@pytest.fixture(scope="session")
def runs(data_folders: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Runs]:
    folder = tmp_path_factory.mktemp("runs")
    return {
        name: trained(name, folder / name, data_folders["shuffled" if name == "shuffled" else "true"])
        for name in NETWORKS
    }


@pytest.fixture
def evidence_for(runs: dict[str, Runs], tmp_path: Path) -> Callable[..., dict[str, Any]]:
    """Measure and judge a claim, and read the file that was written."""

    def evidence(claim: Claim) -> dict[str, Any]:
        networks = [runs[name] for name in claim.networks]
        if claim.statistic == "strength_and_tendency":
            result = networks[0].weights_and_biases(tmp_path / "weights-and-biases.npz")
            inputs = Inputs(experiments={result.name: result})
        else:
            inputs = Inputs(tuple(network.evaluation for network in networks))
        measurement, path = tmp_path / f"{claim.claim}-measured.json", tmp_path / f"{claim.claim}.json"
        measure(claim.measured(), inputs, QUICK, measurement)
        judge(claim, "What is measured", measurement, path)
        found: dict[str, Any] = read_json(path)
        return found

    return evidence
