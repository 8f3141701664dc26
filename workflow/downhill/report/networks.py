"""The table of all networks, whether or not a claim names them: `networks.csv`."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from downhill.claims.measurement import Sample
from downhill.config.cells import IMAGE_SETS
from downhill.config.settings import Statistics
from downhill.network.architecture import count_parameters
from downhill.network.recipe import recipe
from downhill.report.network_table import Row
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.storage.atomic import atomic_path


def tabulate(evaluations: Iterable[Path], settings: Statistics, path: Path, limits: str = "") -> pd.DataFrame:
    """Write the table of networks as CSV, in the order of their evaluations; returns it.

    Each row has the network's layers, recipe and number of parameters, the number n of its seeds, how many of them
    diverged (they are left out of everything else) or are stuck (never recognise one of the classes), and mean
    accuracies on all sets of images with their intervals. `limits` says how a smoke study is limited.
    """
    rows = [_row(EvaluatedNetwork(folder), settings) | {"limits": limits} for folder in evaluations]
    table = pd.DataFrame(rows, columns=list(Row.model_fields))
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
    for name in IMAGE_SETS:
        accuracy = Sample(network.scores(name).accuracy).described(settings)
        row |= {
            name: accuracy["mean"],
            f"{name}_lower": accuracy["lower"],
            f"{name}_upper": accuracy["upper"],
        }
    return row | {"test_loss": float(network.scores("test").loss.mean()) if network.seeds else None}
