"""The values that each unit of a statistic can have, and bands and numbers that lie outside them."""

import math
import re
from collections.abc import Mapping

from downhill.config.band import Band

POSSIBLE: Mapping[str, tuple[float, float]] = {
    "share": (0, 1),
    "points": (-1, 1),
    "correlation": (-1, 1),
    "count": (0, math.inf),
    "ratio": (0, math.inf),
    "number": (-math.inf, math.inf),
}
"""The smallest and the largest value of each unit."""

_PRINTED_TIMES_100 = ("share", "points")


def impossible_band(text: str, unit: str) -> str | None:
    """Why a unit cannot have the values in the band of one part, as a sentence; None if it can."""
    band, (low, high) = Band.parse(text), POSSIBLE[unit]
    ends = [end for end in (band.lower, band.upper) if math.isfinite(end)]
    if any(impossible_number(end, unit) for end in ends):
        as_percent = unit in _PRINTED_TIMES_100 and all(
            (end == 0 or abs(end) >= 1) and low <= end / 100 <= high for end in ends
        )
        suggestion = re.sub(r"(\d+\.?\d*|\.\d+)(e[-+]?\d+)?", _hundredth, text, flags=re.IGNORECASE)
        return f"{_range(unit)}; " + (
            f"did you mean '{suggestion}'?" if as_percent else "write a band of possible values"
        )
    if (band.kind == "above" and band.lower == high) or (band.kind == "below" and band.upper == low):
        side = "above" if band.kind == "above" else "below"
        return f"no {_name(unit)} is {side} {high if side == 'above' else low:g}; write a band of possible values"
    return None


def impossible_number(number: float, unit: str) -> str | None:
    """Why a number is not possible in a unit, as a sentence; None if it is."""
    low, high = POSSIBLE[unit]
    if low <= number <= high:
        return None
    as_percent = unit in _PRINTED_TIMES_100 and low <= number / 100 <= high
    remedy = f"did you mean {number / 100:.12g}?" if as_percent else "write a possible value"
    return f"{_range(unit)}; {remedy}"


def _hundredth(number: re.Match[str]) -> str:
    return f"{float(number[0]) / 100:.12g}"


def _name(unit: str) -> str:
    return "difference in points" if unit == "points" else unit


def _range(unit: str) -> str:
    low, high = POSSIBLE[unit]
    if math.isinf(high):
        return f"a {_name(unit)} is never negative"
    scale = {"share": " (100 %)", "points": " (100 points)"}.get(unit, "")
    return f"a {_name(unit)} lies between {low:g} and {high:g}{scale}"
