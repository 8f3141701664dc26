"""The one exception that is written for people."""


class DownhillError(Exception):
    """A problem the user can mend: says what is wrong, where, and what would be right.

    The command line prints the message alone, without a stack trace; the Snakefile hands it
    to Snakemake. Anything else that escapes is a bug of ours and keeps its trace.
    """
