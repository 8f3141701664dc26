"""Access to single array elements in compiled code, without support for negative indices.

In Numba, as in Python, array[-1] is the last element, so every access checks the sign of the index. In a loop over the
pixels of an image this takes longer than the arithmetic. The functions here check nothing.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.errors import TypingError
from numba.extending import intrinsic

_INT = ir.IntType(32)


def pointer(context, builder, array_type, array, offset):
    """LLVM pointer to the element at `offset` of a contiguous array, for use in intrinsics."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [offset])


@intrinsic
def at(typingctx, array, offset):
    """array[offset]; integers are returned as int64."""
    kind = array.dtype
    result = kind if isinstance(kind, types.Float) else types.int64

    def codegen(context, builder, signature, arguments):
        number = builder.load(pointer(context, builder, signature.args[0], *arguments))
        return context.cast(builder, number, kind, result)

    return result(array, types.intp), codegen


@intrinsic
def put(typingctx, array, offset, value):
    """array[offset] = value; the counterpart of `at`."""

    def codegen(context, builder, signature, arguments):
        array, offset, value = arguments
        value = context.cast(builder, value, signature.args[2], signature.args[0].dtype)
        builder.store(value, pointer(context, builder, signature.args[0], array, offset))
        return context.get_dummy_value()

    return types.void(array, types.intp, value), codegen


@intrinsic(prefer_literal=True)
def copy(typingctx, count, source, offset, target, to):
    """target[to : to + count] = source[offset : offset + count], for a constant count and arrays of one type."""
    if source.dtype != target.dtype:
        raise TypingError(f"cannot copy from {source} to {target}")
    n = count.literal_value

    def codegen(context, builder, signature, arguments):
        _, source, offset, target, to = arguments
        own = ir.VectorType(context.get_value_type(source_type.dtype), n).as_pointer()
        numbers = builder.load(builder.bitcast(pointer(context, builder, source_type, source, offset), own))
        address = pointer(context, builder, signature.args[3], target, to)
        numbers.align = builder.store(numbers, builder.bitcast(address, own)).align = 1
        return context.get_dummy_value()

    source_type = source
    return types.void(count, source, types.intp, target, types.intp), codegen


@intrinsic
def prefetch(typingctx, array, offset):
    """Prefetch the cache line of `array` at `offset`."""

    def codegen(context, builder, signature, arguments):
        address = pointer(context, builder, signature.args[0], *arguments)
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, _INT, _INT, _INT])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        constants = [ir.Constant(_INT, value) for value in (0, 3, 1)]
        builder.call(function, [builder.bitcast(address, byte), *constants])
        return context.get_dummy_value()

    return types.void(array, types.intp), codegen
