"""Snakemake's own records of the files that it made: whether there is one, and the parameters that it compares."""

import json
import os
from base64 import urlsafe_b64encode
from functools import cache
from pathlib import Path

_FOLDER = ".snakemake"


def has_record(file: str) -> bool:
    """Whether Snakemake knows a file: it has recorded how it was made, or that it is incomplete."""
    name = _name(file)
    return any(os.path.exists(f"{_FOLDER}/{kind}/{name}") for kind in ("metadata", "incomplete"))  # noqa: PTH110


def recorded_params(file: str) -> set[str] | None:
    """The parameters of the job that made a file, each as `repr`; None if Snakemake makes the file again anyway.

    (That is the case if it is incomplete. Without a record, the set is empty.)
    """
    if Path(_FOLDER, "incomplete", _name(file)).exists():
        return None
    try:
        record = json.loads(Path(_FOLDER, "metadata", _name(file)).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return set()
    return set(record.get("params") or ())


def _name(file: str) -> str:
    """The path of a record inside its folder: the file's path in base 64, cut where file names would be too long."""
    text = urlsafe_b64encode(file.encode()).decode()
    size = _longest_name() - 1
    parts = [text[start : start + size] for start in range(0, len(text), size)]
    return "/".join([*("@" + part for part in parts[:-1]), parts[-1]])


@cache
def _longest_name() -> int:
    try:
        return os.pathconf(_FOLDER, "PC_NAME_MAX") or 255
    except OSError:  # there is no such folder yet
        return 255
