"""Handling of Ctrl-C and SIGTERM, where Snakemake itself would print a stack trace or hang."""

import signal
import sys
import threading
from types import FrameType, TracebackType


def interrupted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Hook for uncaught exceptions: Ctrl-C while Snakemake plans would otherwise print a stack trace."""
    if issubclass(kind, KeyboardInterrupt):
        print("Interrupted before any job was started; run the same command again.", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


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
