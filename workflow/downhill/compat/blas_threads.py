"""A limit on BLAS threads that can be set and lifted from any Python thread.

threadpoolctl accepts changes to OpenBLAS only from the first Python thread that makes one, and silently ignores all
others. Runs that train in parallel need the limit no matter which of them comes first.
"""

from collections.abc import Callable
from typing import Any

from threadpoolctl import OpenBLASController, ThreadpoolController


class OneThread:
    """Limits the BLAS of this process to one thread, until `restore` is called."""

    def __init__(self) -> None:
        self._controller = ThreadpoolController()  # inspects all loaded libraries, which takes milliseconds
        self._limit: Any = None

    def set(self) -> None:
        """Limit BLAS to one thread."""
        self._limit = _in_control(lambda: self._controller.limit(limits=1, user_api="blas"))

    def restore(self) -> None:
        """Restore the previous number of threads."""
        _in_control(self._limit.restore_original_limits)


def _in_control(change: Callable[[], Any]) -> Any:
    OpenBLASController.clear_controlling_thread(force=True)
    try:
        return change()
    finally:
        OpenBLASController.clear_controlling_thread(force=True)
