"""Curves of learning: what a history says by epoch, over all seeds."""

from typing import Any

import pandas as pd

from downhill.claims.parts import NotMeasuredError
from downhill.runs.evaluation import EvaluatedNetwork


def history_of(network: EvaluatedNetwork) -> pd.DataFrame:
    """The history of a network: one row per seed and epoch of its history.

    Raises
    ------
    NotMeasuredError
        If the network was not trained.
    """
    history = network.table("history")
    if history.empty:
        raise NotMeasuredError("a network that was not trained has no epochs")
    return history


def curves(network: EvaluatedNetwork, sets: tuple[str, ...] = ("train", "test")) -> dict[str, Any]:
    """Mean and central 90 % over seeds of cost and accuracy on some image sets, by epoch."""
    history = history_of(network)
    if missing := [name for name in sets if name not in network.net.history_sets]:
        raise NotMeasuredError(
            f"the history does not score the image set '{missing[0]}'; add it to history_sets"
        )
    columns = [f"{name}_{number}" for name in sets for number in ("loss", "accuracy")]
    grouped = history.groupby("epoch")[columns]
    mean, low, high = grouped.mean(), grouped.quantile(0.05), grouped.quantile(0.95)
    found: dict[str, Any] = {"epoch": mean.index.to_numpy(), "seeds": int(history.seed.nunique())}
    for column in columns:
        found[column] = {"mean": mean[column].to_numpy(), "low": low[column].to_numpy()}
        found[column]["high"] = high[column].to_numpy()
    return found
