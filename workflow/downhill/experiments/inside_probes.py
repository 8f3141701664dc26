"""Probes of the family *inside*: what they read from, and the sets of classes that they are to detect."""

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.probes import Fold, probe_accuracy
from downhill.datasets.dataset import Images
from downhill.network import reference
from downhill.runs.trained import TrainedNetwork

Array = NDArray[np.float64]

REPRESENTATIONS = ("layer 2", "random features", "layer 1", "pixels")
"""What probes read from, in the order of the arrays."""

_OTHER_SETS = 10  # of classes, as a control


def sets_like(n_classes: int, classes: list[int]) -> list[tuple[int, ...]]:
    """Other sets of as many classes, drawn at random with a fixed seed; a set and its complement are the same."""
    random, every = np.random.default_rng(0), set(range(n_classes))
    seen = {frozenset(classes), frozenset(every.difference(classes))}
    found: list[tuple[int, ...]] = []
    for _ in range(5 * _OTHER_SETS):
        drawn = tuple(sorted(random.choice(n_classes, len(classes), replace=False).tolist()))
        if len(found) < _OTHER_SETS and frozenset(drawn) not in seen:
            seen |= {frozenset(drawn), frozenset(every.difference(drawn))}
            found.append(drawn)
    return found


def random_features(below: Array, units: int, seed: int) -> Array:
    """Sigmoid units on some activations (n, n_below), with weights and biases from N(0, 1), (n, units)."""
    random = np.random.default_rng([seed, 3])
    W, b = random.standard_normal((below.shape[1], units)), random.standard_normal(units)
    return reference.sigmoid(below @ W + b)


def accuracy_of_sets(
    pair: tuple[Array, Array],
    labels: NDArray[np.uint8],
    sets: list[tuple[int, ...]],
    folds: list[list[Fold]],
) -> Array:
    """Accuracy of the probes of two representations for each set of classes, (sets, 2)."""
    found = [
        [probe_accuracy(features, np.isin(labels, chosen), split) for features in pair]
        for chosen, split in zip(sets, folds, strict=True)
    ]
    return np.array(found, np.float64).reshape(len(sets), 2)


def added_by_units(network: TrainedNetwork, seed: int, activations: list[Array], tests: Images) -> Array:
    """What each unit of the last hidden layer adds to the output of each class, (units, classes)."""
    W, _ = network.weights(seed)[-1]
    if not network.net.hidden_layers:
        return np.zeros((0, W.shape[1]))
    found = np.full(W.shape, np.nan)
    for label in np.unique(tests.labels):
        found[:, label] = activations[-2][tests.labels == label].mean(axis=0) * W[:, label]
    return found
