"""The claims of the families *activations* and *depth* as the shipped tables have them, on few digits and points."""

from typing import Any

import numpy as np

from downhill.datasets import Dataset
from downhill.datasets.dataset import Images
from downhill.datasets.generate import rings, xor
from downhill.experiments.inputs import Inputs as ExperimentInputs
from downhill.experiments.results import ExperimentResult, read_results
from downhill.experiments.run import run_experiment
from tests.cost_study import CostStudy

CLAIMS = (
    "binary-defeats-descent",
    "sigmoid-or-relu",
    "linear-without-activation",
    "nonlinearity-needed",
    "vanishing-gradient",
)
SEEDS = 3


def plane(kind: str, n_train: int = 200, n_test: int = 200) -> Dataset:
    """Points of `xor` or `rings` with other random numbers for training than for tests."""

    def points(seed: int, count: int) -> Images:
        random = np.random.default_rng(seed)
        return xor(count, 0.2, random) if kind == "xor" else rings(count, (1.0, 2.0), 0.1, random)

    train = points(1, n_train)
    return Dataset(train, train.take(slice(0)), points(2, n_test), ("0", "1"))


class ActivationsStudy(CostStudy):
    """As `CostStudy`, also for experiments that use data sets."""

    def _experiment(self, name: str) -> ExperimentResult:
        entry = self._entry(name)
        if entry.networks:
            return super()._experiment(name)
        data = {
            one: plane(one, 300, 100) if one in ("xor", "rings") else self.digits for one in entry.datasets
        }
        file = self.folder / f"{name}.npz"
        inputs = ExperimentInputs({}, data)
        run_experiment(name, entry.function, range(SEEDS), inputs, self.options(name), file)
        return read_results([file])[name]

    def options(self, name: str) -> dict[str, Any]:
        """Options with which an experiment takes little time."""
        found = super().options(name)
        return found | ({"depths": [1, 2, 8]} if "kept" in found else {})
