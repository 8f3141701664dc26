"""Products of parts of vectors in all sizes, compared with NumPy; nothing outside the results is overwritten."""

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from downhill.engine.constants import GROUP
from downhill.engine.dense_products import DEPTH, outer, product, product_back, sum_of_rows
from downhill.engine.sparse_products import FEW, sort_by_row, sorted_outer, sparse_outer, sparse_product
from downhill.engine.workspace import Entries

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
    n = draw(st.one_of(st.integers(1, 21), st.sampled_from([FEW, FEW + 1, DEPTH + 1])))
    rows, width = draw(st.integers(1, 13)) * 16, 16 * draw(st.integers(1, 11))
    return n, rows, width, width + 16 * draw(st.integers(0, 1))


@st.composite
def sparse(draw, n, rows):
    """The entries of a batch, and the corresponding matrix."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    share = draw(st.sampled_from([0.0, 0.03, 0.2, 1.0]))
    matrix = random.uniform(0.1, 1, (n, rows)) * (random.random((n, rows)) < share)
    matrix[random.random(n) < 0.2] = 0  # some images have no lit pixel
    matrix = matrix.astype(np.float32)
    lists = []
    for row in matrix:
        lit = np.flatnonzero(row)
        padding = np.arange(-len(lit) % GROUP, 0, -1)
        dark = np.maximum(lit[:1].repeat(len(padding)) - padding, 0)  # just before the first lit pixel
        lists.append((np.concatenate([dark, lit]), np.concatenate([np.zeros(len(dark)), row[lit]])))
    counts = [len(pixels) for pixels, _ in lists]
    entries = Entries(
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        pixels=np.concatenate([pixels for pixels, _ in lists]).astype(np.uint16),
        values=np.concatenate([values for _, values in lists]).astype(np.float32),
        owners=np.repeat(np.arange(n), np.array(counts) // GROUP).astype(np.int32),
        cursors=np.zeros(n, np.int64),
    )
    return entries, matrix.astype(float), random


@given(st.data())
@QUICKLY
def test_product_with_sparse_images(data):
    n, rows, width, stride = data.draw(sizes())
    entries, X, random = data.draw(sparse(n, rows))
    W, Z = Part(random, rows, width, stride), Part(random, n, width, stride)
    sparse_product(entries, n, rows, W.vector, AROUND, Z.vector, AROUND, stride, width)
    Z.assert_became(1, X, W.matrix.astype(float))


@given(st.data())
@QUICKLY
def test_updates_from_sparse_images(data):
    """Image by image, and row by row after sorting."""
    n, rows, width, stride = data.draw(sizes())
    entries, X, random = data.draw(sparse(n, rows))
    D, W, other = (
        Part(random, n, width, stride),
        Part(random, rows, width, stride),
        Part(random, rows, width, stride),
    )
    sparse_outer(entries, n, rows, SCALE, D.vector, AROUND, W.vector, AROUND, stride, width)
    W.assert_became(1, SCALE * X.T, D.matrix.astype(float))

    count = int(entries.starts[-1])
    ends, positions = np.full(rows, -1, np.int32), np.full(count + 1, -1, np.int32)
    brightness = np.full(count + 1, -1, np.float32)
    sort_by_row(entries, n, stride, ends, positions, brightness)
    assert (positions[-1], brightness[-1]) == (-1, -1)
    np.testing.assert_array_equal(ends, np.cumsum(np.bincount(entries.pixels, minlength=rows)))
    image, pixel = positions[:-1] // stride, np.repeat(np.arange(rows), np.diff(ends, prepend=0))
    lit = brightness[:-1] > 0
    np.testing.assert_array_equal(np.sort((image * rows + pixel)[lit]), np.flatnonzero(X))
    np.testing.assert_array_equal(X[image, pixel][lit], brightness[:-1][lit])

    sorted_outer(ends, positions, brightness, n, SCALE, D.vector, AROUND, other.vector, AROUND, stride, width)
    other.assert_became(1, SCALE * X.T, D.matrix.astype(float))


@given(sizes(), st.integers(0, 2**32), st.sampled_from([0, 16]), st.booleans())
@example((10, 16, 16, 16), 0, 0, True)  # one vector in, one vector out, for several numbers of images
@example((10, 16, 16, 16), 0, 0, False)
@example((1, 16, 16, 16), 0, 0, True)
@example((13, 16, 16, 16), 0, 0, False)
@example((25, 16, 16, 16), 0, 0, True)
@QUICKLY
def test_product_with_dense_images(size, seed, padding, add):
    n, rows, width, stride = size
    room = -n % 4  # rows up to a multiple of four
    random = np.random.default_rng(seed)
    X = Part(random, n, rows, rows + padding, room)
    W, Z = Part(random, rows, width, stride), Part(random, n, width, stride, room)
    own = X.vector, AROUND, X.stride, n, rows, W.vector, AROUND, Z.vector, AROUND, stride, width
    product(*own, add)
    Z.assert_became(float(add), X.matrix.astype(float), W.matrix.astype(float), room)


@given(sizes(), st.integers(0, 2**32), st.sampled_from([0, 16]))
@example((10, 16, 16, 16), 0, 0)
@example((3, 16, 16, 16), 0, 0)
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
@example((10, 16, 16, 16), 0, 0)
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
