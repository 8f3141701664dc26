"""Reading a finished study: its networks, its images and the evidence of its claims."""

import gzip
import json
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

Weights = list[tuple[np.ndarray, np.ndarray]]
"""[(W, b), …] from input to output, float64; W of shape (n_in, n_out), b of shape (n_out,)."""

LESSON = "lesson"
_IDX_UNSIGNED_BYTE = 8


class NotCheckedError(Exception):
    """The study lacks something that a second opinion needs; the message says what."""


@dataclass(frozen=True)
class Images:
    """Pixels from 0 to 1, float32 (n, n_pixels), and labels, int64 (n,)."""

    pixels: np.ndarray
    labels: np.ndarray

    def first(self, n: int) -> "Images":
        """The first n images."""
        return Images(self.pixels[:n], self.labels[:n])


@dataclass(frozen=True)
class Evidence:
    """The evidence of a claim, as the workflow has written it."""

    found: dict[str, Any]

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The parts of the claim: name, value, lower, upper, worst, n, band and more."""
        return self.found["parts"]

    def n_seeds(self, network: str, otherwise: int) -> int:
        """How many seeds of a network the claim used; `otherwise` if the evidence does not say.

        Experiments may use only some of the seeds that were trained.
        """
        for_experiments = [
            networks[network]["seeds"] for networks in self.found["inputs"].values() if network in networks
        ]
        trained = [
            run["seeds"][1] - run["seeds"][0] + 1 for run in self.found["runs"] if run["network"] == network
        ]
        return max(for_experiments or trained, default=otherwise)

    def recipe(self, **wanted: Any) -> dict[str, Any]:
        """The settings of the first of the claim's networks that has the wanted ones."""
        for run in self.found["runs"]:
            settings = {"layer_sizes": run["layer_sizes"], "shuffle_labels": 0, **run["settings"]}
            if all(settings.get(key) == value for key, value in wanted.items()):
                return settings
        raise NotCheckedError(f"the claim has no network with {wanted}")


@dataclass(frozen=True)
class Study:
    """A finished study.

    Attributes
    ----------
    results
        Its folder of results.
    images
        The folder of the IDX files that its networks were trained on.
    """

    results: Path
    images: Path

    @cached_property
    def train(self) -> Images:
        """All training images."""
        return self._images("train")

    @cached_property
    def test(self) -> Images:
        """All test images."""
        return self._images("t10k")

    def _images(self, prefix: str) -> Images:
        pixels, labels = (
            read_idx(self.images / f"{prefix}-{name}-ubyte") for name in ("images-idx3", "labels-idx1")
        )
        return Images(pixels.reshape(len(pixels), -1).astype(np.float32) / 255, labels.astype(np.int64))

    def seeds(self, network: str) -> list[int]:
        """The trained seeds of a network, in ascending order."""
        return sorted(self._blocks(network))

    def weights(self, network: str, seed: int) -> Weights:
        """Weights of one seed at the end of training."""
        block, place = self._place(network, seed)
        return unpack(block["parameters"][place], block["layer_sizes"])

    def snapshots(self, network: str, seed: int) -> dict[int, Weights]:
        """Weights of one seed by epoch; epoch 0 is before training."""
        block, place = self._place(network, seed)
        if "snapshots/epochs" not in block:
            raise NotCheckedError(f"network '{network}' has no snapshots")
        parameters = block["snapshots/parameters"][place]
        return {
            int(epoch): unpack(vector, block["layer_sizes"])
            for epoch, vector in zip(block["snapshots/epochs"], parameters, strict=True)
        }

    def evidence(self, claim: str) -> Evidence:
        """The evidence of a claim that was measured."""
        path = self.results / "claims" / f"{claim}.json"
        if not path.exists():
            raise NotCheckedError("the study has no evidence of this claim")
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["verdict"] == "not measured":
            raise NotCheckedError(f"the study has not measured it: {found['why']}")
        return Evidence(found)

    def _place(self, network: str, seed: int) -> tuple[dict[str, np.ndarray], int]:
        blocks = self._blocks(network)
        if seed not in blocks:
            raise NotCheckedError(f"network '{network}' has no seed {seed}")
        return blocks[seed]

    @cached_property
    def _read(self) -> dict[str, dict[int, tuple[dict[str, np.ndarray], int]]]:
        return {}

    def _blocks(self, network: str) -> dict[int, tuple[dict[str, np.ndarray], int]]:
        """For each seed the arrays of its block, and its place in them; seeds that diverged are left out."""
        if network not in self._read:
            self._read[network] = blocks = {}
            for path in sorted(self.results.glob(f"runs/{network}/seeds-*/weights.npz")):
                with np.load(path) as archive:
                    arrays = {name: archive[name] for name in archive.files}
                blocks |= {
                    int(seed): (arrays, place)
                    for place, seed in enumerate(arrays["seeds"])
                    if not arrays["diverged_epoch"][place]
                }
        if not self._read[network]:
            raise NotCheckedError(f"the study has no network '{network}'")
        return self._read[network]


def unpack(parameters: np.ndarray, layer_sizes: Any) -> Weights:
    """The layers of a parameter vector, which holds the weights of a layer row by row, then its biases, and so on."""
    weights, begin = [], 0
    for n_in, n_out in pairwise(int(size) for size in layer_sizes):
        middle = begin + n_in * n_out
        end = middle + n_out
        W, b = parameters[begin:middle].reshape(n_in, n_out), parameters[middle:end]
        weights.append((W.astype(np.float64), b.astype(np.float64)))
        begin = end
    if begin != len(parameters):
        raise ValueError(f"layers of {list(layer_sizes)} have {begin} parameters, not {len(parameters)}")
    return weights


def read_idx(path: Path) -> np.ndarray:
    """An IDX file of unsigned bytes, compressed or not (LeCun, Cortes & Burges, *The MNIST database*)."""
    packed = path.with_name(f"{path.name}.gz")
    if not path.exists() and not packed.exists():
        raise FileNotFoundError(f"there is no file {path}")
    content = path.read_bytes() if path.exists() else gzip.decompress(packed.read_bytes())
    kind, dimensions = content[2], content[3]
    if content[:2] != b"\0\0" or kind != _IDX_UNSIGNED_BYTE:
        raise ValueError(f"{path} is not an IDX file of unsigned bytes")
    begin = 4 + 4 * dimensions
    shape = np.frombuffer(content, ">u4", dimensions, 4).astype(int)
    return np.frombuffer(content, np.uint8, offset=begin).reshape(shape)
