"""Taking turns: one Snakemake at a time on a folder of results, one job at a time on a result.

The jobs of a Snakemake that was killed go on. Started again, it would write what they still write, and a job of
old settings that ends last would leave its own result under the new one's name. So a job holds its result from its
start to its end, and whoever wants to write the same waits. The system holds these locks and drops them
when a process ends, however it ends, so that none is left behind.
"""

import errno
import fcntl
import logging
import os
import platform
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from downhill.errors import DownhillError
from downhill.storage.atomic import cannot_write, remove_leftovers
from downhill.storage.file_names import RECORD

_NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EBADF}  # some network disks

LOCK = ".at-work"  # in the folder of a result that is being written

_held: list[int] = []  # until the process ends


def single_snakemake(results: Path | str, folder: Path = Path(".snakemake")) -> None:
    """Be the only Snakemake that writes `results`, until this process ends.

    Parameters
    ----------
    results
        The study's folder of results: another study may be made at the same time.
    folder
        Where the lock lies, as a file that tells who holds it.

    Raises
    ------
    DownhillError
        If another one is at work, or `folder` cannot be written to.
    """
    place = os.path.relpath(Path(results).resolve())  # one folder, however it is spelled
    path = folder / f"at-work-on-{quote(place, safe='')}"
    try:
        folder.mkdir(exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise cannot_write(path, error) from error
    if not _taken(handle, wait=False):
        holder = os.pread(handle, 1000, 0).decode(errors="replace").strip() or "it does not say who"
        os.close(handle)
        raise DownhillError(
            f"another Snakemake is at work on {results} ({holder}), and this one has changed nothing; "
            "wait for its end, or end it (Ctrl-C), then type the same command again"
        )
    _held.append(handle)
    holder = f"process {os.getpid()} on {platform.node()} since {datetime.now():%Y-%m-%d %H:%M:%S}\n"
    with suppress(OSError):  # on a full disk; the lock holds all the same
        os.ftruncate(handle, 0)
        os.pwrite(handle, holder.encode(), 0)


@contextmanager
def exclusive_writer(folders: Iterable[Path], files: Sequence[Path] = ()) -> Iterator[None]:
    """Write results alone: wait for jobs that still write them, then tidy up what killed ones left half written.

    Parameters
    ----------
    folders
        The results' own folders, in which their records stand; they are made if need be.
    files
        The results, where they are single files beside these folders.

    Raises
    ------
    DownhillError
        If a folder cannot be made.
    """
    with ExitStack() as stack:
        for folder in sorted(set(folders)):
            stack.enter_context(_turn(folder))
            remove_leftovers(folder, RECORD if files else None)
        for file in files:
            remove_leftovers(file.parent, file.name)
        yield


@contextmanager
def _turn(folder: Path) -> Iterator[None]:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    handle = _locked(folder / LOCK)
    try:
        yield
    finally:
        with suppress(OSError):
            (folder / LOCK).unlink()  # while it is held: whoever waits for it sees that it is gone
        os.close(handle)
        with suppress(OSError):  # a stage that failed leaves no empty folders
            for path in missing:
                path.rmdir()


def _locked(path: Path) -> int:
    """Make a file and lock it; returns its handle. (A file, since network disks lock only what may be written to.)"""
    while True:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except FileNotFoundError:  # who held it has failed just now, and tidied up
            continue
        except OSError as error:
            removed = path.parent.is_dir() or not os.path.lexists(path.parent)
            if isinstance(error, FileExistsError) and removed:  # likewise, while the folder was made
                continue
            raise cannot_write(path.parent, error) from error
        if not _taken(handle, wait=False):
            logging.getLogger("downhill").info("%s: waiting for another job that is writing it", path.parent)
            _taken(handle, wait=True)
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(handle), path.stat()):
                return handle
        os.close(handle)


def _taken(handle: int, wait: bool) -> bool:
    """Lock an open file; False if another process holds it, True also where there are no locks."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True
