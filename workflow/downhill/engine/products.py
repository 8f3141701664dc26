"""The products of matrices that training consists of, on parts of vectors, in SIMD registers.

A matrix is a part of a float32 vector: it begins at a place, its rows are `stride` numbers apart, and as many
numbers of a row count as `width` says, a multiple of 16. X holds the images of a batch, one row an image; W
the weights, one row an input; D the deltas, one row an image::

    forward     Z += X · W
    backward    D_below = D · Wᵀ
    update      W += scale · Xᵀ · D

The first layer's X is sparse. Its lit pixels stand image after image: those of image s are the entries
starts[s] … starts[s + 1] of `rows` (which pixel, and so which row of W) and `values` (how bright).

Sums stay in registers while a loop runs over what is summed. Wide rows are walked in tiles of four vectors:
more would not fit beside the operands, fewer would read the list of pixels more often. Loops over tiles are the
outermost ones, so that a tile of a wide W stays in the cache for the whole batch; and the forward pass takes it
in blocks of rows that fit into the first level of it, one block for all images before the next.
"""

import numpy as np

from downhill.engine import blas, memory, simd
from downhill.engine.compiling import compiled

TILE = 4 * simd.WIDTH
BLOCK = 96  # rows of W whose tile, 24 kB, stays in the first level of the cache
ONE, NONE = np.float32(1), np.float32(0)


@compiled
def sparse_product(begins, pixels, starts, values, n, cursors, n_rows, W, first, stride, width, Z, place):
    """Z += X · W for a sparse X of n rows; Z's rows are `width` apart. `cursors` has room for one place an image."""
    for column in range(0, width, TILE):
        vectors = (width - column) // 16
        if vectors == 1:
            _narrow_product(
                begins, pixels, starts, values, n, W, first + column, stride, width, Z, place + column
            )
            return
        for s in range(n):
            cursors[s] = starts[s]
        for limit in range(BLOCK, n_rows + BLOCK, BLOCK):
            for s in range(n):
                at, end, shift = place + s * width + column, starts[s + 1], begins[s] - starts[s]
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
def _narrow_product(begins, pixels, starts, values, n, W, first, stride, width, Z, place):
    """One vector of `sparse_product`: four sums of it, so that an addition need not wait for the last."""
    for s in range(n):
        at, begin, end, shift = place + s * width, starts[s], starts[s + 1], begins[s] - starts[s]
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
def sparse_outer(begins, pixels, starts, values, n, scale, D, place, W, first, stride, width):
    """W += scale · Xᵀ · D for a sparse X, image by image: best for narrow rows and few images."""
    factor = simd.splat(scale)
    for column in range(0, width, TILE):
        base, vectors = first + column, (width - column) // 16
        for s in range(n):
            at, begin, end, shift = (
                place + s * width + column,
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
def sort_by_row(begins, pixels, starts, values, n, width, ends, places, brightness):
    """The entries of a sparse X row of W by row of W (a counting sort).

    Afterwards row i of W has the entries ends[i − 1] … ends[i] (from 0 for the first) of `places`, where the
    image's row of Z or D begins, and `brightness`.
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
            memory.put(places, to, s * width)
            memory.put(brightness, to, values[p])
            memory.put(ends, i, to + 1)


@compiled
def sorted_outer(ends, places, brightness, scale, D, place, W, first, stride, width):
    """W += scale · Xᵀ · D for a sorted X: each row of W is loaded and stored once a batch, not once an image."""
    factor = simd.splat(scale)
    for column in range(0, width, TILE):
        begin, vectors = 0, (width - column) // 16
        for i in range(ends.shape[0]):
            end, row = memory.at(ends, i), first + i * stride + column
            if begin == end:
                continue
            g0, g1, g2, g3 = simd.zeros(), simd.zeros(), simd.zeros(), simd.zeros()
            for p in range(begin, end):
                x, at = simd.splat_at(brightness, p), place + memory.at(places, p) + column
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
def product(X, x_place, n, n_in, W, first, stride, width, Z, place):
    """Z += X · W for a dense X of n_in columns, its rows n_in apart, and a Z whose rows are `width` apart.

    Computes four images at a time, and so up to three rows of Z beyond n that mean nothing.
    """
    if n * n_in * width >= blas.WORK:
        blas.add_product(
            n, width, n_in, ONE, X, x_place, n_in, False, W, first, stride, False, ONE, Z, place, width
        )
        return
    for s in range(0, n, 4):
        x = x_place + s * n_in
        for column in range(0, width, 16):
            at = place + s * width + column
            z0, z1 = simd.load(Z, at), simd.load(Z, at + width)
            z2, z3 = simd.load(Z, at + 2 * width), simd.load(Z, at + 3 * width)
            for i in range(n_in):
                w = simd.load(W, first + i * stride + column)
                z0 = simd.fma(simd.splat_at(X, x + i), w, z0)
                z1 = simd.fma(simd.splat_at(X, x + n_in + i), w, z1)
                z2 = simd.fma(simd.splat_at(X, x + 2 * n_in + i), w, z2)
                z3 = simd.fma(simd.splat_at(X, x + 3 * n_in + i), w, z3)
            simd.store(Z, at, z0)
            simd.store(Z, at + width, z1)
            simd.store(Z, at + 2 * width, z2)
            simd.store(Z, at + 3 * width, z3)


@compiled
def outer(X, x_place, n, n_in, scale, D, place, W, first, stride, width):
    """W += scale · Xᵀ · D for dense X and D of n rows, n_in (a multiple of 4) and `width` apart."""
    if n * n_in * width >= blas.WORK:
        blas.add_product(
            n_in, width, n, scale, X, x_place, n_in, True, D, place, width, False, ONE, W, first, stride
        )
        return
    factor = simd.splat(scale)
    for i in range(0, n_in, 4):
        for column in range(0, width, 16):
            g0, g1, g2, g3 = simd.zeros(), simd.zeros(), simd.zeros(), simd.zeros()
            for s in range(n):
                d, x = simd.load(D, place + s * width + column), x_place + s * n_in + i
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
def product_back(D, place, n, width, W, first, stride, n_in, below, spare):
    """D_below = D · Wᵀ, from one place of the vector D to another; a copy of Wᵀ fits in from `spare` on."""
    if n * n_in * width >= blas.WORK:
        blas.add_product(
            n, n_in, width, ONE, D, place, width, False, W, first, stride, True, NONE, D, below, n_in
        )
        return
    for i in range(n_in):
        for j in range(width):
            memory.put(D, spare + j * n_in + i, W[first + i * stride + j])
    for at in range(below, below + (n + 3) // 4 * 4 * n_in, 16):
        simd.store(D, at, simd.zeros())
    product(D, place, n, width, D, spare, n_in, n_in, D, below)


@compiled
def sum_of_rows(D, place, n, width, scale, target, first):
    """target[first:] += scale · the sum of D's rows."""
    factor = simd.splat(scale)
    for column in range(0, width, 16):
        total = simd.zeros()
        for s in range(n):
            total = simd.add(total, simd.load(D, place + s * width + column))
        simd.store(target, first + column, simd.fma(factor, total, simd.load(target, first + column)))
