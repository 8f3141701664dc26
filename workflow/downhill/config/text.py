"""Names and text in settings: what can be part of a path, passed to a command, and printed in one line."""

import re
import unicodedata
from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field

from downhill.errors import UNPRINTABLE

NAME = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"  # names that appear in paths and commands
LONGEST_NAME = 100  # so that names of files, which consist of up to two names, stay below 255 bytes
LONGEST_TEXT = 2000  # in a title or a statement; a command on Linux holds at most 131,072 bytes
FOLDER = r"^[A-Za-z0-9_./][A-Za-z0-9_./-]*$"


def one_line(text: str) -> str:
    """Text on one line: runs of spaces, tabs and line breaks become one space, and those at the ends are removed."""
    return re.sub(r"[ \t\r\n\v\f]+", " ", text).strip(" ")


def printable(text: str) -> str:
    """The same text; ValueError if one of its characters cannot be printed."""
    if found := UNPRINTABLE.search(text):
        raise ValueError(f"the text contains U+{ord(found[0]):04X}, which cannot be printed; remove it")
    return text


def visible(text: str) -> str:
    """What can be seen of a text: without characters of no width, and the same for all ways to write a letter."""
    shown = "".join(character for character in text if unicodedata.category(character) != "Cf")
    return unicodedata.normalize("NFC", shown).strip()


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("the text is empty; fill it in")
    return text


def folder(path: str) -> str:
    """A path in its simplest form: `./out//` is `out`. ValueError for the working directory itself."""
    plain = str(PurePosixPath(path))
    if PurePosixPath(plain).name in ("", ".."):
        raise ValueError(f"'{path}' cannot be used; name a separate folder, such as results")
    if any(len(part) > 2 * LONGEST_NAME for part in plain.split("/")):
        raise ValueError(
            f"a name in the path has more than {2 * LONGEST_NAME} characters; choose a shorter one"
        )
    return plain


Name = Annotated[str, Field(pattern=NAME, max_length=LONGEST_NAME)]
PathText = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(printable)]
RequiredPath = Annotated[PathText, AfterValidator(_not_empty)]
Text = Annotated[str, Field(max_length=LONGEST_TEXT), AfterValidator(one_line), AfterValidator(printable)]
RequiredText = Annotated[Text, AfterValidator(_not_empty)]
ClassName = Annotated[
    str, Field(max_length=LONGEST_NAME), AfterValidator(one_line), AfterValidator(printable)
]
Folder = Annotated[str, Field(pattern=FOLDER), AfterValidator(folder)]
