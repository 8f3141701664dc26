"""Histories of many blocks as one table, a few blocks in memory at a time."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from downhill.engine.history import HISTORY_COLUMNS
from downhill.errors import DownhillError
from downhill.runs.block import read_table_of_block
from downhill.storage.atomic import atomic_path
from downhill.storage.file_names import HISTORY

# Rows per row group, as many as pandas writes. A million runs take no more memory than a thousand.
_ROWS = 1 << 20


def gather_histories(folders: Sequence[Path], seeds: range, path: Path) -> None:
    """Write the histories of all blocks, one after another, for the evaluated seeds only.

    The file is byte for byte the same as if all of them were written at once, however they are divided into blocks.

    Raises
    ------
    DownhillError
        If a block's history is missing or damaged, or has other columns, as those of earlier versions do.
    """
    waiting = _of_seeds(folders[0], seeds)
    with atomic_path(path) as temporary, pq.ParquetWriter(temporary, waiting.schema) as writer:
        for folder in folders[1:]:
            waiting = pa.concat_tables([waiting, _of_seeds(folder, seeds)])
            while len(waiting) >= _ROWS:
                _write(writer, waiting.slice(0, _ROWS))
                waiting = waiting.slice(_ROWS)
        _write(writer, waiting)


def _write(writer: pq.ParquetWriter, rows: pa.Table) -> None:
    if len(rows):
        writer.write_table(
            rows.combine_chunks(), row_group_size=_ROWS
        )  # the boundaries of chunks would change the bytes


def _of_seeds(folder: Path, seeds: range) -> pa.Table:
    history = read_table_of_block(folder)
    if list(history.columns) != ["seed", *HISTORY_COLUMNS]:
        raise DownhillError(
            f"{folder / HISTORY} has the columns {', '.join(history.columns)}, not those of this version "
            f"(seed, {', '.join(HISTORY_COLUMNS)}); delete {folder} and run again"
        )
    return pa.Table.from_pandas(history[history.seed.isin(seeds)], preserve_index=False)
