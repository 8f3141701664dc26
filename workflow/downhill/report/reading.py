"""Reading the tables that the report consists of."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import pandas as pd

from downhill.storage.problems import cannot_read, unusable


def read_csv(
    path: Path, columns: Iterable[str], what: str, dtype: Mapping[str, type] | None = None
) -> pd.DataFrame:
    """Read a table as CSV.

    Parameters
    ----------
    path
        The file.
    columns
        Columns that it must have.
    what
        What it should be, for messages.
    dtype
        Types of columns.

    Raises
    ------
    DownhillError
        If the file is missing, cut off, or not such a table.
    """
    try:
        content = path.read_bytes()
        table = pd.read_csv(path, dtype=dict(dtype or {}), keep_default_na=dtype is not None)
    except (OSError, ValueError) as error:  # the errors of pandas are ValueErrors
        raise cannot_read(path, what, error) from error
    if not content.endswith(b"\n") or not set(columns) <= set(table.columns):
        raise unusable(path, what)
    return table
