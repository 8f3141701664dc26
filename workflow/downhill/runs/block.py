"""A block: the networks that one job trained, as `weights.npz` and `history.parquet`.

What was recorded on the way lies in `weights.npz` too: a further file for each of ten thousand blocks, empty for
most, would cost whoever keeps books of them more than the reading of it does, and arrays of an archive that nobody
asks for are not read.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from downhill.errors import DownhillError
from downhill.network.architecture import Weights, unpack
from downhill.storage.atomic import atomic_path
from downhill.storage.npz import read_arrays, write_arrays

if TYPE_CHECKING:
    import pandas as pd

WEIGHTS = "weights.npz"
PROBES = "probes/"  # begins the names of arrays that were recorded on the way


@dataclass(frozen=True)
class Block:
    """Trained networks of one row: seeds (k,), parameters float32 (k, n_parameters), diverged_epoch (k,).

    `settings` and `data`, the checksum of the data set, are those it was trained with.
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


def write_block(block: Block, history: pa.Table, probes: Mapping[str, NDArray[Any]], folder: Path) -> None:
    """Write a block as `weights.npz` and `history.parquet` into `folder`.

    Whoever changes their format raises `orchestration.stages.BLOCK_FORMAT`.

    Parameters
    ----------
    block
        The trained networks.
    history
        One row a seed and epoch.
    probes
        What was recorded on the way; see `read_probes`.
    folder
        Made if it is not there.
    """
    with atomic_path(folder / "history.parquet") as path:
        pq.write_table(history, path)
    arrays: dict[str, NDArray[Any]] = {
        "seeds": block.seeds,
        "settings": np.array(json.dumps(block.settings, sort_keys=True)),
        "data": np.array(block.data, np.int64),
        "layer_sizes": np.array(block.layer_sizes, np.int64),
        "parameters": block.parameters,
        "diverged_epoch": block.diverged_epoch,
    }
    arrays |= {PROBES + name: values for name, values in probes.items()}
    write_arrays(folder / WEIGHTS, arrays)


def read_block(folder: Path) -> Block:
    """Read a block's `weights.npz`.

    Raises
    ------
    DownhillError
        If it is missing or damaged; the message says to delete it and run again.
    """
    names = ("seeds", "settings", "data", "layer_sizes", "parameters", "diverged_epoch")
    arrays = read_arrays(folder / WEIGHTS, names)
    return Block(
        settings=_settings(arrays["settings"], folder / WEIGHTS),
        data=int(arrays["data"]),
        layer_sizes=tuple(int(size) for size in arrays["layer_sizes"]),
        seeds=arrays["seeds"],
        parameters=arrays["parameters"],
        diverged_epoch=arrays["diverged_epoch"],
    )


def read_probes(folder: Path) -> dict[str, NDArray[Any]]:
    """Read what a network's `probes` asked for from a block's `weights.npz`, by name.

    Returns
    -------
    `seeds` int64 (k,), and, if anything was asked for, `epochs` int64 (m,), those after which the network wants
    probes (0 is the start), and each array of `engine.probes.Recorder.arrays` behind a further first axis, the
    seeds: (k, m, …). From the epoch on in which a seed diverged nothing is recorded of it: there numbers are NaN,
    and whole numbers (`confusion`) are 0.

    Raises
    ------
    DownhillError
        If it is missing or damaged; the message says to delete it and run again.
    """
    arrays = read_arrays(folder / WEIGHTS, ("seeds",), PROBES)
    return {name.removeprefix(PROBES): values for name, values in arrays.items()}


def _settings(text: NDArray[Any], path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(str(text)))
    except (TypeError, ValueError) as error:
        raise DownhillError(f"{path} is damaged (its settings: {error}); delete it and run again") from error


def read_table_of_block(folder: Path, name: str = "history.parquet") -> "pd.DataFrame":
    """Read a Parquet table of a folder; DownhillError if it is missing or damaged."""
    import pandas as pd  # not for the jobs that only write blocks

    path = folder / name
    try:
        return pd.read_parquet(path)
    except FileNotFoundError as error:
        raise DownhillError(f"{path} does not exist; run the stage that makes it first") from error
    except (OSError, ValueError) as error:  # pyarrow's own errors are ValueErrors, some of two lines
        raise DownhillError(
            f"{path} is damaged ({' '.join(str(error).split())}); delete it and run again"
        ) from error
