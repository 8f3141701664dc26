"""Reading tables: tab-separated text with one row for each network or claim, as spreadsheets also save it."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from downhill.config.reading import did_you_mean, read_text
from downhill.config.text import one_line
from downhill.config.validation import validated
from downhill.errors import DownhillError

Model = TypeVar("Model", bound=BaseModel)
Expand = Callable[[dict[str, str], str], Iterable[dict[str, str]]]
Resolve = Callable[[Model, str], Model]


def read_table(
    path: Path | str,
    model: type[Model],
    key: str,
    expand: Expand | None = None,
    resolve: Resolve[Model] | None = None,
) -> dict[str, Model]:
    """Read a tab-separated table with one `model` per row; returns them by the column `key`.

    A cell may be in quotes, as spreadsheets write it, and may then contain tabs, line breaks, and quotes, which are
    doubled: `"calls ""five"" noise"`. Empty cells mean the model's default; empty rows, and lines that begin with `#`,
    are skipped. `expand` may turn the cells of a row (by column) into those of several rows; it is given `key` as well.
    `resolve` may replace a row, for instance one that refers to another table; it is given the place of the row, for
    messages.

    Raises
    ------
    DownhillError
        For a missing file, a missing, unknown or repeated column, a row with too many cells, a bad
        cell, or a duplicate name; the message names file, line and column.
    """
    numbered = list(_rows(path))
    if not numbered:
        raise DownhillError(f"{path}: is empty; its first line must name the columns, including {key}")
    columns = numbered[0][1]
    _check_columns(path, columns, model)
    if len(numbered) == 1:
        raise DownhillError(f"{path}: has no rows; add at least one {key}")
    rows: dict[str, Model] = {}
    first_line: dict[str, int] = {}
    for number, row in numbered[1:]:
        where = f"{path}, line {number}"
        if len(row) > len(columns):
            raise DownhillError(f"{where}: {len(row)} cells, but the table has {len(columns)} columns")
        values = {column: cell for column, cell in zip(columns, row, strict=False) if cell}
        for one in expand(values, key) if expand else (values,):
            name = one.get(key, "")
            place = f"{where}, {key} '{name}'" if name else where
            item = validated(model, one, place)
            item = resolve(item, place) if resolve else item
            if name in rows:
                raise DownhillError(
                    f"{where}: the {key} '{name}' is already defined in line {first_line[name]}; rename one"
                )
            rows[name], first_line[name] = item, number
    return rows


def _rows(path: Path | str) -> Iterator[tuple[int, list[str]]]:
    """The first line and the cells of each row, without comments, empty rows, and empty cells at the end of a row."""
    at_start, number = True, 0  # of a row; cells in quotes may contain further lines

    def lines() -> Iterator[str]:
        nonlocal at_start, number
        for place, line in enumerate(io.StringIO(read_text(path, "tab-separated table"), newline=""), 1):
            if at_start and (line.startswith("#") or not line.strip()):
                continue
            if at_start:
                at_start, number = False, place
            yield line

    try:
        for row in csv.reader(lines(), "excel-tab", strict=True):
            cells = [one_line(cell) for cell in row]
            while cells and not cells[-1]:
                cells.pop()
            if cells and not cells[0].startswith("#"):
                yield number, cells
            at_start = True
    except csv.Error as error:
        if "limit" in str(error):
            raise DownhillError(f"{path}, line {number}: a cell is too long ({error}); shorten it") from error
        raise DownhillError(
            f"{path}, line {number}: cannot be read ({error}); a cell that begins with a quote must also end with one, "
            'and quotes inside it must be doubled, as in "calls ""five"" noise"'
        ) from error


def _check_columns(path: Path | str, columns: list[str], model: type[BaseModel]) -> None:
    fields = model.model_fields
    for column in columns:
        if column not in fields:
            separated = len(columns) == 1 and any(sign in column for sign in ",;")
            hint = "separate columns with tabs" if separated else did_you_mean(column, fields)
            raise DownhillError(f"{path}: unknown column '{column}'; {hint}")
        if columns.count(column) > 1:
            raise DownhillError(f"{path}: the column '{column}' appears twice; remove one")
    for name, field in fields.items():
        if field.is_required() and name not in columns:
            raise DownhillError(
                f"{path}: the column '{name}' is missing; add it (separated by tabs): {field.description}"
            )
