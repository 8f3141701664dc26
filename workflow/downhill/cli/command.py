"""Turn functions into commands, with their arguments and examples declared next to them."""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from downhill.config.settings import LARGEST_SEED, MOST_SEEDS

Run = Callable[[argparse.Namespace], None]


@dataclass(frozen=True)
class Command:
    """A function that runs a command, with the arguments and examples of its help page."""

    run: Run
    arguments: tuple[tuple[tuple[str, ...], dict[str, Any]], ...]
    examples: tuple[str, ...]


COMMANDS: dict[str, Command] = {}
"""All commands by name; those of one module are in the order of their definitions."""


def argument(*names: str, **details: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    """An argument of a command, as for `ArgumentParser.add_argument`."""
    return names, details


def command(
    *arguments: tuple[tuple[str, ...], dict[str, Any]], name: str = "", examples: tuple[str, ...] = ()
) -> Callable[[Run], Run]:
    """Register a function as a command under its own name, or under `name`."""

    def register(function: Run) -> Run:
        COMMANDS[name or function.__name__] = Command(function, arguments, examples)
        return function

    return register


def default_configuration() -> list[Path]:
    """The study's files: those named in DOWNHILL_CONFIG, or the default study's."""
    named = os.environ.get("DOWNHILL_CONFIG", "").split(os.pathsep)
    return [Path(name) for name in named if name] or [Path("config/config.yaml")]


def seed_range(text: str) -> range:
    """Read `3` or `0-3` as a range of seeds, each at most 2⁶³ − 1."""
    first, dash, last = text.partition("-")
    last = last if dash else first
    if not first.isdecimal() or not last.isdecimal() or int(last) < int(first):
        raise argparse.ArgumentTypeError(
            f"'{text}' is not a range of seeds; write 3, or 0-3 for the first four"
        )
    if int(last) > LARGEST_SEED:
        raise argparse.ArgumentTypeError(f"the seed {last} is too large; the largest is {LARGEST_SEED}")
    if (count := int(last) - int(first) + 1) > MOST_SEEDS:
        raise argparse.ArgumentTypeError(
            f"'{text}' covers {count:,} seeds; give at most {MOST_SEEDS:,} at a time"
        )
    return range(int(first), int(last) + 1)


def new_path(text: str) -> Path:
    """Read the path of something to write."""
    if not text:
        raise argparse.ArgumentTypeError("the path is empty; name a file or a folder")
    return Path(text)


def positive(text: str) -> int:
    """Read a whole number above 0."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return int(text)


CONFIG = argument(
    "--config", nargs="+", type=Path, default=default_configuration(), metavar="FILE",
    help="configuration, and overlays on top of it (default: $DOWNHILL_CONFIG, or config/config.yaml)",
)  # fmt: skip
SETTINGS = argument("--settings", metavar="JSON", help="settings as JSON instead of from the configuration")
EXPECTED = argument(
    "--expected", metavar="LIST",
    help="accepted inputs: stage, name and digest of settings of each, separated by ; (default: those of the study)",
)  # fmt: skip
DATA = argument("--data", type=Path, required=True, metavar="FOLDER", help="prepared data set")
EVALUATIONS = argument(
    "--evaluations", type=Path, nargs="*", default=[], metavar="FOLDER", help="evaluations, one per network"
)
STATISTICS = argument(
    "--statistics", metavar="JSON", help="settings of the intervals (default: from the study)"
)


def output(meaning: str, **details: Any) -> tuple[tuple[str, ...], dict[str, Any]]:
    """The argument that says where to write."""
    return argument("--output", type=new_path, required=True, metavar="PATH", help=meaning, **details)
