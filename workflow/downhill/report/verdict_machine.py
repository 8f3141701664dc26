"""Where a verdict changes: with other bands, and with other numbers of seeds. The report page lets readers try."""

import math
from typing import Any

from downhill.claims.inference import Interval
from downhill.claims.parts import TWO_STAGE, WILSON
from downhill.claims.verdicts import verdict, wilson
from downhill.claims.wording import RANGE, of_each
from downhill.config.band import Band
from downhill.config.units import POSSIBLE
from downhill.report.wording import number

# Numbers of seeds to choose from.
_STOPS = (
    2,
    3,
    4,
    5,
    6,
    8,
    10,
    12,
    15,
    20,
    25,
    30,
    40,
    50,
    60,
    80,
    100,
    120,
    150,
    200,
    300,
    400,
    500,
    700,
    1000,
)
_ROOM = 0.6  # beside the numbers that an axis must show, as a share of their range


def flips(part: dict[str, Any]) -> str:
    """For which bands a part would have another verdict, in a sentence or two; empty if it was not measured.

    Parameters
    ----------
    part
        As from `report.wording.parts_of`.
    """
    if part["value"] is None:
        return ""
    if part["method"] == RANGE:
        if part["lower"] is None:
            return ""
        low, high = (number(part[end], part["unit"]) for end in ("lower", "upper"))
        return f"Reproduced for every published value between {low} and {high}."
    band, unit = Band.parse(part["band"]), part["unit"]
    lower, upper = part["worst"] if _has_two_worst_cases(part, band) else ends(part)
    low, high = number(lower, unit), number(upper, unit)
    if math.isnan(lower) or math.isnan(upper):
        return "Undecided whatever the band, since there is no interval."
    if lower == math.inf:
        return f"{'Supported' if band.kind == 'above' else 'Refuted'} by every band of this kind."
    if lower == upper or part["worst"]:
        inside = low if lower == upper else f"{low} to {high}"
        if band.kind in ("above", "below"):
            side = "below" if band.kind == "above" else "above"
            return f"Supported while the edge of the band is {side} {inside}, refuted from there on."
        return f"Supported by every band that contains {inside}, refuted by every other."
    if band.kind == "above":
        return _one_sided("below", lower, "up to", upper, unit)
    if band.kind == "below":
        return _one_sided("above", upper, "down to", lower, unit)
    if math.isfinite(lower) and math.isfinite(upper):
        return f"Supported by every band that contains {low} to {high}, refuted by every band that lies outside it."
    outside = f"below {low}" if math.isfinite(lower) else f"above {high}"
    return f"Refuted by every band that lies {outside}, undecided for every other."


def _one_sided(side: str, near: float, to: str, far: float, unit: str) -> str:
    """The verdicts for an edge that moves from where the claim is supported, past both ends of the interval."""
    if not math.isfinite(near):
        return f"Undecided while the edge of the band is {side} {number(far, unit)}, refuted from there on."
    then = (
        f"undecided {to} {number(far, unit)}, refuted from there on"
        if math.isfinite(far)
        else "undecided from there on"
    )
    return f"Supported while the edge of the band is {side} {number(near, unit)}, {then}."


def _has_two_worst_cases(part: dict[str, Any], band: Band) -> bool:
    """Whether it depends on the band which of all cases, the smallest or the largest, is the worst."""
    return bool(part["worst"]) and band.kind in ("between", "exactly")


def enough_seeds(part: dict[str, Any], level: float) -> int | None:
    """The smallest number of seeds that would have given the same verdict, with the same value and spread.

    Of each network, if there are several. None if the verdict is undecided, or does not depend on the number of seeds.
    """
    if part["verdict"] not in ("supported", "refuted") or not depends_on_seeds(part):
        return None
    band = Band.parse(part["band"])
    for n in range(2, part["fewest"] + 1):
        if verdict(part["value"], _interval(part, level, n), band) == part["verdict"]:
            return n
    return None


def depends_on_seeds(part: dict[str, Any]) -> bool:
    """Whether more seeds would give another interval: not for exact numbers, worst cases, or intervals over groups."""
    known = not part["exact"] and not part["worst"] and part["lower"] is not None and not part["infinite"]
    return known and part["fewest"] >= 2 and part["method"] != TWO_STAGE


def machine(part: dict[str, Any], level: float) -> dict[str, Any] | None:
    """What a page needs to judge a part again, ready for JSON; None without a value, an interval or a band.

    Returns
    -------
    dict: `kind`, `edges` (the finite ones of the band), `axis` (both ends), `value`, `n` (seeds of one network, if
    there are several), `of` (what they are, in the plural), `scale` and `suffix` (of the unit), `worst` (the smallest
    and the largest case if the worst of them depends on the band, or else empty), and `stops`: for some numbers of
    seeds, including n, the interval `[seeds, lower, upper]`.
    """
    if part["value"] is None or part["infinite"] or part["method"] == RANGE:
        return None
    band, (lower, upper) = Band.parse(part["band"]), ends(part)
    edges = [edge for edge in dict.fromkeys((band.lower, band.upper)) if math.isfinite(edge)]
    worst = part["worst"] if _has_two_worst_cases(part, band) else []
    numbers = [part["value"], *(end for end in (lower, upper) if math.isfinite(end)), *worst, *edges]
    stops: list[tuple[int, float, float]] = []
    if depends_on_seeds(part):
        for n in sorted({*_STOPS, part["fewest"]}):
            found = _interval(part, level, n)
            stops.append((n, found.lower, found.upper))
    elif math.isfinite(lower) and math.isfinite(upper):
        stops.append((part["fewest"], lower, upper))
    scale, suffix = {"share": (100, " %"), "points": (100, " points")}.get(part["unit"], (1, ""))
    return {
        "kind": band.kind,
        "edges": edges,
        "axis": _axis(numbers, part["unit"]),
        "value": part["value"],
        "n": part["fewest"],
        "of": f"{part['of']}s{of_each(part)}",
        "worst": worst,
        "stops": stops,
        "scale": scale,
        "suffix": suffix,
    }


def ends(part: dict[str, Any]) -> Interval:
    """The ends of a part's interval; both are the value if it needs none, and NaN without one."""
    if part["exact"] or part["worst"]:
        return Interval(part["value"], part["value"])
    if part["lower"] is None or part["upper"] is None:
        return Interval(math.nan, math.nan)
    below = "lower" in part["infinite"] and "value" not in part["infinite"]
    return Interval(-math.inf if below else part["lower"], part["upper"])


def _interval(part: dict[str, Any], level: float, n: int) -> Interval:
    """The interval with n seeds of the same mean and spread; with the study's own number, that of the evidence.

    The standard error shrinks as 1/√n, and Student's t with n − 1 degrees of freedom. Wilson's interval is computed.
    """
    from scipy.special import stdtrit

    value, found, known = part["value"], ends(part), part["fewest"]
    if n == known:
        return found
    if part["method"] == WILSON:
        return Interval(*map(float, wilson(value, n, level)))
    narrower = float(stdtrit(n - 1, (1 + level) / 2) / stdtrit(known - 1, (1 + level) / 2)) * math.sqrt(
        known / n
    )
    low, high = POSSIBLE[part["unit"]] if _is_possible(value, part["unit"]) else (-math.inf, math.inf)
    return Interval(
        max(low, value - narrower * (value - found.lower)),
        min(high, value + narrower * (found.upper - value)),
    )


def _is_possible(number: float, unit: str) -> bool:
    low, high = POSSIBLE[unit]
    return low <= number <= high


def _axis(numbers: list[float], unit: str) -> tuple[float, float]:
    """The ends of an axis that shows some numbers, with room beside them, but nothing that is impossible in a unit."""
    lowest, highest = min(numbers), max(numbers)
    room = _ROOM * (highest - lowest) or 0.1 * abs(highest) or 1.0
    possible = _is_possible(lowest, unit) and _is_possible(highest, unit)
    low, high = POSSIBLE[unit] if possible else (-math.inf, math.inf)
    return max(low, lowest - room), min(high, highest + room)
