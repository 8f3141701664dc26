"""How well a number separates two groups of cases."""

import numpy as np
from numpy.typing import ArrayLike


def auroc(higher: ArrayLike, lower: ArrayLike) -> float:
    """Area under the ROC curve of a score: the probability that one group has the higher score.

    If one case is drawn from each group, it is the probability that the score of the first is higher, where ties count
    half (the Mann-Whitney statistic divided by the number of pairs; Hanley & McNeil 1982, *Radiology* 143:29). 1 means
    that every score of the first group is higher, ½ that the score does not separate the groups.

    Parameters
    ----------
    higher, lower
        Scores of the two groups, (m,) and (n,).

    Returns
    -------
    float; NaN if a group is empty.
    """
    first, second = np.asarray(higher), np.sort(np.asarray(lower))
    if not len(first) or not len(second):
        return float("nan")
    below = np.searchsorted(second, first, side="left")
    not_above = np.searchsorted(second, first, side="right")
    return float((below.sum() + not_above.sum()) / (2 * len(first) * len(second)))
