"""Products of large matrices, computed by the BLAS that SciPy ships.

Numba has a small internal function that finds and calls SciPy's BLAS; `np.dot` in compiled code uses it too. This
module calls it directly because `np.dot` can neither accumulate into an existing array nor work on part of a larger
vector.
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
"""Number of multiplications in a product above which BLAS is faster than our own loops."""

_CHAR, _SIZE, _FLOAT = ir.IntType(8), ir.IntType(64), ir.FloatType()
_POINTER = _CHAR.as_pointer()


def one_thread(layout: Layout, batch: int) -> AbstractContextManager[object]:
    """Context manager that limits BLAS to one thread, if batches of this size use BLAS at all.

    Parallel runs already use all cores, and the way BLAS splits a product between threads may change its last bits.
    """
    if batch * int((layout.layers["rows"] * layout.layers["width"]).max()) < WORK:
        return nullcontext()
    return _ONE_THREAD


class _OneThread:
    """The first to enter sets the limit and the last to leave lifts it, since the setting is process-wide."""

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
    """C = keep · C + scale · A · B, for A of shape (m, k), B of shape (k, n) and C of shape (m, n).

    Each matrix is part of a float32 vector: it starts at offset `…_at`, and its rows are `…_stride` numbers apart. If
    `…_down` is true, the matrix is stored transposed.
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
            address = cgutils.alloca_once(builder, _FLOAT)
            builder.store(number, address)
            return builder.bitcast(address, _POINTER)

        def trans(down):
            return builder.select(down, ir.Constant(_CHAR, ord("t")), ir.Constant(_CHAR, ord("n")))

        # BLAS matrices are column-major: computing B · A there gives our A · B, with all three transposed
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
                *(ir.Constant(_CHAR, ord("s")), trans(b_down), trans(a_down), n, m, k, slot(scale)),
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
