"""Evidence: what was measured for a claim, its interval and its verdict, as one JSON file.

The file holds all that a reader or a figure needs: the claim's row, the statistic with interval and n,
the verdict and its reason, the networks and runs behind it, and the data of its figures.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from downhill.claims import registry
from downhill.claims.inference import bootstrap_interval, seeds_to_decide, verdict
from downhill.config.claim import Band, Claim
from downhill.config.study import Statistics
from downhill.runs.evaluation import EvaluatedNetwork
from downhill.storage.atomic import write_json

_FEW = 10  # seeds; with fewer, a percentile bootstrap covers noticeably less than it says


class NotMeasuredError(Exception):
    """Raised by a statistic that cannot be measured on these runs; the message says why."""


@dataclass(frozen=True)
class Measurement:
    """What a statistic's function returns.

    Attributes
    ----------
    per_seed
        One number a seed, (n,); just one where no seed matters, such as a count.
    summary
        How they become the statistic: `np.mean`, `np.median`, …
    exact
        Whether the statistic is a count or an identity, which needs no interval.
    note
        One sentence with what else was found, for the table of claims.
    data
        What the claim's figures draw: numbers, lists, arrays and dictionaries of them.
    """

    per_seed: ArrayLike
    note: str
    data: dict[str, Any]
    summary: Callable[..., Any] = field(default=np.mean)
    exact: bool = False


def measure(
    claim: Claim, evaluations: Sequence[EvaluatedNetwork], settings: Statistics, path: Path
) -> dict[str, Any]:
    """Measure a claim on its networks and write the evidence to `path`; also returns it."""
    statistic = registry.load("claims", claim.family, claim.statistic)
    evidence: dict[str, Any] = {
        **claim.model_dump(mode="json"),
        "measures": registry.first_line(statistic),
        "confidence_level": settings.confidence_level,
        "statistics": settings.model_dump(),
    }
    try:
        for evaluation in evaluations:
            if not evaluation.seeds:
                raise NotMeasuredError(f"every seed of network '{evaluation.name}' diverged")
        measurement = statistic(evaluations)
        evidence |= _judged(measurement, Band.parse(claim.band), settings)
        evidence |= {"note": measurement.note, "data": measurement.data}
    except NotMeasuredError as reason:
        evidence |= {"verdict": "not measured", "value": None, "lower": None, "upper": None, "n": 0}
        evidence |= {"exact": False, "why": str(reason), "note": "", "data": {}}
    evidence["runs"] = [evaluation.index for evaluation in evaluations]
    write_json(path, evidence)
    return evidence


def only(evaluations: Sequence[EvaluatedNetwork]) -> EvaluatedNetwork:
    """The one evaluation of a statistic that is measured on one network."""
    if len(evaluations) != 1:
        raise NotMeasuredError(
            f"the statistic is measured on one network, and the row names {len(evaluations)}"
        )
    return evaluations[0]


def percent(share: float | np.floating[Any], digits: int = 2) -> str:
    """A share as per cent for a note: `93.65 %`."""
    return f"{100 * share:.{digits}f} %"


def _judged(measurement: Measurement, band: Band, settings: Statistics) -> dict[str, Any]:
    """Value, interval, n and verdict of a measurement."""
    values = np.asarray(measurement.per_seed, dtype=np.float64)
    value = float(measurement.summary(values, axis=0))
    if not math.isfinite(value):
        raise NotMeasuredError("the statistic is not a finite number")
    interval = None if measurement.exact else bootstrap_interval(values, measurement.summary, settings)
    found = verdict(value, interval, band, measurement.exact)
    return {
        "value": value,
        "lower": interval.lower if interval else None,
        "upper": interval.upper if interval else None,
        "n": len(values),
        "exact": measurement.exact,
        "verdict": found,
        "why": _why(found, value, interval, band, len(values), measurement.exact),
    }


def _why(found: str, value: float, interval: Any, band: Band, n: int, exact: bool) -> str:
    if exact:
        return "exact: no interval needed"
    if interval is None:
        return "one seed alone has no interval; train at least two"
    few = f"; with {n} seeds the interval is likely too narrow" if n < _FEW else ""
    if found != "undecided":
        supported = found == "supported"
        if band.kind == "contains":
            return f"the interval {'holds' if supported else 'does not hold'} the value{few}"
        return f"the interval lies wholly {'inside' if supported else 'outside'} the band{few}"
    seeds = seeds_to_decide(value, interval, band, n)
    more = f"about {seeds:,} seeds would decide it" if seeds else "the value lies on its edge"
    return f"the interval lies astride the band's edge; {more}"
