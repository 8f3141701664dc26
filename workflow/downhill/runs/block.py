"""A block: the networks that one job trained, as `weights.npz` and `history.parquet`."""

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import Dataset
from downhill.engine.train import Run, train_many
from downhill.errors import DownhillError
from downhill.files import written_beside
from downhill.network.architecture import Weights, pack, unpack


@dataclass(frozen=True)
class Block:
    """Trained networks of one row: seeds (k,), parameters float32 (k, n_parameters), diverged_epoch (k,)."""

    layer_sizes: tuple[int, ...]
    seeds: NDArray[np.int64]
    parameters: NDArray[np.float32]
    diverged_epoch: NDArray[np.int64]

    def weights(self, seed: int) -> Weights:
        """[(W, b), …] of one seed, as views."""
        (place,) = np.flatnonzero(self.seeds == seed)
        return unpack(self.parameters[place], self.layer_sizes)


def train_block(net: Network, data: Dataset, seeds: Sequence[int], threads: int, folder: Path) -> list[Run]:
    """Train the seeds and write `weights.npz` and `history.parquet` into `folder`; returns the runs."""
    runs = train_many(net, data, seeds, threads=threads)
    layer_sizes = net.layer_sizes(data.n_inputs, data.n_classes)
    history = pd.concat([run.history.assign(seed=run.seed) for run in runs], ignore_index=True)
    with written_beside(folder / "history.parquet") as path:
        history[["seed", *runs[0].history.columns]].to_parquet(path, index=False)
    with written_beside(folder / "weights.npz") as path:
        np.savez(
            path,
            layer_sizes=np.array(layer_sizes, np.int64),
            seeds=np.array([run.seed for run in runs], np.int64),
            parameters=np.stack([pack(run.weights, layer_sizes) for run in runs]),
            diverged_epoch=np.array([run.diverged_epoch for run in runs], np.int64),
        )
    return runs


def read_block(folder: Path) -> Block:
    """Read a block's `weights.npz`.

    Raises
    ------
    DownhillError
        If it is missing or damaged; the message says to delete it and run again.
    """
    path = folder / "weights.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            sizes = tuple(int(size) for size in arrays["layer_sizes"])
            return Block(sizes, arrays["seeds"], arrays["parameters"], arrays["diverged_epoch"])
    except FileNotFoundError as error:
        raise DownhillError(f"{path} does not exist; train this block first") from error
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise DownhillError(f"{path} is damaged ({error}); delete it and run again") from error


def read_table_of_block(folder: Path, name: str = "history.parquet") -> pd.DataFrame:
    """Read a Parquet table of a folder; DownhillError if it is missing or damaged."""
    path = folder / name
    try:
        return pd.read_parquet(path)
    except FileNotFoundError as error:
        raise DownhillError(f"{path} does not exist; run the stage that makes it first") from error
    except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors
        raise DownhillError(f"{path} is damaged ({error}); delete it and run again") from error
