"""Evaluating a network: what its trained seeds do on every set of images, written as tables.

`runs.evaluation` says what they hold, and reads them. Blocks are read one at a time, once for each set of
images, and of a seed's outputs only what the tables need is kept: memory grows by the predictions alone.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from downhill.config.canonical import settings_of
from downhill.config.network import Network
from downhill.datasets import load_dataset
from downhill.datasets.dataset import Dataset
from downhill.engine.evaluate import accuracy, confusion, outputs_and_losses
from downhill.engine.images import examples
from downhill.engine.layout import Layout, padded
from downhill.errors import DownhillError
from downhill.network.architecture import unpack
from downhill.runs.block import Block, read_block
from downhill.runs.history import gather_histories
from downhill.runs.trained import check_blocks, differences
from downhill.storage.atomic import atomic_path, write_json
from downhill.storage.npz import write_arrays

# Where the parameters of each seed are: the folder, its place there, and the epoch of divergence or 0.
Places = dict[int, tuple[Path, int, int]]


def evaluate_network(
    name: str, net: Network, data_folder: Path, block_folders: Sequence[Path], seeds: range, output: Path
) -> None:
    """Evaluate the given seeds of a network and write the folder `output` (see the module).

    Raises
    ------
    DownhillError
        If a block is missing or damaged or was trained with other settings or other data, or the blocks lack
        one of the seeds.
    """
    data = load_dataset(data_folder)
    layer_sizes = net.layer_sizes(data.n_inputs, data.n_outputs)
    checksum = data.checksum()
    places: Places = {}
    different: dict[Path, list[str]] = {}
    for folder in block_folders:
        block = read_block(folder)
        different[folder] = differences(block, net, checksum)
        for place, (seed, epoch) in enumerate(zip(block.seeds, block.diverged_epoch, strict=True)):
            places[int(seed)] = (folder, place, int(epoch))
    check_blocks(name, different)
    missing = [seed for seed in seeds if seed not in places]
    if missing:
        raise DownhillError(
            f"network '{name}': the blocks hold no seed {missing[0]}; train the block that does"
        )
    scores, answers = _scores(net, _Trained(places, seeds, Layout.of(net, layer_sizes), layer_sizes), data)
    _write_table(output / "scores.parquet", scores)
    gather_histories(block_folders, seeds, output / "history.parquet")
    _write_table(
        output / "confusion.parquet",
        _confusion(answers["predicted"], data.test.labels, seeds, data.n_classes),
    )
    write_arrays(output / "predictions.npz", {"seeds": np.array(seeds), "labels": data.test.labels} | answers)
    write_json(
        output / "index.json",
        {
            "network": name,
            "settings": settings_of(net),
            "layer_sizes": layer_sizes,
            "seeds": [seeds.start, seeds.stop - 1],
            "diverged": {str(seed): places[seed][2] for seed in seeds if places[seed][2]},
            "data": data_folder.as_posix(),
            "blocks": [folder.as_posix() for folder in block_folders],
        },
    )


@dataclass(frozen=True)
class _Trained:
    """The seeds that count of one network, read from their blocks when they are asked for."""

    places: Places
    seeds: range
    layout: Layout
    layer_sizes: tuple[int, ...]

    def parameters(self) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """Row in the tables and padded parameters of each seed; blocks are read one after another."""
        rows: dict[Path, list[int]] = {}
        for row, seed in enumerate(self.seeds):
            rows.setdefault(self.places[seed][0], []).append(row)
        for folder, rows_of_block in rows.items():
            block: Block = read_block(folder)
            for row in rows_of_block:
                vector = block.parameters[self.places[self.seeds[row]][1]]
                yield row, padded(unpack(vector, self.layer_sizes), self.layout)


def _scores(net: Network, trained: _Trained, data: Dataset) -> tuple[pd.DataFrame, dict[str, NDArray[Any]]]:
    """The table of scores, and the arrays of `predictions.npz` that are of seeds: (k, n) each."""
    seeds, shape = trained.seeds, (len(trained.seeds), len(data.test))
    answers: dict[str, NDArray[Any]] = {
        "predicted": np.empty(shape, np.uint8),
        "confidence": np.empty(shape, np.float32),
        "above_half": np.empty(shape, np.uint8),
    }
    found: list[tuple[int, str, int, float, float, float]] = []
    for image_set in ("train", "validation", "test"):
        images = getattr(data, image_set)
        if len(images) == 0:
            continue
        batch = examples(images, net, trained.layout)
        of_set = {}
        for row, vector in trained.parameters():
            outputs, losses = outputs_and_losses(vector, trained.layout, batch)
            # What diverged has no answers, though the largest of ten NaN has a place.
            right = accuracy(outputs.argmax(axis=1), images.labels) if np.isfinite(losses).all() else np.nan
            confidence = float(outputs.max(axis=1).mean(dtype=np.float64))
            of_set[row] = (seeds[row], image_set, len(images), float(losses.mean()), right, confidence)
            if image_set == "test":
                answers["predicted"][row] = outputs.argmax(axis=1)
                answers["confidence"][row] = outputs.max(axis=1)
                answers["above_half"][row] = (outputs > 0.5).sum(axis=1)
        found += [of_set[row] for row in sorted(of_set)]
    columns = ["seed", "image_set", "images", "loss", "accuracy", "confidence"]
    return pd.DataFrame(found, columns=columns), answers


def _confusion(
    predicted: NDArray[np.uint8], labels: NDArray[np.uint8], seeds: range, n_classes: int
) -> pd.DataFrame:
    counts = [confusion(answers, labels, n_classes).ravel() for answers in predicted]
    label, answer = np.divmod(np.arange(n_classes**2), n_classes)
    return pd.DataFrame(
        {
            "seed": np.repeat(np.array(seeds), n_classes**2),
            "label": np.tile(label, len(seeds)),
            "predicted": np.tile(answer, len(seeds)),
            "images": np.concatenate(counts),
        }
    )


def _write_table(path: Path, table: pd.DataFrame) -> None:
    with atomic_path(path) as temporary:
        table.to_parquet(temporary, index=False)
