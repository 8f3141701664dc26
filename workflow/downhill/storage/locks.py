"""Locks: one Snakemake at a time on a folder of results, one job at a time on a result.

The jobs of a Snakemake that was killed keep running. A new one needs to write the same results, and a leftover job
with old settings that finished last would leave its result under the name of the new one. So a job holds the lock of
its result from its start to its end, and another job that writes the same result waits for it.

The operating system holds the locks (`flock`) and drops them when a process ends, however it ends. The lock files
are in hidden folders `.locks`, outside the results that they protect, and are never removed; otherwise two processes
could hold the same lock, on a removed file and on a new one. A lock file names the last process that held it.
"""

import errno
import fcntl
import hashlib
import logging
import math
import os
import platform
import stat
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from threading import Thread
from urllib.parse import quote

from downhill.errors import DownhillError
from downhill.storage.atomic import in_folder, remove_leftovers
from downhill.storage.problems import cannot_write, file_in_the_way

LOCKS = ".locks"
SNAKEMAKE = ".snakemake"  # Snakemake's own folder: it marks the folder of a project

_NO_LOCKS = {errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL, errno.EBADF}  # some network disks
_MARGIN = 60.0  # a job gives up this many seconds before its time limit, to say why
_REMINDER = 600.0  # seconds between two messages of a job that waits

_held: list[int] = []  # until the process ends


def single_snakemake(results: Path | str, folder: Path = Path(SNAKEMAKE)) -> None:
    """Make this the only Snakemake that writes `results`, until the process ends.

    Parameters
    ----------
    results
        The study's folder of results; other studies may run at the same time.
    folder
        Folder of the lock file. It need not be on the disk of the results, which may be full or read-only.

    Raises
    ------
    DownhillError
        If another one is at work, or `folder` cannot be written to.
    """
    path = folder / _file_name("at-work-on-" + os.path.relpath(os.path.realpath(results)))
    handle = _opened(path)
    if not _locked(handle):
        os.close(handle)
        raise DownhillError(
            f"another Snakemake is at work on {results} ({_holder(path)}), and this one has changed nothing; "
            "wait for its end, or end it (Ctrl-C), then run the same command again"
        )
    _held.append(handle)
    _sign(path)


@contextmanager
def exclusive_writer(folders: Iterable[Path], files: Sequence[Path] = ()) -> Iterator[None]:
    """Write results as their only writer: wait for jobs that still write them, and remove what killed jobs left behind.

    Folders that were not there before are removed at the end if they are empty.

    Parameters
    ----------
    folders
        The folders of the results, or of their records.
    files
        The results and their records, if the results are single files next to these folders.

    Raises
    ------
    DownhillError
        If there is a file in the place of a folder, or a folder in that of a file, a lock file cannot be written, or
        another job holds a lock for longer than this one has time.
    """
    folders = list(folders)
    for folder in folders:
        if found := file_in_the_way(folder):
            raise DownhillError(f"cannot write to the folder {folder}: {found} is a file; name a folder")
    for file in files:
        if os.path.isdir(file):  # noqa: PTH112  # raises no errors
            raise DownhillError(f"cannot write {file}: it is a folder; name a file")
    locks = {_lock_file(folder): folder for folder in folders}
    with ExitStack() as stack:
        for path, folder in sorted(locks.items()):  # in one order, so that no two jobs wait for each other
            handle = _opened(path)
            stack.callback(os.close, handle)  # which releases the lock, at the very end
            if not _locked(handle):
                _wait(handle, path, folder)
            _sign(path)
            if not os.path.exists(folder):  # noqa: PTH110  # raises no errors
                stack.callback(_remove_if_empty, folder)
        for file in files:
            remove_leftovers(file.parent, file.name)
        for folder in [] if files else locks.values():
            remove_leftovers(folder)
        yield


def _wait(handle: int, path: Path, folder: Path) -> None:
    """Wait for a lock and log who holds it; DownhillError shortly before the time limit of this job.

    It waits in the system's queue: the job that came last, whose settings are the newest, has to write last. (The
    library `filelock` tries again and again instead, which leaves the order to chance.)
    """
    log = logging.getLogger("downhill")
    message = f"{folder}: waiting for another job that is writing it"
    log.info("%s (%s)", message, _holder(path))
    began, end = time.monotonic(), _end_of_job() - _MARGIN
    locked: list[bool] = []
    waiter = Thread(target=lambda: locked.append(_locked(handle, wait=True)), daemon=True)
    waiter.start()
    while True:
        waiter.join(max(0.0, min(_REMINDER, end - time.time())))
        if locked:
            return
        seconds = time.monotonic() - began
        waited = f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"
        if time.time() >= end or not waiter.is_alive():
            why = "this job is about to reach its time limit" if waiter.is_alive() else "its lock failed"
            raise DownhillError(
                f"{folder}: waited {waited} for another job that is writing it ({_holder(path)}), and {why}; "
                "wait for the other job to finish, or stop it, then run the same command again"
            )
        log.info("%s, for %s so far (%s)", message, waited, _holder(path))


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):  # not made, or not empty
        folder.rmdir()


def _end_of_job() -> float:
    """When the cluster will end this job, in seconds since 1970; infinite if that is not known."""
    end = os.environ.get("DOWNHILL_JOB_END_TIME") or os.environ.get("SLURM_JOB_END_TIME") or ""
    with suppress(ValueError):
        if float(end) > time.time():  # otherwise the limit was extended, since this job is still running
            return float(end)
    return math.inf


def _lock_file(folder: Path) -> Path:
    """The lock file of a result: one path, however the folder is spelled and wherever the process was started.

    In a project, the lock file of `results/runs/a/seeds-0-9` is `results/.locks/runs%2Fa%2Fseeds-0-9`; elsewhere, that
    of `/tmp/mine` is `/tmp/.locks/mine`.
    """
    place = Path(os.path.realpath(folder))
    project = next((path for path in place.parents if os.access(path / SNAKEMAKE, os.F_OK)), place.parent)
    top, *rest = place.relative_to(project).parts or (".",)
    return (project / top / LOCKS if rest else project / LOCKS) / _file_name("/".join(rest) or top)


def _file_name(path: str) -> str:
    name = quote(os.fsencode(path), safe="")  # file systems allow at most 255 bytes
    return name if len(name) < 256 else f"{name[:150]}-{hashlib.sha256(name.encode()).hexdigest()}"


def _opened(path: Path) -> int:
    """Open a lock file, in a folder with the permissions of its parent (`/tmp` is open to everybody)."""

    def make() -> int:
        with suppress(FileExistsError):
            path.parent.mkdir()
            path.parent.chmod(stat.S_IMODE(path.parent.parent.stat().st_mode))
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o666)

    try:
        return in_folder(path.parent.parent, make)
    except OSError as error:
        raise cannot_write(Path(min(str(path), os.path.relpath(path), key=len)), error) from error


def _locked(handle: int, wait: bool = False) -> bool:
    """Lock an open file; False if another process holds it, also True where locks are not supported."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
    return True


def _sign(path: Path) -> None:
    """Record the holder in the lock file."""
    job = f", SLURM job {os.environ['SLURM_JOB_ID']}" if "SLURM_JOB_ID" in os.environ else ""
    holder = f"process {os.getpid()} on {platform.node()} since {datetime.now():%Y-%m-%d %H:%M:%S}{job}\n"
    with suppress(OSError):  # on a full disk; the lock is held anyway
        path.write_text(holder, encoding="utf-8")  # closed at once, so that other nodes see it


def _holder(path: Path) -> str:
    with suppress(OSError):
        return path.read_text("utf-8", "replace").strip() or "unknown process"
    return "unknown process"
