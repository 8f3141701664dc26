"""Evaluating a network: what its trained seeds do on every set of images, written as tables.

`runs.evaluation` says what they hold, and reads them.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.datasets import load_dataset
from downhill.datasets.dataset import Dataset
from downhill.engine.evaluate import accuracy, confusion, outputs_and_losses
from downhill.engine.images import examples
from downhill.engine.layout import Layout, padded
from downhill.errors import DownhillError
from downhill.files import write_json, written_beside
from downhill.network.architecture import unpack
from downhill.runs.block import Block, read_block, read_table_of_block


def evaluate(
    name: str, net: Network, data_folder: Path, block_folders: Sequence[Path], seeds: range, output: Path
) -> None:
    """Evaluate the given seeds of a network and write the folder `output` (see the module).

    Raises
    ------
    DownhillError
        If a block is missing or damaged, does not fit the network and the data, or the blocks lack one of
        the seeds.
    """
    data = load_dataset(data_folder)
    blocks = [read_block(folder) for folder in block_folders]
    layer_sizes = net.layer_sizes(data.n_inputs, data.n_outputs)
    for folder, block in zip(block_folders, blocks, strict=True):
        if block.layer_sizes != layer_sizes:
            raise DownhillError(
                f"{folder} holds networks of layers {block.layer_sizes}, but '{name}' on {data_folder} has "
                f"{layer_sizes}; give the blocks and the data that belong together"
            )
    vectors, diverged = _of_seeds(blocks, seeds, name)
    layout = Layout.of(net, layer_sizes)
    parameters = [padded(unpack(vector, layer_sizes), layout) for vector in vectors]
    scores, outputs = _scores(net, parameters, layout, data, seeds)
    predicted = outputs.argmax(axis=2).astype(np.uint8)
    history = pd.concat([read_table_of_block(folder) for folder in block_folders], ignore_index=True)
    _write_table(output / "scores.parquet", scores)
    _write_table(output / "history.parquet", history[history.seed.isin(seeds)])
    _write_table(output / "confusion.parquet", _confusion(predicted, data.test.labels, seeds, data.n_classes))
    with written_beside(output / "predictions.npz") as path:
        np.savez(
            path,
            seeds=np.array(seeds),
            labels=data.test.labels,
            predicted=predicted,
            confidence=outputs.max(axis=2),
            above_half=(outputs > 0.5).sum(axis=2, dtype=np.uint8),
        )
    write_json(
        output / "index.json",
        {
            "network": name,
            "settings": net.model_dump(mode="json"),
            "layer_sizes": layer_sizes,
            "seeds": [seeds.start, seeds.stop - 1],
            "diverged": {str(seed): int(epoch) for seed, epoch in zip(seeds, diverged, strict=True) if epoch},
            "data": data_folder.as_posix(),
            "blocks": [folder.as_posix() for folder in block_folders],
        },
    )


def _of_seeds(
    blocks: Sequence[Block], seeds: range, name: str
) -> tuple[list[NDArray[np.float32]], list[int]]:
    """Parameter vector and epoch of divergence of each seed."""
    found = {
        int(seed): (vector, int(epoch))
        for block in blocks
        for seed, vector, epoch in zip(block.seeds, block.parameters, block.diverged_epoch, strict=True)
    }
    missing = [seed for seed in seeds if seed not in found]
    if missing:
        raise DownhillError(
            f"network '{name}': the blocks hold no seed {missing[0]}; train the block that does"
        )
    return [found[seed][0] for seed in seeds], [found[seed][1] for seed in seeds]


def _scores(
    net: Network, parameters: Sequence[NDArray[np.float32]], layout: Layout, data: Dataset, seeds: range
) -> tuple[pd.DataFrame, NDArray[np.float32]]:
    """The table of scores, and the test outputs of all seeds, float32 (k, n, n_classes)."""
    rows: list[tuple[int, str, int, float, float, float]] = []
    test_outputs = np.empty((len(seeds), len(data.test), data.n_outputs), np.float32)
    for image_set in ("train", "validation", "test"):
        images = getattr(data, image_set)
        if len(images) == 0:
            continue
        batch = examples(images, net, layout)
        for place, (seed, vector) in enumerate(zip(seeds, parameters, strict=True)):
            outputs, losses = outputs_and_losses(vector, layout, batch)
            # What diverged has no answers, though the largest of ten NaN has a place.
            right = accuracy(outputs.argmax(axis=1), images.labels) if np.isfinite(losses).all() else np.nan
            confidence = float(outputs.max(axis=1).mean(dtype=np.float64))
            rows.append((seed, image_set, len(images), float(losses.mean()), right, confidence))
            if image_set == "test":
                test_outputs[place] = outputs
    columns = ["seed", "image_set", "images", "loss", "accuracy", "confidence"]
    return pd.DataFrame(rows, columns=columns), test_outputs


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
    with written_beside(path) as temporary:
        table.to_parquet(temporary, index=False)
