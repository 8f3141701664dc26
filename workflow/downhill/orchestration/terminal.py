"""Output that any terminal and any log can show, whatever its encoding."""

import codecs
import sys
import unicodedata
from io import TextIOWrapper

_PLAIN = dict(zip("✔✘✱×·≈−–—─‐‑‘’′“”„⁄├└│", "+x*x*~------'''\"\"\"/|`|", strict=True)) | {
    "±": "+/-",
    "≤": "<=",
    "≥": ">=",
    "→": "->",
    "←": "<-",
    "∞": "inf",
    "√": "sqrt",
    "ß": "ss",
}
"""What is printed instead of a sign that an encoding lacks; a sign in a table is one character wide."""


def adapt_output() -> None:
    """Let the output of this process replace what its encoding lacks, where Python would raise an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=_replaced.__name__)


def _replaced(error: UnicodeError) -> tuple[bytes, int]:
    """An error handler, see `codecs.register_error`."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return b"".join(map(_in_ascii, error.object[error.start : error.end])), error.end


def _in_ascii(character: str) -> bytes:
    if "\udc80" <= character <= "\udcff":  # a byte of a file name that Python could not decode
        return character.encode("ascii", "surrogateescape")
    parts = [part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part)]
    plain = "".join(_PLAIN.get(part, part) for part in _PLAIN.get(character, parts))
    return (plain if plain.isascii() else character).encode("ascii", "backslashreplace")


codecs.register_error(_replaced.__name__, _replaced)
