"""The area under the ROC curve, compared with scikit-learn's."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from downhill.analysis.detection import auroc


@pytest.mark.parametrize("seed", range(5))
def test_area_under_the_roc_curve_is_that_of_scikit_learn(seed: int):
    random = np.random.default_rng(seed)
    # Rounded, so that there are many ties, within the groups and between them.
    higher, lower = random.normal(0.3, 1, 300).round(1), random.normal(0, 1, 200).round(1)
    truth = np.repeat([1, 0], [300, 200])
    assert auroc(higher, lower) == pytest.approx(roc_auc_score(truth, np.concatenate([higher, lower])))
    assert auroc(lower, higher) == pytest.approx(1 - auroc(higher, lower))


def test_area_under_the_roc_curve_of_groups_that_are_apart_equal_or_empty():
    assert auroc([2, 3], [0, 1]) == 1
    assert auroc([0, 1], [2, 3]) == 0
    assert auroc(np.full(5, 0.7, np.float32), np.full(3, 0.7, np.float32)) == 0.5
    assert math.isnan(auroc([], [1.0]))
    assert math.isnan(auroc([1.0], []))
