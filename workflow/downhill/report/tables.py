"""The table of claims: `claims.csv` for further analysis, `claims.md` for reading, `claims.html` for the report."""

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import pandas as pd

from downhill.claims.evidence import read_evidence
from downhill.config.claim import figure_ids
from downhill.errors import DownhillError
from downhill.report.wording import band_text, interval, number, parts_of
from downhill.storage.atomic import atomic_path

_TITLE = "The claims and their verdicts"
_OF_CLAIM = ("family", "statement", "source", "measures")
_OF_PART = ("unit", "band", "verdict", "value", "lower", "upper")
_SIGNS = {"supported": "✔", "refuted": "✘", "undecided": "?", "not measured": "–"}


def summarise(
    evidence_files: Sequence[Path], csv: Path, markdown: Path, html: Path, figures: Path, title: str = ""
) -> pd.DataFrame:
    """Write the table of all claims as CSV, Markdown and HTML; returns it.

    Parameters
    ----------
    evidence_files
        The claims' evidence, in the order of the table.
    csv, markdown, html
        Files to write. A claim of several parts has one row per part in the CSV file.
    figures
        Folder of the figures, which the Markdown links to.
    title
        Title of the study.
    """
    found = [read_evidence(path) for path in evidence_files]
    table = pd.DataFrame([row for evidence in found for row in _csv_rows(evidence)])
    with atomic_path(csv) as path:
        table.to_csv(path, index=False, lineterminator="\n")
    with atomic_path(markdown) as path:
        path.write_text(_markdown(found, os.path.relpath(figures, markdown.parent), title), encoding="utf-8")
    with atomic_path(html) as path:
        path.write_text(_html(found, title), encoding="utf-8")
    return table


def _csv_rows(evidence: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"claim": evidence["claim"], "part": part["name"]}
        | {column: evidence[column] for column in _OF_CLAIM}
        | {column: part[column] for column in _OF_PART}
        | {"confidence_level": evidence["confidence_level"], "n": part["n"], "exact": part["exact"]}
        | {"why": part["why"], "note": evidence["note"], "covers": ", ".join(part["covers"])}
        | {"claim_verdict": evidence["verdict"]}
        | {"networks": ", ".join(run["network"] for run in evidence["runs"])}
        | {"experiments": ", ".join(evidence["inputs"])}
        | {"figures": ", ".join(figure_ids(evidence["claim"], evidence["figures"]))}
        for part in parts_of(evidence)
    ]


def _heading(title: str) -> str:
    return f"{title}: the claims and their verdicts" if title else _TITLE


def _markdown(found: Sequence[dict[str, Any]], figures: str, title: str) -> str:
    counts = {name: sum(evidence["verdict"] == name for evidence in found) for name in _SIGNS}
    lines = [
        f"# {_heading(title)}",
        "",
        ", ".join(f"{count} {name}" for name, count in counts.items() if count)
        + ". A claim is supported when its interval lies entirely inside the band that was fixed beforehand, refuted "
        "when it lies entirely outside, and undecided when it crosses an edge of the band. Intervals are bootstrap "
        "intervals over n seeds.",
        "",
        "| verdict | claim | statement | source | statistic | interval | n | supported when |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for evidence in found:
        parts = parts_of(evidence)
        cells = [
            f"{_SIGNS[evidence['verdict']]} {evidence['verdict']}",
            f"[{evidence['claim']}](#{evidence['claim']})",
            evidence["statement"],
            evidence["source"],
            "; ".join(number(part["value"], part["unit"]) for part in parts),
            "; ".join(interval(part) for part in parts),
            "; ".join(dict.fromkeys(str(part["n"]) for part in parts)),
            band_text(evidence),
        ]
        lines.append(f"| {' | '.join(cell.replace('|', '&#124;') for cell in cells)} |")
    for evidence in found:
        lines += _section(evidence, figures)
    return "\n".join(lines) + "\n"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 14px/1.4 sans-serif; margin: 1.5em; color: #1a1a1a; background: white; }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; vertical-align: top; padding: .45em .6em; border-bottom: 1px solid #ccc; }}
td:nth-child(1), td:nth-child(3) {{ white-space: nowrap; }}
</style></head><body><h1>{title}</h1>
{table}
</body></html>
"""


def _html(found: Sequence[dict[str, Any]], title: str) -> str:
    rows = [
        {
            "verdict": f"{_SIGNS[evidence['verdict']]} {evidence['verdict']}",
            "statement": f"{evidence['statement']} ({evidence['source']})",
            "statistic": "; ".join(number(part["value"], part["unit"]) for part in parts_of(evidence)),
            "interval": "; ".join(interval(part) for part in parts_of(evidence)),
            "n": "; ".join(dict.fromkeys(str(part["n"]) for part in parts_of(evidence))),
            "supported when": band_text(evidence),
            "what was measured": evidence["measures"],
            "claim": evidence["claim"],
        }
        for evidence in found
    ]
    return _PAGE.format(
        title=escape(_heading(title)), table=pd.DataFrame(rows).to_html(index=False, border=0)
    )


def _section(evidence: dict[str, Any], figures: str) -> list[str]:
    lines = [
        "",
        f"## {evidence['claim']}",
        "",
        f"*{evidence['statement']}* ({evidence['source']})",
        "",
        f"- **Verdict: {evidence['verdict']}** ({evidence['why']}).",
        *(_part_line(part, evidence) for part in parts_of(evidence)),
    ]
    covers = list(dict.fromkeys(source for part in parts_of(evidence) for source in part["covers"]))
    if covers:
        lines.append(f"- The interval covers: {', '.join(covers)}.")
    if evidence["note"]:
        lines.append(f"- {evidence['note'][0].upper()}{evidence['note'][1:]}.")
    if evidence["runs"]:
        lines.append(f"- Networks: {', '.join(map(_run, evidence['runs']))}.")
    if evidence["inputs"]:
        lines.append(f"- Experiments: {', '.join(f'`{name}`' for name in evidence['inputs'])}.")
    for figure in figure_ids(evidence["claim"], evidence["figures"]):
        lines += ["", f"![{figure}]({figures}/{figure}.svg)"]
    return lines


def _part_line(part: dict[str, Any], evidence: dict[str, Any]) -> str:
    """Value, interval, n and band of one part."""
    what = f"{evidence['measures']} ({part['name']})" if part["name"] else evidence["measures"]
    level = f"{evidence['confidence_level']:.0%} interval"
    return (
        f"- {what}: **{number(part['value'], part['unit'])}**; {level}: {interval(part)}; n = {part['n']}; "
        f"supported when {band_text(part)}."
    )


def _run(run: dict[str, Any]) -> str:
    """A network, its seeds, and how many of them diverged."""
    diverged = f", {len(run['diverged'])} diverged" if run["diverged"] else ""
    return f"`{run['network']}` (seeds {run['seeds'][0]} to {run['seeds'][1]}{diverged})"


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
        f"Claims and verdicts   {results}/claims.md (for reading), {results}/claims.csv (for further analysis)",
        f"Figures               {results}/figures/ ({figures}, each as SVG and PNG)",
        f"Runs behind numbers   {results}/claims/, {results}/evaluation/, {results}/runs/",
    ]
    return "\n".join(lines)


def _overview_lines(table: pd.DataFrame) -> list[str]:
    lines = []
    for row in table.to_dict("records"):
        part: dict[str, Any] = {str(key): (None if value == "" else value) for key, value in row.items()}
        for key in ("value", "lower", "upper"):
            part[key] = None if part[key] is None else float(part[key])
        name = part["claim"] if part["part"] is None else f"{part['claim']}: {part['part']}"
        lines.append(
            f"{_SIGNS[part['verdict']]} {part['verdict']:13}{name:26}{number(part['value'], part['unit']):>14}   "
            f"{interval(part):30}n = {part['n']:<5}supported when {band_text(part)}"
        )
    return lines
