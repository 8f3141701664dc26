"""Names of the files in results, each defined once. Imports nothing, so that planning stays fast."""

RECORD = "provenance.json"
"""Record of how a result was made."""

DATASET, SUMMARY = "dataset.npz", "summary.json"
"""A prepared data set."""

WEIGHTS, HISTORY = "weights.npz", "history.parquet"
"""A block of trained seeds; an evaluation has a history as well."""

INDEX, SCORES, CONFUSION, PREDICTIONS = "index.json", "scores.parquet", "confusion.parquet", "predictions.npz"
"""An evaluation, together with its history."""
