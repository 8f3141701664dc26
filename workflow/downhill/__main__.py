"""The command line: `python -m downhill`, or `downhill`."""

import errno
import gc
import logging
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

# Before the slow imports: one thread for any library, since the bytes of a result must not depend on the number of
# cores. (Training has threads of its own. Starting those of BLAS would take a tenth of a short job.)
os.environ |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
if __name__ == "__main__":
    # Ctrl-C ends a job at once, without a stack trace in its log.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    # Loading libraries makes many objects, none of which is garbage; looking for some takes a tenth of a short job.
    gc.set_threshold(50_000)

from downhill.cli.outputs import directories
from downhill.cli.parser import parsed
from downhill.config.canonical import from_argument
from downhill.errors import DownhillError
from downhill.orchestration.terminal import adapt_output
from downhill.storage.locks import exclusive_writer
from downhill.storage.problems import unreadable


def main(words: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, or 1 after an error message on standard error."""
    adapt_output()
    arguments = parsed([from_argument(word) for word in sys.argv[1:]] if words is None else words)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    arguments.started = datetime.now(UTC)
    try:
        with exclusive_writer(*directories(arguments)):
            arguments.run(arguments)
        sys.stdout.flush()
    except DownhillError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output, such as `head`, has exited
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:  # a path that the system refuses, such as one in a folder that is closed to us
        if error.errno in (errno.ENOSPC, errno.EIO) and error.filename is None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # it is flushed again at exit
            print(
                f"error: the output cannot be written: {error.strerror}; write it elsewhere", file=sys.stderr
            )
            return 1
        if not isinstance(error.filename, str) or isinstance(error, FileNotFoundError | FileExistsError):
            raise
        print(f"error: {unreadable(Path(error.filename), error)}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    status = main()
    gc.freeze()  # memory is returned as a whole, so there is no need to look for garbage in it
    sys.exit(status)
