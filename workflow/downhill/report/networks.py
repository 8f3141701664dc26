"""The table of all networks, whether or not a claim names them: `networks.csv`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from downhill.claims.inference import mean_intervals
from downhill.config.canonical import settings_of
from downhill.config.network import Network
from downhill.config.settings import Statistics
from downhill.network.architecture import count_parameters
from downhill.report.network_table import COLUMNS, SETS
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.storage.atomic import atomic_path

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
