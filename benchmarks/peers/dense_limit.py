"""The dense limit: how long an epoch's matrix products would take at the rate of large ones.

No implementation that also multiplies all zeros can be faster. The rate is that of NumPy's float32 product of two
1024 × 1024 matrices, measured again at each turn.
"""

from time import perf_counter

import numpy as np

from benchmarks.cases import Weights
from benchmarks.peers import Task

_SIZE, _PRODUCTS = 1024, 20


def prepare(task: Task) -> "_Limit":
    """Allocate two matrices and their product."""
    return _Limit(task)


class _Limit:
    def __init__(self, task: Task) -> None:
        self.operations = task.case.operations(task.n_used)
        random = np.random.default_rng(task.seed)
        self.factors = random.standard_normal((2, _SIZE, _SIZE), np.float32)
        self.product = np.empty((_SIZE, _SIZE), np.float32)

    def epoch(self) -> float:
        """Return the seconds that the matrix products of an epoch would take."""
        begin = perf_counter()
        for _ in range(_PRODUCTS):
            np.dot(*self.factors, out=self.product)
        rate = _PRODUCTS * 2 * _SIZE**3 / (perf_counter() - begin)
        return self.operations / rate

    def networks(self) -> list[Weights]:
        """An empty list: nothing is trained."""
        return []
