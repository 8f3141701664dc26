"""One network on several threads: each computes some columns of every hidden layer, and the first all outputs.

All threads run the same loop over batches (`engine.kernels`), and wait for each other where one needs what the others
have computed. Columns are divided at multiples of the widest tile. Every number is therefore the same sum, in the same
order, whichever thread computes it. Tests check that the bytes of a run do not depend on the number of threads.

The loop is compiled twice: with a `Share`, and with None for a thread that has a network to itself, where Numba removes
what follows `if share is None`. Otherwise such a thread would spend a twentieth of its time looking up its columns.
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic
from numpy.typing import NDArray

from downhill.engine.compiling import compiled
from downhill.engine.layout import Layout
from downhill.engine.memory import pointer

COLUMNS = 128
"""Columns are divided at multiples of this number, itself a multiple of the widest tile (`engine.sparse_products`)."""
FEWEST_IMAGES = 16
"""The smallest batch that is worth dividing among threads."""

# How often a gate is tested before the processor is offered to other threads: some microseconds.
_SPINS = 2000


class Share(NamedTuple):
    """One of `parts` threads, which computes the columns begin[l] … end[l] of layer l.

    gate[0] is the number of threads that are waiting for the others, and gate[1] how often all of them have arrived.
    """

    part: int
    parts: int
    begin: NDArray[np.int64]
    end: NDArray[np.int64]
    gate: NDArray[np.int64]


def shares(layout: Layout, parts: int) -> Sequence[Share | None]:
    """One share per thread, of which the first has the whole output layer; for a single thread, None instead."""
    if parts == 1:
        return [None]
    widths, gate = layout.layers["width"], np.zeros(2, np.int64)
    tiles = -(-widths // COLUMNS)
    ends = [np.minimum(tiles * part // parts * COLUMNS, widths) for part in range(parts + 1)]
    for end in ends[1:]:
        end[-1] = widths[-1]
    return [Share(part, parts, ends[part], ends[part + 1], gate) for part in range(parts)]


def together(
    pool: ThreadPoolExecutor,
    function: Callable[..., object],
    works: Sequence[object],
    parts: Sequence[object],
) -> None:
    """Call `function(work, part)` for all parts at once, each in its own thread; if one cannot start, call none."""
    if len(parts) == 1:
        function(works[0], parts[0])
        return
    start = Barrier(len(parts))

    def one(work: object, part: object) -> None:
        start.wait()
        function(work, part)

    try:
        list(pool.map(one, works, parts))
    except BaseException:
        start.abort()  # releases the threads that wait for one that will never start
        raise


def useful_threads(layout: Layout, batch: int, threads: int) -> int:
    """How many of the threads can share a network: at most one per `COLUMNS` columns of its widest hidden layer."""
    if batch < FEWEST_IMAGES:
        return 1
    return max(1, min(threads, int(layout.layers["width"][:-1].max(initial=0)) // COLUMNS))


@intrinsic
def _add(typingctx, array, index, value):
    """Atomically add a value to array[index]; returns the number before."""

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
def is_first(share):
    """Whether a thread computes the outputs."""
    if share is None:
        return True
    return share.part == 0


@compiled
def columns(share, layer, width):
    """The first column of a layer that a thread computes, and the one after the last."""
    if share is None:
        return 0, width
    return share.begin[layer], share.end[layer]


@compiled
def numbers(share, begin, end):
    """The part of a range that a thread processes if every number is independent of all others."""
    if share is None:
        return begin, end
    n = (end - begin) // 16
    return begin + n * share.part // share.parts * 16, begin + n * (share.part + 1) // share.parts * 16


@compiled
def wait(share):
    """Return when all threads have called it."""
    if share is None:
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
