"""Which jobs of a run failed for good, told from Snakemake's log: what one wants to read when a long run ends."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

_BLOCK = re.compile(r"^Error in rule (\w+):\n((?:    .*\n)*)", re.MULTILINE)
_FILES = re.compile(r"^    (output|log): (.*?)(?: \(check log file.*)?$", re.MULTILINE)


class Failure(NamedTuple):
    """A job: its rule, its first output, the log of its stage, and how often it was tried."""

    rule: str
    output: str
    log: str
    tries: int


def failures(log: str) -> list[Failure]:
    """The jobs that failed, in order, but those that were tried again and have made their output since."""
    tried: dict[tuple[str, str, str], int] = {}
    for job in _jobs(log):
        tried[job] = tried.get(job, 0) + 1
    return [Failure(*job, tries) for job, tries in tried.items() if not Path(job[1]).exists()]


def _jobs(log: str) -> Iterator[tuple[str, str, str]]:
    for rule, block in _BLOCK.findall(log):
        files = {kind: names.split(", ")[0] for kind, names in _FILES.findall(block)}
        if "output" in files:
            yield rule, files["output"], files.get("log", "none")


def listing(logs: Iterable[Path]) -> str:
    """The failures that a run's logs tell of, for people; empty if there are none or there is no log."""
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
            f"Not made, since the job failed ({len(found)} in all):",
            *lines,
            "All that does not need them is finished. Mend the cause and type the same command again.",
        ]
    )
