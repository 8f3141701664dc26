"""Networks compared with the product of their layers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.measurement import Sample, significant
from downhill.claims.wording import percent
from downhill.config.network import Network


def kinds_of(arrays: dict[str, NDArray[Any]]) -> list[dict[str, Any]]:
    """By kind of hidden units: differences and accuracies of trained networks, and differences by depth."""
    return [
        {
            "activation": str(activation),
            "difference": Sample(arrays["difference"][:, place], limited=False),
            "accuracy": Sample(arrays["accuracy"][:, place]),
            "matrix_accuracy": Sample(arrays["matrix_accuracy"][:, place]),
            "depth": arrays["depth"][0],
            "by_depth": significant(arrays["by_depth"][:, place].T, 4),
        }
        for place, activation in enumerate(arrays["activation"][0])
    ]


def name_of(net: Network, name: str) -> str:
    """What a network that is shown for comparison is called: `softmax regression`, or its name."""
    is_regression = not net.hidden_layers and net.output == "softmax" and net.loss == "cross_entropy"
    return "softmax regression" if is_regression else f"network '{name}'"


def about_matrices(kinds: list[dict[str, Any]], regression: list[dict[str, Any]]) -> str:
    """Accuracies of networks and of their matrices, and how far other kinds of units are from one, in words."""
    parts = []
    for place, kind in enumerate(kinds):
        difference, accuracy, of_matrix = (
            np.asarray(kind[name].values)[np.isfinite(kind[name].values)]
            for name in ("difference", "accuracy", "matrix_accuracy")
        )
        if not len(accuracy):
            parts.append(f"no network with {kind['activation']} units has a test accuracy")
            continue
        sentence = (
            f"with {kind['activation']} units, networks get {percent(accuracy.mean())} of test images right, and their "
            f"matrices {percent(of_matrix.mean())}"
        )
        if place and len(difference):
            sentence += (
                f" (their outputs differ by up to {difference.max():.2g} times the norm of the network's)"
            )
        parts.append(sentence)
    for one in regression:
        parts.append(f"{one['name']} gets {percent(float(np.mean(one['accuracy'].values)))} right")
    return "; ".join(parts)
