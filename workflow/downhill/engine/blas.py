"""Products of large matrices, by the BLAS that SciPy brings along.

Numba holds a small function of its own that finds SciPy's BLAS and calls it; `np.dot` in compiled code goes
through it too. It is called here directly because `np.dot` can neither add to what is there already nor
take a part of a larger vector.
"""

from contextlib import AbstractContextManager, nullcontext
from threading import Lock

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from downhill.compat import numba_blas
from downhill.compat.blas_threads import OneThread
from downhill.engine.layout import Layout

WORK = 100_000
"""Multiplications of a product from which BLAS is faster than our own loops."""

_CHAR, _SIZE, _FLOAT = ir.IntType(8), ir.IntType(64), ir.FloatType()
_POINTER = _CHAR.as_pointer()


def one_thread(layout: Layout, batch: int) -> AbstractContextManager[object]:
    """Holds BLAS to one thread while it is entered, if batches of that size will need BLAS at all.

    Runs side by side use all cores already, and how a product is shared out may change its last bits.
    """
    if batch * int((layout.layers["rows"] * layout.layers["width"]).max()) < WORK:
        return nullcontext()
    return _ONE_THREAD


class _OneThread:
    """The first to enter sets the limit, the last to leave lifts it: the setting is the whole process's."""

    def __init__(self):
        self._lock, self._inside, self._limit = Lock(), 0, None

    def __enter__(self):
        with self._lock:
            if self._limit is None:
                numba_blas.load()
                self._limit = OneThread()
            if self._inside == 0:
                self._limit.set()
            self._inside += 1

    def __exit__(self, *error):
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._limit.restore()


_ONE_THREAD = _OneThread()


@intrinsic
def add_product(
    typingctx, m, n, k, scale, a, a_at, a_stride, a_down, b, b_at, b_stride, b_down, keep, c, c_at, c_stride
):
    """C = keep · C + scale · A · B, for A of m × k, B of k × n and C of m × n numbers.

    Each matrix is a part of a vector, float32, from a place `…_at` on, its rows `…_stride` numbers apart. A
    matrix whose `…_down` is true lies there transposed.
    """

    def codegen(context, builder, signature, arguments):
        m, n, k, scale, a, a_at, a_stride, a_down, b, b_at, b_stride, b_down, keep, c, c_at, c_stride = (
            arguments
        )
        kinds = dict(zip(("a", "b", "c"), (signature.args[i] for i in (4, 8, 13)), strict=True))

        def pointer(name, array, offset):
            data = context.make_array(kinds[name])(context, builder, array).data
            return builder.bitcast(builder.gep(data, [offset]), _POINTER)

        def slot(number):
            place = cgutils.alloca_once(builder, _FLOAT)
            builder.store(number, place)
            return builder.bitcast(place, _POINTER)

        def way(down):
            return builder.select(down, ir.Constant(_CHAR, ord("t")), ir.Constant(_CHAR, ord("n")))

        # BLAS walks down columns: what it is given as B · A is our A · B, all three transposed
        sizes = [_SIZE, _SIZE, _SIZE]
        kind = ir.FunctionType(
            ir.IntType(32),
            [
                _CHAR,
                _CHAR,
                _CHAR,
                *sizes,
                _POINTER,
                _POINTER,
                _SIZE,
                _POINTER,
                _SIZE,
                _POINTER,
                _POINTER,
                _SIZE,
            ],
        )
        function = cgutils.get_or_insert_function(builder.module, kind, numba_blas.PRODUCT)
        builder.call(
            function,
            [
                *(ir.Constant(_CHAR, ord("s")), way(b_down), way(a_down), n, m, k, slot(scale)),
                *(pointer("b", b, b_at), b_stride, pointer("a", a, a_at), a_stride),
                *(slot(keep), pointer("c", c, c_at), c_stride),
            ],
        )
        return context.get_dummy_value()

    size, number, flag = types.intp, types.float32, types.boolean
    arguments = (
        *(size, size, size, number),
        *(a, size, size, flag, b, size, size, flag),
        *(number, c, size, size),
    )
    return types.void(*arguments), codegen
