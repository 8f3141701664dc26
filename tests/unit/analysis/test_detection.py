"""The area under the ROC curve, compared with scikit-learn's."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from downhill.analysis.detection import auroc


@pytest.mark.parametrize("levels", [2, 5, 1000])
def test_equals_that_of_scikit_learn_with_and_without_ties(levels: int):
    random = np.random.default_rng(levels)
    positive = random.random(300) < 0.1
    scores = random.integers(0, levels, 300) + 0.3 * levels * positive
    assert auroc(scores, positive) == pytest.approx(roc_auc_score(positive, scores), abs=1e-12)


def test_perfect_useless_and_inverted_detectors():
    positive = [False, False, True, True]
    assert auroc([1, 2, 3, 4], positive) == 1
    assert auroc([5, 5, 5, 5], positive) == 0.5
    assert auroc([4, 3, 2, 1], positive) == 0


@pytest.mark.parametrize("positive", [[True, True], [False, False], []])
def test_without_both_groups_there_is_none(positive: list[bool]):
    assert math.isnan(auroc(np.arange(len(positive)), positive))
