"""A block: the networks that one job trained, as `weights.npz` and `history.parquet`.

Snapshots, the weights during training, are stored in `weights.npz` as well: `snapshots/epochs`, int64 (m,), and
`snapshots/parameters`, float32 (k, m, n_parameters). One more file for each of ten thousand blocks would cost
Snakemake more than reading them costs us, and arrays of an archive that are not requested are not read.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from downhill.errors import DownhillError
from downhill.network.architecture import Weights, count_parameters, unpack
from downhill.storage.atomic import atomic_path
from downhill.storage.file_names import HISTORY, WEIGHTS
from downhill.storage.npz import read_arrays, write_arrays
from downhill.storage.problems import cannot_read, unusable

if TYPE_CHECKING:
    import pandas as pd

SNAPSHOTS = "snapshots/"  # prefix of the names of their arrays
_BLOCK = "a block of trained networks"


@dataclass(frozen=True)
class Block:
    """Trained networks of one row: seeds (k,), parameters float32 (k, n_parameters), diverged_epoch (k,).

    `settings`, and `data`, the checksum of the data set, are those that it was trained with.
    """

    settings: dict[str, Any]
    data: int
    layer_sizes: tuple[int, ...]
    seeds: NDArray[np.int64]
    parameters: NDArray[np.float32]
    diverged_epoch: NDArray[np.int64]

    def weights(self, seed: int) -> Weights:
        """[(W, b), …] of one seed, as views."""
        (place,) = np.flatnonzero(self.seeds == seed)
        return unpack(self.parameters[place], self.layer_sizes)


@dataclass(frozen=True)
class Snapshots:
    """Weights during training: seeds (k,), epochs int64 (m,), parameters float32 (k, m, n_parameters).

    Epoch 0 is the start. From the epoch in which a seed diverged, its parameters are NaN. Without snapshots, m is 0.
    """

    layer_sizes: tuple[int, ...]
    seeds: NDArray[np.int64]
    epochs: NDArray[np.int64]
    parameters: NDArray[np.float32]

    def weights(self, seed: int, epoch: int) -> Weights:
        """[(W, b), …] of one seed after one of the epochs, as views."""
        if seed not in self.seeds or epoch not in self.epochs:
            raise DownhillError(
                f"there is no snapshot of seed {seed} after epoch {epoch}; there are seeds "
                f"{', '.join(map(str, self.seeds))} and epochs {', '.join(map(str, self.epochs)) or '(none)'}"
            )
        (row,), (place,) = np.flatnonzero(self.seeds == seed), np.flatnonzero(self.epochs == epoch)
        return unpack(self.parameters[row, place], self.layer_sizes)


def write_block(block: Block, history: pa.Table, snapshots: Snapshots, folder: Path) -> None:
    """Write a block as `weights.npz` and `history.parquet` into `folder`.

    If you change their format, increase `orchestration.stages.BLOCK_FORMAT`.

    Parameters
    ----------
    block
        The trained networks.
    history
        One row per seed and epoch.
    snapshots
        Their weights during training; if there are none, nothing is written for them.
    folder
        Created if it does not exist.
    """
    with atomic_path(folder / HISTORY) as path:
        pq.write_table(history, path)
    arrays: dict[str, NDArray[Any]] = {
        "seeds": block.seeds,
        "settings": np.array(json.dumps(block.settings, sort_keys=True)),
        "data": np.array(block.data, np.int64),
        "layer_sizes": np.array(block.layer_sizes, np.int64),
        "parameters": block.parameters,
        "diverged_epoch": block.diverged_epoch,
    }
    if len(snapshots.epochs):
        arrays |= {f"{SNAPSHOTS}epochs": snapshots.epochs, f"{SNAPSHOTS}parameters": snapshots.parameters}
    write_arrays(folder / WEIGHTS, arrays)


def read_block(folder: Path) -> Block:
    """Read a block's `weights.npz`.

    Raises
    ------
    DownhillError
        If it is missing or damaged; the message says to delete it and run again.
    """
    names = ("seeds", "settings", "data", "layer_sizes", "parameters", "diverged_epoch")
    arrays = read_arrays(folder / WEIGHTS, names, what=_BLOCK)
    return Block(
        settings=_settings(arrays["settings"], folder / WEIGHTS),
        data=int(arrays["data"]),
        layer_sizes=tuple(int(size) for size in arrays["layer_sizes"]),
        seeds=arrays["seeds"],
        parameters=arrays["parameters"],
        diverged_epoch=arrays["diverged_epoch"],
    )


def read_snapshots(folder: Path) -> Snapshots:
    """Read the snapshots (see a network's `snapshot_epochs`) from a block's `weights.npz`.

    Raises
    ------
    DownhillError
        If it is missing or damaged; the message says to delete it and run again.
    """
    arrays = read_arrays(folder / WEIGHTS, ("seeds", "layer_sizes"), SNAPSHOTS, what=_BLOCK)
    seeds, layer_sizes = arrays["seeds"], tuple(int(size) for size in arrays["layer_sizes"])
    nothing = np.zeros((len(seeds), 0, count_parameters(layer_sizes)), np.float32)
    return Snapshots(
        layer_sizes=layer_sizes,
        seeds=seeds,
        epochs=arrays.get(f"{SNAPSHOTS}epochs", np.zeros(0, np.int64)),
        parameters=arrays.get(f"{SNAPSHOTS}parameters", nothing),
    )


def _settings(text: NDArray[Any], path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(str(text)))
    except (TypeError, ValueError) as error:
        raise unusable(path, _BLOCK, f"its settings: {error}") from error


def read_table_of_block(folder: Path, name: str = HISTORY) -> "pd.DataFrame":
    """Read a Parquet table of a folder; DownhillError if it is missing or damaged."""
    import pandas as pd  # not needed by jobs that only write blocks

    path = folder / name
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
        raise cannot_read(path, "a table of results", error) from error
