"""Sweeps: a cell such as `0.03|0.1|0.3` turns its row into one row for each value."""

from collections.abc import Iterator
from itertools import product

SEPARATOR = "|"


def rows_of_sweep(values: dict[str, str], key: str) -> Iterator[dict[str, str]]:
    """Expand a row with sweeps into one row for each combination; a row without sweeps is unchanged.

    Parameters
    ----------
    values
        Cells by column. A cell may hold several values, separated by `|`; with several such cells there is a row for
        every combination, named by the columns in alphabetical order.
    key
        Column with the row's name, to which the values are appended: `rate` becomes `rate-0.03`, `rate-0.1`, ….
    """
    swept = {
        column: [value.strip() for value in cell.split(SEPARATOR)]
        for column, cell in sorted(values.items())
        if SEPARATOR in cell and column != key
    }
    for combination in product(*swept.values()):
        name = "-".join([values.get(key, ""), *combination])
        yield values | dict(zip(swept, combination, strict=True)) | ({key: name} if values.get(key) else {})
