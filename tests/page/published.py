"""A finished study: its pages, its table of claims and its evidence, and its networks."""

import csv
import json
import math
from functools import cached_property
from pathlib import Path
from typing import Any

from downhill.runs.evaluation import EvaluatedNetwork
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
_NUMBERS_OF_RUNS = ("published", "mean", "sd", "lower", "upper", "smallest", "largest", "below", "p")


class Published:
    """The files of a study that has its page.

    Attributes
    ----------
    results
        Folder of its results.
    page, playground
        The report page, and the playground.
    """

    def __init__(self, results: Path) -> None:
        self.results = results
        self.page = results / "index.html"
        self.playground = results / "playground.html"

    @cached_property
    def rows(self) -> list[Row]:
        """The rows of claims.csv, one for each part of a claim; None stands for an empty cell.

        Those about published single runs also have the published value, `said`, which is in published-runs.csv.
        """
        with (self.results / "claims.csv").open(encoding="utf-8", newline="") as file:
            rows: list[Row] = list(csv.DictReader(file))
        for row in rows:
            for name in _NUMBERS:
                row[name] = float(row[name]) if row[name] else None
            row["n"] = int(row["n"])
            if row["claim"] in self.single_runs:
                row["said"] = self.single_runs[row["claim"]]["published"]
            row["exact"] = row["exact"] == "True"
            row["holds"] = row["holds_at_99_9"] == "True"
            # A worst case has neither an interval nor a method for one.
            row["worst"] = row["value"] is not None and not row["method"] and not row["exact"]
            row["infinite"] = [
                name for name in _NUMBERS[:3] if row[name] is not None and math.isinf(row[name])
            ]
        return rows

    @cached_property
    def single_runs(self) -> dict[str, Row]:
        """The rows of published-runs.csv by claim, with numbers; none if the study has no such claims."""
        path = self.results / "published-runs.csv"
        if not path.is_file():
            return {}
        with path.open(encoding="utf-8", newline="") as file:
            rows: list[Row] = list(csv.DictReader(file))
        for row in rows:
            row["n"] = int(row["n"])
            for name in _NUMBERS_OF_RUNS:
                row[name] = float(row[name]) if row[name] else None
        return {row["claim"]: row for row in rows}

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

    @cached_property
    def payload(self) -> dict[str, Any]:
        """The data of the playground."""
        text = self.playground.read_text(encoding="utf-8")
        inside = text.partition('id="playground-data">')[2].partition("</script>")[0]
        found: dict[str, Any] = json.loads(inside)
        return found

    def network(self, name: str) -> EvaluatedNetwork:
        """An evaluated network; paths in its index are relative to the folder that the study was run in."""
        network = EvaluatedNetwork(self.results / "evaluation" / name)
        project = self.results.parent
        network.index["data"] = (project / network.index["data"]).as_posix()
        network.index["blocks"] = [(project / block).as_posix() for block in network.index["blocks"]]
        return network
