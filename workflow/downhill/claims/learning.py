"""Family *learning*: does it learn, and how well."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from downhill.claims.evidence import Measurement, NotMeasuredError, only, percent
from downhill.claims.inference import rank_correlation
from downhill.network.architecture import count_parameters
from downhill.runs.evaluation import EvaluatedNetwork

_FIRST_IMAGES = 300  # sample size that the video's own scene code scores
_GALLERY = 15  # mistakes shown


def untrained_accuracy(evaluations: Sequence[EvaluatedNetwork]) -> Measurement:
    """Median test accuracy of networks as they were initialised."""
    evaluation = only(evaluations)
    accuracy = evaluation.scores("test").accuracy.to_numpy()
    return Measurement(
        accuracy,
        note=f"the luckiest of {len(accuracy)} untrained networks gets {percent(accuracy.max(), 1)} right, "
        f"the unluckiest {percent(accuracy.min(), 1)}",
        data={"accuracy": accuracy, "chance": 1 / evaluation.data.n_classes},
        summary=np.median,
    )


def rise_with_epochs(evaluations: Sequence[EvaluatedNetwork]) -> Measurement:
    """Mean over seeds of Spearman's correlation of epoch and test accuracy."""
    evaluation = only(evaluations)
    history = evaluation.table("history")
    curves = _curves(history)
    by_seed = [rank_correlation(rows.epoch, rows.test_accuracy) for _, rows in history.groupby("seed")]
    if not np.isfinite(by_seed).all():
        raise NotMeasuredError("a correlation needs at least two epochs whose accuracies differ")
    return Measurement(
        by_seed,
        note=f"the lowest correlation of a single seed is {min(by_seed):.2f}",
        data={"curves": curves, "n": len(by_seed)},
    )


def test_accuracy(evaluations: Sequence[EvaluatedNetwork]) -> Measurement:
    """Mean test accuracy at the end of training."""
    evaluation = only(evaluations)
    accuracy = evaluation.scores("test").accuracy.to_numpy()
    right = evaluation.predictions["predicted"] == evaluation.predictions["labels"]
    first = right[:, :_FIRST_IMAGES].mean(axis=1)
    chance = float((first >= 0.96).mean())
    return Measurement(
        accuracy,
        note=f"single seeds reach {percent(accuracy.min())} to {percent(accuracy.max())}; scored on the first "
        f"{_FIRST_IMAGES} test images alone, {percent(chance, 0)} of seeds would report 96 % or more",
        data={
            "accuracy": accuracy,
            "first_images": {"n_images": _FIRST_IMAGES, "accuracy": first, "share_96": chance},
            "mistakes": _mistakes(evaluation),
        },
    )


def accuracy_of_best_shape(evaluations: Sequence[EvaluatedNetwork]) -> Measurement:
    """Mean test accuracy of the shape with the best mean validation accuracy."""
    rows: list[dict[str, Any]] = []
    for evaluation in evaluations:
        validation = evaluation.scores("validation").accuracy
        if validation.empty:
            raise NotMeasuredError(f"network '{evaluation.name}' has no validation images to choose by")
        rows.append(
            {
                "network": evaluation.name,
                "hidden_layers": evaluation.net.hidden_layers,
                "shape": "-".join(map(str, evaluation.net.hidden_layers)),
                "parameters": count_parameters(evaluation.layer_sizes),
                "validation": float(validation.mean()),
                "test": evaluation.scores("test").accuracy.to_numpy(),
            }
        )
    best = max(rows, key=lambda row: float(row["validation"]))
    reaching = [row for row in rows if np.mean(row["test"]) >= 0.98]
    if reaching:
        smallest = min(reaching, key=lambda row: int(row["parameters"]))
        found = (
            f"the smallest shape whose mean reaches 98 % is {smallest['shape']} "
            f"({smallest['parameters']:,} weights and biases)"
        )
    else:
        found = "no shape's mean reaches 98 %"
    return Measurement(
        best["test"],
        note=f"chosen on validation images: {best['shape']}; {found}",
        data={"shapes": rows, "best": best["network"]},
    )


def generalisation_gap(evaluations: Sequence[EvaluatedNetwork]) -> Measurement:
    """Training accuracy minus test accuracy at the end of training."""
    evaluation = only(evaluations)
    train, test = evaluation.scores("train").accuracy, evaluation.scores("test").accuracy
    return Measurement(
        (train - test).to_numpy(),
        note=f"{percent(train.mean())} right on training images, {percent(test.mean())} on new ones",
        data={
            "curves": _curves(evaluation.table("history")),
            "train": train.to_numpy(),
            "test": test.to_numpy(),
        },
    )


def best_epoch_accuracy(evaluations: Sequence[EvaluatedNetwork]) -> Measurement:
    """Mean over seeds of the best test accuracy of any epoch (chosen on the test set, as the book does)."""
    evaluation = only(evaluations)
    history = evaluation.table("history")
    curves = _curves(history)
    best = history.groupby("seed").test_accuracy.max().to_numpy()
    final = evaluation.scores("test").accuracy.to_numpy()
    return Measurement(
        best,
        note=f"at the last epoch the mean is {percent(final.mean())}; "
        f"the best single epoch of any seed is {percent(best.max())}",
        data={"curves": curves, "best": best, "final": final, "n": len(best)},
    )


def _curves(history: pd.DataFrame) -> dict[str, Any]:
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


def _mistakes(evaluation: EvaluatedNetwork) -> list[dict[str, Any]]:
    """The test images that the first seed gets wrong with the greatest confidence."""
    found = evaluation.predictions
    labels, predicted, confidence = found["labels"], found["predicted"], found["confidence"]
    wrong = np.flatnonzero(predicted[0] != labels)
    worst = wrong[np.argsort(-confidence[0][wrong], kind="stable")][:_GALLERY]
    classes = evaluation.data.classes
    return [
        {
            "image": int(place),
            "pixels": evaluation.data.test.images[place],
            "label": classes[labels[place]],
            "predicted": classes[predicted[0][place]],
            "confidence": float(confidence[0][place]),
            "share_wrong": float((predicted[:, place] != labels[place]).mean()),
        }
        for place in worst
    ]
