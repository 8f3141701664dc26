"""The one exception that is written for people, and what is said when they interrupt Snakemake."""

import sys
from types import TracebackType


class DownhillError(Exception):
    """A problem the user can mend: says what is wrong, where, and what would be right.

    The command line prints the message alone, without a stack trace; the Snakefile hands it
    to Snakemake. Anything else that escapes is a bug of ours and keeps its trace.
    """


def interrupted(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Hook for what nobody catches: Ctrl-C while Snakemake plans, which it would answer with a stack trace."""
    if issubclass(kind, KeyboardInterrupt):
        print("Interrupted before any job was started; type the same command again.", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)
