"""Writing results so that a killed job never leaves a partial file under its final name."""

import glob
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from downhill.storage.problems import cannot_read, cannot_write, unusable

Made = TypeVar("Made")

_PREFIX = ".writing-"
_ATTEMPTS = 100


@contextmanager
def atomic_path(path: Path | str) -> Iterator[Path]:
    """Yield a temporary path in the folder of `path`; rename it to `path` on success.

    The temporary name keeps the suffixes of `path`, so that libraries which choose a format by
    suffix choose the right one. On any exception the temporary file is removed and `path` is left
    as it was.

    Raises
    ------
    DownhillError
        If the folder cannot be created or written to (read-only, full disk).
    """
    path = Path(path)
    try:
        handle, name = in_folder(
            path.parent, lambda: tempfile.mkstemp(prefix=_PREFIX, suffix="-" + path.name, dir=path.parent)
        )
        os.close(handle)
    except OSError as error:
        raise cannot_write(path, error) from error
    temporary = Path(name)
    try:
        yield temporary
        temporary.chmod(0o666 & ~_umask())  # mkstemp's 0600 would lock out colleagues
        os.replace(temporary, path)
    except OSError as error:
        raise cannot_write(path, error) from error
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(folder: Path, name: str | None = None) -> None:
    """Remove the temporary files of `name`, or of all files, that killed jobs left in a folder.

    Call it only when no other process can be writing them; see `downhill.storage.locks`.
    """
    # The random part of the name has eight characters, so that `a.json` does not match the end of `b-a.json`.
    pattern = f"{_PREFIX}*" if name is None else f"{_PREFIX}{'?' * 8}-{glob.escape(name)}"
    with suppress(
        OSError
    ):  # the folder cannot be read or written to, which is reported when a result is written
        for leftover in folder.glob(pattern):
            leftover.unlink(missing_ok=True)


def in_folder(folder: Path, make: Callable[[], Made]) -> Made:
    """Make something in a folder, which is created if missing, even while other processes create and remove it.

    Raises
    ------
    OSError
        If the folder or its content cannot be made.
    """
    for _ in range(_ATTEMPTS):
        with suppress(FileNotFoundError):
            return make()
        # It may fail while others remove this folder, or those above it.
        with suppress(FileExistsError, FileNotFoundError):
            folder.mkdir(parents=True, exist_ok=True)
    return make()


def check_writable(folder: Path | str) -> None:
    """Make sure that a folder can be created and written to.

    Raises
    ------
    DownhillError
        If it cannot: it is read-only, or the disk is full.
    """
    folder = Path(folder)
    try:
        with in_folder(folder, lambda: tempfile.TemporaryFile(dir=folder)) as file:
            file.write(bytes(1 << 16))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise cannot_write(folder, error) from error


def write_json(path: Path | str, value: Any) -> None:
    """Write `value` as indented JSON, atomically; NaN and infinities become null."""
    with atomic_path(path) as temporary:
        temporary.write_text(json.dumps(_finite(value), indent=1, allow_nan=False) + "\n", encoding="utf-8")


class Shape(BaseModel):
    """What must be in a JSON file, and of which type; there may be more, and nothing is converted."""

    model_config = ConfigDict(extra="allow", strict=True)


def read_json(path: Path | str, what: str = "a result of a stage", shape: type[Shape] | None = None) -> Any:
    """Read a JSON file that an earlier stage wrote.

    Parameters
    ----------
    path
        The file.
    what
        What it is, such as "the evidence of a claim", for the message if it is something else.
    shape
        What must be in it.

    Raises
    ------
    DownhillError
        If the file is missing, damaged or something else; the message says what to do.
    """
    path = Path(path)
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if shape is not None:
            shape.model_validate_json(json.dumps(found))
    except ValidationError as error:
        raise unusable(path, what, first_problem(error)) from error
    except (OSError, ValueError, RecursionError) as error:
        raise cannot_read(path, what, error) from error
    return found


def first_problem(error: ValidationError) -> str:
    """The first problem of a validation, such as `parts.0.unit: field required`."""
    problem = error.errors(include_url=False)[0]
    place = ".".join(map(str, problem["loc"]))
    message = problem["msg"].removeprefix("Value error, ").removeprefix("Input ")
    return f"{place}: {message[:1].lower()}{message[1:]}" if place else ""


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _finite(value: Any) -> Any:
    """Replace what JSON cannot represent (NaN, infinities, NumPy scalars and arrays) with what it can."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(item) for item in value]
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return None
    return value
