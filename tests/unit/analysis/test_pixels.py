"""Masks of pixels and their neighbours, compared with plain loops."""

import numpy as np
import pytest

from downhill.analysis.pixels import middle, neighbours, often_lit


def test_often_lit_counts_images():
    images = np.zeros((20, 2, 3), np.uint8)
    images[0, 0, 0] = images[:2, 0, 1] = images[:, 1, 2] = 7
    assert often_lit(images, 0.05).tolist() == [[True, True, False], [False, False, True]]
    assert often_lit(images, 0.1).tolist() == [[False, True, False], [False, False, True]]
    assert often_lit(images, 0).tolist() == often_lit(images, 0.05).tolist()


def test_dark_images_and_no_images_have_no_lit_pixel():
    assert not often_lit(np.zeros((5, 2, 2), np.uint8), 0).any()
    assert not often_lit(np.zeros((0, 2, 2), np.uint8), 0.05).any()


def test_middle_is_half_of_each_side():
    found = middle(28, 28)
    assert found.sum() == 14 * 14
    assert found[7:21, 7:21].all()
    assert middle(1, 1).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (4, 6)])
def test_neighbours_are_those_of_two_loops(shape):
    mask = np.random.default_rng(3).random(shape) < 0.7
    places = [tuple(place) for place in np.argwhere(mask)]
    expected = {
        (i, j)
        for i, (y, x) in enumerate(places)
        for j, (v, u) in enumerate(places)
        if i < j and abs(y - v) + abs(x - u) == 1
    }
    pairs = neighbours(mask)
    assert {tuple(sorted(pair)) for pair in pairs.tolist()} == expected
    assert len(pairs) == len(expected)
