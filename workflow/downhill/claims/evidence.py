"""The evidence of a claim, as `claims.judge` writes it, for tables and figures."""

from pathlib import Path
from typing import Any

from downhill.storage.atomic import read_json
from downhill.storage.problems import unusable

_WHAT = "the evidence of a claim"
EVIDENCE_KEYS = {
    *(
        "claim",
        "family",
        "statement",
        "source",
        "statistic",
        "said",
        "measures",
        "unit",
        "band",
        "figures",
        "limits",
    ),
    *("verdict", "holds", "why", "note", "parts", "data", "runs", "inputs", "diverged", "confidence_level"),
}
"""What the evidence of a claim holds, as far as tables and figures read it."""


def read_evidence(path: Path) -> dict[str, Any]:
    """Read the evidence of a claim; DownhillError if the file is missing, damaged or something else."""
    found = read_json(path, _WHAT)
    if not isinstance(found, dict) or not found.keys() >= EVIDENCE_KEYS:
        raise unusable(path, _WHAT)
    return found
