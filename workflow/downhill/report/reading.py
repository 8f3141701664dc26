"""Reading the tables that the report consists of."""

import csv
import io
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from downhill.storage.json_files import first_problem
from downhill.storage.problems import cannot_read, unusable


def read_rows(path: Path, row: type[BaseModel], what: str) -> list[dict[str, Any]]:
    """Read a table as CSV, whose empty cells mean the defaults of `row`.

    Parameters
    ----------
    path
        The file.
    row
        What a row must hold; there may be further columns.
    what
        What the file should be, for messages.

    Raises
    ------
    DownhillError
        If the file is missing, cut off, or not such a table.
    """
    rows = []
    try:
        content = path.read_bytes().decode("utf-8-sig")  # a spreadsheet may have saved it
        if not content.endswith("\n"):
            raise ValueError("its last line is cut off")
        reader = csv.DictReader(io.StringIO(content, newline=""), strict=True)
        if missing := [name for name in row.model_fields if name not in (reader.fieldnames or ())]:
            raise ValueError(f"it has no column {missing[0]}")
        for cells in reader:
            filled = {key: cell for key, cell in cells.items() if cell}
            rows.append(row.model_validate(filled).model_dump())
    except ValidationError as error:
        raise unusable(path, what, f"line {reader.line_num}, {first_problem(error)}") from error
    except (OSError, ValueError, csv.Error) as error:
        raise cannot_read(path, what, error) from error
    return rows
