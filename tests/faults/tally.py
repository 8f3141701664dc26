"""The tally of all faults: what was tried, what struck, and whether anything was lost."""

from collections import Counter
from pathlib import Path

from tests.faults.small import TRACE, Reference, bytes_that_differ, check_records, snakemake

COLUMNS = ("tries", "faults", "reruns", "bytes that differed")


class Tally:
    """Counts by kind of fault, in the order in which the kinds were met."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {}

    def count(self, kind: str, what: str, number: int = 1) -> None:
        """Count what happened, even nothing."""
        self.counts.setdefault(kind, Counter())[what] += number

    def recovered(self, kind: str, project: Path, reference: Reference) -> None:
        """Type the same command again, which must complete with the bytes of an uninterrupted run."""
        self.count(kind, "reruns")
        assert TRACE not in snakemake(project)
        differing = bytes_that_differ(reference.project, project)
        self.count(kind, "bytes that differed", sum(differing.values()))
        assert differing == {}
        check_records(project)

    def lines(self) -> list[str]:
        """The tally as a small table."""
        width = max(map(len, [*self.counts, "fault"]))
        rows = [(kind, *(counts[column] for column in COLUMNS)) for kind, counts in self.counts.items()]
        sums = [sum(counts[column] for counts in self.counts.values()) for column in COLUMNS]
        table = [("fault", *COLUMNS), *rows, ("in all", *sums)]
        return [
            f"{row[0]:{width}}"
            + "".join(f"  {value:>{len(name)}}" for name, value in zip(COLUMNS, row[1:], strict=True))
            for row in table
        ]
