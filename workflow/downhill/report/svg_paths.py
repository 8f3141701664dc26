"""Shorter numbers and path data for SVG."""

import re
from collections.abc import Iterable, Sequence

_TOKENS = re.compile(r"[A-Za-z]|[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_NUMBERS = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}  # of each command that is shortened


def short_number(number: float, digits: int = 2) -> str:
    """A number with at most `digits` decimals and no character too many: `0.50` is `.5`, `-0.0` is `0`."""
    return _written(round(number * 10**digits), digits)


def short_path(data: str, digits: int = 2) -> str:
    """The same path in relative coordinates, with few decimals.

    Each point is rounded where it lies, so that errors do not add up along a path.

    Parameters
    ----------
    data
        Path data with absolute M, L, Q, C and Z, as Matplotlib writes it. Any other path is returned as it is, with
        single spaces.
    digits
        Decimals to keep.

    Returns
    -------
    str
        Path data. Segments that have no length after rounding are left out, unless nothing else would be left to
        draw of a subpath.
    """
    commands = _commands(data)
    if commands is None:
        return " ".join(data.split())
    return _joined(_relative(commands, digits), digits)


def _commands(data: str) -> list[tuple[str, list[float]]] | None:
    """Commands with their numbers, those that repeat a command included; None if there is one that is not shortened."""
    found: list[tuple[str, list[float]]] = []
    name: str = ""
    numbers: list[float] = []
    for token in _TOKENS.findall(data):
        if token.isalpha():
            if numbers or token.upper() not in _NUMBERS or (token.islower() and token != "z"):
                return None
            name = token.upper()
            if name == "Z":
                found.append((name, []))
            continue
        numbers.append(float(token))
        if len(numbers) == _NUMBERS.get(name, 0):
            found.append((name, numbers))
            name, numbers = ("L" if name == "M" else name), []
    return None if numbers or not found or found[0][0] != "M" else found


def _relative(commands: Iterable[tuple[str, Sequence[float]]], digits: int) -> list[tuple[str, list[int]]]:
    """Relative commands whose numbers count units of the last decimal."""
    found: list[tuple[str, list[int]]] = []
    x = y = 0
    start = (0, 0)
    for name, numbers in commands:
        if name == "Z":
            found.append(("z", []))
            x, y = start
            continue
        whole = [round(number * 10**digits) for number in numbers]
        steps = [number - (y if place % 2 else x) for place, number in enumerate(whole)]
        x, y = whole[-2:]
        if name == "M":
            start = (x, y)
            found.append(("m", steps))
        elif name != "L":
            found.append((name.lower(), steps))
        elif any(steps):
            found.append(_line(*steps))
        elif found[-1][0] == "m":
            found.append(("h", [0]))  # a dot, which a round or square end of the line makes visible
    return found


def _line(across: int, down: int) -> tuple[str, list[int]]:
    if not down:
        return "h", [across]
    return ("l", [across, down]) if across else ("v", [down])


def _joined(commands: Iterable[tuple[str, Sequence[int]]], digits: int) -> str:
    """Path data with each command named once for a run of it, and no separator where a sign or a point is one."""
    parts: list[str] = []
    last, previous = "", ""
    for name, numbers in commands:
        named = name != last or name in "mz"
        if named:
            parts.append(name)
        last = "l" if name == "m" else name
        for place, number in enumerate(numbers):
            text = _written(number, digits)
            follows = not (named and place == 0)
            if follows and text[0] != "-" and not (text[0] == "." and "." in previous):
                parts.append(" ")
            parts.append(text)
            previous = text
    return "".join(parts)


def _written(units: int, digits: int) -> str:
    """`units` of the last decimal as text."""
    sign, units = ("-" if units < 0 else ""), abs(units)
    whole, rest = divmod(units, 10**digits)
    decimals = f"{rest:0{digits}d}".rstrip("0") if rest else ""
    return f"{sign}{whole or ('' if decimals else 0)}{'.' if decimals else ''}{decimals}"
