"""Checking claims one by one, and the table of what was found."""

import importlib
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.second_opinion import CLAIMS
from benchmarks.second_opinion.rules import Opinion, agrees, number, rule, worst_of
from benchmarks.second_opinion.study import NotCheckedError, Study

_HEADER = ("claim", "part", "Downhill", "n", "second opinion", "n", "compared by", "agrees", "seconds")


@dataclass(frozen=True)
class Checked:
    """The parts of a claim with their second opinions and the processor time these took, or why there are none."""

    claim: str
    parts: list[dict[str, Any]]
    opinions: list[Opinion]
    seconds: float
    why_not: str = ""

    @property
    def disagrees(self) -> bool:
        """Whether an opinion on one of the parts disagrees."""
        return not all(map(agrees, self.parts, self.opinions))

    def rows(self) -> list[tuple[str, ...]]:
        """The rows of the table."""
        if self.why_not:
            return [(self.claim, "", "", "", "", "", "", f"not checked: {self.why_not}", "")]
        rows = []
        for place, (part, opinion) in enumerate(zip(self.parts, self.opinions, strict=True)):
            rows.append((
                self.claim if not place else "", part["name"], _ours(part), str(part["n"]),
                _theirs(part, opinion), str(opinion.n), rule(part, opinion),
                "yes" if agrees(part, opinion) else "NO", "" if place else f"{self.seconds:.0f}",
            ))  # fmt: skip
        return rows


def check(claim: str, results: Path, images: Path) -> Checked:
    """Ask for a second opinion on one claim of a study; see `Study`."""
    import torch
    from threadpoolctl import threadpool_limits

    torch.set_num_threads(1)  # one process per core
    threadpool_limits(1)
    torch.set_flush_denormal(True)
    (family,) = (family for family, claims in CLAIMS.items() if claim in claims)
    second_opinion = getattr(importlib.import_module(f"{__package__}.{family}"), claim.replace("-", "_"))
    began = time.process_time()
    try:
        study = _study(results, images)
        evidence = study.evidence(claim)
        opinions = second_opinion(study, evidence)
    except NotCheckedError as error:
        return Checked(claim, [], [], 0, str(error))
    if len(opinions) != len(evidence.parts):
        why_not = f"it has {len(evidence.parts)} part(s), and the second opinion has {len(opinions)}"
        return Checked(claim, [], [], 0, why_not)
    return Checked(claim, evidence.parts, opinions, time.process_time() - began)


@cache
def _study(results: Path, images: Path) -> Study:
    """A study that is read once in each process."""
    return Study(results, images)


def _ours(part: dict[str, Any]) -> str:
    if part["worst"] is not None:
        return f"worst {worst_of(part['band'], part['worst']):.4g}"
    return _number_with_ends(number(part, "value"), number(part, "lower"), number(part, "upper"))


def _theirs(part: dict[str, Any], opinion: Opinion) -> str:
    if opinion.worst is not None:
        return f"worst {worst_of(part['band'], opinion.worst):.4g}"
    if opinion.lower is None or opinion.upper is None:
        return f"{opinion.value:.4g}"
    return _number_with_ends(opinion.value, opinion.lower, opinion.upper)


def _number_with_ends(value: float, lower: float, upper: float) -> str:
    return f"{value:.4g} [{lower:.4g}, {upper:.4g}]"


def table(found: list[Checked]) -> str:
    """All rows as a table in Markdown, with aligned columns."""
    rows = [_HEADER, *(row for checked in found for row in checked.rows())]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |"
        for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines) + "\n"
