"""The one exception whose message is written for the user."""

import re

# What a terminal does not print as a character: control characters, Unicode line separators, unpaired surrogates.
_UNPRINTABLE = re.compile("[\x00-\t\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class DownhillError(Exception):
    """A problem that the user can fix: the message says what is wrong, where, and how to fix it.

    The command line prints only the message, without a stack trace; the Snakefile passes it on
    to Snakemake. Any other exception is a bug in Downhill and keeps its stack trace.
    """

    def __init__(self, message: str) -> None:
        super().__init__(_UNPRINTABLE.sub(lambda found: found[0].encode("unicode_escape").decode(), message))
