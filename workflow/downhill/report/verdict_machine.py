"""Where a verdict changes: with other bands, and with other numbers of seeds. The report page lets readers try."""

import math
from typing import Any

from downhill.claims.inference import Interval
from downhill.claims.parts import TWO_STAGE, WILSON
from downhill.claims.verdicts import verdict
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
    band, unit = Band.parse(part["band"]), part["unit"]
    lower, upper = ends(part)
    low, high = number(lower, unit), number(upper, unit)
    if lower == upper:
        if band.kind == "above":
            return f"Supported while the edge of the band is below {low}, refuted from there on."
        if band.kind == "below":
            return f"Supported while the edge of the band is above {low}, refuted from there on."
        return f"Supported by every band that contains {low}, refuted by every other."
    if math.isnan(lower) or math.isnan(upper):
        return "Undecided whatever the band, since there is no interval."
    if band.kind == "above":
        return f"Supported while the edge of the band is below {low}, undecided up to {high}, refuted from there on."
    if band.kind == "below":
        return f"Supported while the edge of the band is above {high}, undecided down to {low}, refuted from there on."
    return (
        f"Supported by every band that contains {low} to {high}, refuted by every band that lies outside it."
    )


def enough_seeds(part: dict[str, Any], level: float) -> int | None:
    """The smallest number of seeds that would have given the same verdict, with the same value and spread.

    None if the verdict is undecided, or does not depend on the number of seeds.
    """
    if part["verdict"] not in ("supported", "refuted") or not depends_on_seeds(part):
        return None
    band = Band.parse(part["band"])
    for n in range(2, part["n"] + 1):
        if verdict(part["value"], _interval(part, level, n), band) == part["verdict"]:
            return n
    return None


def depends_on_seeds(part: dict[str, Any]) -> bool:
    """Whether more seeds would give another interval: not for exact numbers, worst cases, or intervals over groups."""
    known = not part["exact"] and not part["worst"] and part["lower"] is not None and not part["infinite"]
    return known and part["n"] >= 2 and part["method"] != TWO_STAGE


def machine(part: dict[str, Any], level: float) -> dict[str, Any] | None:
    """What a page needs to judge a part anew, ready for JSON; None if it was not measured or is not finite.

    Returns
    -------
    dict: `kind`, `edges` (the finite ones of the band), `axis` (both ends), `value`, `n`, `scale` and `suffix` (of the
    unit), and `stops`: for some numbers of seeds, including n, the interval `[seeds, lower, upper]`.
    """
    if part["value"] is None or part["infinite"]:
        return None
    band, (lower, upper) = Band.parse(part["band"]), ends(part)
    edges = [edge for edge in dict.fromkeys((band.lower, band.upper)) if math.isfinite(edge)]
    numbers = [part["value"], *(end for end in (lower, upper) if math.isfinite(end)), *edges]
    stops: list[tuple[int, float, float]] = []
    if depends_on_seeds(part):
        for n in sorted({*_STOPS, part["n"]}):
            found = _interval(part, level, n)
            stops.append((n, found.lower, found.upper))
    elif math.isfinite(lower) and math.isfinite(upper):
        stops.append((part["n"], lower, upper))
    scale, suffix = {"share": (100, " %"), "points": (100, " points")}.get(part["unit"], (1, ""))
    return {
        "kind": band.kind,
        "edges": edges,
        "axis": _axis(numbers, part["unit"]),
        "value": part["value"],
        "n": part["n"],
        "of": part["of"],
        "exact": lower == upper,
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
    return Interval(part["lower"], part["upper"])


def _interval(part: dict[str, Any], level: float, n: int) -> Interval:
    """The interval with n seeds of the same mean and spread; with the study's own number, that of the evidence.

    The standard error shrinks as 1/√n, and Student's t with n − 1 degrees of freedom. Wilson's interval is computed.
    """
    from scipy.special import ndtri, stdtrit

    value, found, known = part["value"], ends(part), part["n"]
    if n == known:
        return found
    if part["method"] == WILSON:
        return _wilson(value, n, float(ndtri((1 + level) / 2)))
    narrower = float(stdtrit(n - 1, (1 + level) / 2) / stdtrit(known - 1, (1 + level) / 2)) * math.sqrt(
        known / n
    )
    low, high = POSSIBLE[part["unit"]] if _is_possible(value, part["unit"]) else (-math.inf, math.inf)
    return Interval(
        max(low, value - narrower * (value - found.lower)),
        min(high, value + narrower * (found.upper - value)),
    )


def _wilson(share: float, n: int, z: float) -> Interval:
    """Wilson's score interval of a share of n (Wilson 1927, *JASA* 22:209)."""
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * math.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return Interval(middle - half, middle + half)


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
