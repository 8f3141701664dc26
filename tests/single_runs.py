"""Claims that compare published single runs with ours, and their evidence from runs that a test constructs."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from downhill.claims.evidence import read_evidence
from downhill.claims.judge import judge
from downhill.claims.measurement import described
from downhill.claims.published_runs import compared
from downhill.config.claim import Claim
from downhill.config.settings import Statistics
from downhill.storage.json_files import write_json

_SETTINGS = Statistics(resamples=300)


def evidence_of(
    name: str,
    said: float,
    runs: ArrayLike,
    folder: Path,
    *,
    unit: str = "share",
    source: str = "A book, chapter 1",
    statement: str = "",
    stuck: Sequence[bool] = (),
    why_not: str = "",
    limits: str = "",
    figures: tuple[str, ...] = (),
) -> dict[str, Any]:
    """Judge a claim with these runs and write its evidence to `folder/{name}.json`; also returns it as it is read.

    `why_not` is the reason for which a claim was not measured.
    """
    values = np.asarray(runs, np.float64)
    claim = Claim(
        claim=name,
        family="published",
        statement=statement or f"The claim {name}.",
        source=source,
        said=said,
        statistic="single_run",
        unit=unit,
        band="single run",
        figures=figures,
    )
    measurement: dict[str, Any] = {
        "family": "published",
        "statistic": "single_run",
        "confidence_level": _SETTINGS.confidence_level,
        "diverged": {"seeds": 0, "are": "dropped"},
        "why_not": why_not or None,
        "parts": [],
        "note": "",
        "data": {},
        "runs": [],
        "experiments": {},
    }
    if not why_not:
        crosses = np.array(stuck or [False] * len(values))
        shown: Any = unit if unit in ("share", "points") else "number"
        found = compared(said, values, shown, curve=None, stuck=crosses)
        measurement["parts"] = [{"name": ""} | found.parts.estimate(_SETTINGS)]  # type: ignore[union-attr]
        measurement |= {"note": found.note, "data": described(found.data, _SETTINGS)}
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / "measurement.json", measurement)
    judge(claim, "test accuracy", folder / "measurement.json", folder / f"{name}.json", limits)
    return read_evidence(folder / f"{name}.json")


def add_claim(config: Path) -> str:
    """Add a claim about a published single run to the shipped table of claims in a folder; returns its name."""
    row = {
        "claim": "published-run",
        "family": "published",
        "statement": "It peaks at 95 %.",
        "source": "A paper, table 1",
        "said": "0.95",
        "statistic": "single_run",
        "networks": "lesson",
        "unit": "share",
        "band": "single run",
    }
    claims = config / "claims.tsv"
    headings = claims.read_text(encoding="utf-8").partition("\n")[0].split("\t")
    with claims.open("a", encoding="utf-8") as table:
        table.write("\t".join(row.get(heading, "") for heading in headings) + "\n")
    return row["claim"]
