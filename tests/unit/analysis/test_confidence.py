"""How sure a network seems: shares above thresholds, and images of which few pixels are kept."""

import math

import numpy as np
import pytest

from downhill.analysis.confidence import exceeding, thinned


def test_shares_above_thresholds_are_counted():
    largest = np.array([[0.1, 0.5, 0.9, 1.0], [0.95, 0.95, 0.95, 0.2]], np.float32)
    found = exceeding(largest, [0.0, 0.5, 0.9, 1.0])
    np.testing.assert_array_equal(found, [[1, 0.5, 0.25, 0], [1, 0.75, 0.75, 0]])


def test_an_output_does_not_exceed_itself_whatever_its_precision():
    for dtype in (np.float32, np.float64):
        assert exceeding(np.full(3, 0.9, dtype), [0.9]) == [0]
        assert exceeding(np.nextafter(np.full(3, 0.9, dtype), dtype(1)), [0.9]) == [1]


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
