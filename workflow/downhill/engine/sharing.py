"""One network on several threads: each computes some of the columns of every layer.

All threads run the same loop over batches (`engine.kernels`), and wait for each other where one needs what the others
have computed. Which thread computes a number does not affect how it is computed: columns are divided between tiles of
the widest kind, so that the bytes of a run do not depend on the number of threads.
"""

import os
from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from downhill.engine.compiling import compiled, inlined
from downhill.engine.layout import Layout
from downhill.engine.memory import pointer

COLUMNS = 128
"""Columns are divided at multiples of it: the widest tile of `engine.sparse_products`."""
FEWEST_IMAGES = 16
"""Images per batch from which a batch is worth dividing."""

_SPINS = 2000  # tests of a gate before the processor is offered to other threads, about 20 microseconds


class Share(NamedTuple):
    """One of `parts` threads; `gate` counts those that wait, and how often all have passed."""

    part: int
    parts: int
    gate: NDArray[np.int64]


def shares(parts: int) -> list[Share]:
    """The shares of so many threads."""
    gate = np.zeros(2, np.int64)
    return [Share(part, parts, gate) for part in range(parts)]


ALONE = shares(1)[0]


def useful_threads(layout: Layout, batch: int, threads: int) -> int:
    """How many threads can share a network: at most one for each `COLUMNS` of its widest layer."""
    if batch < FEWEST_IMAGES:
        return 1
    return max(1, min(threads, int(layout.layers["width"].max()) // COLUMNS))


@inlined
def columns(layer, is_last, share):
    """First column of a layer that a thread computes, and the one after the last; the first has all outputs."""
    if is_last:
        return 0, layer.width if share.part == 0 else 0
    tiles = (layer.width + COLUMNS - 1) // COLUMNS
    begin, end = (
        tiles * share.part // share.parts * COLUMNS,
        tiles * (share.part + 1) // share.parts * COLUMNS,
    )
    return min(begin, layer.width), min(end, layer.width)


@inlined
def numbers(begin, end, share):
    """The part of a range that a thread processes if every number is independent of all others."""
    vectors = (end - begin) // 16
    return begin + vectors * share.part // share.parts * 16, begin + vectors * (
        share.part + 1
    ) // share.parts * 16


@intrinsic
def _add(typingctx, array, index, value):
    """array[index] += value at once for all threads; returns the number before."""

    def codegen(context, builder, signature, arguments):
        array, index, value = arguments
        address = pointer(context, builder, signature.args[0], array, index)
        return builder.atomic_rmw("add", address, value, "seq_cst")

    return types.int64(array, types.intp, types.int64), codegen


@intrinsic
def _read(typingctx, array, index):
    """array[index], as other threads have left it."""

    def codegen(context, builder, signature, arguments):
        address = pointer(context, builder, signature.args[0], *arguments)
        return builder.load_atomic(address, "seq_cst", 8)

    return types.int64(array, types.intp), codegen


@intrinsic
def _offer_processor(typingctx):
    """Let another thread run, if one is waiting for this processor."""

    def codegen(context, builder, signature, arguments):
        if os.name == "posix":
            kind = ir.FunctionType(ir.IntType(32), [])
            builder.call(cgutils.get_or_insert_function(builder.module, kind, "sched_yield"), [])
        return context.get_dummy_value()

    return types.void(), codegen


@compiled
def wait(share):
    """Return when all threads have called it."""
    if share.parts == 1:
        return
    passed = _read(share.gate, 1)
    if _add(share.gate, 0, 1) == share.parts - 1:
        _add(share.gate, 0, -share.parts)
        _add(share.gate, 1, 1)
        return
    spins = 0
    while _read(share.gate, 1) == passed:
        spins += 1
        if spins > _SPINS:
            _offer_processor()
