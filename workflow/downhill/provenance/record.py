"""How a result was made: everything that may differ between two machines that make the same bytes.

Each result has a `provenance.json`: a folder contains it, and for a file `name.ext` it is in the folder `name` next to
the file. No stage reads it, so it is never a reason to make anything again.
`downhill.provenance.lineage` follows these records back to the download.
"""

import hashlib
import os
import platform
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from downhill.errors import DownhillError
from downhill.provenance.code_digest import part_digests, source_digest
from downhill.provenance.machine import kind_of_machine, machine
from downhill.storage.file_names import RECORD
from downhill.storage.json_files import Shape, read_json, write_json
from downhill.storage.problems import A_RECORD

_LIBRARIES = ("downhill", "numpy", "numba", "llvmlite", "scipy", "pandas", "pyarrow", "matplotlib")


class _Input(Shape):
    path: str
    result: str | None


class _Output(Shape):
    sha256: str


class _Record(Shape):
    stage: str
    name: str
    code: dict[str, Any]
    inputs: list[_Input]
    outputs: dict[str, _Output]


def write_provenance(
    record: Path,
    stage: str,
    name: str,
    *,
    code: Sequence[str],
    started: datetime,
    outputs: Sequence[Path],
    inputs: Sequence[Path] = (),
    **details: Any,
) -> None:
    """Write the record of a stage that has just made its results.

    Parameters
    ----------
    record
        The `provenance.json` to write; see `record_of`.
    stage, name
        What ran, and the network, data set, claim, … that it worked on.
    code
        Modules that the stage's digest covers.
    started
        When the stage began.
    outputs
        The files that it made.
    inputs
        Results that they were made from: folders, or files. Paths are written relative to the record, so that a
        study may be moved as a whole.
    details
        Anything else to record, such as settings, seeds and threads.
    """
    finished = datetime.now(UTC)
    folder = record.parent
    try:
        made = {
            _relative(path, folder): {"bytes": path.stat().st_size, "sha256": sha256(path)}
            for path in outputs
        }
    except FileNotFoundError as error:
        raise DownhillError(
            f"{error.filename} was removed as soon as it was made; run the stage again"
        ) from error
    about = {
        "stage": stage,
        "name": name,
        "started": started.isoformat(timespec="milliseconds"),
        "finished": finished.isoformat(timespec="milliseconds"),
        "wall_seconds": round((finished - started).total_seconds(), 3),
        "host": platform.node(),
        **machine(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": {library: _version(library) for library in _LIBRARIES},
        "code": {"modules": list(code), "digest": source_digest(*code), "parts": part_digests(*code)},
    }
    came_from = [{"path": _relative(path, folder), "result": identity_of(path)} for path in inputs]
    write_json(record, about | details | {"inputs": came_from, "outputs": made})


def record_of(file: Path) -> Path:
    """Where the record of a single file belongs: in the folder named after it, without its suffix."""
    return file.with_suffix("") / RECORD


def inputs_of(path: Path, record: dict[str, Any]) -> list[tuple[Path, str | None]]:
    """The inputs that the record at `path` names, each with its identity when it was used, if it had one."""
    return [
        (Path(os.path.normpath(path.parent / entry["path"])), entry["result"]) for entry in record["inputs"]
    ]


def identity_of(path: Path) -> str | None:
    """The identity of a result as it is now; None without a record, or with a damaged one."""
    try:
        record = find_record(path)
        return None if record is None else identity(read_record(record))
    except DownhillError:  # a damaged record is not a reason for a stage to fail
        return None


def replaced_inputs(
    path: Path, record: dict[str, Any], identity_of: Callable[[Path], str | None] = identity_of
) -> list[Path]:
    """Inputs that have been made again since the result with the record at `path` was made from them."""
    return [
        source for source, used in inputs_of(path, record) if used and identity_of(source) not in (None, used)
    ]


def find_record(result: Path) -> Path | None:
    """The record of a result: a folder, a file with its own record, or a file in a folder with a record or below it."""
    if result.name == RECORD:
        return result if result.is_file() else None
    if result.is_dir():
        return result / RECORD if (result / RECORD).is_file() else None
    for record in (record_of(result), result.parent / RECORD, result.parent.parent / RECORD):
        if record.is_file() and _relative(result, record.parent) in read_record(record)["outputs"]:
            return record
    return None


def read_record(path: Path) -> dict[str, Any]:
    """Read a record; DownhillError if it is damaged or not a record."""
    return read_json(path, A_RECORD, _Record)  # type: ignore[no-any-return]


def identity(record: dict[str, Any]) -> str:
    """Twelve hexadecimal digits for the bytes that a stage made, whenever and wherever it ran."""
    lines = [f"{Path(path).name} {made['sha256']}\n" for path, made in sorted(record["outputs"].items())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()[:12]


def sha256(path: Path) -> str:
    """SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def computed_with() -> str:
    """What determines the bytes of a result besides code, settings and data: libraries and machine.

    It takes a fraction of a second, because it loads the compiler and BLAS to ask which variants they use.
    """
    libraries = ", ".join(
        f"{library} {_version(library)}" for library in ("numpy", "scipy", "numba", "llvmlite", "pyarrow")
    )
    return f"{libraries} on {kind_of_machine()}"


def _relative(path: Path, folder: Path) -> str:
    # By name alone, without following symbolic links: results are often on another disk than the project.
    return Path(os.path.relpath(path, folder)).as_posix()


def own_version() -> str | None:
    """The version of this package; None if it is on PYTHONPATH but not installed."""
    return _version("downhill")


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:  # the package itself may be on PYTHONPATH but not installed
        return None
