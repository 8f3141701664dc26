"""The products of the first layer with sparse images, on parts of vectors (see `engine.dense_products`).

The lit pixels of a batch are listed image after image, in the order of the rows of W (`engine.workspace.Entries`).

If a matrix has one vector per row, entries are processed in groups, without a loop over images, because the processor
cannot predict where the list of an image ends. Wider matrices are processed in strips of columns, each as wide as a
tile of as many vectors as fit into the registers; with narrower tiles, the lists would be read more often. A strip of W
is split into blocks of rows that nearly fit into the first-level cache. Each block is processed for all images before
the next, and the sums of an image stay in registers for its part of a block. Smaller blocks would cost more than they
save, because there would be more ends of lists.
"""

from downhill.engine import memory, simd, tiles
from downhill.engine.compiling import compiled, inlined
from downhill.engine.constants import GROUP

MOST = 8 if tiles.WIDE else 2  # largest number of vectors in a tile; there are two sums for each
BLOCK = 768  # vectors of W in a block, 48 kB
FEW = 64  # largest number of images whose deltas, eight vectors each, stay in the first-level cache


@inlined
def _with_tile(kernel, vectors, arguments):
    """Call a kernel with a tile of one row and the given number of vectors."""
    if MOST == 8 and vectors == 8:
        kernel(tiles.zeros(1, 8), *arguments)
    elif MOST == 8 and vectors == 7:
        kernel(tiles.zeros(1, 7), *arguments)
    elif MOST == 8 and vectors == 6:
        kernel(tiles.zeros(1, 6), *arguments)
    elif MOST == 8 and vectors == 5:
        kernel(tiles.zeros(1, 5), *arguments)
    elif MOST == 8 and vectors == 4:
        kernel(tiles.zeros(1, 4), *arguments)
    elif MOST == 8 and vectors == 3:
        kernel(tiles.zeros(1, 3), *arguments)
    elif vectors == 2:
        kernel(tiles.zeros(1, 2), *arguments)
    else:
        kernel(tiles.zeros(1, 1), *arguments)


@compiled
def sparse_product(entries, n, n_rows, W, first, Z, offset, stride, width):
    """Z += X · W for a sparse X of n images."""
    column = 0
    while column < width:
        vectors = min((width - column) // 16, MOST)
        if vectors == 1:
            _narrow_product(entries, n, W, first + column, Z, offset + column, stride)
            return
        for s in range(n):
            entries.cursors[s] = entries.starts[s]
        rows = BLOCK // vectors
        for limit in range(rows, n_rows + rows, rows):
            _with_tile(_product, vectors, (entries, n, limit, W, first + column, Z, offset + column, stride))
        column += vectors * 16


@compiled
def _narrow_product(entries, n, W, first, Z, offset, stride):
    """`sparse_product` for one vector per row."""
    zero = simd.zeros()
    for p in range(0, entries.starts[n], GROUP):
        even, odd = zero, zero
        for k in range(p, p + GROUP, 2):
            even = _add_term(even, entries, k, W, first, stride)
            odd = _add_term(odd, entries, k + 1, W, first, stride)
        z = offset + memory.at(entries.owners, p // GROUP) * stride
        simd.store(Z, z, simd.add(simd.load(Z, z), simd.add(even, odd)))


@inlined
def _add_term(z, entries, p, W, first, stride):
    """z plus the term of one entry."""
    row = first + memory.at(entries.pixels, p) * stride
    return simd.fma(simd.splat_at(entries.values, p), simd.load(W, row), z)


@compiled
def _product(zero, entries, n, limit, W, first, Z, offset, stride):
    """Add the terms of the rows of W before `limit`, even and odd ones apart, so that additions wait less."""
    pixels, values = entries.pixels, entries.values
    for s in range(n):
        at, end, p = offset + s * stride, entries.starts[s + 1], entries.cursors[s]
        even, odd = tiles.load(zero, Z, at, 0), zero
        while p + 1 < end and memory.at(pixels, p + 1) < limit:
            row, next_row = memory.at(pixels, p) * stride, memory.at(pixels, p + 1) * stride
            even = tiles.fma(simd.splat_at(values, p), tiles.load(zero, W, first + row, 0), even)
            odd = tiles.fma(simd.splat_at(values, p + 1), tiles.load(zero, W, first + next_row, 0), odd)
            p += 2
        if p < end and memory.at(pixels, p) < limit:
            row = memory.at(pixels, p) * stride
            even = tiles.fma(simd.splat_at(values, p), tiles.load(zero, W, first + row, 0), even)
            p += 1
        entries.cursors[s] = p
        tiles.store(Z, at, 0, tiles.add(even, odd))


@compiled
def sparse_outer(entries, n, n_rows, scale, D, offset, W, first, stride, width):
    """W += scale · Xᵀ · D for a sparse X of n images, image by image; fastest for few images."""
    column = 0
    while column < width:
        vectors = min((width - column) // 16, MOST)
        if vectors == 1:
            _narrow_outer(entries, n, scale, D, offset + column, W, first + column, stride)
            return
        for s in range(n):
            entries.cursors[s] = entries.starts[s]
        rows = BLOCK // vectors
        for limit in range(rows, n_rows + rows, rows):
            arguments = entries, n, limit, scale, D, offset + column, W, first + column, stride
            _with_tile(_outer, vectors, arguments)
        column += vectors * 16


@compiled
def _narrow_outer(entries, n, scale, D, offset, W, first, stride):
    """`sparse_outer` for one vector per row: eight rows are loaded before any is stored, so that no load waits.

    This is safe because the entries of an image belong to different rows. Only padding may repeat a row; it adds zero
    and is stored first, so it cannot undo an update.
    """
    factor = simd.splat(scale)
    for p in range(0, entries.starts[n], GROUP):
        owner = memory.at(entries.owners, p // GROUP)
        d = simd.multiply(factor, simd.load(D, offset + owner * stride))
        row0, w0 = _moved(entries, p, d, W, first, stride)
        row1, w1 = _moved(entries, p + 1, d, W, first, stride)
        row2, w2 = _moved(entries, p + 2, d, W, first, stride)
        row3, w3 = _moved(entries, p + 3, d, W, first, stride)
        row4, w4 = _moved(entries, p + 4, d, W, first, stride)
        row5, w5 = _moved(entries, p + 5, d, W, first, stride)
        row6, w6 = _moved(entries, p + 6, d, W, first, stride)
        row7, w7 = _moved(entries, p + 7, d, W, first, stride)
        simd.store(W, row0, w0)
        simd.store(W, row1, w1)
        simd.store(W, row2, w2)
        simd.store(W, row3, w3)
        simd.store(W, row4, w4)
        simd.store(W, row5, w5)
        simd.store(W, row6, w6)
        simd.store(W, row7, w7)


@inlined
def _moved(entries, p, d, W, first, stride):
    """Where the row of W of an entry starts, and the row plus brightness times d."""
    row = first + memory.at(entries.pixels, p) * stride
    return row, simd.fma(simd.splat_at(entries.values, p), d, simd.load(W, row))


@compiled
def _outer(zero, entries, n, limit, scale, D, offset, W, first, stride):
    """Update the rows of W before `limit`."""
    pixels, values, factor = entries.pixels, entries.values, simd.splat(scale)
    for s in range(n):
        end, p = entries.starts[s + 1], entries.cursors[s]
        d = tiles.fma(factor, tiles.load(zero, D, offset + s * stride, 0), zero)
        while p < end and memory.at(pixels, p) < limit:
            row = first + memory.at(pixels, p) * stride
            tiles.store(W, row, 0, tiles.fma(simd.splat_at(values, p), d, tiles.load(zero, W, row, 0)))
            p += 1
        entries.cursors[s] = p


@compiled
def sort_by_row(entries, n, stride, ends, positions, brightness):
    """Sort the entries of a sparse X by row of W (counting sort).

    Afterwards row i of W has the entries ends[i − 1] … ends[i] (starting at 0 for the first row) of `positions` (where
    the image's row of D starts) and `brightness`.
    """
    pixels, values, starts = entries.pixels, entries.values, entries.starts
    for i in range(ends.shape[0]):
        ends[i] = 0
    for p in range(starts[n]):
        i = memory.at(pixels, p)
        memory.put(ends, i, memory.at(ends, i) + 1)
    total = 0
    for i in range(ends.shape[0]):
        count = memory.at(ends, i)
        memory.put(ends, i, total)
        total += count
    for s in range(n):
        for p in range(starts[s], starts[s + 1]):
            i = memory.at(pixels, p)
            to = memory.at(ends, i)
            memory.put(positions, to, s * stride)
            memory.put(brightness, to, memory.at(values, p))
            memory.put(ends, i, to + 1)


@compiled
def sorted_outer(ends, positions, brightness, n, scale, D, offset, W, first, stride, width):
    """W += scale · Xᵀ · D for a sorted X: each row of W is loaded and stored once per batch, not once per image."""
    column, most = 0, MOST if n <= FEW else min(MOST, 4)
    while column < width:
        vectors = min((width - column) // 16, most)
        arguments = ends, positions, brightness, scale, D, offset + column, W, first + column, stride
        _with_tile(_sorted_outer, vectors, arguments)
        column += vectors * 16


@compiled
def _sorted_outer(zero, ends, positions, brightness, scale, D, offset, W, first, stride):
    begin, factor = 0, simd.splat(scale)
    for i in range(ends.shape[0]):
        end, row = memory.at(ends, i), first + i * stride
        if begin == end:
            continue
        even, odd = zero, zero
        for p in range(begin, end - 1, 2):
            at, next_at = offset + memory.at(positions, p), offset + memory.at(positions, p + 1)
            even = tiles.fma(simd.splat_at(brightness, p), tiles.load(zero, D, at, 0), even)
            odd = tiles.fma(simd.splat_at(brightness, p + 1), tiles.load(zero, D, next_at, 0), odd)
        if (end - begin) % 2 == 1:
            at = offset + memory.at(positions, end - 1)
            even = tiles.fma(simd.splat_at(brightness, end - 1), tiles.load(zero, D, at, 0), even)
        tiles.store(W, row, 0, tiles.fma(factor, tiles.add(even, odd), tiles.load(zero, W, row, 0)))
        begin = end
