"""The matrix products of training, on parts of vectors, in SIMD registers.

A matrix is part of a float32 vector: it starts at an offset, its rows are `stride` numbers apart, and each row has
`width` numbers, a multiple of 16. X holds the images of a batch, one row per image; W the weights, one row per input;
Z and D the sums and deltas, one row per image. W, Z and D of a layer have the same width and stride::

    forward     Z += X · W
    backward    D_below = D · Wᵀ
    update      W += scale · Xᵀ · D

The X of the first layer is sparse. Its lit pixels are stored image after image: those of image s are the entries
starts[s] … starts[s + 1] of `values` (brightness), and as many entries of `pixels` (row of W) from begins[s] on.

Sums stay in registers for the whole loop over the terms. Wide rows are processed in tiles of four vectors: with more,
the operands would not fit into the registers, and with fewer, the list of pixels would be read more often. The loops
over tiles are the outermost ones, so that a tile of a wide W stays in the cache for the whole batch. The forward pass
further splits a tile into blocks of rows that fit into the first-level cache, and processes each block for all images
before the next.
"""

import numpy as np

from downhill.engine import blas, memory, simd
from downhill.engine.compiling import compiled

TILE = 4 * simd.WIDTH
BLOCK = 96  # rows of W whose tile, 24 kB, stays in the first-level cache
ONE, NONE = np.float32(1), np.float32(0)


@compiled
def sparse_product(begins, pixels, starts, values, n, cursors, n_rows, W, first, Z, offset, stride, width):
    """Z += X · W for a sparse X of n rows; `cursors` has room for one position per row."""
    for column in range(0, width, TILE):
        vectors = (width - column) // 16
        if vectors == 1:
            _narrow_product(begins, pixels, starts, values, n, W, first + column, Z, offset + column, stride)
            return
        for s in range(n):
            cursors[s] = starts[s]
        for limit in range(BLOCK, n_rows + BLOCK, BLOCK):
            for s in range(n):
                at, end, shift = offset + s * stride + column, starts[s + 1], begins[s] - starts[s]
                z0, z1, z2, z3 = simd.load(Z, at), simd.load(Z, at + 16), simd.zeros(), simd.zeros()
                if vectors > 2:
                    z2 = simd.load(Z, at + 32)
                if vectors > 3:
                    z3 = simd.load(Z, at + 48)
                p = cursors[s]
                while p < end:
                    pixel = memory.at(pixels, shift + p)
                    if pixel >= limit:
                        break
                    x, row = simd.splat_at(values, p), first + pixel * stride + column
                    z0 = simd.fma(x, simd.load(W, row), z0)
                    z1 = simd.fma(x, simd.load(W, row + 16), z1)
                    if vectors > 2:
                        z2 = simd.fma(x, simd.load(W, row + 32), z2)
                    if vectors > 3:
                        z3 = simd.fma(x, simd.load(W, row + 48), z3)
                    p += 1
                cursors[s] = p
                simd.store(Z, at, z0)
                simd.store(Z, at + 16, z1)
                if vectors > 2:
                    simd.store(Z, at + 32, z2)
                if vectors > 3:
                    simd.store(Z, at + 48, z3)


@compiled
def _narrow_product(begins, pixels, starts, values, n, W, first, Z, offset, stride):
    """`sparse_product` for one vector per row: four partial sums, so that additions do not wait for each other."""
    for s in range(n):
        at, begin, end, shift = offset + s * stride, starts[s], starts[s + 1], begins[s] - starts[s]
        z0, z1, z2, z3 = simd.load(Z, at), simd.zeros(), simd.zeros(), simd.zeros()
        fours = end - (end - begin) % 4
        for p in range(begin, fours, 4):
            pixel = shift + p
            row0, row1 = memory.at(pixels, pixel) * stride, memory.at(pixels, pixel + 1) * stride
            row2, row3 = memory.at(pixels, pixel + 2) * stride, memory.at(pixels, pixel + 3) * stride
            z0 = simd.fma(simd.splat_at(values, p), simd.load(W, first + row0), z0)
            z1 = simd.fma(simd.splat_at(values, p + 1), simd.load(W, first + row1), z1)
            z2 = simd.fma(simd.splat_at(values, p + 2), simd.load(W, first + row2), z2)
            z3 = simd.fma(simd.splat_at(values, p + 3), simd.load(W, first + row3), z3)
        for p in range(fours, end):
            row = first + memory.at(pixels, shift + p) * stride
            z0 = simd.fma(simd.splat_at(values, p), simd.load(W, row), z0)
        simd.store(Z, at, simd.add(simd.add(z0, z1), simd.add(z2, z3)))


@compiled
def sparse_outer(begins, pixels, starts, values, n, scale, D, offset, W, first, stride, width):
    """W += scale · Xᵀ · D for a sparse X, image by image; fastest for narrow rows and few images."""
    factor = simd.splat(scale)
    for column in range(0, width, TILE):
        base, vectors = first + column, (width - column) // 16
        for s in range(n):
            at, begin, end, shift = (
                offset + s * stride + column,
                starts[s],
                starts[s + 1],
                begins[s] - starts[s],
            )
            d0, d1, d2, d3 = simd.multiply(factor, simd.load(D, at)), simd.zeros(), simd.zeros(), simd.zeros()
            if vectors > 1:
                d1 = simd.multiply(factor, simd.load(D, at + 16))
            if vectors > 2:
                d2 = simd.multiply(factor, simd.load(D, at + 32))
            if vectors > 3:
                d3 = simd.multiply(factor, simd.load(D, at + 48))
            for p in range(begin, end):
                x, row = simd.splat_at(values, p), base + memory.at(pixels, shift + p) * stride
                simd.store(W, row, simd.fma(x, d0, simd.load(W, row)))
                if vectors > 1:
                    simd.store(W, row + 16, simd.fma(x, d1, simd.load(W, row + 16)))
                if vectors > 2:
                    simd.store(W, row + 32, simd.fma(x, d2, simd.load(W, row + 32)))
                if vectors > 3:
                    simd.store(W, row + 48, simd.fma(x, d3, simd.load(W, row + 48)))


@compiled
def sort_by_row(begins, pixels, starts, values, n, stride, ends, positions, brightness):
    """Sort the entries of a sparse X by row of W (counting sort).

    Afterwards row i of W has the entries ends[i − 1] … ends[i] (starting at 0 for the first row) of `positions` (where
    the image's row of D starts) and `brightness`.
    """
    for i in range(ends.shape[0]):
        ends[i] = 0
    for s in range(n):
        for p in range(begins[s], begins[s] + starts[s + 1] - starts[s]):
            i = memory.at(pixels, p)
            memory.put(ends, i, memory.at(ends, i) + 1)
    total = 0
    for i in range(ends.shape[0]):
        count = memory.at(ends, i)
        memory.put(ends, i, total)
        total += count
    for s in range(n):
        pixel = begins[s] - starts[s]
        for p in range(starts[s], starts[s + 1]):
            i = memory.at(pixels, pixel + p)
            to = memory.at(ends, i)
            memory.put(positions, to, s * stride)
            memory.put(brightness, to, memory.at(values, p))
            memory.put(ends, i, to + 1)


@compiled
def sorted_outer(ends, positions, brightness, scale, D, offset, W, first, stride, width):
    """W += scale · Xᵀ · D for a sorted X: each row of W is loaded and stored once per batch, not once per image."""
    factor = simd.splat(scale)
    for column in range(0, width, TILE):
        begin, vectors = 0, (width - column) // 16
        for i in range(ends.shape[0]):
            end, row = memory.at(ends, i), first + i * stride + column
            if begin == end:
                continue
            g0, g1, g2, g3 = simd.zeros(), simd.zeros(), simd.zeros(), simd.zeros()
            for p in range(begin, end):
                x, at = simd.splat_at(brightness, p), offset + memory.at(positions, p) + column
                g0 = simd.fma(x, simd.load(D, at), g0)
                if vectors > 1:
                    g1 = simd.fma(x, simd.load(D, at + 16), g1)
                if vectors > 2:
                    g2 = simd.fma(x, simd.load(D, at + 32), g2)
                if vectors > 3:
                    g3 = simd.fma(x, simd.load(D, at + 48), g3)
            simd.store(W, row, simd.fma(factor, g0, simd.load(W, row)))
            if vectors > 1:
                simd.store(W, row + 16, simd.fma(factor, g1, simd.load(W, row + 16)))
            if vectors > 2:
                simd.store(W, row + 32, simd.fma(factor, g2, simd.load(W, row + 32)))
            if vectors > 3:
                simd.store(W, row + 48, simd.fma(factor, g3, simd.load(W, row + 48)))
            begin = end


@compiled
def product(X, x_at, x_stride, n, n_in, W, first, Z, offset, stride, width):
    """Z += X · W for a dense X of n_in columns.

    Processes four images at a time, so up to three rows of Z beyond n are overwritten with meaningless values.
    """
    if n * n_in * width >= blas.WORK:
        blas.add_product(
            n, width, n_in, ONE, X, x_at, x_stride, False, W, first, stride, False, ONE, Z, offset, stride
        )
        return
    for s in range(0, n, 4):
        x0 = x_at + s * x_stride
        x1, x2, x3 = x0 + x_stride, x0 + 2 * x_stride, x0 + 3 * x_stride
        for column in range(0, width, 16):
            at = offset + s * stride + column
            z0, z1 = simd.load(Z, at), simd.load(Z, at + stride)
            z2, z3 = simd.load(Z, at + 2 * stride), simd.load(Z, at + 3 * stride)
            for i in range(n_in):
                w = simd.load(W, first + i * stride + column)
                z0 = simd.fma(simd.splat_at(X, x0 + i), w, z0)
                z1 = simd.fma(simd.splat_at(X, x1 + i), w, z1)
                z2 = simd.fma(simd.splat_at(X, x2 + i), w, z2)
                z3 = simd.fma(simd.splat_at(X, x3 + i), w, z3)
            simd.store(Z, at, z0)
            simd.store(Z, at + stride, z1)
            simd.store(Z, at + 2 * stride, z2)
            simd.store(Z, at + 3 * stride, z3)


@compiled
def outer(X, x_at, x_stride, n, n_in, scale, D, offset, W, first, stride, width):
    """W += scale · Xᵀ · D for a dense X of n_in columns, a multiple of 4."""
    if n * n_in * width >= blas.WORK:
        blas.add_product(
            n_in, width, n, scale, X, x_at, x_stride, True, D, offset, stride, False, ONE, W, first, stride
        )
        return
    factor = simd.splat(scale)
    for i in range(0, n_in, 4):
        for column in range(0, width, 16):
            g0, g1, g2, g3 = simd.zeros(), simd.zeros(), simd.zeros(), simd.zeros()
            for s in range(n):
                d, x = simd.load(D, offset + s * stride + column), x_at + s * x_stride + i
                g0 = simd.fma(simd.splat_at(X, x), d, g0)
                g1 = simd.fma(simd.splat_at(X, x + 1), d, g1)
                g2 = simd.fma(simd.splat_at(X, x + 2), d, g2)
                g3 = simd.fma(simd.splat_at(X, x + 3), d, g3)
            row = first + i * stride + column
            simd.store(W, row, simd.fma(factor, g0, simd.load(W, row)))
            row += stride
            simd.store(W, row, simd.fma(factor, g1, simd.load(W, row)))
            row += stride
            simd.store(W, row, simd.fma(factor, g2, simd.load(W, row)))
            row += stride
            simd.store(W, row, simd.fma(factor, g3, simd.load(W, row)))


@compiled
def product_back(D, above, stride, n, width, W, first, n_in, below, below_stride, spare):
    """D_below = D · Wᵀ, both within the vector D, which has room for a copy of Wᵀ from `spare` on."""
    if n * n_in * width >= blas.WORK:
        blas.add_product(
            n, n_in, width, ONE, D, above, stride, False, W, first, stride, True, NONE, D, below, below_stride
        )
        return
    for i in range(n_in):
        for j in range(width):
            memory.put(D, spare + j * below_stride + i, memory.at(W, first + i * stride + j))
    for at in range(below, below + (n + 3) // 4 * 4 * below_stride, 16):
        simd.store(D, at, simd.zeros())
    product(D, above, stride, n, width, D, spare, D, below, below_stride, n_in)


@compiled
def sum_of_rows(D, offset, stride, n, width, scale, target, first):
    """target[first:] += scale · the sum of the rows of D."""
    factor = simd.splat(scale)
    for column in range(0, width, 16):
        total = simd.zeros()
        for s in range(n):
            total = simd.add(total, simd.load(D, offset + s * stride + column))
        simd.store(target, first + column, simd.fma(factor, total, simd.load(target, first + column)))
