"""The verdicts and networks of a finished study as lines for a terminal, and where to look."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel

from downhill.claims.evidence import Verdict
from downhill.config.claim import Bands, Units
from downhill.errors import DownhillError
from downhill.provenance.record import read_record
from downhill.report.claim_cells import HOLDS, SIGNS
from downhill.report.escaping import every_text, without_controls
from downhill.report.network_table import accuracy, read_networks
from downhill.report.reading import read_rows
from downhill.report.wording import SMOKE, condition, interval, number
from downhill.storage.file_names import RECORD

_MOST_NETWORKS = 60  # listed on a terminal
_MOST_BRIEFLY = 15  # lines of claims in a brief overview; of more, there are only signs


class _Part(BaseModel):
    """One part of a claim, a row of the table of claims, as far as it is shown."""

    claim: str
    part: str = ""
    family: str = ""
    verdict: Verdict
    claim_verdict: Verdict
    holds_at_99_9: bool
    value: float | None = None
    lower: float | None = None
    upper: float | None = None
    unit: Units
    band: Bands
    n: int
    exact: bool
    limits: str = ""
    figures: str = ""


def overview(results: Path, brief: bool = False) -> str:
    """The verdicts and networks of a finished study, and where to look.

    Parameters
    ----------
    results
        Folder of the results.
    brief
        Leave out the networks; and of many claims, show only the sign of each, by family.

    Raises
    ------
    DownhillError
        If the study has no table of claims or networks yet, or one is damaged.
    """
    for name in ("claims.csv", "networks.csv"):
        if not (results / name).is_file():
            raise DownhillError(f"{results / name} does not exist; run `make`, or `snakemake`, first")
    claims = every_text(read_rows(results / "claims.csv", _Part, "the table of claims"), without_controls)
    networks = every_text(read_networks(results / "networks.csv"), without_controls)
    figures = len({name for part in claims for name in part["figures"].split(", ") if name})
    shortened = brief and len(claims) > _MOST_BRIEFLY
    limits = next((part["limits"] for part in claims if part["limits"]), "")
    pages = [
        results / name for name in ("index.html", "report.html", "claims.html") if (results / name).is_file()
    ]
    playground = results / "playground.html"
    return "\n".join(
        [
            *(_signs(claims) if shortened else [*_claims(claims), f"{HOLDS} holds at 99.9 % as well"]),
            "",
            *([] if brief else [*_networks(networks, results), ""]),
            _verdicts(claims) + (" (`downhill show` lists them)" if shortened else ""),
            *(f"Open in a browser     {page}" for page in pages[:1]),
            *([f"Draw a digit          {playground}"] if playground.is_file() else []),
            f"Claims and verdicts   {results}/claims.md (for reading), {results}/claims.csv (for further analysis)",
            f"Networks              {results}/networks.csv",
            f"Figures               {results}/figures/ ({figures}, each as SVG and PNG, and as tables in JSON)",
            f"Underlying runs       {results}/claims/, {results}/evaluation/, {results}/runs/",
            *([f"{SMOKE} ({limits})."] if limits else []),
        ]
    )


def _verdicts(parts: list[dict[str, Any]]) -> str:
    """How many claims have which verdict, as in `claims.md`: each claim once, however many parts it has."""
    verdicts = Counter({part["claim"]: part["claim_verdict"] for part in parts}.values())
    total = verdicts.total()
    counted = ", ".join(f"{verdicts[verdict]} {verdict}" for verdict in SIGNS if verdicts[verdict])
    return f"{total} claim{'' if total == 1 else 's'}: {counted}"


def _signs(parts: list[dict[str, Any]]) -> list[str]:
    """A line for each family with the signs of its claims."""
    families: dict[str, dict[str, str]] = {}
    for part in parts:
        families.setdefault(part["family"], {})[part["claim"]] = SIGNS[part["claim_verdict"]]
    width = max(map(len, families))
    return [f"{family:{width}}  {' '.join(signs.values())}" for family, signs in families.items()]


def _claims(parts: list[dict[str, Any]]) -> list[str]:
    lines = []
    width = max(10, *(len(part["verdict"]) for part in parts))
    for part in parts:
        name = f"{part['claim']}: {part['part']}" if part["part"] else part["claim"]
        mark = HOLDS if part["holds_at_99_9"] else " "
        value = number(part["value"], part["unit"])
        lines.append(
            f"{SIGNS[part['verdict']]} {part['verdict']:{width}}{mark}  {name:32}"
            f"{value:>14}   {interval(part):30}n = {part['n']:<5}{condition(part)}"
        )
    return lines


def _networks(rows: list[dict[str, Any]], results: Path) -> list[str]:
    """A line for each network, with the seconds that one of its seeds took to train."""
    headings = (
        *("network", "layers", "parameters", "seeds", "diverged", "stuck"),
        *("training accuracy", "test accuracy", "seconds per seed"),
    )
    lines: list[tuple[str, ...]] = [headings]
    lines += [
        (
            row["network"],
            row["layers"],
            *(f"{row[name]:,}" for name in ("parameters", "n", "diverged", "stuck")),
            *(accuracy(row, name) for name in ("train", "test")),
            _seconds(results / "runs" / row["network"]),
        )
        for row in rows[:_MOST_NETWORKS]
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    left = (0, 1, 6, 7)  # the other columns are numbers
    table = [
        "  ".join(
            cell.ljust(width) if place in left else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    more = len(rows) - _MOST_NETWORKS
    return table + ([f"… and {more:,} more in {results}/networks.csv"] if more > 0 else [])


def _seconds(runs: Path) -> str:
    """Mean training time of the seeds of a network's first block, if that is recorded."""
    for record in sorted(runs.glob(f"seeds-*/{RECORD}"))[:1]:
        try:
            return f"{np.mean([np.sum(epochs) for epochs in read_record(record)['seconds'].values()]):.2g}"
        except (DownhillError, KeyError):
            return "–"
    return "–"
