"""The dense matrix products of training, on parts of vectors.

A matrix is part of a float32 vector: it starts at an offset, its rows are `stride` numbers apart, and each row has
`width` numbers, a multiple of 16. X holds the inputs of a layer, one row per image; W the weights, one row per input;
Z and D the sums and deltas, one row per image. W, Z and D of a layer have the same width and stride::

    forward     Z += X · W
    backward    D_below = D · Wᵀ
    update      W += scale · Xᵀ · D

All three compute the result tile by tile (`engine.tiles`). The sums of a tile stay in registers while its terms are
added, one after another. Tiles are large enough that additions seldom wait for each other (on processors with AVX-512,
mostly twelve vectors or more), and each number that is loaded is used several times. The right-hand matrix is processed
in parts of `DEPTH` rows, which stay in the first-level cache while all rows of the result are computed.
"""

from downhill.engine import simd, tiles
from downhill.engine.compiling import compiled, merged

DEPTH = 128  # terms added at a time: 128 rows of four vectors, 32 kB, stay in the first-level cache


@compiled
def product(X, x_at, x_stride, n, n_in, W, first, Z, offset, stride, width, add):
    """Z = X · W for a dense X of n_in columns, or Z += X · W if `add` is true.

    The number of images is rounded up to a multiple of four (except for a single tile of ten images), so up to three
    rows of Z beyond n may be overwritten with meaningless values.
    """
    one_vector = tiles.WIDE and n_in == x_stride == stride == width == 16
    if one_vector and n == 10:  # the batches of the lessons
        _product(tiles.zeros(10, 1), 0, 10, X, x_at, 16, 16, W, first, Z, offset, 16, add)
        return
    n, column = (n + 3) // 4 * 4, 0
    if one_vector:
        whole = n - n % 12
        _product(tiles.zeros(12, 1), 0, whole, X, x_at, 16, 16, W, first, Z, offset, 16, add)
        _product(tiles.zeros(4, 1), whole, n, X, x_at, 16, 16, W, first, Z, offset, 16, add)
        return
    while column < width:
        left = (width - column) // 16
        own = X, x_at, x_stride, n_in, W, first + column, Z, offset + column, stride, add
        if tiles.WIDE and left >= 4:
            _product(tiles.zeros(4, 4), 0, n, *own)
            column += 64
        elif tiles.WIDE and left >= 2:
            whole = n - n % 8
            _product(tiles.zeros(8, 2), 0, whole, *own)
            _product(tiles.zeros(4, 2), whole, n, *own)
            column += 32
        elif tiles.WIDE:
            whole = n - n % 12
            _product(tiles.zeros(12, 1), 0, whole, *own)
            _product(tiles.zeros(4, 1), whole, n, *own)
            column += 16
        else:
            _product(tiles.zeros(4, 1), 0, n, *own)
            column += 16


@merged
def _product(zero, begin, end, X, x_at, x_stride, n_in, W, first, Z, offset, stride, add):
    for i in range(0, n_in, DEPTH):
        for s in range(begin, end, tiles.rows(zero)):
            x, at = x_at + s * x_stride, offset + s * stride
            z = tiles.load(zero, Z, at, stride) if add or i > 0 else zero
            for k in range(i, min(i + DEPTH, n_in)):
                z = tiles.add_outer(X, x + k, x_stride, tiles.load_row(zero, W, first + k * stride), z)
            tiles.store(Z, at, stride, z)


@compiled
def outer(X, x_at, x_stride, n, n_in, scale, D, offset, W, first, stride, width):
    """W += scale · Xᵀ · D for a dense X of n_in columns, a multiple of 16."""
    column = 0
    if tiles.WIDE and n_in == x_stride == stride == width == 16:
        _outer(tiles.zeros(16, 1), X, x_at, 16, n, 16, scale, D, offset, W, first, 16)
        return
    while column < width:
        left = (width - column) // 16
        own = X, x_at, x_stride, n, n_in, scale, D, offset + column, W, first + column, stride
        if tiles.WIDE and left >= 4:
            _outer(tiles.zeros(4, 4), *own)
            column += 64
        elif tiles.WIDE and left >= 2:
            _outer(tiles.zeros(8, 2), *own)
            column += 32
        elif tiles.WIDE:
            _outer(tiles.zeros(16, 1), *own)
            column += 16
        else:
            _outer(tiles.zeros(4, 1), *own)
            column += 16


@merged
def _outer(zero, X, x_at, x_stride, n, n_in, scale, D, offset, W, first, stride):
    factor = simd.splat(scale)
    for begin in range(0, n, DEPTH):
        for i in range(0, n_in, tiles.rows(zero)):
            g = zero
            for s in range(begin, min(begin + DEPTH, n)):
                row = tiles.load_row(zero, D, offset + s * stride)
                g = tiles.add_outer(X, x_at + s * x_stride + i, 1, row, g)
            at = first + i * stride
            tiles.store(W, at, stride, tiles.fma(factor, g, tiles.load(zero, W, at, stride)))


@compiled
def product_back(D, above, stride, n, width, W, first, n_in, below, below_stride, spare):
    """D_below = D · Wᵀ. Both are parts of the vector `D`, which has room for a copy of Wᵀ from `spare` on."""
    for i in range(0, n_in, 16):
        for j in range(0, width, 16):
            tiles.transpose(W, first + i * stride + j, stride, D, spare + j * below_stride + i, below_stride)
    product(D, above, stride, n, width, D, spare, D, below, below_stride, n_in, False)


@compiled
def sum_of_rows(D, offset, stride, n, width, scale, target, first):
    """target[first:] += scale · the sum of the rows of D."""
    factor = simd.splat(scale)
    for column in range(0, width, 16):
        total = simd.zeros()
        for s in range(n):
            total = simd.add(total, simd.load(D, offset + s * stride + column))
        simd.store(target, first + column, simd.fma(factor, total, simd.load(target, first + column)))
