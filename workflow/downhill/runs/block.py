"""A block: the networks that one job trained, as `weights.npz` and `history.parquet`."""

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from downhill.errors import DownhillError
from downhill.files import written_beside
from downhill.network.architecture import Weights, unpack

# What NumPy and zipfile raise for a damaged archive (a flipped bit can name a compression there is none of).
DAMAGED = (OSError, ValueError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile)


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


def write_block(block: Block, history: pd.DataFrame, folder: Path) -> None:
    """Write a block's `weights.npz`, and the history of its seeds as `history.parquet`, into `folder`."""
    with written_beside(folder / "history.parquet") as path:
        history.to_parquet(path, index=False)
    with written_beside(folder / "weights.npz") as path:
        np.savez(
            path,
            layer_sizes=np.array(block.layer_sizes, np.int64),
            seeds=block.seeds,
            parameters=block.parameters,
            diverged_epoch=block.diverged_epoch,
        )


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
    except DAMAGED as error:
        raise DownhillError(f"{path} is damaged ({error}); delete it and run again") from error


def read_table_of_block(folder: Path, name: str = "history.parquet") -> pd.DataFrame:
    """Read a Parquet table of a folder; DownhillError if it is missing or damaged."""
    path = folder / name
    try:
        return pd.read_parquet(path)
    except FileNotFoundError as error:
        raise DownhillError(f"{path} does not exist; run the stage that makes it first") from error
    except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors, some of two lines
        raise DownhillError(
            f"{path} is damaged ({' '.join(str(error).split())}); delete it and run again"
        ) from error
