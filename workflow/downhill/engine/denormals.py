"""Flushing denormals to zero while the engine runs.

As units saturate, deltas shrink below 1e-38. Below that, float32 numbers are denormal: they have fewer and fewer
significant bits, and processors handle them up to a hundred times more slowly, although they do not change the result.
The setting belongs to the current thread, so the engine restores the caller's state when it returns.
"""

import platform

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_INT, _LONG, _BYTES = ir.IntType(32), ir.IntType(64), ir.IntType(8).as_pointer()
_X86 = platform.machine().lower() in ("x86_64", "amd64")
_ARM = platform.machine().lower() in ("aarch64", "arm64")
# MXCSR: flush to zero, and treat denormals as zero (Intel, Software Developer's Manual, 11.6.2 and 10.2.3);
# FPCR: FZ (Arm, Architecture Reference Manual, C5.2.8).
_FLUSH = 0x8040 if _X86 else 1 << 24


def _read(builder):
    """The control register as a 64-bit integer; 0 on other kinds of processors."""
    if _X86:
        address = cgutils.alloca_once(builder, _INT)
        _x86(builder, "stmxcsr", address)
        return builder.zext(builder.load(address), _LONG)
    if _ARM:
        return _arm(builder, "get", _LONG, [])
    return ir.Constant(_LONG, 0)


def _write(builder, state):
    if _X86:
        address = cgutils.alloca_once(builder, _INT)
        builder.store(builder.trunc(state, _INT), address)
        _x86(builder, "ldmxcsr", address)
    elif _ARM:
        _arm(builder, "set", ir.VoidType(), [state])


def _x86(builder, instruction, address):
    kind = ir.FunctionType(ir.VoidType(), [_BYTES])
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.x86.sse.{instruction}")
    builder.call(function, [builder.bitcast(address, _BYTES)])


def _arm(builder, action, result, arguments):
    kind = ir.FunctionType(result, [_LONG] * len(arguments))
    function = cgutils.get_or_insert_function(builder.module, kind, f"llvm.aarch64.{action}.fpcr")
    return builder.call(function, arguments)


@intrinsic
def flush(typingctx):
    """Treat denormals as zero from here on; returns the state to pass to `restore`."""

    def codegen(context, builder, signature, arguments):
        before = _read(builder)
        _write(builder, builder.or_(before, ir.Constant(_LONG, _FLUSH)))
        return before

    return types.int64(), codegen


@intrinsic
def restore(typingctx, state):
    """Restore the state that `flush` returned."""

    def codegen(context, builder, signature, arguments):
        _write(builder, arguments[0])
        return context.get_dummy_value()

    return types.void(types.int64), codegen
