"""What measurements and the evidence of claims contain, as far as later stages read it."""

from pathlib import Path
from typing import Any, Literal, Self

from pydantic import model_validator

from downhill.config.claim import Bands, Unit, Units
from downhill.storage.json_files import Shape, read_json

_EVIDENCE = "the evidence of a claim"

Verdict = Literal["supported", "reproduced", "refuted", "not reproduced", "undecided", "not measured"]
"""Published single runs are *reproduced* or *not reproduced*, all other claims *supported* or *refuted*."""

Bound = Literal["value", "lower", "upper"]


class _Interval(Shape):
    lower: float
    upper: float


class _WiderInterval(_Interval):
    covers: list[str]


class _Published(Shape):
    value: float
    below: float
    n: int
    p: float
    reproduced: bool | None
    sentence: str
    holds: bool


class _Part(Shape):
    name: str
    value: float | None
    lower: float | None
    upper: float | None
    n: int
    of: str
    exact: bool
    worst: tuple[float, float] | None
    infinite: list[Bound]
    covers: list[str]
    method: str
    strict: _Interval | None
    further: _WiderInterval | None
    published: _Published | None = None

    @model_validator(mode="after")
    def _has_a_value(self) -> Self:
        if self.value is None and self.worst is None and "value" not in self.infinite:
            raise ValueError("there is no value")
        return self


class _MeasuredPart(_Part):
    fewest: int


class _JudgedPart(_Part):
    unit: Unit
    band: Bands
    verdict: Verdict
    holds: bool
    why: str


class _Run(Shape):
    network: str
    seeds: list[int]
    diverged: dict[str, Any]
    stuck: dict[str, Any]


class _Diverged(Shape):
    seeds: int
    are: str


class _Common(Shape):
    family: str
    statistic: str
    confidence_level: float
    diverged: _Diverged
    note: str
    data: dict[str, Any]
    runs: list[_Run]


class MeasurementShape(_Common):
    """What `claims.measure` writes."""

    why_not: str | None
    parts: list[_MeasuredPart]
    experiments: dict[str, Any]


class EvidenceShape(_Common):
    """What `claims.judge` writes."""

    claim: str
    statement: str
    source: str
    said: float | None
    measures: str
    unit: Units
    band: Bands
    figures: list[str]
    limits: str
    verdict: Verdict
    holds: bool
    why: str
    parts: list[_JudgedPart]
    inputs: dict[str, Any]


def read_evidence(path: Path) -> dict[str, Any]:
    """Read the evidence of a claim; DownhillError if the file is missing, damaged or something else."""
    return read_json(path, _EVIDENCE, EvidenceShape)  # type: ignore[no-any-return]
