"""A claim: the statement, the statistic that tests it, and the band that decides. One row of `claims.tsv`."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, WithJsonSchema

from downhill.config import functions
from downhill.config.band import SINGLE_RUN, parse_bands
from downhill.config.reading import parse_yaml
from downhill.config.text import LONGEST_NAME, RequiredText, Text
from downhill.errors import DownhillError

Unit = Literal["share", "points", "correlation", "count", "ratio", "number"]


def _bands(text: str) -> str:
    parse_bands(text)
    return "; ".join(part.strip() for part in text.split(";"))


def _units(text: str) -> str:
    units = [unit.strip() for unit in text.split(";")]
    for unit in units:
        if unit not in get_args(Unit):
            raise ValueError(f"'{unit}' is not one of {', '.join(get_args(Unit))}")
    return "; ".join(units)


def read_names(value: Any) -> Any:
    """Read a comma-separated cell as a tuple of names."""
    if isinstance(value, str):
        return tuple(name.strip() for name in value.split(",") if name.strip())
    return value


def read_options(value: Any) -> Any:
    """Read a cell such as `images: 1000, kind: uniform` as a mapping; ValueError if it is not one."""
    if not isinstance(value, str):
        return value
    try:
        options = parse_yaml("{" + value + "}", "options")
    except DownhillError as error:
        raise ValueError(
            f"'{value}' is not a list of options; write them like images: 1000, kind: uniform"
        ) from error
    if any(option is None for option in options.values()):
        raise ValueError(
            f"'{value}' has an option without a value; write options like images: 1000, kind: uniform"
        )
    return options


Bands = Annotated[str, AfterValidator(_bands)]
Units = Annotated[str, AfterValidator(_units)]
Names = Annotated[tuple[Text, ...], BeforeValidator(read_names)]
Options = Annotated[dict[str, Annotated[JsonValue, WithJsonSchema({})]], BeforeValidator(read_options)]


def figure_ids(claim: str, figures: Iterable[str]) -> tuple[str, ...]:
    """Names of a claim's figure files, without suffix, e.g. `ninety-six-accuracy-distribution`."""
    return tuple(f"{claim}-{figure.replace('_', '-')}" for figure in figures)


def single_run_claims(claims: Mapping[str, "Claim"]) -> list[str]:
    """Names of the claims that compare a published single run with ours, in the order of the table."""
    return [name for name, claim in claims.items() if claim.band == SINGLE_RUN]


class MeasuredClaim(BaseModel):
    """What a measurement depends on: not the statement, its source, the band, or the names of figures."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    family: str
    statistic: str
    networks: tuple[str, ...] = ()
    experiments: tuple[str, ...] = ()
    options: dict[str, Any] = {}


class Claim(BaseModel):
    """A statement and how it is tested."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: str = Field(
        description="Short name.", pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=LONGEST_NAME
    )
    family: str = Field(
        description="Module of `downhill.claims` that measures it and of `downhill.figures` that draws it.",
        pattern=r"^[a-z_]+$",
        max_length=LONGEST_NAME,
    )
    statement: RequiredText = Field(description="What the source says.")
    source: RequiredText = Field(description="Who says it.")
    said: float | None = Field(
        None, allow_inf_nan=False, description="The number that the source gives, if any."
    )
    statistic: str = Field(description="Function of the family's module that measures it.")
    networks: Names = Field(
        (),
        description="Networks that it is measured on, comma-separated; `shape-*` means all that match.",
    )
    experiments: Names = Field((), description="Experiments that it is measured on, comma-separated.")
    options: Options = Field(
        {}, description="Options of the statistic, such as `images: 1000, kind: uniform`."
    )
    unit: Units = Field(
        description="Unit of the statistic: `share` (printed as per cent), `points` (percentage points), "
        "`correlation`, `count`, `ratio` or `number` (any other number); if the parts of a statistic have different "
        "units, one per part, separated by `;`."
    )
    band: Bands = Field(
        description="Values that support the claim: `= x`, `> x`, `< x` or `x to y`; with `all` "
        "before it, every single case must lie inside; `;` separates the bands of several parts. `single run` "
        "compares a number that somebody published (`said`) with single runs of the study."
    )
    figures: Names = Field((), description="Functions of the family's figure module, comma-separated.")

    def figure_ids(self) -> tuple[str, ...]:
        """Names of the claim's figure files, without suffix, e.g. `ninety-six-accuracy-distribution`."""
        return figure_ids(self.claim, self.figures)

    def measures(self) -> str:
        """What its statistic measures, with its options."""
        return functions.description("claims", self.family, self.statistic, self.options)

    def measured(self) -> MeasuredClaim:
        """What its measurement depends on; `said` is an option of the statistics that take it."""
        takes_said = "said" in functions.options("claims", self.family, self.statistic)
        said = {"said": self.said} if takes_said and self.said is not None else {}
        return MeasuredClaim(
            family=self.family,
            statistic=self.statistic,
            networks=self.networks,
            experiments=self.experiments,
            options=self.options | said,
        )

    def units(self, parts: int) -> tuple[str, ...]:
        """The unit of each part; a single unit applies to all of them."""
        units = tuple(unit.strip() for unit in self.unit.split(";"))
        return units * parts if len(units) == 1 else units
