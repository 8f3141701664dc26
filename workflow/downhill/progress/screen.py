"""Where progress is shown: a terminal, with a bar in its last line, or a file or pipe, which gets whole lines."""

import os
import sys
from collections.abc import Sequence
from typing import TextIO

_CLEAR = "\r\x1b[2K"
_COLOURS = {"bar": "\x1b[32m", "error": "\x1b[31m"}
_PLAIN = "\x1b[0m"
_BAR, _SHORT_BAR, _WIDE = 20, 10, 90  # columns
_LEAST = 8  # characters of a part that is cut


class Screen:
    """Text with a bar below it.

    Parameters
    ----------
    stream
        Where to write; only a terminal that can move its cursor gets a bar and colours.
    colours
        Whether colours are wanted; the variable NO_COLOR switches them off as well (https://no-color.org).
    """

    def __init__(self, stream: TextIO | None = None, colours: bool = True) -> None:
        self._stream = sys.stderr if stream is None else stream
        self.live = self._stream.isatty() and os.environ.get("TERM", "dumb") != "dumb"
        self._colours = self.live and colours and not os.environ.get("NO_COLOR")
        self._full, self._empty, self._between, self._cut = (
            ("█", "░", "·", "…") if self._can_show("█░·…") else ("#", ".", "-", "...")
        )
        self._bar = ""

    def write(self, text: str, colour: str = "") -> None:
        """Write lines above the bar."""
        start, end = (_COLOURS[colour], _PLAIN) if colour and self._colours else ("", "")
        clear = _CLEAR if self._bar else ""
        self._stream.write(f"{clear}{start}{text}{end}\n{self._bar}")
        self._stream.flush()

    def show(self, share: float, parts: Sequence[str]) -> None:
        """Show the bar and what stands behind it; what does not fit into the line is left out, from the end."""
        width = self._width() - 1
        length = _BAR if width >= _WIDE else _SHORT_BAR
        text = self._fitting(parts, width - length - 1)
        full = int(length * min(max(share, 0.0), 1.0))
        start, end = (_COLOURS["bar"], _PLAIN) if self._colours else ("", "")
        bar = f"{start}{self._full * full}{end}{self._empty * (length - full)} "
        # A line that is longer than the terminal could not be removed again.
        line = bar + text if length + 1 + len(text) <= width else text[:width]
        if line != self._bar:
            self._stream.write((_CLEAR if self._bar else "") + line)
            self._stream.flush()
            self._bar = line

    def clear(self) -> None:
        """Remove the bar."""
        if self._bar:
            self._bar = ""
            self._stream.write(_CLEAR)
            self._stream.flush()

    def _fitting(self, parts: Sequence[str], width: int) -> str:
        """The first parts, as many as fit; the last of all may be cut."""
        text = parts[0]
        for place, part in enumerate(parts[1:], start=2):
            longer = f"{text} {self._between} {part}"
            if len(longer) > width:
                room = width - len(text) - 3 - len(self._cut)
                cut = place == len(parts) and room >= _LEAST
                return f"{text} {self._between} {part[:room]}{self._cut}" if cut else text
            text = longer
        return text

    def _width(self) -> int:
        try:
            return os.get_terminal_size(self._stream.fileno()).columns or 80
        except (OSError, ValueError):
            return 80

    def _can_show(self, characters: str) -> bool:
        try:
            characters.encode(self._stream.encoding or "ascii")
        except (UnicodeError, LookupError):
            return False
        return True
