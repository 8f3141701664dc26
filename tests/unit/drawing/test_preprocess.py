"""The preprocessing of MNIST: on its own images, on shapes whose result is known, and what it does not depend on."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from downhill.datasets import Dataset
from downhill.drawing.preprocess import BOX, PEN, SIDE, plain, preprocessed, preprocessed_raster
from downhill.drawing.strokes import digits_in_turn
from tests.drawings import Strokes, as_json, fifty_drawings

dyadic = st.integers(0, 64).map(lambda number: number / 64)  # sums and doubles of these are exact
strokes = st.lists(
    st.lists(st.tuples(dyadic, dyadic), min_size=1, max_size=5).map(np.array), min_size=1, max_size=3
)


@pytest.fixture(scope="module")
def drawings() -> list[Strokes]:
    return digits_in_turn(60, np.random.default_rng(5))[0]


def inked(image: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of the ink."""
    (found,) = ndimage.find_objects((image > 0).astype(int))
    return found


def test_enlarged_digits_of_mnist_come_back(digits: Dataset):
    """Only stretched to 255, or moved by half a pixel along the shorter side if it has an odd number of pixels."""
    unchanged = moved = 0
    for image in digits.test.images:
        rows, columns = inked(image)
        height, width = rows.stop - rows.start, columns.stop - columns.start
        assert max(height, width) == BOX
        found = preprocessed_raster(np.kron(image, np.ones((8, 8)))).image
        if (BOX - min(height, width)) % 2 == 0:
            np.testing.assert_array_equal(found, np.rint(image / (image.max() / 255)))
            unchanged += 1
        else:
            axis = 1 if width < height else 0
            halves = [(np.roll(image.astype(float), step, axis) + image) / 2 for step in (-1, 1)]
            halves = [255 * half / half.max() for half in halves]
            shifted = [np.roll(half, step, axis) for half in halves for step in (-1, 0, 1)]
            assert min(abs(found - one).max() for one in shifted) <= 0.5
            moved += 1
    assert (unchanged, moved) == (159, 41)


def test_centre_of_mass_is_in_row_and_column_14(drawings: list[Strokes]):
    for drawing in drawings:
        found = preprocessed(drawing)
        centre = ndimage.center_of_mass(found.image)
        assert all(13.49 < place < 14.51 for place in centre)  # the image is rounded, the box is not
        assert found.image.max() == 255
        assert found.box.max() == 255


def test_ink_fills_twenty_pixels_along_its_longer_side(drawings: list[Strokes]):
    for drawing in drawings:
        found = preprocessed(drawing)
        rows, columns = inked(found.raster)
        assert max(rows.stop - rows.start, columns.stop - columns.start) in (159, 160)
        rows, columns = inked(found.image)
        assert max(rows.stop - rows.start, columns.stop - columns.start) == BOX


def test_image_is_the_box_at_whole_pixels(drawings: list[Strokes]):
    for drawing in drawings:
        found = preprocessed(drawing)
        corners = [
            (top, left)
            for top in range(SIDE - BOX + 1)
            for left in range(SIDE - BOX + 1)
            if np.array_equal(found.image[top : top + BOX, left : left + BOX], np.rint(found.box))
        ]
        assert len(corners) >= 1
        assert found.image.sum() == np.rint(found.box).sum()


def test_a_line_becomes_a_bar_with_round_ends_in_the_middle():
    found = preprocessed([np.array([[0.1, 0.2], [0.1, 0.7]])])
    image = found.image
    rows, columns = inked(image)
    assert (rows.start, rows.stop) == (4, 24)
    assert found.box[2:18].sum(axis=1) == pytest.approx(np.full(16, PEN * 255))
    assert (columns.start, columns.stop) == (12, 16)  # half a pixel, two pixels, half a pixel
    np.testing.assert_array_equal(image[10, columns], [128, 255, 255, 128])


def test_a_dot_fills_the_square():
    image = preprocessed([np.array([[0.9, 0.4]])]).image
    assert image.sum() / 255 == pytest.approx(np.pi * 10**2, rel=0.02)
    assert image[4:24, 4:24].sum() == image.sum()
    np.testing.assert_array_equal(image, image[::-1])
    np.testing.assert_array_equal(image[:, 4:24], image[4:24].T)


@pytest.mark.parametrize("drawing", [[], [np.zeros((0, 2))]])
def test_nothing_drawn_is_blank(drawing: Strokes):
    found = preprocessed(drawing)
    assert found.image.shape == (28, 28)
    assert not found.raster.any()
    assert not found.box.any()
    assert not found.image.any()
    assert not plain(drawing).any()


@settings(max_examples=40)
@given(strokes, st.tuples(dyadic, dyadic), st.sampled_from([0.25, 0.5, 2.0]))
def test_place_and_size_on_the_canvas_do_not_matter(
    drawing: Strokes, move: tuple[float, float], scale: float
):
    found = preprocessed([scale * (stroke + move) for stroke in drawing])
    np.testing.assert_array_equal(found.image, preprocessed(drawing).image)


@settings(max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(0, 30), st.integers(0, 30), st.integers(1, 255))
def test_place_and_darkness_in_a_raster_do_not_matter(seed: int, down: int, right: int, darkness: int):
    random = np.random.default_rng(seed)
    ink = (random.random((20, 13)) < 0.3) * 1.0
    ink[3, 4] = 1
    rasters = [np.zeros((50, 50)) for _ in range(2)]
    rasters[0][:20, :13] = 255 * ink
    rasters[1][down : down + 20, right : right + 13] = darkness * ink
    first, second = (preprocessed_raster(raster) for raster in rasters)
    np.testing.assert_array_equal(first.image, second.image)
    np.testing.assert_allclose(first.box, second.box, rtol=1e-12)


@settings(max_examples=40)
@given(strokes, st.integers(0, 13), st.integers(0, 13))
def test_without_preprocessing_the_image_moves_with_the_drawing(drawing: Strokes, down: int, right: int):
    small = [stroke / 4 + 3 / 28 for stroke in drawing]
    moved = [stroke + np.array([right, down]) / 28 for stroke in small]
    expected = np.roll(plain(small), (down, right), axis=(0, 1)).astype(int)
    assert abs(expected - plain(moved)).max() <= 8  # a sample or two of 64 on the edge of the ink


def test_without_preprocessing_the_pen_is_two_pixels_wide():
    image = plain([np.array([[0.5, 0.25], [0.5, 0.75]])])
    assert (image[8:20].sum(axis=1) == 2 * 255).all()
    assert image[:, [13, 14]].sum() == image.sum()
    area = 14 * 2 + np.pi
    assert image.sum() / 255 == pytest.approx(area, rel=0.01)


def test_fifty_drawings_are_different_and_always_the_same():
    first, second = fifty_drawings(), fifty_drawings()
    assert len(first) == 50
    assert list(map(as_json, first)) == list(map(as_json, second))
    assert len({str(as_json(drawing)) for drawing in first}) == 50
    assert all(0 <= number <= 1 for drawing in first for stroke in drawing for number in stroke.ravel())
    images = {preprocessed(drawing).image.tobytes() for drawing in first}
    assert len(images) == 49  # both single dots give the same disc
