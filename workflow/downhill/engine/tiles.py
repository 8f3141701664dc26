"""Tiles: rows of SIMD vectors in registers, as one value in compiled code.

A kernel that takes a tile as an argument is compiled once for each size, so that one loop serves all widths of a
matrix::

    total = tiles.zeros(4, 2)                  # 4 rows of 2 vectors: 4 · 32 sums
    for i in range(n):                         # total += the outer product of column i of X and row i of W
        total = tiles.add_outer(X, i, x_stride, tiles.load_row(total, W, i * stride), total)
    tiles.store(Z, 0, stride, total)

LLVM keeps each vector of a tile in registers of its own, as long as there are enough of them.
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, models, register_model

from downhill.compat.numba_target import has_wide_registers
from downhill.engine.constants import WIDTH
from downhill.engine.memory import pointer
from downhill.engine.simd import FLOATS, check, llvm_function, repeated, vector

_SIZE = ir.IntType(64)

WIDE = has_wide_registers()
"""Whether a vector fits into one register, and there are 32 registers (AVX-512)."""


class TileType(types.Type):
    """The Numba type of a tile."""

    def __init__(self, rows, vectors):
        self.rows, self.vectors = rows, vectors
        super().__init__(name=f"float32x{WIDTH}[{rows},{vectors}]")


@register_model(TileType)
class _TileModel(models.PrimitiveModel):
    def __init__(self, manager, numba_type):
        super().__init__(manager, numba_type, ir.ArrayType(FLOATS, numba_type.rows * numba_type.vectors))


def _built(builder, vectors):
    """A tile of the given vectors, row by row."""
    tile = ir.Constant(ir.ArrayType(FLOATS, len(vectors)), ir.Undefined)
    for k, one in enumerate(vectors):
        tile = builder.insert_value(tile, one, k)
    return tile


def _vectors(builder, tile):
    return [builder.extract_value(tile, k) for k in range(tile.type.count)]


def _addresses(context, builder, array_type, array, offset, stride, rows, vectors):
    """Pointers to the vectors of some rows of a matrix."""
    found = []
    for _ in range(rows):
        row = builder.bitcast(pointer(context, builder, array_type, array, offset), FLOATS.as_pointer())
        found += [builder.gep(row, [ir.Constant(_SIZE, k)]) for k in range(vectors)]
        offset = builder.add(offset, stride)
    return found


def _loaded(builder, addresses):
    vectors = [builder.load(address) for address in addresses]
    for one in vectors:
        one.align = 4
    return vectors


@intrinsic(prefer_literal=True)
def zeros(typingctx, rows, vectors):
    """A tile of zeros; its size must be constant."""
    kind = TileType(rows.literal_value, vectors.literal_value)

    def codegen(context, builder, signature, arguments):
        return ir.Constant(ir.ArrayType(FLOATS, kind.rows * kind.vectors), None)

    return kind(rows, vectors), codegen


@intrinsic
def rows(typingctx, tile):
    """Number of rows of a tile."""

    def codegen(context, builder, signature, arguments):
        return ir.Constant(_SIZE, tile.rows)

    return types.intp(tile), codegen


@intrinsic
def load(typingctx, like, array, offset, stride):
    """Load a tile of the size of `like` from a float32 `array`: its rows start at `offset`, `stride` numbers apart."""
    check(array, types.float32)

    def codegen(context, builder, signature, arguments):
        addresses = _addresses(context, builder, signature.args[1], *arguments[1:], like.rows, like.vectors)
        return _built(builder, _loaded(builder, addresses))

    return like(like, array, types.intp, types.intp), codegen


@intrinsic
def load_row(typingctx, like, array, offset):
    """Load one row of a tile of the size of `like` from a float32 `array`, starting at `offset`."""
    check(array, types.float32)
    row = TileType(1, like.vectors)

    def codegen(context, builder, signature, arguments):
        _, array, offset = arguments
        stride = ir.Constant(_SIZE, 0)
        addresses = _addresses(context, builder, signature.args[1], array, offset, stride, 1, like.vectors)
        return _built(builder, _loaded(builder, addresses))

    return row(like, array, types.intp), codegen


@intrinsic
def store(typingctx, array, offset, stride, tile):
    """Store a tile in a float32 `array`: its rows start at `offset`, `stride` numbers apart."""
    check(array, types.float32)

    def codegen(context, builder, signature, arguments):
        *place, value = arguments
        addresses = _addresses(context, builder, signature.args[0], *place, tile.rows, tile.vectors)
        for one, address in zip(_vectors(builder, value), addresses, strict=True):
            builder.store(one, address).align = 4
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, tile), codegen


@intrinsic
def fma(typingctx, x, a, c):
    """x · a + c for one vector x and tiles a and c: each vector of a is multiplied by x."""

    def codegen(context, builder, signature, arguments):
        x, a, c = arguments
        function = llvm_function(builder, "fma", 3)
        pairs = zip(_vectors(builder, a), _vectors(builder, c), strict=True)
        return _built(builder, [builder.call(function, [x, one, other]) for one, other in pairs])

    return a(vector, a, a), codegen


@intrinsic
def add_outer(typingctx, array, offset, stride, row, tile):
    """tile + x · row, where x is a column of a matrix in `array`: one number per row of the tile, `stride` apart."""
    check(array, types.float32)

    def codegen(context, builder, signature, arguments):
        array, offset, stride, row, value = arguments
        function = llvm_function(builder, "fma", 3)
        right, sums, found = _vectors(builder, row), _vectors(builder, value), []
        for k in range(tile.rows):
            number = builder.load(pointer(context, builder, signature.args[0], array, offset))
            x = repeated(builder, number, FLOATS)
            own = sums[k * tile.vectors : (k + 1) * tile.vectors]
            found += [builder.call(function, [x, w, z]) for w, z in zip(right, own, strict=True)]
            offset = builder.add(offset, stride)
        return _built(builder, found)

    return tile(array, types.intp, types.intp, row, tile), codegen


@intrinsic
def add(typingctx, a, b):
    """Elementwise sum of two tiles."""

    def codegen(context, builder, signature, arguments):
        pairs = zip(*(_vectors(builder, tile) for tile in arguments), strict=True)
        return _built(builder, [builder.fadd(one, other) for one, other in pairs])

    return a(a, a), codegen


@intrinsic
def transpose(typingctx, source, first, stride, target, to, to_stride):
    """Copy the transpose of a block of 16 × 16 numbers whose rows are `stride` apart to rows `to_stride` apart.

    Interleaves the first half of the rows with the second half, four times.
    """
    check(source, types.float32)
    check(target, types.float32)

    def codegen(context, builder, signature, arguments):
        source, first, stride, target, to, to_stride = arguments
        kinds = signature.args
        values = _loaded(builder, _addresses(context, builder, kinds[0], source, first, stride, WIDTH, 1))
        integers, half = ir.VectorType(ir.IntType(32), WIDTH), WIDTH // 2
        interleaved = [
            ir.Constant(integers, [start + k // 2 + WIDTH * (k % 2) for k in range(WIDTH)])
            for start in (0, half)
        ]
        for _ in range(WIDTH.bit_length() - 1):
            values = [
                builder.shuffle_vector(values[k], values[k + half], indices)
                for k in range(half)
                for indices in interleaved
            ]
        addresses = _addresses(context, builder, kinds[3], target, to, to_stride, WIDTH, 1)
        for value, address in zip(values, addresses, strict=True):
            builder.store(value, address).align = 4
        return context.get_dummy_value()

    size = types.intp
    return types.void(source, size, size, target, size, size), codegen
