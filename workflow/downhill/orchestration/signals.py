"""What Snakemake does when it is asked to end, mended where it would answer with a stack trace or not at all."""

import signal
import sys
import threading
from types import FrameType, TracebackType


def interrupted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Hook for what nobody catches: Ctrl-C while Snakemake plans, which it would answer with a stack trace."""
    if issubclass(kind, KeyboardInterrupt):
        print("Interrupted before any job was started; type the same command again.", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)


def end_when_asked() -> None:
    """Run the handler of SIGTERM in a thread of its own.

    Snakemake's asks for a lock that the very thread it interrupts may hold, and would wait for ever.
    """
    handler = signal.getsignal(signal.SIGTERM)
    if not callable(handler):
        return

    def in_a_thread(number: int, frame: FrameType | None) -> None:
        threading.Thread(target=handler, args=(number, None)).start()

    signal.signal(signal.SIGTERM, in_a_thread)
