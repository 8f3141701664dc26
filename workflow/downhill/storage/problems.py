"""Files that cannot be read, written or used: what is wrong with them, and the remedy.

Messages suggest deleting only files that a stage has made: those listed in a record, next to them or in their folder.
"""

import errno
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from downhill.errors import DownhillError
from downhill.storage.file_names import RECORD

_FULL = (errno.ENOSPC, errno.EDQUOT)
_OF_CONTENT = (None, errno.EINVAL)  # raised by libraries for damaged files
_NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)


def cannot_write(path: Path, error: OSError) -> DownhillError:
    """The error that reports why a file or folder cannot be written, and the remedy."""
    if problem := wrong_kind(path, error):
        return DownhillError(f"cannot write {path}: {problem}")
    remedy = "make its folder writable" if error.errno in _NOT_ALLOWED else "name another path"
    remedy = "free some space" if error.errno in _FULL else remedy
    return DownhillError(
        f"cannot write {path}: {error.strerror or error}; {remedy}, then run the same command again"
    )


def cannot_read(path: Path, what: str, error: Exception) -> DownhillError:
    """The error that reports why a file that a stage needs cannot be read, and the remedy.

    Parameters
    ----------
    path
        The file.
    what
        What it should be, such as "the evidence of a claim".
    error
        What happened: an error of the system, or of whatever reads the content.
    """
    if isinstance(error, FileNotFoundError):
        return DownhillError(f"{path} does not exist; run the stage that makes it first")
    if not isinstance(error, OSError) or error.errno in _OF_CONTENT:
        return unusable(path, what, str(error) or type(error).__name__)
    if problem := wrong_kind(path, error):
        return DownhillError(f"{path} cannot be read: {problem}")
    remedy = "make it readable" if error.errno in _NOT_ALLOWED else "check the disk"
    return DownhillError(
        f"{path} cannot be read: {error.strerror or error}; {remedy}, then run the same command again"
    )


def wrong_kind(path: Path, error: OSError) -> str:
    """What to name instead of a file where there must be a folder, or the other way round; empty for other errors."""
    if error.errno == errno.EISDIR:
        return "it is a folder; name a file"
    if error.errno in (errno.ENOTDIR, errno.EEXIST) and (file := file_in_the_way(path)):
        return f"{file} is a file; name a folder"
    return ""


def file_in_the_way(folder: Path) -> Path | None:
    """The part of a folder's path that is a file, so that the folder can neither exist nor be made."""
    existing = next((path for path in (folder, *folder.parents) if path.exists()), None)
    return existing if existing and not existing.is_dir() else None


def unusable(path: Path, what: str, problem: str = "") -> DownhillError:
    """The error for a file that was read, but is not what it should be.

    Parameters
    ----------
    path
        The file.
    what
        What it should be, such as "the evidence of a claim".
    problem
        What is wrong with it, if more is known.
    """
    why = f" ({' '.join(problem.split())})" if problem else ""
    if path.name == RECORD:
        return DownhillError(f"{path} is damaged{why}; delete it and run again")
    record = _record_with(path)
    if record is None:
        return DownhillError(
            f"{path} is not {what}{why}, and no {RECORD} says that a stage made it; name another file"
        )
    if _checksum(path) == record["sha256"]:
        return DownhillError(
            f"{path} is not {what}{why}, but what the stage '{record['stage']}' made; name another file, or, if it was "
            "made by another version or with other settings, delete it and run again"
        )
    return DownhillError(f"{path} is damaged{why}; delete it and run again")


def _record_with(path: Path) -> dict[str, Any] | None:
    """The stage that made a file, and its checksum, from the record that lists it; None without such a record."""
    for record in (path.with_suffix("") / RECORD, path.parent / RECORD):
        try:
            found = json.loads(record.read_text(encoding="utf-8"))
            outputs = found["outputs"]
            if (name := Path(os.path.relpath(path, record.parent)).as_posix()) in outputs:
                return {"stage": found["stage"], "sha256": outputs[name]["sha256"]}
        except (OSError, ValueError, KeyError, TypeError):  # there is no record, or it is damaged
            continue
    return None


def _checksum(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
