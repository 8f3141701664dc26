"""Probes: what a linear classifier can read from some features, by cross-validation."""

import warnings
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

Fold = tuple[NDArray[np.intp], NDArray[np.intp]]


def stratified_folds(labels: ArrayLike, folds: int) -> list[Fold]:
    """Indices of training and of test examples for cross-validation, each class spread evenly over the folds.

    The order of examples is shuffled once, with a fixed seed.

    Returns
    -------
    A pair of index arrays for each fold; empty if some class has fewer examples than there are folds, or there are
    fewer than two classes.
    """
    from sklearn.model_selection import StratifiedKFold

    array = np.asarray(labels)
    counts = np.unique(array, return_counts=True)[1]
    if len(counts) < 2 or counts.min() < folds:
        return []
    split = StratifiedKFold(folds, shuffle=True, random_state=0).split(np.zeros(len(array)), array)
    return [(np.asarray(train), np.asarray(test)) for train, test in split]


def probe_accuracy(
    features: ArrayLike, labels: ArrayLike, folds: Sequence[Fold], iterations: int = 200
) -> float:
    """Accuracy of logistic regression on standardised features, for held-out examples.

    The penalty is scikit-learn's default, ½‖w‖² added to the summed cost. Features are standardised by the mean and
    standard deviation of the fold's training examples; a feature that is the same for all of them is not used.

    Parameters
    ----------
    features
        (n, n_features).
    labels
        Two classes, (n,).
    folds
        As from `stratified_folds`.
    iterations
        The largest number of steps of the solver (L-BFGS); it may stop before it has converged.

    Returns
    -------
    The share of right answers over all folds; NaN without folds.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    X, y = np.asarray(features, np.float64), np.asarray(labels)
    right = 0
    for train, test in folds:
        mean, spread = X[train].mean(axis=0), X[train].std(axis=0)
        scale = np.divide(1, spread, out=np.zeros_like(spread), where=spread > 1e-12)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            probe = LogisticRegression(max_iter=iterations).fit((X[train] - mean) * scale, y[train])
        right += int(np.count_nonzero(probe.predict((X[test] - mean) * scale) == y[test]))
    return right / sum(len(test) for _, test in folds) if folds else float("nan")
