"""What the report page shows of each claim, ready for its template."""

from pathlib import Path
from typing import Any

from markupsafe import Markup

from downhill.claims.wording import counted, of_each
from downhill.config.band import Band
from downhill.config.claim import figure_ids
from downhill.report.claim_cells import HOLDS, SIGNS, cells, note_of
from downhill.report.tables import covered, seeds_of
from downhill.report.trace import trace
from downhill.report.verdict_machine import enough_seeds, flips, machine
from downhill.report.wording import band_text, condition, interval, interval_name, number, parts_of
from downhill.storage.json_files import Shape, read_json


class _Drawn(Shape):
    title: str
    svg: str
    tables: list[dict[str, Any]]


_DIVERGED = {"dropped": "left out", "failures": "counted as failures"}


def claim_of_page(
    evidence: dict[str, Any], file: Path, figures: Path, results: Path, note: dict[str, str] | None
) -> dict[str, Any]:
    """Everything that the page shows of a claim.

    Parameters
    ----------
    evidence
        The evidence of the claim.
    file
        Where it was read from.
    figures
        Folder of the figures: SVG, and the table of what is drawn as JSON.
    results
        Folder of the page; links are relative to it.
    note
        `controls`, `traps`, `fixed` and `deviations` of the claim, if the study has a note on it.
    """
    name, level = evidence["claim"], evidence["confidence_level"]
    sources = [source.strip() for source in evidence["source"].split(";")]
    return {
        "name": name,
        "file": file.as_posix(),
        "family": evidence["family"],
        "statement": evidence["statement"],
        "sources": sources,
        "verdict": evidence["verdict"],
        "sign": SIGNS[evidence["verdict"]],
        "holds": HOLDS if evidence["holds"] else "",
        "cells": cells(evidence),
        "why": evidence["why"],
        "measures": evidence["measures"],
        "note": note_of(evidence),
        "parts": [_part(part, evidence, level) for part in parts_of(evidence)],
        "covers": ", ".join(covered(evidence)),
        "diverged": _diverged(evidence),
        "networks": [f"{run['network']} {seeds_of(run)}" for run in evidence["runs"]],
        "experiments": list(evidence["inputs"]),
        **{cell: note[cell] if note else "" for cell in ("controls", "traps", "fixed", "deviations")},
        "figures": [figure_of_page(figure, figures) for figure in figure_ids(name, evidence["figures"])],
        "trace": trace(file, results),
    }


def _part(part: dict[str, Any], evidence: dict[str, Any], level: float) -> dict[str, Any]:
    """One number of a claim, with its intervals in words and what the verdict machine needs."""
    further, strict = part["further"], part["strict"]
    enough = enough_seeds(part, level)
    return {
        "name": part["name"],
        "value": number(part["value"], part["unit"]),
        "interval": interval(part),
        "interval_name": interval_name(part, level),
        "further": further and interval(part | further),
        "further_covers": further and ", ".join(further["covers"]),
        "strict": strict and interval(part | strict),
        "holds": part["holds"],
        "method": part["method"],
        "n": counted(part["n"], part["of"]),
        "band": band_text(part),
        "verdict": part["verdict"],
        "sign": SIGNS[part["verdict"]],
        "why": part["why"],
        "flips": flips(part),
        "decides": condition(part, capital=True).partition(" when ")[0],
        "enough": enough and f"{counted(enough, part['of'])}{of_each(part)}",
        "machine": machine(part, level),
        "strip": _strip(part, level),
    }


def _strip(part: dict[str, Any], level: float) -> dict[str, Any] | None:
    """Positions of band, interval and value on an axis, in per cent of its length."""
    found = machine(part, level)
    if found is None:
        return None
    low, high = found["axis"]

    def place(at: float) -> float:
        return float(round(100 * (min(max(at, low), high) - low) / (high - low), 2))

    band = Band.parse(part["band"])
    ends = next(([lower, upper] for n, lower, upper in found["stops"] if n == found["n"]), [])
    return {
        "band_from": place(band.lower),
        "band_to": place(band.upper),
        "value": place(part["value"]),
        "from": place(ends[0]) if ends else place(part["value"]),
        "to": place(ends[1]) if ends else place(part["value"]),
        "low": number(low, part["unit"]),
        "high": number(high, part["unit"]),
    }


def _diverged(evidence: dict[str, Any]) -> str:
    seeds = evidence["diverged"]["seeds"]
    done = _DIVERGED.get(evidence["diverged"]["are"], "too many")
    return f"{counted(seeds, 'seed')} diverged ({done})." if seeds else ""


def figure_of_page(name: str, folder: Path) -> dict[str, Any]:
    """A figure as markup that stands in the page, with the tables of what is drawn."""
    drawn = read_json(folder / f"{name}.json", "what a page shows of a figure", _Drawn)
    return {
        "name": name,
        "svg": Markup(drawn["svg"]),  # made by `inline_svg`, which escapes text
        "title": drawn["title"],
        "tables": drawn["tables"],
    }
