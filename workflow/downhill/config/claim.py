"""A claim: what is said, which statistic tests it, and the band that decides. One row of `claims.tsv`."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Unit = Literal["share", "points", "correlation", "count", "ratio"]

_NUMBER = r"([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)"
_BANDS: dict[str, str] = {
    rf"= *{_NUMBER}": "exactly",
    rf"> *{_NUMBER}": "above",
    rf"< *{_NUMBER}": "below",
    rf"contains *{_NUMBER}": "contains",
    rf"{_NUMBER} +to +{_NUMBER}": "between",
}


@dataclass(frozen=True)
class Band:
    """The values that support a claim, fixed before any result is seen.

    `kind` is `above`, `below` or `between` (bounds `lower`, `upper`), `exactly` (one value, no
    interval needed), or `contains` (the interval must hold the value `lower` = `upper`).
    """

    kind: str
    lower: float
    upper: float

    @classmethod
    def parse(cls, text: str) -> "Band":
        """Read `= 13002`, `> 0.9`, `< 0.03`, `0.955 to 0.965` or `contains 0.1`; ValueError otherwise."""
        for pattern, kind in _BANDS.items():
            if match := re.fullmatch(pattern, text.strip()):
                numbers = [float(number) for number in match.groups()]
                lower = float("-inf") if kind == "below" else numbers[0]
                upper = float("inf") if kind == "above" else numbers[-1]
                if lower > upper:
                    raise ValueError(f"band '{text}' ends before it begins; write the smaller number first")
                return cls(kind, lower, upper)
        raise ValueError(
            f"band '{text}' is not understood; write '= 13002', '> 0.9', '< 0.03', '0.955 to 0.965' or 'contains 0.1'"
        )


def _band(text: str) -> str:
    Band.parse(text)
    return text.strip()


def _names(value: Any) -> Any:
    """Read a comma-separated cell as a tuple of names."""
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    return value


Names = Annotated[tuple[str, ...], BeforeValidator(_names), Field(min_length=1)]


class Claim(BaseModel):
    """One sentence of the lessons and how it is put to the test."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: str = Field(description="Short name.", pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")
    family: str = Field(
        description="Module of `downhill.claims` that measures it and of `downhill.figures` that draws it.",
        pattern=r"^[a-z_]+$",
    )
    statement: str = Field(description="What the lessons say.", min_length=1)
    source: str = Field(description="Who says it.", min_length=1)
    statistic: str = Field(description="Function of the family's module that measures it.")
    networks: Names = Field(description="Networks that it is measured on, comma-separated.")
    unit: Unit = Field(
        description="Unit of the statistic: `share` is printed as per cent, `points` as percentage points."
    )
    band: Annotated[str, AfterValidator(_band)] = Field(description="Values that support the claim.")
    figures: Names = Field(description="Functions of the family's figure module, comma-separated.")

    def figure_ids(self) -> tuple[str, ...]:
        """Names of the claim's figure files, without suffix, e.g. `ninety-six-accuracy-distribution`."""
        return tuple(f"{self.claim}-{figure.replace('_', '-')}" for figure in self.figures)
