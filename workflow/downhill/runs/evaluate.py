"""Evaluating a network: scores and predictions of its trained seeds on every set of images, written as tables.

`runs.evaluation` describes and reads the tables. Blocks are read one at a time, once for each set of images, and only
those outputs of a seed that the tables need are kept, so that memory grows only with the predictions.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from downhill.config.canonical import settings_of
from downhill.config.network import Network
from downhill.datasets import load_dataset
from downhill.datasets.dataset import Dataset, Images
from downhill.engine.evaluate import accuracy, class_labels, confusion, outputs_and_losses
from downhill.engine.images import Examples, examples, unpadded_targets
from downhill.engine.layout import Layout, padded
from downhill.engine.training_images import TrainingImages
from downhill.errors import DownhillError
from downhill.network.architecture import unpack
from downhill.runs.block import Block, read_block
from downhill.runs.history import gather_histories
from downhill.runs.trained import check_blocks, differences
from downhill.storage.atomic import atomic_path
from downhill.storage.file_names import CONFUSION, HISTORY, INDEX, PREDICTIONS, SCORES
from downhill.storage.json_files import write_json
from downhill.storage.npz import write_arrays

# Where the parameters of each seed are: the folder, the row in its block, and the epoch of divergence or 0.
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
    places: Places = {}
    checksum = data.checksum()
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
            f"network '{name}': no block contains seed {missing[0]}; train the block it belongs to"
        )
    scores, answers = _scores(net, _Trained(places, seeds, Layout.of(net, layer_sizes), layer_sizes), data)
    _write_table(output / SCORES, scores)
    gather_histories(block_folders, seeds, output / HISTORY)
    _write_table(output / CONFUSION, _confusion(answers, data, seeds))
    wanted = {"labels": data.test.labels} if data.test.targets is None else {"targets": data.test.targets}
    write_arrays(output / PREDICTIONS, {"seeds": np.array(seeds)} | wanted | answers)
    write_json(
        output / INDEX,
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
    """The requested seeds of one network, read from their blocks when they are needed."""

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
    """The table of scores, and the arrays of `predictions.npz` with one entry per seed: (k, n) or (k, n, n_outputs)."""
    seeds, layout = trained.seeds, trained.layout
    answers = _no_answers(data, len(seeds))
    found: list[dict[str, Any]] = []
    for image_set in ("train", "validation", "test"):
        images = getattr(data, image_set)
        if len(images) == 0:
            continue
        of_seed = _images_of_seeds(image_set, images, net, layout)
        of_set = {}
        for row, vector in trained.parameters():
            batch, labels = of_seed(seeds[row])
            outputs, losses = outputs_and_losses(vector, layout, batch)
            of_set[row] = {
                "seed": seeds[row],
                "image_set": image_set,
                "images": len(outputs),
                "loss": float(losses.mean()),
                # A diverged seed has no answers, although `argmax` of ten NaN returns an index.
                "accuracy": accuracy(outputs.argmax(axis=1), labels) if np.isfinite(losses).all() else np.nan,
                "confidence": float(outputs.max(axis=1).mean(dtype=np.float64)),
            }
            if data.is_regression:
                errors = np.abs(outputs.astype(np.float64) - unpadded_targets(batch, layout))
                of_set[row] |= {
                    "mean_absolute_error": float(errors.mean()),
                    "largest_absolute_error": float(errors.max()),
                }
            if image_set == "test":
                _keep_answers(answers, row, outputs)
        found += [of_set[row] for row in sorted(of_set)]
    return pd.DataFrame(found), answers


def _no_answers(data: Dataset, n_seeds: int) -> dict[str, NDArray[Any]]:
    """Empty arrays for what `_keep_answers` keeps of each seed on the test set."""
    shape = (n_seeds, len(data.test))
    if data.is_regression:
        return {"outputs": np.empty((*shape, data.n_outputs), np.float32)}
    return {
        "predicted": np.empty(shape, np.uint8),
        "confidence": np.empty(shape, np.float32),
        "above_half": np.empty(shape, np.uint8),
    }


def _keep_answers(answers: dict[str, NDArray[Any]], row: int, outputs: NDArray[np.float32]) -> None:
    if "outputs" in answers:
        answers["outputs"][row] = outputs
        return
    answers["predicted"][row] = outputs.argmax(axis=1)
    answers["confidence"][row] = outputs.max(axis=1)
    answers["above_half"][row] = (outputs > 0.5).sum(axis=1)


def _images_of_seeds(
    image_set: str, images: Images, net: Network, layout: Layout
) -> Callable[[int], tuple[Examples, NDArray[np.uint8]]]:
    """A function that returns the images that a seed is scored on, and their class labels.

    For training images, these are the seed's own (see `network.replicate`).
    """
    if image_set == "train":
        return TrainingImages(images, net, layout).of
    shared = examples(images, net, layout), class_labels(images)
    return lambda seed: shared


def _confusion(answers: dict[str, NDArray[Any]], data: Dataset, seeds: range) -> pd.DataFrame:
    """Test images by seed, label and answer; no rows for a regression."""
    labels, n_classes = data.test.labels, data.n_classes
    counts = [confusion(predicted, labels, n_classes).ravel() for predicted in answers.get("predicted", ())]
    label, answer = np.divmod(np.arange(n_classes**2), n_classes)
    return pd.DataFrame(
        {
            "seed": np.repeat(np.array(seeds[: len(counts)], np.int64), n_classes**2),
            "label": np.tile(label, len(counts)),
            "predicted": np.tile(answer, len(counts)),
            "images": np.concatenate([np.zeros(0, np.int64), *counts]),
        }
    )


def _write_table(path: Path, table: pd.DataFrame) -> None:
    with atomic_path(path) as temporary:
        table.to_parquet(temporary, index=False)
