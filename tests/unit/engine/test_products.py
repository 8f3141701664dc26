"""Products of parts of vectors in all sizes, compared with NumPy; nothing outside the results is overwritten."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downhill.engine import blas
from downhill.engine.products import (
    outer,
    product,
    product_back,
    sort_by_row,
    sorted_outer,
    sparse_outer,
    sparse_product,
    sum_of_rows,
)

QUICKLY = settings(max_examples=40)
AROUND = 48  # numbers before and after a matrix
SCALE = np.float32(-0.25)


def assert_close(found, expected, magnitude, terms):
    """Sums of so many products equal those in float64, up to the rounding error of float32 arithmetic in any order.

    `magnitude` is the sum of the absolute values; the bound is that of Higham 2002, section 3.1, for two roundings more
    than there are terms: (n + 2) u / (1 - (n + 2) u) times the magnitude, with u = 2⁻²⁴.
    """
    u = (terms + 2) * 2.0**-24
    assert (np.abs(found - expected) <= u / (1 - u) * magnitude).all()


class Part:
    """A matrix in a vector of noise: its rows are `stride` apart and have `width` numbers."""

    def __init__(self, random, rows, width, stride, room=0):
        self.vector = random.normal(size=AROUND + (rows + room) * stride + AROUND).astype(np.float32)
        self.rows, self.width, self.stride = rows, width, stride
        self.before = self.vector.copy()

    @property
    def matrix(self):
        return self.of(self.vector)

    def of(self, vector, rows=None):
        rows = self.rows if rows is None else rows
        return vector[AROUND : AROUND + rows * self.stride].reshape(rows, self.stride)[:, : self.width]

    def assert_became(self, keep, left, right, spare_rows=0):
        """The matrix is `keep` times its former self plus a product, and all other numbers are unchanged.

        Meaningless spare rows may have changed as well.
        """
        before = keep * self.of(self.before).astype(float)
        magnitude = np.abs(before) + np.abs(left) @ np.abs(right)
        assert_close(self.matrix, before + left @ right, magnitude, left.shape[1] + 1)
        untouched = self.before.copy()
        rows = self.rows + spare_rows
        self.of(untouched, rows)[:] = self.of(self.vector, rows)
        np.testing.assert_array_equal(self.vector, untouched)


@st.composite
def sizes(draw):
    """Images, rows of W, width and stride."""
    n, rows = draw(st.integers(1, 21)), draw(st.integers(1, 13)) * 16
    width = 16 * draw(st.integers(1, 11))
    return n, rows, width, width + 16 * draw(st.integers(0, 1))


@st.composite
def sparse(draw, n, rows):
    """The lists of lit pixels of a batch, and the corresponding matrix."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    share = draw(st.sampled_from([0.0, 0.03, 0.2, 1.0]))
    matrix = random.uniform(0.1, 1, (n, rows)) * (random.random((n, rows)) < share)
    matrix[random.random(n) < 0.2] = 0  # some images have no lit pixel
    matrix = matrix.astype(np.float32)
    counts = np.count_nonzero(matrix, axis=1)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    # Pixel indices are stored in the list of the data set, with images in another order than in the batch.
    order = random.permutation(n)
    begins, pixels, at = np.zeros(n, np.int64), [], 5
    for image in order:
        begins[image] = at
        pixels.append(np.flatnonzero(matrix[image]))
        at += counts[image]
    pixels = np.concatenate([np.full(5, rows - 1), *pixels, np.full(16, rows - 1)]).astype(np.uint16)
    values = np.concatenate([matrix[matrix != 0], np.zeros(16, np.float32)])
    return (begins, pixels, starts, values), matrix.astype(float), random


@given(st.data())
@QUICKLY
def test_product_with_sparse_images(data):
    n, rows, width, stride = data.draw(sizes())
    lists, X, random = data.draw(sparse(n, rows))
    W, Z = Part(random, rows, width, stride), Part(random, n, width, stride)
    cursors = np.zeros(n, np.int64)
    sparse_product(*lists, n, cursors, rows, W.vector, AROUND, Z.vector, AROUND, stride, width)
    Z.assert_became(1, X, W.matrix.astype(float))


@given(st.data())
@QUICKLY
def test_updates_from_sparse_images(data):
    """Image by image, and row by row after sorting."""
    n, rows, width, stride = data.draw(sizes())
    lists, X, random = data.draw(sparse(n, rows))
    D, W, other = (
        Part(random, n, width, stride),
        Part(random, rows, width, stride),
        Part(random, rows, width, stride),
    )
    sparse_outer(*lists, n, SCALE, D.vector, AROUND, W.vector, AROUND, stride, width)
    W.assert_became(1, SCALE * X.T, D.matrix.astype(float))

    begins, pixels, starts, values = lists
    entries = int(starts[-1])
    ends, positions = np.full(rows, -1, np.int32), np.full(entries + 1, -1, np.int32)
    brightness = np.full(entries + 1, -1, np.float32)
    sort_by_row(begins, pixels, starts, values, n, stride, ends, positions, brightness)
    assert (positions[-1], brightness[-1]) == (-1, -1)
    np.testing.assert_array_equal(ends, np.cumsum(np.count_nonzero(X, axis=0)))
    image, pixel = positions[:-1] // stride, np.repeat(np.arange(rows), np.diff(ends, prepend=0))
    np.testing.assert_array_equal(np.sort(image * rows + pixel), np.flatnonzero(X))
    np.testing.assert_array_equal(X[image, pixel], brightness[:-1])

    sorted_outer(ends, positions, brightness, SCALE, D.vector, AROUND, other.vector, AROUND, stride, width)
    other.assert_became(1, SCALE * X.T, D.matrix.astype(float))


@given(sizes(), st.integers(0, 2**32), st.sampled_from([0, 16]))
@QUICKLY
def test_product_with_dense_images(size, seed, padding):
    n, rows, width, stride = size
    room = -n % 4  # rows up to a multiple of four
    random = np.random.default_rng(seed)
    X = Part(random, n, rows, rows + padding, room)
    W, Z = Part(random, rows, width, stride), Part(random, n, width, stride, room)
    product(X.vector, AROUND, X.stride, n, rows, W.vector, AROUND, Z.vector, AROUND, stride, width)
    Z.assert_became(1, X.matrix.astype(float), W.matrix.astype(float), room)


@given(sizes(), st.integers(0, 2**32), st.sampled_from([0, 16]))
@QUICKLY
def test_update_from_dense_images(size, seed, padding):
    n, rows, width, stride = size
    random = np.random.default_rng(seed)
    X, D = Part(random, n, rows, rows + padding), Part(random, n, width, stride)
    W = Part(random, rows, width, stride)
    outer(
        *(X.vector, AROUND, X.stride, n, rows, SCALE, D.vector, AROUND),
        *(W.vector, AROUND, stride, width),
    )
    W.assert_became(1, SCALE * X.matrix.astype(float).T, D.matrix.astype(float))


@given(sizes(), st.integers(0, 2**32), st.sampled_from([0, 16]))
@QUICKLY
def test_product_with_transposed_weights(size, seed, padding):
    """Input and output are parts of the same vector, with room for a copy of the weights after both."""
    n, rows, width, stride = size
    room, below_stride = n + -n % 4, rows + padding
    random = np.random.default_rng(seed)
    W = Part(random, rows, width, stride)
    below, offset = AROUND, AROUND + room * below_stride + 16
    spare = offset + room * stride + 16
    vector = random.normal(size=spare + width * below_stride + AROUND).astype(np.float32)
    before = vector.copy()
    D = vector[offset : offset + n * stride].reshape(n, stride)[:, :width].astype(float)
    product_back(vector, offset, stride, n, width, W.vector, AROUND, rows, below, below_stride, spare)
    found = vector[below : below + n * below_stride].reshape(n, below_stride)
    right = W.matrix.T.astype(float)
    assert_close(found[:, :rows], D @ right, np.abs(D) @ np.abs(right), width)
    np.testing.assert_array_equal(vector[:below], before[:below])
    np.testing.assert_array_equal(vector[below + room * below_stride : spare], before[offset - 16 : spare])
    end = spare + width * below_stride
    np.testing.assert_array_equal(vector[end:], before[end:])
    np.testing.assert_array_equal(W.vector, W.before)


@given(sizes(), st.integers(0, 2**32))
@QUICKLY
def test_sum_of_rows(size, seed):
    n, _, width, stride = size
    random = np.random.default_rng(seed)
    D, target = Part(random, n, width, stride), Part(random, 1, width, width)
    sum_of_rows(D.vector, AROUND, stride, n, width, SCALE, target.vector, AROUND)
    target.assert_became(1, np.full((1, n), float(SCALE)), D.matrix.astype(float))


def test_tested_sizes_are_on_both_sides_of_the_blas_threshold():
    assert 16 * 16 < blas.WORK < 21 * 13 * 16 * 11 * 16


@pytest.mark.parametrize("a_down", [False, True])
@pytest.mark.parametrize("b_down", [False, True])
@pytest.mark.parametrize("keep", [0.0, 1.0])
def test_blas_adds_products_of_parts(a_down, b_down, keep):
    from downhill.engine.compiling import compiled

    random = np.random.default_rng(0)
    m, n, k = 5, 7, 3
    A = Part(random, *((k, m) if a_down else (m, k)), 9)
    B = Part(random, *((n, k) if b_down else (k, n)), 10)
    C = Part(random, m, n, 11)

    @compiled
    def call(a, a_stride, a_down, b, b_stride, b_down, keep, c, c_stride):
        blas.add_product(
            5,
            7,
            3,
            SCALE,
            a,
            AROUND,
            a_stride,
            a_down,
            b,
            AROUND,
            b_stride,
            b_down,
            keep,
            c,
            AROUND,
            c_stride,
        )

    left, right = A.matrix.astype(float), B.matrix.astype(float)
    call(A.vector, 9, a_down, B.vector, 10, b_down, np.float32(keep), C.vector, 11)
    C.assert_became(keep, SCALE * (left.T if a_down else left), right.T if b_down else right)
