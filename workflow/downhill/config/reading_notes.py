"""What a reader should know about each claim: what was compared, and what one could misread. `reading.tsv`."""

from collections.abc import Collection
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, RootModel, model_validator

from downhill.config.canonical import check_argument
from downhill.config.reading import did_you_mean
from downhill.config.table import read_table
from downhill.config.text import RequiredText, Text
from downhill.errors import DownhillError


class ReadingNote(BaseModel):
    """What a reader should know about one claim, in plain sentences."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    claim: RequiredText = Field(description="Name of a claim; `select` may leave it out of the study.")
    controls: Text = Field(
        "", description="What was compared or varied, so that the result means what it seems to mean."
    )
    traps: Text = Field(
        "",
        description="What one could wrongly read into the result, or how it could mislead, and what was done.",
    )
    fixed: Text = Field("", description="When the band was fixed, such as a date and a commit.")
    deviations: Text = Field(
        "", description="What was changed after the band or the options had been fixed, and why."
    )

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.controls or self.traps or self.fixed or self.deviations):
            raise ValueError("all other cells are empty; fill in one of them, or remove the row")
        return self


class ReadingNotes(RootModel[tuple[ReadingNote, ...]]):
    """The reading notes of a study, in the order of their table."""

    model_config = ConfigDict(frozen=True)

    def by_claim(self) -> dict[str, ReadingNote]:
        """The notes by the name of their claim; a claim without a row has none."""
        return {note.claim: note for note in self.root}


def read_notes(
    path: str | None, claims: Collection[str], selected: Collection[str], table: str
) -> ReadingNotes:
    """Read the table of reading notes; those of claims that the study does not run are left out.

    Parameters
    ----------
    path
        The table; None for none.
    claims
        All claims of the table of claims.
    selected
        The claims that the study runs.
    table
        The table of claims, for messages.

    Raises
    ------
    DownhillError
        If the table cannot be read, names a claim that does not exist, or is too long for a command.
    """

    def known(row: ReadingNote, where: str) -> ReadingNote:
        if row.claim not in claims:
            hint = did_you_mean(row.claim, claims)
            raise DownhillError(f"{where}: there is no claim '{row.claim}' in {table}; {hint}")
        return row

    if path is None:
        return ReadingNotes(())
    rows = read_table(path, ReadingNote, key="claim", resolve=known)
    found = ReadingNotes(tuple(row for name, row in rows.items() if name in selected))
    check_argument(found, path)
    return found
