"""Which jobs of a run failed for good, as read from Snakemake's log."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from downhill.compat.snakemake_log import failed_jobs


class Failure(NamedTuple):
    """A job: its rule, its first output, the log of its stage, and how often it was tried."""

    rule: str
    output: str
    log: str
    tries: int


def failures(log: str) -> list[Failure]:
    """The jobs that failed, in order, without those that succeeded in a later attempt."""
    return [
        Failure(*job, tries)
        for job, tries in Counter(failed_jobs(log)).items()
        if not Path(job.output).exists()
    ]


def summary(logs: Iterable[Path]) -> str:
    """The failures in the logs of a run, as text to print; empty if there are none or there is no log."""
    texts = [path.read_text(encoding="utf-8", errors="replace") for path in logs if path.is_file()]
    found = [failure for text in texts for failure in failures(text)]
    if not found:
        return ""
    lines = [
        f"  {failure.rule}: {failure.output} (tries: {failure.tries}, log: {failure.log})"
        for failure in found
    ]
    return "\n".join(
        [
            f"Jobs that failed ({len(found)} in all):",
            *lines,
            "Everything that does not depend on them is finished. Fix the cause and run the same command again.",
        ]
    )
