"""Single places of arrays in compiled code, without Python's reading of negative ones.

Numba takes array[place] for Python's, where −1 is the last place, and asks about the sign each time: in a loop over
the pixels of an image that costs more than the arithmetic. Nothing is checked here.
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_INT = ir.IntType(32)


def pointer(context, builder, array_type, array, offset):
    """LLVM's pointer to the number at `offset` of a contiguous array; for the code of intrinsics."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.gep(data, [offset])


@intrinsic
def at(typingctx, array, offset):
    """array[offset]; whole numbers as int64."""
    kind = array.dtype
    result = kind if isinstance(kind, types.Float) else types.int64

    def codegen(context, builder, signature, arguments):
        number = builder.load(pointer(context, builder, signature.args[0], *arguments))
        return context.cast(builder, number, kind, result)

    return result(array, types.intp), codegen


@intrinsic
def put(typingctx, array, offset, value):
    """array[offset] = value, as `at`."""

    def codegen(context, builder, signature, arguments):
        array, offset, value = arguments
        value = context.cast(builder, value, signature.args[2], signature.args[0].dtype)
        builder.store(value, pointer(context, builder, signature.args[0], array, offset))
        return context.get_dummy_value()

    return types.void(array, types.intp, value), codegen


@intrinsic
def prefetch(typingctx, array, offset):
    """Ask for the cache line of `array` at `offset`, to be read soon."""

    def codegen(context, builder, signature, arguments):
        place = pointer(context, builder, signature.args[0], *arguments)
        byte = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [byte, _INT, _INT, _INT])
        function = cgutils.get_or_insert_function(builder.module, kind, "llvm.prefetch.p0")
        constants = [ir.Constant(_INT, value) for value in (0, 3, 1)]
        builder.call(function, [builder.bitcast(place, byte), *constants])
        return context.get_dummy_value()

    return types.void(array, types.intp), codegen
