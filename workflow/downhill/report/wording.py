"""Numbers, intervals and bands as text, the same in tables and figures."""

from typing import Any

from downhill.config.claim import Band


def number(value: float | None, unit: str) -> str:
    """A statistic as text in its unit: `95.31 %`, `12.4 points`, `13,002`."""
    if value is None:
        return "–"
    if unit == "share":
        return f"{100 * value:.2f} %"
    if unit == "points":
        return f"{100 * value:.2f} points"
    return f"{value:,.0f}" if unit == "count" else f"{value:.3f}"


def interval(evidence: dict[str, Any]) -> str:
    """The interval as text: `95.20 % to 95.43 %`, `exact`, or a dash."""
    if evidence["exact"]:
        return "exact"
    if evidence["lower"] is None:
        return "–"
    return f"{number(evidence['lower'], evidence['unit'])} to {number(evidence['upper'], evidence['unit'])}"


def band_text(evidence: dict[str, Any]) -> str:
    """The claim's band in the unit of its statistic: `95.5 % to 96.5 %`."""
    band, unit = Band.parse(evidence["band"]), evidence["unit"]
    scale, suffix = {"share": (100, " %"), "points": (100, " points")}.get(unit, (1, ""))
    ends = [
        f"{round(scale * end, 6):,g}" if scale > 1 else number(end, unit) for end in (band.lower, band.upper)
    ]
    if band.kind == "between":
        return f"{ends[0]}{suffix} to {ends[1]}{suffix}"
    words = {"exactly": "exactly", "contains": "the interval holds"}.get(band.kind, band.kind)
    return f"{words} {ends[1] if band.kind == 'below' else ends[0]}{suffix}"
