"""Contradictions: two sentences that do not fit together, and the claims that bear on them. `contradictions.tsv`."""

from collections.abc import Collection
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel

from downhill.config.canonical import check_argument
from downhill.config.claim import Names
from downhill.config.selection import matching
from downhill.config.table import read_table
from downhill.config.text import LONGEST_NAME, RequiredText


def _not_empty(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names:
        raise ValueError("no claim is named; name at least one")
    return names


class Contradiction(BaseModel):
    """Two sentences that do not fit together, and the claims that bear on them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    contradiction: str = Field(
        description="Short name.", pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=LONGEST_NAME
    )
    title: RequiredText = Field(description="Its heading.")
    statement: RequiredText = Field(description="One of the two sentences.")
    source: RequiredText = Field(description="Who says it.")
    other_statement: RequiredText = Field(description="The other sentence.")
    other_source: RequiredText = Field(description="Who says the other sentence.")
    claims: Annotated[Names, AfterValidator(_not_empty)] = Field(
        description="Claims that bear on it, comma-separated; `nielsen-*` means all that match. `select` may leave "
        "them out of the study."
    )


class Contradictions(RootModel[tuple[Contradiction, ...]]):
    """The contradictions of a study, in the order of their table."""

    model_config = ConfigDict(frozen=True)


def read_contradictions(path: str | None, claims: Collection[str], table: str) -> Contradictions:
    """Read the table of contradictions, with the names of the claims that their patterns match.

    Parameters
    ----------
    path
        The table; None for none.
    claims
        All claims of the table of claims, whether or not the study runs them.
    table
        The table of claims, for messages.

    Raises
    ------
    DownhillError
        If the table cannot be read, names a claim that does not exist, or is too long for a command.
    """

    def resolved(row: Contradiction, where: str) -> Contradiction:
        names = matching(row.claims, claims, f"{where}, claims", table, "claim")
        return row.model_copy(update={"claims": names})

    if path is None:
        return Contradictions(())
    rows = read_table(path, Contradiction, key="contradiction", resolve=resolved)
    found = Contradictions(tuple(rows.values()))
    check_argument(found, path)
    return found
