"""The cells of a claim in tables for people, the same in all of them."""

from typing import Any

from downhill.report.wording import band_text, interval, number, parts_of

SIGNS = {
    "supported": "✔",
    "reproduced": "✔",
    "refuted": "✘",
    "not reproduced": "✘",
    "undecided": "?",
    "not measured": "–",
}
HOLDS = "✱"  # after a verdict that holds at the stricter level as well
NUMBERS = ("statistic", "interval", "n", "supported when")  # headings


def cells(evidence: dict[str, Any]) -> dict[str, str]:
    """Verdict, statement and numbers of a claim, by heading; numbers of several parts are separated by semicolons."""
    parts = parts_of(evidence)
    return {
        "verdict": f"{SIGNS[evidence['verdict']]} {evidence['verdict']}{f' {HOLDS}' if evidence['holds'] else ''}",
        "statement": f"{evidence['statement']} ({evidence['source']})",
        "statistic": "; ".join(number(part["value"], part["unit"]) for part in parts),
        "interval": "; ".join(interval(part) for part in parts),
        "n": "; ".join(dict.fromkeys(str(part["n"]) for part in parts)),
        "supported when": band_text(evidence),
    }


def note_of(evidence: dict[str, Any]) -> str:
    """What else was found, as a sentence; empty if nothing."""
    note = evidence["note"]
    return f"{note[0].upper()}{note[1:]}." if note else ""
