"""The format in which Snakemake's log reports failed jobs."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_BLOCK = re.compile(r"^Error in rule (\w+):\n((?:    .*\n)*)", re.MULTILINE)
_FILES = re.compile(r"^    (output|log): (.*?)(?: \(check log file.*)?$", re.MULTILINE)


class FailedJob(NamedTuple):
    """A failed attempt at a job: its rule, its first output, and the log of its stage (`none` without one)."""

    rule: str
    output: str
    log: str


def failed_jobs(log: str) -> Iterator[FailedJob]:
    """The failed attempts that a log reports, in order."""
    for rule, block in _BLOCK.findall(log):
        files = {kind: names.split(", ")[0] for kind, names in _FILES.findall(block)}
        if "output" in files:
            yield FailedJob(rule, files["output"], files.get("log", "none"))
