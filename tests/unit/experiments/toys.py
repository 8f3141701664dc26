"""Toy experiments, and a stand-in for a trained network."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from downhill.config import functions
from downhill.experiments.inputs import Inputs
from downhill.experiments.run import run_experiment


@dataclass(frozen=True)
class Wild:
    """A network some of whose seeds diverged."""

    seeds: frozenset[int]
    varying: tuple[str, ...] = ()
    checksum: int = 7

    @property
    def data(self) -> "Wild":
        """Something with a checksum, as a data set has one."""
        return replace(self, checksum=lambda: self.checksum)

    def diverged(self, seed: int) -> bool:
        return seed in self.seeds


def powers(seed: int, inputs: Inputs, *, power: int = 2) -> dict[str, Any]:
    """Arrays for each seed, in several shapes and dtypes."""
    noise = np.random.default_rng(seed).normal(size=(2, 3))
    return {
        "power": seed**power,
        "noise": noise,
        "single": noise.astype(np.float32)[0],
        "name": f"s{seed % 10}",
    }


def differences(pair: tuple[int, int], inputs: Inputs) -> dict[str, Any]:
    """Arrays for each pair of seeds."""
    first, second = pair
    return {"difference": second - first, "both": [first, second]}


def run(
    function: Any,
    seeds: range,
    path: Path,
    monkeypatch: pytest.MonkeyPatch,
    networks: dict[str, Any] | None = None,
    **options: Any,
) -> None:
    """Run a toy as a job of the experiment `toy`."""
    first = function.__code__.co_varnames[0]
    with monkeypatch.context() as patch:
        patch.setattr(functions, "load", lambda *names: function)
        patch.setattr(functions, "arguments", lambda *names: (first, "inputs"))
        network = next(iter(networks)) if networks and len(networks) == 1 else ""
        run_experiment("toy", "toys.toy", seeds, Inputs(networks or {}), options, path, network)


def kinds_of(arrays: Mapping[str, Any]) -> dict[str, tuple[tuple[int, ...], np.dtype]]:
    """Shape and dtype of each array of an experiment; they must be the same for every seed."""
    return {name: (np.shape(array), np.asarray(array).dtype) for name, array in arrays.items()}
