"""Training a block of seeds, and writing it."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from downhill.config.canonical import settings_of
from downhill.config.network import Network
from downhill.datasets.dataset import Dataset
from downhill.engine.history import HISTORY_COLUMNS
from downhill.engine.train import Run, train_many
from downhill.network.architecture import count_parameters, pack
from downhill.runs.block import Block, Snapshots, write_block


def train_block(net: Network, data: Dataset, seeds: Sequence[int], threads: int, folder: Path) -> list[Run]:
    """Train the seeds, `threads` at a time, and write them as a block into `folder`; returns the runs."""
    runs = train_many(net, data, seeds, threads=threads)
    layer_sizes = net.layer_sizes(data.n_inputs, data.n_outputs)
    parameters = np.empty((len(runs), count_parameters(layer_sizes)), np.float32)
    for row, run in zip(parameters, runs, strict=True):
        row[:] = pack(run.weights, layer_sizes)
    block = Block(
        settings=settings_of(net),
        data=data.checksum(),
        layer_sizes=layer_sizes,
        seeds=np.array([run.seed for run in runs], np.int64),
        parameters=parameters,
        diverged_epoch=np.array([run.diverged_epoch for run in runs], np.int64),
    )
    write_block(block, _histories(runs), _snapshots(net, block, runs), folder)
    return runs


def _histories(runs: Sequence[Run]) -> pa.Table:
    """The histories of all runs, one after another, each row with its seed."""
    columns = dict(zip(HISTORY_COLUMNS, np.concatenate([run.rows for run in runs]).T, strict=True))
    seeds = np.repeat(np.array([run.seed for run in runs], np.int64), [len(run.rows) for run in runs])
    columns = {"seed": seeds} | columns | {"epoch": columns["epoch"].astype(np.int64)}
    return pa.Table.from_arrays([_arrow(numbers) for numbers in columns.values()], names=list(columns))


def _arrow(numbers: NDArray[Any]) -> pa.Array:
    """Numbers as a column; `pa.array` would import pandas, which takes as long as training a small network."""
    kind, buffer = pa.from_numpy_dtype(numbers.dtype), pa.py_buffer(np.ascontiguousarray(numbers))
    return pa.Array.from_buffers(kind, len(numbers), [None, buffer])


def _snapshots(net: Network, block: Block, runs: Sequence[Run]) -> Snapshots:
    """The snapshots of all runs, NaN where one had diverged."""
    epochs = net.epochs_of_snapshots()
    shape = (len(runs), len(epochs), block.parameters.shape[1])
    parameters = np.full(shape, np.nan, np.float32)
    for row, run in zip(parameters, runs, strict=True):
        for place, epoch in enumerate(epochs):
            if epoch in run.snapshots:
                row[place] = pack(run.snapshots[epoch], block.layer_sizes)
    return Snapshots(block.layer_sizes, block.seeds, np.array(epochs, np.int64), parameters)
