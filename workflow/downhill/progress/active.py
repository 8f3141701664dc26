"""The run that this process shows, if it shows one. Errors in what is shown never disturb the run itself."""

import atexit
import os
import threading
from collections.abc import Callable
from typing import Any

from downhill.config.study import Study
from downhill.progress.run import Run

_TICK = 0.5  # seconds


class Shown:
    """A run that is shown, from several threads; after an error, nothing is shown any more, except messages.

    Parameters
    ----------
    run
        The run.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._lock = threading.RLock()
        self._silent = False
        self._ended = threading.Event()
        self._process = os.getpid()
        self._ticker: threading.Thread | None = None

    def start(self) -> None:
        """Show from now on how far it is."""
        if self._ticker is None:
            self._ticker = threading.Thread(target=self._tick, name="progress", daemon=True)
            self._ticker.start()
            atexit.register(self.end)

    def do(self, change: Callable[[Run], object]) -> bool:
        """Change the run; False if that failed, now or before."""
        with self._lock:
            if self._silent or os.getpid() != self._process:
                return False
            try:
                change(self._run)
            except Exception:
                self._silent = True
            return not self._silent

    def end(self, last: Callable[[Run], object] = Run.clear) -> None:
        """Stop showing it, after a last change. Further calls do nothing."""
        if self._ended.is_set():
            return
        self._ended.set()
        self.do(last)

    def _tick(self) -> None:
        while not self._ended.wait(_TICK):
            self.do(Run.tick)


_shown: Shown | None = None


def show(run: Run) -> Shown:
    """Make a run the one that this process shows."""
    global _shown
    _shown = Shown(run)
    return _shown


def is_shown() -> bool:
    """Whether this process shows a run."""
    return _shown is not None


def expect(study: Study, workflow: Any) -> None:
    """Predict how long the jobs will take that Snakemake has planned, if they are shown and do run."""
    if _shown is None:
        return

    def predict(run: Run) -> None:
        from downhill.progress.plan import time_left  # not needed where nothing is shown

        try:
            if workflow.touch:  # its jobs take no time
                return
            left = time_left(study, workflow)
        except Exception:  # without expected times, everything else can still be shown
            return
        run.expect(left, left.cores if left.most is None else None)

    _shown.do(predict)
