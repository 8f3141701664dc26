"""Images in the engine's format: no pixel is lost or moved, in the sparse or the dense form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from downhill import DownhillError
from downhill.engine.constants import GROUP, WIDTH
from downhill.engine.images import DENSE_FROM, MOST_PIXELS, engine_images

SHAPES = st.tuples(st.integers(0, 5), st.integers(1, 6), st.integers(1, 6))
PIXELS = st.one_of(
    arrays(np.uint8, SHAPES, elements=st.sampled_from([0, 0, 0, 1, 128, 255])),
    arrays(np.uint8, SHAPES),
    arrays(np.float32, SHAPES, elements=st.sampled_from([0, 0, 0, 1, -2.5, 1e-30])),
    arrays(np.float32, SHAPES, elements=st.floats(-4, 4, width=32)),
)


def assert_padded(pixels, values, lit):
    """Dark pixels come first; all differ and ascend, except for dark ones where there are not enough of them."""
    padding = len(pixels) - lit
    assert not values[:padding].any()
    assert values[padding:].all()
    assert (np.diff(pixels) >= 0).all()
    assert (np.diff(pixels[padding:]) > 0).all()
    assert (np.diff(pixels[pixels > 0]) > 0).all()


@given(PIXELS)
@settings(max_examples=150)
def test_every_pixel_is_stored(images):
    found = engine_images(images)
    n, values = len(images), found.values.view(images.dtype)
    flat = images.reshape(n, images.shape[1] * images.shape[2])
    assert (found.n_images, found.n_pixels) == flat.shape
    assert len(values) == found.starts[-1] + WIDTH  # room to read a whole vector past the last entry
    dense = np.count_nonzero(flat) > DENSE_FROM * flat.size
    assert (len(found.pixels) == 0) == dense
    whole = np.zeros((n, flat.shape[1] + WIDTH), images.dtype)
    for i in range(n):
        own = slice(found.starts[i], found.starts[i + 1])
        lit = np.count_nonzero(flat[i])
        if dense:
            whole[i, : len(values[own])] = values[own]
            assert len(values[own]) == -(-flat.shape[1] // WIDTH) * WIDTH
        else:
            np.add.at(whole[i], found.pixels[own], values[own])
            assert len(values[own]) == -(-lit // GROUP) * GROUP
            assert_padded(found.pixels[own].astype(int), values[own], lit)
    np.testing.assert_array_equal(whole[:, : flat.shape[1]], flat)
    assert not whole[:, flat.shape[1] :].any()
    assert found.most_entries == np.diff(found.starts).max(initial=0)
    assert found.size == images.dtype.itemsize


def test_many_images_keep_their_order():
    images = np.random.default_rng(0).integers(0, 3, (2100, 3, 4), np.uint8) // 2
    found = engine_images(images)
    rows = np.repeat(np.arange(2100), np.diff(found.starts))
    whole = np.zeros((2100, 12), np.uint8)
    np.add.at(whole, (rows, found.pixels[:-WIDTH]), found.values[:-WIDTH])
    np.testing.assert_array_equal(whole, images.reshape(2100, 12))


def test_float64_is_rounded_and_images_may_be_rows():
    images = np.random.default_rng(0).random((3, 7))
    found = engine_images(images)
    rows = found.values.view(np.float32)[: 3 * WIDTH].reshape(3, WIDTH)
    np.testing.assert_array_equal(rows[:, :7], images.astype(np.float32))


def test_largest_pixel_index_is_supported():
    images = np.zeros((1, MOST_PIXELS), np.uint8)
    images[0, -1] = 9
    assert engine_images(images).pixels[GROUP - 1] == MOST_PIXELS - 1


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros(5, np.uint8), r"must have shape \(n, height, width\) or \(n, pixels\), not \(5,\)"),
        (np.zeros((2, 5), np.int64), r"pixels must be uint8 \(0 to 255\) or floats .*, not int64"),
        (np.zeros((2, 5), bool), "pixels must be uint8 .*, not bool"),
        (
            np.zeros((1, MOST_PIXELS + 1), np.uint8),
            "images have 65,537 pixels; the engine supports up to 65,536",
        ),
    ],
)
def test_invalid_images_are_refused(images, message):
    with pytest.raises(DownhillError, match=message):
        engine_images(images)
