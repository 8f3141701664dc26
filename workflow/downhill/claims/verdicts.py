"""Verdicts: comparing an interval with a band, and how many seeds would decide a claim."""

import math

from downhill.claims.inference import Interval
from downhill.config.band import Band

_MOST_SEEDS = 1e9  # a larger number is not useful advice


def verdict(value: float, interval: Interval | None, band: Band, exact: bool = False) -> str:
    """`supported`, `refuted` or `undecided`: the interval entirely inside the band, outside, or across an edge.

    An exact statistic (a count, an identity) needs no interval. With a band of kind `contains`, the interval must
    hold the band's value.
    """
    if exact:
        interval = Interval(value, value)
    if interval is None or any(map(math.isnan, interval)):
        return "undecided"
    if band.kind == "contains":
        return "supported" if interval.lower <= band.lower <= interval.upper else "refuted"
    if band.kind in ("exactly", "between"):
        inside = band.lower <= interval.lower and interval.upper <= band.upper
        outside = interval.upper < band.lower or interval.lower > band.upper
    else:  # `> x` and `< x` leave x itself outside
        inside = band.lower < interval.lower and interval.upper < band.upper
        if band.kind == "above":
            inside = band.lower < interval.lower
        outside = interval.upper <= band.lower or interval.lower >= band.upper
    return "supported" if inside else "refuted" if outside else "undecided"


def worst_case(smallest: float, largest: float, band: Band) -> float:
    """Of all cases from `smallest` to `largest`, the one farthest outside the band, or else nearest to its edge."""
    above, below = largest - band.upper, band.lower - smallest
    return largest if above > below else smallest


def seeds_to_decide(value: float, interval: Interval | None, band: Band, n: int) -> int | None:
    """The approximate number of seeds with which the interval would no longer cross the nearest edge of the band.

    The width of an interval shrinks as 1/√n. None if no number is enough: the value lies (almost) on the edge,
    or there is no interval.
    """
    if interval is None or not all(map(math.isfinite, (value, *interval))):
        return None
    edges = [edge for edge in (band.lower, band.upper) if math.isfinite(edge)]
    distance = min(abs(value - edge) for edge in edges)
    half_width = max(value - interval.lower, interval.upper - value)
    if distance == 0 or half_width == 0:
        return None
    ratio = half_width / distance
    seeds = n * ratio * ratio
    return math.ceil(seeds) if seeds < _MOST_SEEDS else None
