"""Curves of learning: what a history says by epoch, over all seeds."""

from typing import Any

import pandas as pd

from downhill.claims.parts import NotMeasuredError


def curves(history: pd.DataFrame) -> dict[str, Any]:
    """Mean and central 90 % over seeds of every column of a history, by epoch."""
    if history.empty:
        raise NotMeasuredError("a network that was not trained has no epochs")
    columns = ["train_loss", "train_accuracy", "test_loss", "test_accuracy"]
    grouped = history.groupby("epoch")[columns]
    mean, low, high = grouped.mean(), grouped.quantile(0.05), grouped.quantile(0.95)
    curves: dict[str, Any] = {"epoch": mean.index.to_numpy(), "seeds": int(history.seed.nunique())}
    for column in columns:
        curves[column] = {"mean": mean[column].to_numpy(), "low": low[column].to_numpy()}
        curves[column]["high"] = high[column].to_numpy()
    return curves
