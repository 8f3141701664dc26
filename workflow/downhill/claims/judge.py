"""Judging a claim: compare its measurement with its band, and write the evidence as one JSON file.

The file holds everything that a reader or a figure needs: the claim's row, the statistic with intervals and n, the
verdict and its reason, the networks and runs behind it, and the data of its figures.
"""

import math
from pathlib import Path
from typing import Any

from downhill.claims.inference import Interval
from downhill.claims.verdicts import seeds_to_decide, verdict, worst_case
from downhill.config.band import Band, parse_bands
from downhill.config.claim import Claim
from downhill.errors import DownhillError
from downhill.storage.atomic import read_json, write_json
from downhill.storage.problems import unusable

_FEW = 10  # seeds; with fewer, the coverage of a percentile bootstrap is noticeably below its nominal level


def judge(claim: Claim, measures: str, measurement_file: Path, path: Path) -> dict[str, Any]:
    """Judge a claim and write the evidence to `path`; also returns it.

    Parameters
    ----------
    claim
        The row of the claim: wording, unit, band.
    measures
        What the statistic measures, in a few words.
    measurement_file
        The output of `claims.measure`.

    Raises
    ------
    DownhillError
        If the measurement is missing, damaged, or of another statistic, or there is not one band for each part.
    """
    what = f"a measurement of the statistic '{claim.statistic}' of family '{claim.family}'"
    measurement = read_json(measurement_file, what)
    named = {"family": claim.family, "statistic": claim.statistic}
    if not isinstance(measurement, dict) or not named.items() <= measurement.items():
        raise unusable(measurement_file, what)
    evidence = measurement | claim.model_dump(mode="json") | {"measures": measures}
    evidence["inputs"] = measurement["experiments"]
    bands, parts = parse_bands(claim.band), measurement["parts"]
    if measurement["why_not"] is None:
        if len(bands) != len(parts):
            raise DownhillError(
                f"claim '{claim.claim}': its band has {len(bands)} part(s), and the statistic '{claim.statistic}' has "
                f"{len(parts)}; write one band for each part, separated by ';'"
            )
        for part, band in zip(parts, bands, strict=True):
            if band.universal and not part["worst"] and not part["exact"]:
                raise DownhillError(
                    f"claim '{claim.claim}': its band says 'all', but the statistic '{claim.statistic}' has an "
                    "interval; leave out 'all'"
                )
        texts = [text.strip() for text in claim.band.split(";")]
        judged = [
            _judged(part, band) | {"band": text, "unit": unit}
            for part, band, text, unit in zip(parts, bands, texts, claim.units(len(parts)), strict=True)
        ]
        evidence |= {"parts": judged} | _overall(judged)
    else:
        evidence |= {"verdict": "not measured", "value": None, "lower": None, "upper": None, "n": 0}
        evidence |= {"exact": False, "why": measurement["why_not"]}
    del evidence["why_not"]
    write_json(path, evidence)
    return evidence


def _judged(part: dict[str, Any], band: Band) -> dict[str, Any]:
    """A part with its verdict and the reason for it."""
    n, exact = part["n"], part["exact"]
    if part["worst"]:
        smallest, largest = part["worst"]
        value = worst_case(smallest, largest, band)
        found = verdict(value, None, band, exact=True)
        inside = "all" if found == "supported" else "not all"
        why = f"{inside} of {n:,} case{'s' if n != 1 else ''} lie inside the band"
        return part | {"value": value, "verdict": found, "why": why}
    value, lower, upper = (
        infinite(key, part) if key in part["infinite"] else part[key] for key in ("value", "lower", "upper")
    )
    interval = None if lower is None or upper is None else Interval(lower, upper)
    found = verdict(value, interval, band, exact)
    return part | {"verdict": found, "why": _why(found, value, interval, band, part["fewest"], exact)}


def infinite(key: str, part: dict[str, Any]) -> float:
    """A number of a part that JSON cannot represent: −∞ for the lower end of a finite value, ∞ for all others."""
    return -math.inf if key == "lower" and "value" not in part["infinite"] else math.inf


def _overall(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Verdict of a claim: supported when every part is, refuted when any part is.

    The numbers are those of the part that decides: the first with the verdict of the claim.
    """
    verdicts = [part["verdict"] for part in parts]
    found = next((name for name in ("refuted", "undecided") if name in verdicts), "supported")
    deciding = parts[verdicts.index(found)]
    numbers = {key: deciding[key] for key in ("value", "lower", "upper", "n", "exact")}
    why = (
        deciding["why"] if len(parts) == 1 else "; ".join(f"{part['name']}: {part['why']}" for part in parts)
    )
    return numbers | {"verdict": found, "why": why}


def _why(found: str, value: float, interval: Interval | None, band: Band, n: int, exact: bool) -> str:
    if exact:
        return "exact: no interval needed"
    if interval is None:
        return "an interval needs at least two seeds"
    few = f"; with {n} seeds the interval is likely too narrow" if n < _FEW else ""
    if found != "undecided":
        supported = found == "supported"
        if band.kind == "contains":
            return f"the interval {'contains' if supported else 'does not contain'} the value{few}"
        return f"the interval lies entirely {'inside' if supported else 'outside'} the band{few}"
    seeds = seeds_to_decide(value, interval, band, n)
    if seeds:
        more = f"about {seeds:,} seeds would decide it"
    elif all(map(math.isfinite, (value, *interval))):
        more = "the value lies on the edge of the band"
    else:
        more = "more seeds may decide it"
    return f"the interval crosses an edge of the band; {more}"
