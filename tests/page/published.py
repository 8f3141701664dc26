"""A finished study: its page, its table of claims and its evidence."""

import csv
import math
from functools import cached_property
from pathlib import Path
from typing import Any

from downhill.storage.json_files import read_json

Row = dict[str, Any]
_NUMBERS = (
    "value",
    "lower",
    "upper",
    "strict_lower",
    "strict_upper",
    "with_images_lower",
    "with_images_upper",
)


class Published:
    """The files of a study that has its page.

    Attributes
    ----------
    results
        Folder of its results.
    page
        The report page.
    """

    def __init__(self, results: Path) -> None:
        self.results = results
        self.page = results / "index.html"

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of claims.csv, one for each part of a claim; None stands for an empty cell."""
        with (self.results / "claims.csv").open(encoding="utf-8", newline="") as file:
            rows: list[Row] = list(csv.DictReader(file))
        for row in rows:
            for name in _NUMBERS:
                row[name] = float(row[name]) if row[name] else None
            row["n"] = int(row["n"])
            row["exact"] = row["exact"] == "True"
            row["holds"] = row["holds_at_99_9"] == "True"
            # A worst case has neither an interval nor a method for one.
            row["worst"] = row["value"] is not None and not row["method"] and not row["exact"]
            row["infinite"] = [
                name for name in _NUMBERS[:3] if row[name] is not None and math.isinf(row[name])
            ]
        return rows

    @cached_property
    def claims(self) -> dict[str, list[Row]]:
        """The rows of each claim, in order."""
        claims: dict[str, list[Row]] = {}
        for row in self.rows:
            claims.setdefault(row["claim"], []).append(row)
        return claims

    def evidence(self, claim: str) -> dict[str, Any]:
        """The evidence of a claim."""
        return read_json(self.results / "claims" / f"{claim}.json", "evidence")

    def figures(self, claim: str) -> list[str]:
        """The names of its figures."""
        return [name for name in self.claims[claim][0]["figures"].split(", ") if name]
