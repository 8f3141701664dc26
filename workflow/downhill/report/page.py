"""The report page: one HTML file with all verdicts, figures and explanations, which makes no request."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from downhill.claims.evidence import read_evidence
from downhill.claims.wording import percent_as_given
from downhill.config.contradiction import Contradiction
from downhill.config.reading_notes import ReadingNote
from downhill.report import contradictions as contradiction_rows
from downhill.report import glossary, method, network_table
from downhill.report.assets import FOLDER, SCRIPT, STYLE, TEMPLATE
from downhill.report.claim_cells import SIGNS
from downhill.report.escaping import every_text, without_controls
from downhill.report.page_claims import claim_of_page, figure_of_page
from downhill.report.published_runs import FIGURE, HEADINGS, by_chance, counts, published_runs
from downhill.report.tables import NETWORKS, explained, warning
from downhill.report.templates import environment, script_hash
from downhill.storage.atomic import atomic_path

# Spaces at which no line may end: in `96 %` and `n = 40`.
_UNBROKEN = re.compile(r"(?<=\d) (?=%)|(?<=\bn) (?==)|(?<=\bn =) (?=\d)")


def publish(
    evidence_files: Sequence[Path],
    networks_file: Path,
    figures: Path,
    page: Path,
    families: Mapping[str, str] | None = None,
    title: str = "",
    about: str = "",
    contradictions: Sequence[Contradiction] = (),
    reading: Sequence[ReadingNote] = (),
    playground: bool = False,
) -> int:
    """Write the page; returns its size in bytes. The same results give the same bytes.

    Parameters
    ----------
    evidence_files
        The claims' evidence, in the order of the table.
    networks_file
        The table of networks, as `report.networks` writes it.
    figures
        Folder of the figures of all claims, each as SVG and with the table of what is drawn.
    page
        The file to write; its links lead to the other results in the same folder.
    families
        What each family of claims is about; None for nothing.
    title, about
        Title of the study, and what it is about.
    contradictions
        Contradictions to show with the claims that bear on them.
    reading
        Notes on claims: controls, traps, when the band was fixed, deviations.
    playground
        Whether the same folder has a playground, which this page then links to.

    Raises
    ------
    DownhillError
        If a file is missing, damaged, or something else.
    """
    found = [every_text(read_evidence(path), without_controls) for path in evidence_files]
    networks = network_table.read_networks(networks_file)
    notes = {
        note["claim"]: note for note in every_text([note.model_dump() for note in reading], without_controls)
    }
    claims = [
        claim_of_page(evidence, path, figures, page.parent, notes.get(evidence["claim"]))
        for evidence, path in zip(found, evidence_files, strict=True)
    ]
    script = (FOLDER / SCRIPT).read_text(encoding="utf-8")
    text = (
        environment(FOLDER)
        .get_template(TEMPLATE)
        .render(
            title=without_controls(title or "Downhill"),
            about=without_controls(about),
            warning=without_controls(warning(found)),
            explained=explained(found),
            level=percent_as_given(found[0]["confidence_level"] if found else 0.95),
            counts=_counts(found),
            claims=claims,
            families=[
                (name, (families or {}).get(name, ""))
                for name in dict.fromkeys(evidence["family"] for evidence in found)
            ],
            sources=sorted({source for claim in claims for source in claim["sources"]}),
            contradictions=[
                {
                    "row": every_text(one.model_dump(), without_controls),
                    "claims": contradiction_rows.claim_rows(one, found),
                }
                for one in contradictions
            ],
            published_runs=_published_runs(found, figures),
            about_networks=NETWORKS,
            networks=[every_text(network_table.columns(row), without_controls) for row in networks],
            method=method.SECTIONS,
            glossary=glossary.TERMS,
            signs=SIGNS,
            playground=playground,
            style=Markup((FOLDER / STYLE).read_text(encoding="utf-8")),
            script=Markup(script),
            script_hash=script_hash(script),
        )
    )
    shown, tag, end = text.rpartition("<script>")
    text = _UNBROKEN.sub("\u00a0", shown) + tag + end
    with atomic_path(page) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return len(text.encode())


def _counts(found: Sequence[dict[str, Any]]) -> list[tuple[str, str, int]]:
    """Sign, verdict and number of claims, for the verdicts that occur."""
    counts = Counter(evidence["verdict"] for evidence in found)
    return [(sign, name, counts[name]) for name, sign in SIGNS.items() if counts[name]]


def _published_runs(found: Sequence[dict[str, Any]], figures: Path) -> dict[str, Any] | None:
    """The section on published single runs: figure, sentences and rows; None if the study has no such claims."""
    rows = published_runs(found)
    if not rows:
        return None
    return {
        "counts": counts(rows),
        "by_chance": by_chance(rows),
        "figure": figure_of_page(FIGURE, figures),
        "headings": HEADINGS,
        "rows": [
            {"run": row, "cells": row.cells(), "sign": SIGNS[row.verdict], "unmeasured": row.mean is None}
            for row in rows
        ],
    }
