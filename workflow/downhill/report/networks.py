"""The table of all networks, whether or not a claim names them: `networks.csv`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from downhill.claims.inference import mean_intervals
from downhill.config.canonical import settings_of
from downhill.config.network import Network
from downhill.config.settings import Statistics
from downhill.network.architecture import count_parameters
from downhill.report.reading import read_csv
from downhill.report.wording import number
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.storage.atomic import atomic_path

SETS = ("train", "validation", "test")

COLUMNS = (
    *("network", "dataset", "layers", "recipe", "parameters", "n", "diverged", "stuck"),
    *(f"{name}{end}" for name in SETS for end in ("", "_lower", "_upper")),
    *("test_loss", "limits"),
)
"""Columns of the table."""

_IN_RECIPE = (
    "activation",
    "output",
    "loss",
    "initialization",
    "optimizer",
    "learning_rate",
    "batch_size",
    "epochs",
)
_LOSSES = {"mse": "quadratic cost", "cross_entropy": "cross-entropy"}


def tabulate(evaluations: Iterable[Path], settings: Statistics, path: Path, limits: str = "") -> pd.DataFrame:
    """Write the table of networks as CSV, in the order of their evaluations; returns it.

    Each row has the network's layers, recipe and number of parameters, the number n of its seeds, how many of them
    diverged (they are left out of everything else) or are stuck (never recognise one of the classes), and mean
    accuracies on all sets of images with their intervals. `limits` says how a smoke study is limited.
    """
    rows = [_row(EvaluatedNetwork(folder), settings) | {"limits": limits} for folder in evaluations]
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")
    return table


def _row(network: EvaluatedNetwork, settings: Statistics) -> dict[str, Any]:
    row: dict[str, Any] = {
        "network": network.name,
        "dataset": Path(network.index["data"]).name,
        "layers": "-".join(map(str, network.layer_sizes)),
        "recipe": recipe(network.net),
        "parameters": count_parameters(network.layer_sizes),
        "n": len(network.seeds) + len(network.index["diverged"]),
        "diverged": len(network.index["diverged"]),
        "stuck": len(network.stuck),
    }
    for name in SETS:
        accuracy = network.scores(name).accuracy.to_numpy(np.float64)
        known = accuracy[np.isfinite(accuracy)]
        intervals = mean_intervals(known, settings)
        row[name] = float(known.mean()) if len(known) else None
        row[f"{name}_lower"] = max(0.0, intervals.usual.lower) if intervals else None
        row[f"{name}_upper"] = min(1.0, intervals.usual.upper) if intervals else None
    return row | {"test_loss": float(network.scores("test").loss.mean()) if network.seeds else None}


def recipe(net: Network) -> str:
    """How a network is trained, in words: the usual settings, then any others that differ from their defaults."""
    parts = [
        net.activation if net.hidden_layers else "no hidden layer",
        f"{net.output} output",
        _LOSSES[net.loss],
        f"{net.initialization} initialisation",
        f"{net.optimizer}, rate {net.learning_rate:g}",
        f"batch {net.batch_size}",
        f"{net.epochs} epoch{'s' if net.epochs != 1 else ''}" if net.epochs else "untrained",
    ]
    unimportant = ("hidden_layers", "history_every", "history_sets", "snapshot_epochs", *_IN_RECIPE)
    others = {key: value for key, value in settings_of(net).items() if key not in unimportant}
    return ", ".join([*parts, *(f"{key} {value}" for key, value in others.items())])


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
    } | {f"{name} accuracy": accuracy(row, name) for name in SETS}


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
    return lines + [
        f"| {' | '.join(cell.replace('|', '&#124;') for cell in row.values())} |" for row in cells
    ]
