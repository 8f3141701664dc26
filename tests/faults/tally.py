"""A tally of all faults: how many were tried, how many struck, and whether anything was lost."""

from collections import Counter
from pathlib import Path

from tests.faults.small import TRACE, Reference, bytes_that_differ, check_records, snakemake

COLUMNS = ("tries", "faults", "reruns", "bytes that differed")


class Tally:
    """Counts by kind of fault, in the order in which the kinds first occurred."""

    def __init__(self) -> None:
        self.counts: dict[str, Counter[str]] = {}

    def count(self, kind: str, what: str, number: int = 1) -> None:
        """Add to a count, which may stay zero."""
        self.counts.setdefault(kind, Counter())[what] += number

    def recovered(self, kind: str, project: Path, reference: Reference) -> None:
        """Run the same command again and check that the results equal those of an uninterrupted run."""
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
        table = [("fault", *COLUMNS), *rows, ("total", *sums)]
        return [
            f"{row[0]:{width}}"
            + "".join(f"  {value:>{len(name)}}" for name, value in zip(COLUMNS, row[1:], strict=True))
            for row in table
        ]
