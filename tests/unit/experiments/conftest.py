"""Networks for experiments, trained on few digits."""

from collections.abc import Callable

import pytest

from downhill.config.network import Network
from downhill.datasets import Dataset
from downhill.datasets.store import save_dataset
from downhill.experiments.inputs import Inputs
from downhill.runs.train import train_block
from downhill.runs.trained import TrainedNetwork


@pytest.fixture(scope="session")
def train_two_seeds(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Inputs]:
    """Trains two seeds of a network, on some digits or on other data; returns the inputs of an experiment on it."""

    def trained(net: Network, data: Dataset = digits) -> Inputs:
        folder = tmp_path_factory.mktemp("run")
        save_dataset(data, folder / "data", recipe={"source": "mnist", "validation_images": 0})
        train_block(net, data, range(2), 1, folder / "seeds-0-1")
        return Inputs({"net": TrainedNetwork("net", net, folder / "data", [folder / "seeds-0-1"])})

    return trained
