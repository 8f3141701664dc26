"""A small SIMD type for Numba: sixteen float32 numbers in registers.

Numba leaves vectorisation to LLVM, which cannot prove that the arrays in a loop do not overlap, and therefore stores
and reloads every sum at every step. A value of the type `vector` stays in registers: it is LLVM's `<16 x float>`, which
becomes one AVX-512 register, two AVX registers, or four NEON registers.

All functions in this module work only inside compiled code::

    total = zeros()                              # 16 sums
    for i in range(n):
        total = fma(splat(x[i]), load(W, 16 * i), total)   # total += x[i] * W[16 i : 16 i + 16]
    store(z, 0, total)

Offsets count numbers, not vectors. Array bounds are not checked.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic, models, register_model

from downhill.engine.constants import WIDTH
from downhill.engine.memory import pointer

_FLOAT = ir.FloatType()
_INT = ir.IntType(32)
FLOATS = ir.VectorType(_FLOAT, WIDTH)
_INTS = ir.VectorType(_INT, WIDTH)


class VectorType(types.Type):
    """The Numba type of a vector."""

    def __init__(self):
        super().__init__(name="float32x16")


vector = VectorType()


@register_model(VectorType)
class _VectorModel(models.PrimitiveModel):
    def __init__(self, manager, numba_type):
        super().__init__(manager, numba_type, FLOATS)


def llvm_function(builder, name, n_arguments):
    """An LLVM intrinsic on vectors, such as `llvm.fma.v16f32`."""
    kind = ir.FunctionType(FLOATS, [FLOATS] * n_arguments)
    return cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{WIDTH}f32")


def _constant(value, llvm_type=FLOATS):
    return ir.Constant(llvm_type, [value] * WIDTH)


def check(array, *kinds):
    """Raise a TypingError unless an array is contiguous and has one of the given types."""
    if array.dtype not in kinds or array.layout != "C":
        raise TypingError(f"vectors cannot be loaded from or stored to {array}")


@intrinsic
def load_floats(typingctx, array, offset):
    """Load 16 float32 numbers from a uint8 `array`, starting at byte `offset`."""
    check(array, types.uint8)

    def codegen(context, builder, signature, arguments):
        address = pointer(context, builder, signature.args[0], *arguments)
        numbers = builder.load(builder.bitcast(address, FLOATS.as_pointer()))
        numbers.align = 1
        return numbers

    return vector(array, types.intp), codegen


@intrinsic
def load(typingctx, array, offset):
    """Load 16 numbers from a float32 or uint8 `array`, starting at `offset`."""
    check(array, types.float32, types.uint8)

    def codegen(context, builder, signature, arguments):
        is_bytes = signature.args[0].dtype == types.uint8
        kind = ir.VectorType(ir.IntType(8), WIDTH) if is_bytes else FLOATS
        address = pointer(context, builder, signature.args[0], *arguments)
        numbers = builder.load(builder.bitcast(address, kind.as_pointer()))
        numbers.align = 1 if is_bytes else 4
        return builder.sitofp(builder.zext(numbers, _INTS), FLOATS) if is_bytes else numbers

    return vector(array, types.intp), codegen


@intrinsic
def store(typingctx, array, offset, value):
    """Store 16 numbers in a float32 `array`, starting at `offset`."""
    check(array, types.float32)

    def codegen(context, builder, signature, arguments):
        array, offset, value = arguments
        address = pointer(context, builder, signature.args[0], array, offset)
        builder.store(value, builder.bitcast(address, FLOATS.as_pointer())).align = 4
        return context.get_dummy_value()

    return types.void(array, types.intp, vector), codegen


def repeated(builder, number, llvm_type):
    """An LLVM vector of the same number in all places."""
    undefined = ir.Constant(llvm_type, ir.Undefined)
    first = builder.insert_element(undefined, number, ir.Constant(_INT, 0))
    return builder.shuffle_vector(first, undefined, _constant(0, _INTS))


@intrinsic
def splat(typingctx, number):
    """A vector of the same number 16 times."""

    def codegen(context, builder, signature, arguments):
        return repeated(builder, arguments[0], FLOATS)

    return vector(types.float32), codegen


@intrinsic
def splat_at(typingctx, array, offset):
    """A vector of the number at `offset` of a float32 `array`, 16 times."""
    check(array, types.float32)

    def codegen(context, builder, signature, arguments):
        number = builder.load(pointer(context, builder, signature.args[0], *arguments))
        return repeated(builder, number, FLOATS)

    return vector(array, types.intp), codegen


@intrinsic
def zeros(typingctx):
    """Sixteen zeros."""

    def codegen(context, builder, signature, arguments):
        return _constant(0.0)

    return vector(), codegen


@intrinsic
def fma(typingctx, a, b, c):
    """a · b + c, rounded once."""

    def codegen(context, builder, signature, arguments):
        return builder.call(llvm_function(builder, "fma", 3), arguments)

    return vector(vector, vector, vector), codegen


@intrinsic
def square_root(typingctx, a):
    """Elementwise √a."""

    def codegen(context, builder, signature, arguments):
        return builder.call(llvm_function(builder, "sqrt", 1), arguments)

    return vector(vector), codegen


def _binary(name):
    """An elementwise operation on two vectors, given the name of an LLVM instruction."""

    @intrinsic
    def operation(typingctx, a, b):
        def codegen(context, builder, signature, arguments):
            return getattr(builder, name)(*arguments)

        return vector(vector, vector), codegen

    return operation


add, subtract, multiply, divide = map(_binary, ("fadd", "fsub", "fmul", "fdiv"))


def _folded(builder, value, combine):
    """Combine 16 numbers into one by repeatedly halving the vector."""
    width = WIDTH
    while width > 1:
        width //= 2
        halves = [
            builder.shuffle_vector(
                value,
                ir.Constant(value.type, ir.Undefined),
                ir.Constant(ir.VectorType(_INT, width), [start + k for k in range(width)]),
            )
            for start in (0, width)
        ]
        value = combine(*halves)
    return builder.extract_element(value, ir.Constant(_INT, 0))


@intrinsic
def total(typingctx, a):
    """Sum of the 16 numbers, computed pairwise."""

    def codegen(context, builder, signature, arguments):
        return _folded(builder, arguments[0], builder.fadd)

    return types.float32(vector), codegen


@intrinsic
def largest(typingctx, a):
    """The largest of the 16 numbers; none may be NaN."""

    def codegen(context, builder, signature, arguments):
        return _folded(
            builder, arguments[0], lambda x, y: builder.select(builder.fcmp_ordered(">", x, y), x, y)
        )

    return types.float32(vector), codegen


@intrinsic
def maximum(typingctx, a, b):
    """Elementwise maximum; b where a is NaN."""

    def codegen(context, builder, signature, arguments):
        a, b = arguments
        return builder.select(builder.fcmp_ordered(">", a, b), a, b)

    return vector(vector, vector), codegen


@intrinsic
def where_positive(typingctx, a, b, c):
    """b where a > 0, otherwise c; a where a is NaN."""

    def codegen(context, builder, signature, arguments):
        a, b, c = arguments
        chosen = builder.select(builder.fcmp_ordered(">", a, _constant(0.0)), b, c)
        return builder.select(builder.fcmp_unordered("uno", a, a), a, chosen)

    return vector(vector, vector, vector), codegen


@intrinsic
def keep_first(typingctx, count, a, b):
    """The first `count` numbers of a, and the rest from b; a count above 16 means 16."""

    def codegen(context, builder, signature, arguments):
        count, a, b = arguments
        limit = repeated(builder, builder.trunc(count, _INT), _INTS)
        positions = ir.Constant(_INTS, list(range(WIDTH)))
        return builder.select(builder.icmp_signed("<", positions, limit), a, b)

    return vector(types.intp, vector, vector), codegen


@intrinsic
def exp(typingctx, a):
    """Elementwise eᵃ, to about 2 units in the last place. Inputs are clamped to ±87; NaN stays NaN.

    Writes a = k ln 2 + r with integer k and |r| ≤ ½ ln 2, computes eʳ with a polynomial (Cephes, expf), and multiplies
    by 2ᵏ, which is built from its bits.
    """
    coefficients = (
        *(1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3),
        *(4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1),
    )

    def codegen(context, builder, signature, arguments):
        (a,) = arguments
        multiply_add = llvm_function(builder, "fma", 3)
        nearest = llvm_function(builder, "nearbyint", 1)

        def fma_(x, y, z):
            return builder.call(multiply_add, [x, y, z])

        def clamp(x):
            x = builder.select(builder.fcmp_ordered(">", x, _constant(87.0)), _constant(87.0), x)
            return builder.select(builder.fcmp_ordered("<", x, _constant(-87.0)), _constant(-87.0), x)

        x = clamp(a)
        k = builder.call(nearest, [builder.fmul(x, _constant(1.44269504088896341))])  # x / ln 2
        r = fma_(k, _constant(-0.693359375), x)  # ln 2 in two parts, the first short enough to be exact
        r = fma_(k, _constant(2.12194440e-4), r)
        p = _constant(coefficients[0])
        for coefficient in coefficients[1:]:
            p = fma_(p, r, _constant(coefficient))
        p = builder.fadd(fma_(builder.fmul(r, r), p, r), _constant(1.0))
        # converting NaN to an integer gives poison, so it is replaced here and put back at the end
        is_number = builder.fcmp_ordered("ord", a, a)
        whole = builder.fptosi(builder.select(is_number, k, _constant(0.0)), _INTS)
        bits = builder.shl(builder.add(whole, _constant(127, _INTS)), _constant(23, _INTS))
        scale = builder.bitcast(bits, FLOATS)
        return builder.select(is_number, builder.fmul(p, scale), a)

    return vector(vector), codegen
