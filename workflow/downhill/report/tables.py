"""The table of claims: `claims.csv` for further analysis, `claims.md` for reading, `claims.html` for the report."""

import os
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pandas as pd

from downhill.claims.evidence import read_evidence
from downhill.claims.wording import FEWEST_SEEDS, counted, percent_as_given
from downhill.config.band import SINGLE_RUN
from downhill.config.claim import figure_ids
from downhill.config.contradiction import Contradiction
from downhill.report import contradictions as contradiction_tables
from downhill.report import network_table
from downhill.report.claim_cells import NUMBERS, SIGNS, cells, note_of
from downhill.report.escaping import every_text, markdown, without_controls
from downhill.report.published_runs import FIGURE, counts, published_runs
from downhill.report.wording import SMOKE, condition, interval, interval_name, number, parts_of
from downhill.storage.atomic import atomic_path

_TITLE = "The claims and their verdicts"
_OF_CLAIM = ("family", "statement", "source", "measures")
_OF_PART = ("unit", "band", "verdict", "value", "lower", "upper")
_EXPLAINED = (
    "A claim is supported when its interval lies entirely inside the band that was fixed beforehand, refuted when it "
    "lies entirely outside, and undecided when it crosses an edge of the band. Intervals are over n seeds: Student's t "
    "for means, Wilson's for proportions, and the expanded percentile bootstrap for other statistics. {single_runs}"
    "Of 100 intervals at {level}, about {missing:g} miss the truth by chance; ✱ marks verdicts that also hold at "
    "99.9 %."
)
_SINGLE_RUNS = (
    "A published single run is reproduced when it lies within the range of single runs of this study, and not "
    f"reproduced otherwise; with fewer than {FEWEST_SEEDS} runs it is undecided. "
)
NETWORKS = (
    "All networks, whether or not a claim names them, with mean accuracies and their intervals over seeds. Seeds that "
    "diverged are left out of the means. A seed is stuck when it never recognises one of the classes."
)


def summarise(
    evidence_files: Sequence[Path],
    networks_file: Path,
    csv: Path,
    markdown: Path,
    html: Path,
    figures: Path,
    title: str = "",
    contradictions: Sequence[Contradiction] = (),
) -> pd.DataFrame:
    """Write the table of all claims as CSV, Markdown and HTML; returns it.

    Parameters
    ----------
    evidence_files
        The claims' evidence, in the order of the table.
    networks_file
        The table of networks, as `report.networks` writes it.
    csv, markdown, html
        Files to write. A claim of several parts has one row per part in the CSV file.
    figures
        Folder of the figures, which the Markdown links to.
    title
        Title of the study.
    contradictions
        Contradictions to show with the claims that bear on them.
    """
    found = [read_evidence(path) for path in evidence_files]
    rows = network_table.read_networks(networks_file)
    table = pd.DataFrame([row for evidence in found for row in _csv_rows(evidence)])
    with atomic_path(csv) as path:
        table.to_csv(path, index=False, lineterminator="\n")
    with atomic_path(markdown) as path:
        page = _markdown(found, rows, os.path.relpath(figures, markdown.parent), title, contradictions)
        path.write_text(page, encoding="utf-8")
    with atomic_path(html) as path:
        path.write_text(_html(found, rows, title, contradictions), encoding="utf-8")
    return table


def _csv_rows(evidence: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"claim": evidence["claim"], "part": part["name"]}
        | {column: evidence[column] for column in _OF_CLAIM}
        | {column: part[column] for column in _OF_PART}
        | {"confidence_level": evidence["confidence_level"], "n": part["n"], "exact": part["exact"]}
        | {"why": part["why"], "note": evidence["note"], "covers": ", ".join(part["covers"])}
        | {"method": part["method"], "holds_at_99_9": part["holds"]}
        | _ends("strict", part["strict"])
        | _ends("with_images", part["further"])
        | {"diverged": evidence["diverged"]["seeds"], "limits": evidence["limits"]}
        | {"claim_verdict": evidence["verdict"]}
        | {"networks": ", ".join(run["network"] for run in evidence["runs"])}
        | {"experiments": ", ".join(evidence["inputs"])}
        | {"figures": ", ".join(figure_ids(evidence["claim"], evidence["figures"]))}
        for part in parts_of(evidence)
    ]


def _ends(name: str, interval_of: dict[str, Any] | None) -> dict[str, Any]:
    return {f"{name}_{end}": interval_of and interval_of[end] for end in ("lower", "upper")}


def warning(found: Sequence[dict[str, Any]]) -> str:
    """What marks the tables of a study with limits; empty for any other."""
    limits = next((evidence["limits"] for evidence in found if evidence["limits"]), "")
    return f"{SMOKE} ({limits})." if limits else ""


def explained(found: Sequence[dict[str, Any]]) -> str:
    """How to read the verdicts, at the level of confidence of the study."""
    level = found[0]["confidence_level"] if found else 0.95
    single_runs = _SINGLE_RUNS if any(evidence["band"] == SINGLE_RUN for evidence in found) else ""
    missing = round(100 * (1 - level), 6)
    return _EXPLAINED.format(level=percent_as_given(level), missing=missing, single_runs=single_runs)


def _heading(title: str) -> str:
    return f"{title}: the claims and their verdicts" if title else _TITLE


def _markdown(
    found: Sequence[dict[str, Any]],
    rows: Sequence[dict[str, Any]],
    figures: str,
    title: str,
    contradictions: Sequence[Contradiction],
) -> str:
    verdicts = {name: sum(evidence["verdict"] == name for evidence in found) for name in SIGNS}
    marked = warning(found)
    lines = [
        f"# {markdown(_heading(title))}",
        "",
        *([f"**{markdown(marked)}**", ""] if marked else []),
        f"{', '.join(f'{count} {name}' for name, count in verdicts.items() if count)}. {explained(found)}",
        *(["", "[Contradictions](#contradictions) are listed after the claims."] if contradictions else []),
        "",
        "| verdict | claim | statement | source | statistic | interval | n | supported when |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for evidence in found:
        row, link = cells(evidence), f"[{evidence['claim']}](#{evidence['claim']})"
        said = [markdown(evidence["statement"]), markdown(evidence["source"])]
        lines.append(f"| {' | '.join([row['verdict'], link, *said, *(row[key] for key in NUMBERS)])} |")
    for evidence in found:
        lines += _section(evidence, figures)
    if runs := published_runs(found):
        lines += ["", "## Published single runs", "", f"{counts(runs)}. The numbers are in {FIGURE}.csv."]
        lines += ["", f"![{FIGURE}]({quote(figures)}/{FIGURE}.svg)"]
    lines += contradiction_tables.as_markdown(contradictions, found)
    lines += ["", "## Networks", "", NETWORKS, "", *network_table.as_markdown(rows)]
    return "\n".join(lines) + "\n"


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title><style>
body {{ font: 14px/1.4 sans-serif; margin: 1.5em; color: #1a1a1a; background: white; }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; vertical-align: top; padding: .45em .6em; border-bottom: 1px solid #ccc; }}
td:nth-child(1), td:nth-child(3) {{ white-space: nowrap; }}
h1, h3 {{ overflow-wrap: anywhere; }}
.sentences {{ table-layout: fixed; width: 100%; margin-bottom: 1em; overflow-wrap: anywhere; }}
.sentences td:nth-child(1), .sentences td:nth-child(2) {{ font-style: italic; white-space: normal; }}
</style></head><body><h1>{title}</h1>
{warning}<p>{explained}</p>
{table}
{published_runs}{contradictions}<h2>Networks</h2>
<p>{about_networks}</p>
{networks}
</body></html>
"""


def _html(
    found: Sequence[dict[str, Any]],
    networks_rows: Sequence[dict[str, Any]],
    title: str,
    contradictions: Sequence[Contradiction],
) -> str:
    found = every_text(list(found), without_controls)
    networks = [every_text(network_table.columns(row), without_controls) for row in networks_rows]
    rows = [
        cells(evidence)
        | {
            "what was measured": evidence["measures"],
            "interval covers": ", ".join(covered(evidence)),
            "claim": evidence["claim"],
        }
        for evidence in found
    ]
    marked = without_controls(warning(found))
    return _PAGE.format(
        title=escape(without_controls(_heading(title))),
        warning=f"<p><strong>{escape(marked)}</strong></p>\n" if marked else "",
        explained=escape(explained(found)),
        table=pd.DataFrame(rows).to_html(index=False, border=0),
        published_runs=_published_runs(found),
        contradictions=contradiction_tables.as_html(contradictions, found),
        about_networks=escape(NETWORKS),
        networks=pd.DataFrame(networks).to_html(index=False, border=0),
    )


def _published_runs(found: Sequence[dict[str, Any]]) -> str:
    """Where all published single runs are compared with ours, as HTML; empty if the study has no such claims."""
    if not (runs := published_runs(found)):
        return ""
    return (
        f"<h2>Published single runs</h2>\n<p>{escape(counts(runs))}. The figure {FIGURE}.svg and the table "
        f"{FIGURE}.csv show all of them.</p>\n"
    )


def covered(evidence: dict[str, Any]) -> list[str]:
    """The sources of variation that the intervals of a claim cover; one that is part of another is not repeated."""
    found = dict.fromkeys(source for part in parts_of(evidence) for source in part["covers"])
    return [one for one in found if not any(one in other and one != other for other in found)]


def _section(evidence: dict[str, Any], figures: str) -> list[str]:
    lines = [
        "",
        f"## {evidence['claim']}",
        "",
        f"*{markdown(evidence['statement'])}* ({markdown(evidence['source'])})",
        "",
        f"- **Verdict: {evidence['verdict']}** ({markdown(evidence['why'])}).",
        *(line for part in parts_of(evidence) for line in _part_lines(part, evidence)),
    ]
    if covers := covered(evidence):
        lines.append(f"- The interval covers: {markdown(', '.join(covers))}.")
    if diverged := evidence["diverged"]["seeds"]:
        done = {"dropped": "left out", "failures": "counted as failures"}.get(
            evidence["diverged"]["are"], "too many"
        )
        lines.append(f"- {counted(diverged, 'seed')} diverged ({done}).")
    if evidence["note"]:
        lines.append(f"- {markdown(note_of(evidence))}")
    if evidence["runs"]:
        networks = ", ".join(f"`{run['network']}` {seeds_of(run)}" for run in evidence["runs"])
        lines.append(f"- Networks: {networks}.")
    if evidence["inputs"]:
        lines.append(f"- Experiments: {', '.join(f'`{name}`' for name in evidence['inputs'])}.")
    for figure in figure_ids(evidence["claim"], evidence["figures"]):
        lines += ["", f"![{figure}]({quote(figures)}/{figure}.svg)"]
    return lines


def _part_lines(part: dict[str, Any], evidence: dict[str, Any]) -> list[str]:
    """Value, interval, n and band of one part, and its further intervals."""
    what = markdown(f"{evidence['measures']} ({part['name']})" if part["name"] else evidence["measures"])
    level = interval_name(part, evidence["confidence_level"])
    method = f" ({part['method']})" if part["method"] not in ("", level) else ""
    lines = [
        f"- {what}: **{number(part['value'], part['unit'])}**; {level}: {interval(part)}{method}; n = {part['n']}; "
        f"{condition(part)}."
    ]
    if part["further"]:
        covers = markdown(", ".join(part["further"]["covers"]))
        lines.append(f"- Including the choice of images: {interval(part | part['further'])} ({covers}).")
    if part["strict"]:
        does = "holds" if part["holds"] else "does not hold"
        lines.append(f"- At 99.9 %: {interval(part | part['strict'])}; the verdict {does} at this level.")
    return lines


def seeds_of(run: dict[str, Any]) -> str:
    """The seeds of a network in brackets, and how many of them diverged or are stuck."""
    counts = "".join(f", {len(run[state])} {state}" for state in ("diverged", "stuck") if run[state])
    first, last = run["seeds"]
    seeds = f"seeds {first} to {last}" if first != last else f"seed {first}"
    return f"({seeds}{counts})"
