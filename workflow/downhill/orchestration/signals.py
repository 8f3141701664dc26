"""Handling of Ctrl-C and SIGTERM, where Snakemake itself would print a stack trace or hang."""

import os
import select
import signal
import sys
import threading
from asyncio import CancelledError
from types import FrameType, TracebackType

INTERRUPTED = "Interrupted. Run the same command again to continue."
"""What is said after Ctrl-C."""


def interrupted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Hook for uncaught exceptions: Ctrl-C outside jobs, or pressed twice, would otherwise print a stack trace."""
    # (asyncio raises CancelledError if it was waiting.)
    if issubclass(kind, KeyboardInterrupt) or (issubclass(kind, CancelledError) and ctrl_c.pressed()):
        print(INTERRUPTED, file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


class CtrlC:
    """Whether Ctrl-C was pressed, known from the moment at which the signal arrives.

    Snakemake reports it later: jobs that the same signal has ended may fail first. If the signal arrives while
    Snakemake evaluates the resources of a job, it reports an error in them instead.
    """

    def __init__(self) -> None:
        self._pressed = False
        self._reader = -1
        self._lock = threading.Lock()

    def watch(self) -> None:
        """Watch for it from now on, if this is the main thread. The signal's own handler still runs."""
        if self._reader >= 0 or threading.current_thread() is not threading.main_thread():
            return
        self._reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

    def pressed(self, patience: float = 0.0) -> bool:
        """Whether it was pressed, or is pressed within `patience` seconds."""
        with self._lock:
            while (
                not self._pressed and self._reader >= 0 and select.select([self._reader], [], [], patience)[0]
            ):
                self._pressed = signal.SIGINT in os.read(self._reader, 1)
            return self._pressed


ctrl_c = CtrlC()
"""Ctrl-C in this process."""


def end_when_asked() -> None:
    """Run the handler of SIGTERM in a separate thread.

    Snakemake's handler acquires a lock that the interrupted thread may hold, and would then wait forever.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if not callable(handler):
        return

    def in_a_thread(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=handler, args=(number, None)).start()

    signal.signal(signal.SIGTERM, in_a_thread)
