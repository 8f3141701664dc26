"""The dense limit: how long an epoch's matrix products would take at the rate of large ones.

No one who multiplies all zeros can be faster than that. The rate is that of NumPy's float32 product of two
1024 × 1024 matrices, measured anew at each turn.
"""

from time import perf_counter

import numpy as np

from benchmarks.cases import Weights
from benchmarks.peers import Task

_SIZE, _PRODUCTS = 1024, 20


def prepare(task: Task) -> "_Limit":
    """Two matrices and a place for their product."""
    return _Limit(task)


class _Limit:
    def __init__(self, task: Task) -> None:
        self.operations = task.case.operations(task.n_used)
        random = np.random.default_rng(task.seed)
        self.factors = random.standard_normal((2, _SIZE, _SIZE), np.float32)
        self.product = np.empty((_SIZE, _SIZE), np.float32)

    def epoch(self) -> float:
        """Seconds that the products of an epoch would take."""
        begin = perf_counter()
        for _ in range(_PRODUCTS):
            np.dot(*self.factors, out=self.product)
        rate = _PRODUCTS * 2 * _SIZE**3 / (perf_counter() - begin)
        return self.operations / rate

    def networks(self) -> list[Weights]:
        """None: nothing is trained."""
        return []
