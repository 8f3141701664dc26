"""Files that cannot be read, written or used: what is wrong with them, and the remedy.

Messages suggest deleting only files that a stage has made: those listed in a record, next to them or in their folder.
"""

import errno
import hashlib
import json
import os
import stat
from pathlib import Path
from typing import Any

from downhill.errors import DownhillError
from downhill.storage.file_names import RECORD

A_RECORD = "a record of how a result was made"

_OF_CONTENT = (None, errno.EINVAL)  # raised by libraries for damaged files
_NOT_ALLOWED = (errno.EACCES, errno.EPERM)
_OF_DISK = (errno.EIO, errno.ESTALE, errno.ENXIO, errno.ENODEV)
_REMEDIES = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "delete some of your files on this disk, or ask for a larger quota",
    errno.EROFS: "choose a path on another disk, or remount this one as writable",
    errno.ENAMETOOLONG: "choose shorter names",
    **dict.fromkeys(_OF_DISK, "check the disk"),
}


def cannot_write(path: Path, error: OSError) -> DownhillError:
    """The error that reports why a file or folder cannot be written, and the remedy."""
    if problem := wrong_kind(path, error):
        return DownhillError(f"cannot write {path}: {problem}")
    remedy = _REMEDIES.get(error.errno or 0, "name another path")
    if error.errno in _NOT_ALLOWED:
        remedy = f"{_permission(path)}, or name another path"
    if problem := broken_link(path):
        return DownhillError(f"cannot write {path}: {problem}, then run the same command again")
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
    if isinstance(error, FileNotFoundError) or (
        isinstance(error, OSError) and error.errno not in _OF_CONTENT
    ):
        return DownhillError(unreadable(path, error, "run the stage that makes it first"))
    return unusable(path, what, str(error) or type(error).__name__)


def unreadable(path: Path, error: OSError, if_missing: str = "name another file") -> str:
    """Why the system does not let us read a file, and the remedy; the one for a missing file depends on the file."""
    if problem := broken_link(path.parent) or (broken_link(path) if error.errno == errno.ELOOP else ""):
        return f"{path} cannot be read: {problem}, then run the same command again"
    if isinstance(error, FileNotFoundError):
        return f"{path} does not exist; {if_missing}"
    if problem := wrong_kind(path, error):
        return f"{path} cannot be read: {problem}"
    remedy = _REMEDIES.get(error.errno or 0, "check the disk")
    if error.errno in _NOT_ALLOWED:
        remedy = _permission(path, to_write=False)
    return f"{path} cannot be read: {error.strerror or error}; {remedy}, then run the same command again"


def wrong_kind(path: Path, error: OSError) -> str:
    """What to name instead of a file where there must be a folder, or the other way round; empty for other errors."""
    if error.errno == errno.EISDIR:
        return "it is a folder; name a file"
    if error.errno in (errno.ENOTDIR, errno.EEXIST) and (file := file_in_the_way(path)):
        return f"{file} is a file; name a folder"
    return ""


def file_in_the_way(folder: Path) -> Path | None:
    """The part of a folder's path that is a file, so that the folder can neither exist nor be made."""
    for part in (folder, *folder.parents):
        try:
            is_folder = stat.S_ISDIR(part.stat().st_mode)
        except OSError:  # it does not exist, perhaps since a moment ago
            continue
        return None if is_folder else part
    return None


def check_usable(folder: Path) -> None:
    """Make sure that a folder exists or can be made, as far as its path shows; nothing is written.

    Raises
    ------
    DownhillError
        If part of the path is a file or a link that leads nowhere, or a name in it is too long.
    """
    try:
        is_folder = stat.S_ISDIR(folder.stat().st_mode)
    except FileNotFoundError as error:
        if broken_link(folder):
            raise cannot_write(folder, error) from error
    except OSError as error:
        raise cannot_write(folder, error) from error
    else:
        if not is_folder:
            raise cannot_write(folder, NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)))


def broken_link(path: Path) -> str:
    """What is wrong with a broken symbolic link in a path, and how to fix it; empty if there is none.

    Nothing can be created below such a link, whatever the permissions are.
    """
    for part in reversed((path, *path.parents)):
        if os.path.islink(part) and not os.path.exists(part):  # noqa: PTH110, PTH114  # they raise no errors
            target = os.path.join(part.parent, os.readlink(part))  # noqa: PTH115, PTH118
            try:
                part.stat()
            except FileNotFoundError:
                return (
                    f"the symbolic link {part} points to {target}, which does not exist; create that folder "
                    "(or mount its disk), or remove the link"
                )
            except OSError as error:
                return f"the symbolic link {part} points to {target} ({error.strerror or error}); correct or remove it"
    return ""


def _existing(path: Path) -> Path | None:
    """The longest part of a path that exists."""
    # (Unlike the methods of a Path, the function raises no errors.)
    return next((part for part in (path, *path.parents) if os.path.exists(part)), None)  # noqa: PTH110


def _permission(path: Path, to_write: bool = True) -> str:
    """Whose permissions to change, so that a file can be written or read."""
    existing = _existing(path)
    if existing is None:
        return f"make the folders above {path} accessible"
    closed = [
        part for part in (existing, *existing.parents) if part.is_dir() and not os.access(part, os.X_OK)
    ]
    if closed:
        return f"make the folder {closed[-1]} accessible (chmod u+x)"
    if not to_write:
        return f"make {existing} readable"
    folder = existing if existing.is_dir() else existing.parent
    return f"make the folder {folder} writable"


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
    if path.name == RECORD and what == A_RECORD:
        return DownhillError(f"{path} is damaged{why}; delete it and run again")
    record = made_by(path)
    if record is None:
        return DownhillError(
            f"{path} is not {what}{why}, and no {RECORD} says that a stage made it; name another file"
        )
    if checksum(path) == record["sha256"]:
        return DownhillError(
            f"{path} is not {what}{why}, but what the stage '{record['stage']}' made; name another file, or, if it was "
            "made by another version or with other settings, delete it and run again"
        )
    return DownhillError(f"{path} is damaged{why}; delete it and run again")


def made_by(path: Path) -> dict[str, Any] | None:
    """The stage that made a file, its checksum, and for a downloaded file its `origin`; None without such a record."""
    for record in (path.with_suffix("") / RECORD, path.parent / RECORD):
        try:
            found = json.loads(record.read_text(encoding="utf-8"))
            outputs = found["outputs"]
            if (name := Path(os.path.relpath(path, record.parent)).as_posix()) in outputs:
                origin = found.get("origins", {}).get(name, {}).get("path", "")
                return {"stage": found["stage"], "sha256": outputs[name]["sha256"], "origin": origin}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            continue  # there is no record, or it is damaged
    return None


def checksum(path: Path) -> str:
    """SHA-256 of a file's content; empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
