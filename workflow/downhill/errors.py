"""The one exception whose message is written for the user."""

import re

UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")
"""Control characters, line separators, marks that change the direction of text, unpaired surrogates, and what XML
forbids: settings must not contain them, and they are not printed."""


class DownhillError(Exception):
    """A problem that the user can fix: the message says what is wrong, where, and how to fix it.

    The command line prints only the message, without a stack trace; the Snakefile passes it on
    to Snakemake. Any other exception is a bug in Downhill and keeps its stack trace.
    """

    def __init__(self, message: str) -> None:
        super().__init__(UNPRINTABLE.sub(_escaped, message))


def _escaped(found: re.Match[str]) -> str:
    return found[0] if found[0] == "\n" else found[0].encode("unicode_escape").decode()
