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
more would not fit beside the operands, fewer would read the list of pixels more often. Every loop over tiles
is an outermost one, so that a tile of a wide W stays in the cache for the whole batch.
"""

import numpy as np

from downhill.engine import blas, simd
from downhill.engine.compiling import compiled

TILE = 4 * simd.WIDTH
ONE, NONE = np.float32(1), np.float32(0)


@compiled
def sparse_product(begins, pixels, starts, values, n, W, first, stride, width, Z, place):
    """Z += X · W for a sparse X of n rows; Z's rows are `width` apart."""
    tiled = width - width % TILE
    for column in range(0, tiled, TILE):
        base = first + column
        for s in range(n):
            at = place + s * width + column
            z0, z1 = simd.load(Z, at), simd.load(Z, at + 16)
            z2, z3 = simd.load(Z, at + 32), simd.load(Z, at + 48)
            pixel = begins[s] - starts[s]
            for p in range(starts[s], starts[s + 1]):
                x, row = simd.splat_at(values, p), base + simd.at(pixels, pixel + p) * stride
                z0 = simd.fma(x, simd.load(W, row), z0)
                z1 = simd.fma(x, simd.load(W, row + 16), z1)
                z2 = simd.fma(x, simd.load(W, row + 32), z2)
                z3 = simd.fma(x, simd.load(W, row + 48), z3)
            simd.store(Z, at, z0)
            simd.store(Z, at + 16, z1)
            simd.store(Z, at + 32, z2)
            simd.store(Z, at + 48, z3)
    for column in range(tiled, width, 16):
        base = first + column
        for s in range(n):
            # four sums of one vector, so that an addition need not wait for the last
            at, begin, end = place + s * width + column, starts[s], starts[s + 1]
            z0, z1, z2, z3 = simd.load(Z, at), simd.zeros(), simd.zeros(), simd.zeros()
            fours = end - (end - begin) % 4
            shift = begins[s] - begin
            for p in range(begin, fours, 4):
                pixel = shift + p
                z0 = simd.fma(
                    simd.splat_at(values, p), simd.load(W, base + simd.at(pixels, pixel) * stride), z0
                )
                z1 = simd.fma(
                    simd.splat_at(values, p + 1), simd.load(W, base + simd.at(pixels, pixel + 1) * stride), z1
                )
                z2 = simd.fma(
                    simd.splat_at(values, p + 2), simd.load(W, base + simd.at(pixels, pixel + 2) * stride), z2
                )
                z3 = simd.fma(
                    simd.splat_at(values, p + 3), simd.load(W, base + simd.at(pixels, pixel + 3) * stride), z3
                )
            for p in range(fours, end):
                z0 = simd.fma(
                    simd.splat_at(values, p), simd.load(W, base + simd.at(pixels, shift + p) * stride), z0
                )
            simd.store(Z, at, simd.add(simd.add(z0, z1), simd.add(z2, z3)))


@compiled
def sparse_outer(begins, pixels, starts, values, n, scale, D, place, W, first, stride, width):
    """W += scale · Xᵀ · D for a sparse X, image by image: best for narrow rows and few images."""
    factor = simd.splat(scale)
    tiled = width - width % TILE
    for column in range(0, tiled, TILE):
        base = first + column
        for s in range(n):
            at = place + s * width + column
            d0 = simd.multiply(factor, simd.load(D, at))
            d1 = simd.multiply(factor, simd.load(D, at + 16))
            d2 = simd.multiply(factor, simd.load(D, at + 32))
            d3 = simd.multiply(factor, simd.load(D, at + 48))
            pixel = begins[s] - starts[s]
            for p in range(starts[s], starts[s + 1]):
                x, row = simd.splat_at(values, p), base + simd.at(pixels, pixel + p) * stride
                simd.store(W, row, simd.fma(x, d0, simd.load(W, row)))
                simd.store(W, row + 16, simd.fma(x, d1, simd.load(W, row + 16)))
                simd.store(W, row + 32, simd.fma(x, d2, simd.load(W, row + 32)))
                simd.store(W, row + 48, simd.fma(x, d3, simd.load(W, row + 48)))
    for column in range(tiled, width, 16):
        base = first + column
        for s in range(n):
            d0 = simd.multiply(factor, simd.load(D, place + s * width + column))
            pixel = begins[s] - starts[s]
            for p in range(starts[s], starts[s + 1]):
                row = base + simd.at(pixels, pixel + p) * stride
                simd.store(W, row, simd.fma(simd.splat_at(values, p), d0, simd.load(W, row)))


@compiled
def sort_by_row(begins, pixels, starts, values, n, width, ends, places, brightness):
    """The entries of a sparse X row of W by row of W (a counting sort).

    Afterwards row i of W has the entries ends[i − 1] … ends[i] (from 0 for the first) of `places`, where the
    image's row of D begins, and `brightness`.
    """
    for i in range(ends.shape[0]):
        ends[i] = 0
    for s in range(n):
        for p in range(begins[s], begins[s] + starts[s + 1] - starts[s]):
            i = simd.at(pixels, p)
            simd.put(ends, i, simd.at(ends, i) + 1)
    total = 0
    for i in range(ends.shape[0]):
        count = simd.at(ends, i)
        simd.put(ends, i, total)
        total += count
    for s in range(n):
        pixel = begins[s] - starts[s]
        for p in range(starts[s], starts[s + 1]):
            i = simd.at(pixels, pixel + p)
            to = simd.at(ends, i)
            simd.put(places, to, s * width)
            simd.put(brightness, to, values[p])
            simd.put(ends, i, to + 1)


@compiled
def sorted_outer(ends, places, brightness, n_rows, scale, D, place, W, first, stride, width):
    """W += scale · Xᵀ · D for a sorted X: each row of W is loaded and stored once a batch, not once an image."""
    factor = simd.splat(scale)
    tiled = width - width % TILE
    for column in range(0, tiled, TILE):
        begin = 0
        for i in range(n_rows):
            end = simd.at(ends, i)
            if begin == end:
                continue
            g0, g1, g2, g3 = simd.zeros(), simd.zeros(), simd.zeros(), simd.zeros()
            for p in range(begin, end):
                x, at = simd.splat_at(brightness, p), place + simd.at(places, p) + column
                g0 = simd.fma(x, simd.load(D, at), g0)
                g1 = simd.fma(x, simd.load(D, at + 16), g1)
                g2 = simd.fma(x, simd.load(D, at + 32), g2)
                g3 = simd.fma(x, simd.load(D, at + 48), g3)
            row = first + i * stride + column
            simd.store(W, row, simd.fma(factor, g0, simd.load(W, row)))
            simd.store(W, row + 16, simd.fma(factor, g1, simd.load(W, row + 16)))
            simd.store(W, row + 32, simd.fma(factor, g2, simd.load(W, row + 32)))
            simd.store(W, row + 48, simd.fma(factor, g3, simd.load(W, row + 48)))
            begin = end
    for column in range(tiled, width, 16):
        begin = 0
        for i in range(n_rows):
            end = simd.at(ends, i)
            if begin == end:
                continue
            g0 = simd.zeros()
            for p in range(begin, end):
                g0 = simd.fma(
                    simd.splat_at(brightness, p), simd.load(D, place + simd.at(places, p) + column), g0
                )
            row = first + i * stride + column
            simd.store(W, row, simd.fma(factor, g0, simd.load(W, row)))
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
            simd.put(D, spare + j * n_in + i, W[first + i * stride + j])
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
