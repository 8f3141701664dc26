"""Reading the table of networks, and its cells for people."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from downhill.config.cells import IMAGE_SETS
from downhill.report.escaping import markdown
from downhill.report.reading import read_csv
from downhill.report.wording import number

COLUMNS = (
    *("network", "dataset", "layers", "recipe", "parameters", "n", "diverged", "stuck"),
    *(f"{name}{end}" for name in IMAGE_SETS for end in ("", "_lower", "_upper")),
    *("test_loss", "limits"),
)
"""Columns of the table."""


def read_networks(path: Path) -> list[dict[str, Any]]:
    """The rows of `networks.csv`, with None in empty cells; DownhillError if it is missing or another file."""
    text = dict.fromkeys(("network", "dataset", "layers", "recipe", "limits"), str)
    table = read_csv(path, COLUMNS, "the table of networks", text)
    return [
        {str(key): None if pd.isna(value) else value for key, value in row.items()}
        for row in table.to_dict("records")
    ]


def columns(row: dict[str, Any]) -> dict[str, str]:
    """The cells of a network for people, by heading."""
    return {
        "network": row["network"],
        "layers": row["layers"],
        "recipe": f"{row['recipe']}, on {row['dataset']}",
        "parameters": f"{row['parameters']:,}",
        "n": str(row["n"]),
        "diverged": str(row["diverged"]),
        "stuck": str(row["stuck"]),
    } | {f"{name} accuracy": accuracy(row, name) for name in IMAGE_SETS}


def accuracy(row: dict[str, Any], name: str) -> str:
    """Mean accuracy on a set of images with its interval: `93.78 % (93.57 to 93.99)`; a dash if there is none."""
    if row[name] is None:
        return "–"
    lower, upper = row[f"{name}_lower"], row[f"{name}_upper"]
    ends = "" if lower is None else f" ({100 * lower:.2f} to {100 * upper:.2f})"
    return number(row[name], "share") + ends


def as_markdown(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The table of networks as lines of Markdown."""
    cells = [columns(row) for row in rows]
    headings = list(cells[0]) if cells else ["network"]
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    return lines + [f"| {' | '.join(map(markdown, row.values()))} |" for row in cells]
