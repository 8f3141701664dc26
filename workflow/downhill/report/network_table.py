"""Reading the table of networks, and its cells for people."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from downhill.config.cells import IMAGE_SETS
from downhill.report.escaping import markdown
from downhill.report.reading import read_rows
from downhill.report.wording import number


class Row(BaseModel):
    """A network in the table."""

    network: str
    dataset: str
    layers: str
    recipe: str
    parameters: int
    n: int
    diverged: int
    stuck: int
    train: float | None = None
    train_lower: float | None = None
    train_upper: float | None = None
    validation: float | None = None
    validation_lower: float | None = None
    validation_upper: float | None = None
    test: float | None = None
    test_lower: float | None = None
    test_upper: float | None = None
    test_loss: float | None = None
    limits: str = ""


def read_networks(path: Path) -> list[dict[str, Any]]:
    """The rows of `networks.csv`, with None in empty cells; DownhillError if it is missing or another file."""
    return read_rows(path, Row, "the table of networks")


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
    value = number(row[name], "share")
    if lower is None or upper is None:
        return value
    digits = len(value.removesuffix(" %").partition(".")[2])
    return f"{value} ({100 * lower:.{digits}f} to {100 * upper:.{digits}f})"


def as_markdown(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The table of networks as lines of Markdown."""
    cells = [columns(row) for row in rows]
    headings = list(cells[0]) if cells else ["network"]
    lines = [f"| {' | '.join(headings)} |", f"|{'---|' * len(headings)}"]
    return lines + [f"| {' | '.join(map(markdown, row.values()))} |" for row in cells]
