"""How sure a network seems: shares above thresholds, the ROC curve, and images of which few pixels are kept."""

import math

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from downhill.analysis.confidence import auroc, exceeding, thinned


def test_shares_above_thresholds_are_counted():
    largest = np.array([[0.1, 0.5, 0.9, 1.0], [0.95, 0.95, 0.95, 0.2]], np.float32)
    found = exceeding(largest, [0.0, 0.5, 0.9, 1.0])
    np.testing.assert_array_equal(found, [[1, 0.5, 0.25, 0], [1, 0.75, 0.75, 0]])


def test_an_output_does_not_exceed_itself_whatever_its_precision():
    for dtype in (np.float32, np.float64):
        assert exceeding(np.full(3, 0.9, dtype), [0.9]) == [0]
        assert exceeding(np.nextafter(np.full(3, 0.9, dtype), dtype(1)), [0.9]) == [1]


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


def test_smaller_shares_of_pixels_are_among_those_of_larger_ones():
    random = np.random.default_rng(0)
    images = random.integers(1, 256, (50, 20, 20), dtype=np.uint8)
    ranks = random.random(images.shape)
    fewer, more = thinned(images, 0.1, ranks), thinned(images, 0.4, ranks)
    assert fewer.dtype == more.dtype == np.uint8
    for one, share in ((fewer, 0.1), (more, 0.4)):
        assert (one > 0).mean() == pytest.approx(share, abs=4 * math.sqrt(share * (1 - share) / images.size))
        assert (one[one > 0] == images[one > 0]).all()
    assert (more > 0)[fewer > 0].all()
    np.testing.assert_array_equal(thinned(images, 1, ranks), images)
    assert not thinned(images, 0, ranks).any()
