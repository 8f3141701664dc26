"""Numbers too small for float32's usual form, counted as zero while the engine works.

As units saturate, deltas shrink below 1e-38. From there float32 goes on with ever fewer bits (denormals), and
processors take up to a hundred times longer, for numbers that change nothing. The switch belongs to the thread
that runs: whoever calls the engine gets back the state that they had.
"""

import platform

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_INT, _LONG, _BYTES = ir.IntType(32), ir.IntType(64), ir.IntType(8).as_pointer()
_X86 = platform.machine().lower() in ("x86_64", "amd64")
_ARM = platform.machine().lower() in ("aarch64", "arm64")
# MXCSR: flush to zero, and take denormals for zero (Intel, Software Developer's Manual, 11.6.2 and 10.2.3);
# FPCR: FZ (Arm, Architecture Reference Manual, C5.2.8).
_FLUSH = 0x8040 if _X86 else 1 << 24


def _read(builder):
    """The control register as a 64-bit number; 0 on processors of another kind."""
    if _X86:
        place = cgutils.alloca_once(builder, _INT)
        _x86(builder, "stmxcsr", place)
        return builder.zext(builder.load(place), _LONG)
    if _ARM:
        return _arm(builder, "get", _LONG, [])
    return ir.Constant(_LONG, 0)


def _write(builder, state):
    if _X86:
        place = cgutils.alloca_once(builder, _INT)
        builder.store(builder.trunc(state, _INT), place)
        _x86(builder, "ldmxcsr", place)
    elif _ARM:
        _arm(builder, "set", ir.VoidType(), [state])


def _x86(builder, instruction, place):
    kind = ir.FunctionType(ir.VoidType(), [_BYTES])
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.x86.sse.{instruction}")
    builder.call(function, [builder.bitcast(place, _BYTES)])


def _arm(builder, action, result, arguments):
    kind = ir.FunctionType(result, [_LONG] * len(arguments))
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.aarch64.{action}.fpcr")
    return builder.call(function, arguments)


@intrinsic
def flush(typingctx):
    """From here on denormals count as zero; returns the state to `restore`."""

    def codegen(context, builder, signature, arguments):
        before = _read(builder)
        _write(builder, builder.or_(before, ir.Constant(_LONG, _FLUSH)))
        return before

    return types.int64(), codegen


@intrinsic
def restore(typingctx, state):
    """Set the state that `flush` returned."""

    def codegen(context, builder, signature, arguments):
        _write(builder, arguments[0])
        return context.get_dummy_value()

    return types.void(types.int64), codegen
