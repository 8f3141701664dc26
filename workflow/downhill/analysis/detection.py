"""How well a number tells two groups of cases apart."""

import math

import numpy as np
from numpy.typing import ArrayLike


def auroc(scores: ArrayLike, positive: ArrayLike) -> float:
    """Area under the ROC curve: the probability that a positive case has a larger score than a negative one.

    It is the Mann-Whitney statistic over the number of pairs, computed from ranks; a pair of equal scores counts ½
    (Hanley & McNeil 1982, *The meaning and use of the area under a receiver operating characteristic (ROC) curve*,
    *Radiology* 143:29).

    Parameters
    ----------
    scores
        (n,), finite.
    positive
        Whether each case is one to be detected, bool (n,).

    Returns
    -------
    float
        NaN if all cases are positive, or none is.
    """
    from scipy.stats import rankdata

    found = np.asarray(positive, dtype=bool)
    positives, negatives = int(found.sum()), int((~found).sum())
    if not positives or not negatives:
        return math.nan
    ranks = float(rankdata(np.asarray(scores, dtype=np.float64))[found].sum())
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives)
