"""The table of claims: for machines (`claims.csv`), for people (`claims.md`), for the report (`claims.html`)."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from downhill.config.claim import Claim
from downhill.errors import DownhillError
from downhill.report.wording import band_text, interval, number
from downhill.storage.atomic import atomic_path, read_json

_COLUMNS = (
    *("claim", "family", "statement", "source", "measures", "unit", "band"),
    *("verdict", "value", "lower", "upper", "confidence_level", "n", "exact", "why", "note"),
)
_SIGNS = {"supported": "✔", "refuted": "✘", "undecided": "?", "not measured": "–"}


def summarise(
    evidence_files: Sequence[Path], csv: Path, markdown: Path, html: Path, figures: Path
) -> pd.DataFrame:
    """Write the table of all claims as CSV, Markdown and HTML; returns it.

    Parameters
    ----------
    evidence_files
        The claims' evidence, in the order of the table.
    csv, markdown, html
        Files to write.
    figures
        Folder of the figures, to which the Markdown links.
    """
    found = [read_json(path) for path in evidence_files]
    rows = [
        {column: evidence[column] for column in _COLUMNS}
        | {
            "networks": ", ".join(run["network"] for run in evidence["runs"]),
            "figures": ", ".join(Claim.model_validate(_row(evidence)).figure_ids()),
        }
        for evidence in found
    ]
    table = pd.DataFrame(rows)
    with atomic_path(csv) as path:
        table.to_csv(path, index=False, lineterminator="\n")
    with atomic_path(markdown) as path:
        path.write_text(_markdown(found, os.path.relpath(figures, markdown.parent)), encoding="utf-8")
    with atomic_path(html) as path:
        path.write_text(_html(found), encoding="utf-8")
    return table


def _row(evidence: dict[str, Any]) -> dict[str, Any]:
    return {name: evidence[name] for name in Claim.model_fields}


def _markdown(found: Sequence[dict[str, Any]], figures: str) -> str:
    counts = {name: sum(evidence["verdict"] == name for evidence in found) for name in _SIGNS}
    lines = [
        "# The claims and their verdicts",
        "",
        ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        + ". A claim is supported when its interval lies wholly inside the band that was fixed beforehand, refuted "
        "when wholly outside, undecided when astride. Intervals are bootstrap intervals over n seeds.",
        "",
        "| verdict | claim | the lessons say | source | statistic | interval | n | band |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for evidence in found:
        lines.append(
            f"| {_SIGNS[evidence['verdict']]} {evidence['verdict']} | [{evidence['claim']}](#{evidence['claim']}) "
            f"| {evidence['statement']} | {evidence['source']} | {number(evidence['value'], evidence['unit'])} "
            f"| {interval(evidence)} | {evidence['n']} | {band_text(evidence)} |"
        )
    for evidence in found:
        lines += _section(evidence, figures)
    return "\n".join(lines) + "\n"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>The claims and their verdicts</title><style>
body {{ font: 14px/1.4 sans-serif; margin: 1.5em; color: #1a1a1a; background: white; }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; vertical-align: top; padding: .45em .6em; border-bottom: 1px solid #ccc; }}
td:nth-child(1), td:nth-child(3) {{ white-space: nowrap; }}
</style></head><body><h1>The claims and their verdicts</h1>
{table}
</body></html>
"""


def _html(found: Sequence[dict[str, Any]]) -> str:
    rows = [
        {
            "verdict": f"{_SIGNS[evidence['verdict']]} {evidence['verdict']}",
            "the lessons say": f"{evidence['statement']} ({evidence['source']})",
            "statistic": number(evidence["value"], evidence["unit"]),
            "interval": interval(evidence),
            "n": evidence["n"],
            "supported when": band_text(evidence),
            "what was measured": evidence["measures"],
            "claim": evidence["claim"],
        }
        for evidence in found
    ]
    return _PAGE.format(table=pd.DataFrame(rows).to_html(index=False, border=0))


def _section(evidence: dict[str, Any], figures: str) -> list[str]:
    level = f"{evidence['confidence_level']:.0%} interval"
    runs = ", ".join(
        f"`{run['network']}` (seeds {run['seeds'][0]} to {run['seeds'][1]}"
        + (f", {len(run['diverged'])} diverged" if run["diverged"] else "")
        + ")"
        for run in evidence["runs"]
    )
    lines = [
        "",
        f"## {evidence['claim']}",
        "",
        f"*{evidence['statement']}* ({evidence['source']})",
        "",
        f"- **Verdict: {evidence['verdict']}** ({evidence['why']}).",
        f"- {evidence['measures']}: **{number(evidence['value'], evidence['unit'])}**; "
        f"{level}: {interval(evidence)}; n = {evidence['n']}; supported when {band_text(evidence)}.",
    ]
    if evidence["note"]:
        lines.append(f"- {evidence['note'][0].upper()}{evidence['note'][1:]}.")
    lines.append(f"- Networks: {runs}.")
    for figure in Claim.model_validate(_row(evidence)).figure_ids():
        lines += ["", f"![{figure}]({figures}/{figure}.svg)"]
    return lines


def overview(results: Path) -> str:
    """The verdicts of a finished study as lines for a terminal, and where to look.

    Raises
    ------
    DownhillError
        If the study has no table of claims yet.
    """
    path = results / "claims.csv"
    if not path.is_file():
        raise DownhillError(f"{path} does not exist; run `make`, or `snakemake`, first")
    if not path.read_bytes().endswith(b"\n"):
        raise DownhillError(f"{path} is damaged; delete it and run again")
    lines = _overview_lines(pd.read_csv(path, keep_default_na=False))
    figures = sum(not path.name.startswith(".") for path in (results / "figures").glob("*.svg"))
    lines += [
        "",
        f"Claims and verdicts   {results}/claims.md (to read), {results}/claims.csv (to compute with)",
        f"Figures               {results}/figures/ ({figures}, each as SVG and PNG)",
        f"Every number's runs   {results}/claims/, {results}/evaluation/, {results}/runs/",
    ]
    return "\n".join(lines)


def _overview_lines(table: pd.DataFrame) -> list[str]:
    lines = []
    for row in table.to_dict("records"):
        evidence: dict[str, Any] = {str(key): (None if value == "" else value) for key, value in row.items()}
        for key in ("value", "lower", "upper"):
            evidence[key] = None if evidence[key] is None else float(evidence[key])
        value = number(evidence["value"], evidence["unit"])
        between = interval(evidence)
        lines.append(
            f"{_SIGNS[evidence['verdict']]} {evidence['verdict']:13}{evidence['claim']:26}{value:>14}   "
            f"{between:30}n = {evidence['n']:<5}supported when {band_text(evidence)}"
        )
    return lines
