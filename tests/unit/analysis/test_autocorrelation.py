"""Moran's I, compared with two loops and with images whose answer is known."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from downhill.analysis.autocorrelation import morans_i, p_values, random_order
from downhill.analysis.pixels import neighbours


def naive(image: np.ndarray, mask: np.ndarray) -> float:
    """N / Σw · Σ w (x − x̄)(y − ȳ) / Σ (x − x̄)² over all ordered pairs of neighbours."""
    mean = image[mask].mean()
    top, weights = 0.0, 0
    for y, x in np.argwhere(mask):
        for v, u in ((y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)):
            if 0 <= v < mask.shape[0] and 0 <= u < mask.shape[1] and mask[v, u]:
                top += (image[y, x] - mean) * (image[v, u] - mean)
                weights += 1
    return mask.sum() / weights * top / ((image[mask] - mean) ** 2).sum()


def test_equals_two_loops():
    random = np.random.default_rng(0)
    mask = random.random((9, 7)) < 0.8
    images = random.normal(2, 3, (4, 9, 7))
    found = morans_i(images[:, mask], neighbours(mask))
    np.testing.assert_allclose(found, [naive(image, mask) for image in images])


def test_smooth_images_are_near_1_and_a_checkerboard_is_near_minus_1():
    mask = np.ones((28, 28), bool)
    y, x = np.indices(mask.shape)
    smooth = gaussian_filter(np.random.default_rng(0).standard_normal(mask.shape), 4)
    board = (-1.0) ** (x + y)
    found = morans_i(np.stack([y + 2.0 * x, smooth, board]).reshape(3, -1), neighbours(mask))
    assert found[0] > 0.95
    assert found[1] > 0.9
    assert found[2] == pytest.approx(-1)


def test_noise_is_called_beyond_the_99th_percentile_in_one_case_of_a_hundred():
    mask = np.ones((12, 12), bool)
    pairs, random = neighbours(mask), np.random.default_rng(1)
    noise = random.standard_normal((3000, 144))
    beyond = []
    for some in np.split(noise, 10):  # with orders of their own
        beyond.append(p_values(morans_i(some, pairs), random_order(some, pairs, 199, random)) <= 0.01)
    assert np.mean(beyond) == pytest.approx(0.01, abs=0.005)


def test_random_order_has_the_mean_and_the_spread_of_theory():
    """Under random order the mean is −1 / (n − 1); the variance is that of Cliff & Ord 1981 for normal values."""
    mask = np.ones((15, 15), bool)
    pairs, random = neighbours(mask), np.random.default_rng(2)
    image = random.standard_normal((1, 225))
    found = random_order(image, pairs, 4000, random)[:, 0]
    n, links = 225, len(pairs)
    of_pixel = np.bincount(pairs.ravel(), minlength=n)
    s0, s1, s2 = 2 * links, 4 * links, 4 * (of_pixel**2).sum()
    variance = (n**2 * s1 - n * s2 + 3 * s0**2) / (s0**2 * (n**2 - 1)) - 1 / (n - 1) ** 2
    assert found.mean() == pytest.approx(-1 / (n - 1), abs=0.003)
    assert found.std() == pytest.approx(np.sqrt(variance), rel=0.06)


def test_p_values_count_orders_that_are_at_least_as_high():
    p = p_values([0.5, 0.0, np.nan], np.array([[0.4, 0.1, 0], [0.5, -0.1, 0], [0.6, 0.2, 0]]))
    np.testing.assert_allclose(p[:2], [3 / 4, 3 / 4])
    assert np.isnan(p[2])


def test_images_without_variance_or_neighbours_are_undefined():
    pairs = neighbours(np.ones((2, 2), bool))
    images = np.array([[1.0, 1, 1, 1], [0, 1, 2, 3]])
    assert np.isnan(morans_i(images, pairs)).tolist() == [True, False]
    shuffled = random_order(images, pairs, 5, np.random.default_rng(0))
    assert np.isnan(shuffled).tolist() == [[True, False]] * 5
    none = neighbours(np.ones((1, 1), bool))
    assert np.isnan(morans_i(np.ones((3, 1)), none)).all()
    assert np.isnan(random_order(np.ones((3, 0)), none, 2, np.random.default_rng(0))).all()
