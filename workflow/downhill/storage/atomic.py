"""Writing results so that a killed job never leaves a partial file under its final name."""

import glob
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from downhill.storage.problems import cannot_write

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
    # A folder that cannot be read or written to is reported when a result is written.
    with suppress(OSError):
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


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
