"""Settings as text: for Snakemake, which compares it to decide whether a job must run again, and for commands."""

import json
import os
import shlex
from typing import Any

from pydantic import BaseModel

from downhill.errors import DownhillError

MOST_BYTES_OF_ROWS = 45_000
"""Most bytes of the rows of a table in a command, which holds at most 131,072 bytes on Linux, of up to two tables."""


def settings_of(model: BaseModel) -> dict[str, Any]:
    """The settings that differ from their defaults, ready for JSON.

    Neutral defaults are left out, so that a new setting with a neutral default does not affect existing results.
    (A test pins every default: changing one would give existing results a new meaning.)
    """
    return model.model_dump(mode="json", exclude_defaults=True)


def canonical(settings: BaseModel | dict[str, Any]) -> str:
    """Settings as JSON, the same text for the same settings, without neutral defaults."""
    values = settings_of(settings) if isinstance(settings, BaseModel) else settings
    return json.dumps(values, sort_keys=True, ensure_ascii=False)


def as_argument(settings: BaseModel | dict[str, Any] | str) -> str:
    """Settings as canonical text, or any other text, as an argument of a command.

    Python encodes arguments in the system's encoding, which may lack letters of the text. The result is a string
    that Python encodes as the UTF-8 bytes of the text. If the system uses UTF-8, this is the text itself.
    """
    text = settings if isinstance(settings, str) else canonical(settings)
    return os.fsdecode(text.encode("utf-8", "surrogateescape"))


def check_argument(rows: BaseModel, path: str) -> None:
    """Check that the rows of a table can be passed on to a command, in which quotes take up several bytes.

    Raises
    ------
    DownhillError
        If they have more bytes than `MOST_BYTES_OF_ROWS`.
    """
    size = len(shlex.quote(as_argument(rows)).encode("utf-8", "surrogateescape"))
    if size > MOST_BYTES_OF_ROWS:
        raise DownhillError(
            f"{path}: its rows have {size:,} bytes, but a command can pass on {MOST_BYTES_OF_ROWS:,}; shorten or "
            "remove some"
        )


def from_argument(word: str) -> str:
    """The text of an argument: UTF-8 as from `as_argument`, otherwise in the encoding of the system."""
    try:
        return os.fsencode(word).decode()
    except UnicodeError:
        return word
