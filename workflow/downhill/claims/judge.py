"""Judging a claim: compare its measurement with its band, and write the evidence as one JSON file.

The file holds everything that a reader or a figure needs: the claim's row, the statistic with intervals and n, the
verdict and its reason, the networks and runs behind it, and the data of its figures.
"""

import math
from pathlib import Path
from typing import Any

from downhill.claims.evidence import MeasurementShape
from downhill.claims.inference import Interval
from downhill.claims.parts import TWO_STAGE, WILSON
from downhill.claims.verdicts import POWER, seeds_to_decide, verdict, worst_case
from downhill.claims.wording import of_each
from downhill.config.band import SINGLE_RUN, Band, parse_bands
from downhill.config.claim import Claim
from downhill.config.units import POSSIBLE
from downhill.errors import DownhillError
from downhill.storage.json_files import read_json, write_json
from downhill.storage.problems import unusable

_ANY = ("refuted", "not reproduced", "undecided")  # a claim has one of these verdicts if any part has


def judge(
    claim: Claim, measures: str, measurement_file: Path, path: Path, limits: str = ""
) -> dict[str, Any]:
    """Judge a claim and write the evidence to `path`; also returns it.

    Parameters
    ----------
    claim
        The row of the claim: wording, unit, band.
    measures
        What the statistic measures, in a few words.
    measurement_file
        The output of `claims.measure`.
    limits
        How a smoke study is limited, in words; tables and figures then say that the verdict means nothing.

    Raises
    ------
    DownhillError
        If the measurement is missing, damaged, or of another statistic, or there is not one band for each part.
    """
    what = f"a measurement of the statistic '{claim.statistic}' of family '{claim.family}'"
    measurement = read_json(measurement_file, what, MeasurementShape)
    if (measurement["family"], measurement["statistic"]) != (claim.family, claim.statistic):
        raise unusable(measurement_file, what)
    evidence: dict[str, Any] = (
        measurement | claim.model_dump(mode="json") | {"measures": measures, "limits": limits}
    )
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
            if (band.kind == SINGLE_RUN) != ("published" in part):
                raise DownhillError(
                    f"claim '{claim.claim}': the band '{SINGLE_RUN}' belongs to statistics that compare a published "
                    f"run with ours, and only to these; '{claim.statistic}' "
                    + ("is one of them" if "published" in part else "is not one of them")
                )
        texts = [text.strip() for text in claim.band.split(";")]
        judged = [
            _judged(part, band, unit, measurement["confidence_level"]) | {"band": text, "unit": unit}
            for part, band, text, unit in zip(parts, bands, texts, claim.units(len(parts)), strict=True)
        ]
        evidence |= {"parts": judged} | _overall(judged)
    else:
        evidence |= {"verdict": "not measured", "value": None, "lower": None, "upper": None, "n": 0}
        evidence |= {"exact": False, "why": measurement["why_not"], "holds": False}
    del evidence["why_not"]
    write_json(path, evidence)
    return evidence


def _judged(part: dict[str, Any], band: Band, unit: str, level: float) -> dict[str, Any]:
    """A part with its verdict, the reason for it, and whether it holds at the stricter level of confidence."""
    n, exact = part["n"], part["exact"]
    if "published" in part:
        return part | _reproduced(part["published"])
    if part["worst"]:
        smallest, largest = part["worst"]
        value = worst_case(smallest, largest, band)
        found = verdict(value, None, band, exact=True)
        inside = "all" if found == "supported" else "not all"
        why = f"{inside} of the {n:,} {part['of']}s lie inside the band"
        if n == 1:
            why = f"the only case lies {'inside' if found == 'supported' else 'outside'} the band"
        return part | {"value": value, "verdict": found, "why": why, "holds": True}
    value, wide = _numbers(part)
    part = part | _within(part, unit)
    for name in ("strict", "further"):
        part[name] = part[name] and part[name] | _within(part[name] | {"value": part["value"]}, unit)
    _, interval = _numbers(part)
    found = verdict(value, interval, band, exact)
    strict = part["strict"] and Interval(part["strict"]["lower"], part["strict"]["upper"])
    holds = found != "undecided" and verdict(value, strict, band, exact) == found
    why = _why(found, interval, part)
    if found == "undecided" and interval is not None:
        seeds = seeds_to_decide(value, wide, band, part["fewest"], level, part["method"] == WILSON)
        why += f"; {_advice(seeds, part, value, interval)}"
    return part | {"verdict": found, "why": why, "holds": holds}


def _reproduced(published: dict[str, Any]) -> dict[str, Any]:
    """Verdict on a published single run; at the stricter level, only that it is not reproduced can hold."""
    found = {True: "reproduced", False: "not reproduced", None: "undecided"}[published["reproduced"]]
    return {"verdict": found, "why": published["sentence"], "holds": published["holds"]}


def _numbers(part: dict[str, Any]) -> tuple[float, Interval | None]:
    """Value and interval of a part, with infinite numbers."""
    value, lower, upper = (
        infinite(key, part) if key in part["infinite"] else part[key] for key in ("value", "lower", "upper")
    )
    return value, None if lower is None or upper is None else Interval(lower, upper)


def _within(ends: dict[str, Any], unit: str) -> dict[str, float]:
    """The ends of an interval inside what is possible in a unit (a share is at most 1), if the value itself is."""
    low, high = POSSIBLE[unit]
    lower, upper = ends["lower"], ends["upper"]
    if lower is None or upper is None or not low <= ends["value"] <= high:
        return {}
    return {"lower": max(low, lower), "upper": min(high, upper)}


def infinite(key: str, part: dict[str, Any]) -> float:
    """A number of a part that JSON cannot represent: −∞ for the lower end of a finite value, ∞ for all others."""
    return -math.inf if key == "lower" and "value" not in part["infinite"] else math.inf


def _overall(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Verdict of a claim: supported (or reproduced) when every part is, refuted (or not reproduced) when any part is.

    The numbers are those of the part that decides: the first with the verdict of the claim. At the stricter level, a
    supported claim holds if every part does, a refuted one if one of the refuted parts does.
    """
    verdicts = [part["verdict"] for part in parts]
    found = next((name for name in _ANY if name in verdicts), verdicts[0])
    deciding = parts[verdicts.index(found)]
    numbers = {key: deciding[key] for key in ("value", "lower", "upper", "n", "exact")}
    why = (
        deciding["why"] if len(parts) == 1 else "; ".join(f"{part['name']}: {part['why']}" for part in parts)
    )
    holds = [part["holds"] for part in parts if part["verdict"] == found]
    return numbers | {"verdict": found, "why": why, "holds": any(holds) if found in _ANY else all(holds)}


def _why(found: str, interval: Interval | None, part: dict[str, Any]) -> str:
    if part["exact"]:
        return "exact: no interval needed"
    if interval is None:
        return f"an interval needs at least two {'networks' if part['method'] == TWO_STAGE else 'seeds'}"
    if found == "undecided":
        return "the interval crosses an edge of the band"
    return f"the interval lies entirely {'inside' if found == 'supported' else 'outside'} the band"


def _advice(seeds: int | None, part: dict[str, Any], value: float, interval: Interval) -> str:
    """With how many seeds an undecided claim would be decided."""
    if part["method"] == TWO_STAGE:  # more seeds are not more groups
        return "more networks, or more seeds of each, may decide it"
    if seeds:
        likely = f"a new study would decide it with a probability of {100 * POWER:.0f} %"
        return f"with {seeds:,} {part['of']}s{of_each(part)}, {likely}"
    if all(map(math.isfinite, (value, *interval))):
        return "the value lies on the edge of the band"
    return "more seeds may decide it"
