"""Numbers, intervals and bands as text, the same in tables and figures.

A *part* is one number of a claim, a dictionary with `value`, `lower`, `upper`, `n`, `exact`, `unit` and `band`
(see `claims.parts.Part`).
"""

import math
from typing import Any

from downhill.claims.wording import RANGE, percent, percent_as_given, with_minus
from downhill.config.band import SINGLE_RUN, Band


def parts_of(evidence: dict[str, Any]) -> list[dict[str, Any]]:
    """The parts of a claim, including infinite numbers; if it was not measured, one part without numbers."""
    if evidence["parts"]:
        return [part | dict.fromkeys(part["infinite"], math.inf) for part in evidence["parts"]]
    nothing: dict[str, Any] = dict.fromkeys(("value", "lower", "upper", "worst"))
    nothing |= {"name": "", "n": 0, "exact": False, "infinite": [], "covers": [], "method": "", "of": "seed"}
    nothing |= {"strict": None, "further": None, "holds": False}
    return [nothing | {key: evidence[key] for key in ("verdict", "why", "unit", "band", "said")}]


SMOKE = "Smoke run: verdicts and numbers mean nothing"
"""Marks what belongs to a study with `limits`."""


def number(value: float | None, unit: str) -> str:
    """A statistic as text in its unit: `95.31 %`, `12.40 points`, `13,002`; `beyond` if it is infinite."""
    if value is None:
        return "–"
    if math.isinf(value):
        return "beyond"
    if unit == "share":
        return percent(value)
    if unit == "points":
        return f"{with_minus(f'{100 * value:.2f}')} points"
    return with_minus(_plain(value, unit))


def _plain(value: float, unit: str) -> str:
    if unit == "count":
        return f"{value:,.0f}"
    if abs(value) >= 10:
        return f"{value:,.1f}"
    # Rounded to three decimals it would be 1, and it is not 1 but for rounding.
    if 0.9995 <= abs(value) < 1 - 1e-9:
        digits = next((digits for digits in range(5, 12) if round(abs(value), digits) < 1), 12)
        return f"{value:.{digits}f}"
    return f"{value:.3f}" if value == 0 or abs(value) >= 0.1 else f"{value:.3g}"


def said(share: float, unit: str) -> str:
    """A number that a source gives, with as many digits as the source gives: `96 %`, `95.42 %`."""
    return percent_as_given(share) if unit == "share" else number(share, unit)


def interval(part: dict[str, Any]) -> str:
    """The interval as text: `95.20 % to 95.43 %`, `exact`, `worst case`, or a dash if there is none."""
    if part["exact"]:
        return "exact"
    if part.get("worst"):
        return "worst case"
    if part["lower"] is None:
        return "–"
    return " to ".join(number(part[end], part["unit"]) for end in ("lower", "upper"))


def condition(part: dict[str, Any], capital: bool = False) -> str:
    """When a claim or a part is supported, or reproduced: `supported when above 90 %`."""
    verdict = "reproduced" if part["band"] == SINGLE_RUN else "supported"
    return f"{verdict.capitalize() if capital else verdict} when {band_text(part)}"


def interval_name(part: dict[str, Any], level: float) -> str:
    """What the interval of a part is: `95 % interval`, or the range of single runs."""
    return RANGE if part.get("method") == RANGE else f"{percent_as_given(level)} interval"


def band_text(part: dict[str, Any]) -> str:
    """The band in the unit of the statistic: `between 95.5 % and 96.5 %`; several bands are separated by semicolons."""
    if part["band"] == SINGLE_RUN:
        published = part["published"]["value"] if "published" in part else part.get("said")
        value = "the published value" if published is None else said(published, part["unit"])
        return f"{value} lies within the range of single runs"
    units = part["unit"].split(";")
    bands = part["band"].split(";")
    units = units * len(bands) if len(units) == 1 else units
    return "; ".join(_band(text, unit.strip()) for text, unit in zip(bands, units, strict=True))


def _band(text: str, unit: str) -> str:
    band = Band.parse(text)
    scale, suffix = {"share": (100, " %"), "points": (100, " points")}.get(unit, (1, ""))
    ends = [
        with_minus(f"{round(scale * end, 6):,g}") if scale > 1 or unit != "count" else number(end, unit)
        for end in (band.lower, band.upper)
    ]
    if unit == "points" and "1" in ends and band.kind != "between":
        suffix = " point"
    every = "all " if band.universal else ""
    if band.kind == "between":
        return f"{every}between {ends[0]}{suffix} and {ends[1]}{suffix}"
    return f"{every}{band.kind} {ends[1] if band.kind == 'below' else ends[0]}{suffix}"
