"""Text from the tables of a study is text, never markup, wherever it goes."""

import re
from collections.abc import Callable
from typing import Any

from downhill.errors import UNPRINTABLE


def without_controls(text: str) -> str:
    """The text on one line, with a space for characters that control a terminal or cannot be written."""
    return re.sub(f"({UNPRINTABLE.pattern})+", " ", text)


def every_text(value: Any, change: Callable[[str], str]) -> Any:
    """A copy of nested lists and dictionaries in which each text is changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: every_text(one, change) for key, one in value.items()}
    return [every_text(one, change) for one in value] if isinstance(value, list) else value


def markdown(text: str) -> str:
    r"""The text as Markdown that is rendered as this text, in paragraphs, headings, lists and cells of tables.

    `|` becomes an entity, since in a table `\|` ends a cell in some programs. `$` gets an element of its own, which is
    how GitHub tells it from a formula.
    """
    text = re.sub(r"[\\`*_\[\]<>&~#]|^[-+](?=[-\s]|$)", r"\\\g<0>", without_controls(text).strip())
    text = re.sub(r"^(\d+)([.)])(?=\s|$)", r"\1\\\2", text)
    return text.replace("|", "&#124;").replace("$", "<span>$</span>")


def restructured_text(text: str) -> str:
    """The text as reStructuredText that is rendered as this text, in one paragraph."""
    words = " ".join(without_controls(text).split())
    escaped = "".join(one if one.isalnum() or one == " " else f"\\{one}" for one in words)
    return f"\\ {escaped}" if escaped.startswith("\\") else escaped  # a line of backslashes would be a rule
