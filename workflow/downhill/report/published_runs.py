"""Published single runs beside ours: one row for each claim, for `published-runs.csv`, the figure and the page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from downhill.claims.wording import counted
from downhill.config.band import SINGLE_RUN
from downhill.errors import DownhillError
from downhill.report.claim_cells import SIGNS
from downhill.report.wording import interval, number, said
from downhill.storage.atomic import atomic_path

FIGURE = "published-runs"
"""Name of the figure of all published single runs, without suffix, and of the table."""

HEADINGS = ("published", "ours (mean)", "sd", "range of single runs", "n", "verdict")

_BY_CHANCE = 0.05  # a published run like ours is not reproduced with at most this probability


@dataclass(frozen=True)
class PublishedRun:
    """A published value beside our runs: a row of the table. What was not measured is None.

    Attributes
    ----------
    claim, source, statement, unit
        As in the table of claims.
    published
        The published value.
    mean, sd
        Mean of our runs, and their standard deviation.
    lower, upper
        The range of single runs: a published value inside it is reproduced.
    smallest, largest, n
        The smallest and the largest of our runs, and their number.
    below, p
        How many of our runs are below the published value, and how probable a rank at least as extreme is
        (`Comparison`).
    verdict, why
        The verdict, and the reason for it.
    limits
        How a smoke study is limited; empty for any other.
    """

    claim: str
    source: str
    statement: str
    unit: str
    published: float | None
    mean: float | None
    sd: float | None
    lower: float | None
    upper: float | None
    smallest: float | None
    largest: float | None
    n: int
    below: float | None
    p: float | None
    verdict: str
    why: str
    limits: str

    def cells(self) -> dict[str, str]:
        """The numbers as text in the unit of the claim, by heading (`HEADINGS`); a dash for what was not measured."""
        ends = {"lower": self.lower, "upper": self.upper, "unit": self.unit, "exact": False}
        texts = (
            "–" if self.published is None else said(self.published, self.unit),
            number(self.mean, self.unit),
            number(self.sd, {"share": "points", "count": "number"}.get(self.unit, self.unit)),
            interval(ends),
            f"{self.n:,}",
            f"{SIGNS[self.verdict]} {self.verdict}",
        )
        return dict(zip(HEADINGS, texts, strict=True))


def published_runs(found: Sequence[dict[str, Any]]) -> list[PublishedRun]:
    """The rows of all claims that compare a published run with ours, from the evidence of a study, in its order."""
    return [_row(evidence) for evidence in found if evidence["band"] == SINGLE_RUN]


def our_runs(evidence: dict[str, Any]) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Our runs behind a claim (n,), and which of them are stuck (n,); both are empty if it was not measured.

    Raises
    ------
    DownhillError
        If the statistic does not give the runs.
    """
    if not evidence["parts"]:
        return np.empty(0), np.empty(0, np.bool_)
    try:
        runs = np.array(evidence["data"]["runs"]["values"], np.float64)
    except KeyError as key:
        raise DownhillError(
            f"claim '{evidence['claim']}': there is no {key} in the data of its statistic "
            f"'{evidence['statistic']}'; a statistic that compares a published run with ours must give `runs`"
        ) from key
    stuck = np.asarray(evidence["data"].get("stuck") or np.zeros(len(runs)), np.bool_)
    return runs, stuck


def write_table(rows: Sequence[PublishedRun], path: Path) -> None:
    """Write the table as CSV, with all digits."""
    table = pd.DataFrame(
        [asdict(row) for row in rows], columns=[field.name for field in fields(PublishedRun)]
    )
    with atomic_path(path) as temporary:
        table.to_csv(temporary, index=False, lineterminator="\n")


def counts(rows: Sequence[PublishedRun]) -> str:
    """How many published runs have which verdict: `57 published single runs: 40 reproduced, 17 not reproduced`."""
    verdicts = Counter(row.verdict for row in rows)
    listed = ", ".join(f"{verdicts[name]} {name}" for name in SIGNS if verdicts[name])
    return f"{counted(len(rows), 'published single run')}: {listed}"


def by_chance(rows: Sequence[PublishedRun]) -> str:
    """How many published runs would not be reproduced by chance alone, as a sentence; empty if none was judged."""
    judged = sum(row.verdict in ("reproduced", "not reproduced") for row in rows)
    if not judged:
        return ""
    return (
        f"Even if all published runs are like ours, up to {100 * _BY_CHANCE:g} % of them are not reproduced by chance: "
        f"here, {_BY_CHANCE * judged:.2g} of {judged:,}."
    )


def _row(evidence: dict[str, Any]) -> PublishedRun:
    runs, _ = our_runs(evidence)
    numbers: dict[str, Any] = dict.fromkeys(
        ("mean", "sd", "lower", "upper", "smallest", "largest", "below", "p")
    )
    published = evidence["said"]
    if evidence["parts"]:
        (part,) = evidence["parts"]
        compared = part["published"]
        published = compared["value"]
        numbers = {
            "mean": part["value"],
            "sd": float(np.std(runs, ddof=1)) if len(runs) > 1 else None,
            "lower": part["lower"],
            "upper": part["upper"],
            "smallest": float(runs.min()),
            "largest": float(runs.max()),
            "below": compared["below"],
            "p": compared["p"],
        }
    about = {
        name: evidence[name] for name in ("claim", "source", "statement", "unit", "verdict", "why", "limits")
    }
    return PublishedRun(published=published, n=len(runs), **about, **numbers)
