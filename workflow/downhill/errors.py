"""The one exception whose message is written for the user."""


class DownhillError(Exception):
    """A problem that the user can fix: the message says what is wrong, where, and how to fix it.

    The command line prints only the message, without a stack trace; the Snakefile passes it on
    to Snakemake. Any other exception is a bug in Downhill and keeps its stack trace.
    """
