"""Contradictions in the tables of claims: both sentences side by side, and the claims that bear on them."""

from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd

from downhill.config.contradiction import Contradiction
from downhill.report.claim_cells import NUMBERS, cells, note_of
from downhill.report.escaping import markdown

_INTRODUCTION = (
    "Sentences that do not fit together, side by side, each pair with the claims that bear on it. Verdicts and numbers "
    "are those of the table of claims."
)
_MISSING = "– not in this study"  # in place of the verdict of a claim that the study does not run
_FOUND = "what else was found"


def as_markdown(contradictions: Sequence[Contradiction], found: Sequence[dict[str, Any]]) -> list[str]:
    """Contradictions as lines of Markdown, with links to the claims; no lines if there are none.

    Parameters
    ----------
    contradictions
        The contradictions, in order.
    found
        The evidence of all claims of the study. Other claims are shown as not in this study.
    """
    headings = ("verdict", "claim", "statement", *NUMBERS, _FOUND)
    names = {evidence["claim"] for evidence in found}
    lines = ["", "## Contradictions", "", _INTRODUCTION] if contradictions else []
    for one in contradictions:
        said = [f"*{markdown(sentence)}*" for sentence in (one.statement, one.other_statement)]
        lines += ["", f"### {markdown(one.title)}", ""]
        lines += _table([markdown(one.source), markdown(one.other_source)], [said])
        rows = [
            {heading: markdown(cell) for heading, cell in row.items()}
            | ({"claim": f"[{row['claim']}](#{row['claim']})"} if row["claim"] in names else {})
            for row in claim_rows(one, found)
        ]
        lines += ["", *_table(headings, [[row[heading] for heading in headings] for row in rows])]
    return lines


def as_html(contradictions: Sequence[Contradiction], found: Sequence[dict[str, Any]]) -> str:
    """Contradictions as HTML, as `as_markdown` writes them; empty if there are none."""
    headings = ["verdict", "statement", *NUMBERS, _FOUND, "claim"]
    sections = []
    for one in contradictions:
        said = pd.DataFrame([[one.statement, one.other_statement]], columns=[one.source, one.other_source])
        claims = pd.DataFrame(claim_rows(one, found), columns=headings)
        sections.append(
            f'<section id="contradiction-{one.contradiction}">\n<h3>{escape(one.title)}</h3>\n'
            f"{said.to_html(index=False, border=0, classes='sentences')}\n"
            f"{claims.to_html(index=False, border=0)}\n</section>\n"
        )
    introduction = f"<h2>Contradictions</h2>\n<p>{escape(_INTRODUCTION)}</p>\n"
    return introduction + "".join(sections) if sections else ""


def claim_rows(one: Contradiction, found: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """The cells of the claims that bear on a contradiction, by heading."""
    by_name = {evidence["claim"]: evidence for evidence in found}
    return [_row(name, by_name.get(name)) for name in one.claims]


def _row(name: str, evidence: dict[str, Any] | None) -> dict[str, str]:
    if evidence is None:
        return dict.fromkeys(("statement", *NUMBERS, _FOUND), "–") | {"verdict": _MISSING, "claim": name}
    return cells(evidence) | {_FOUND: note_of(evidence) or "–", "claim": name}


def _table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table as lines of Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return [f"| {' | '.join(line)} |" for line in lines]
