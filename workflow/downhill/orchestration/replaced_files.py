"""Files that were replaced since the download: those of mirrors that are folders, and the downloaded files themselves.

The record of a download holds sizes and modification times, so planning only has to `stat` each file. Only if these
differ is the content read. If it is the same, the record is updated; otherwise the download runs again.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from downhill.config.dataset import IDX_NAMES, Source
from downhill.datasets.copies import copies_in, is_folder
from downhill.errors import DownhillError
from downhill.storage.json_files import read_json, write_json
from downhill.storage.problems import checksum

Record = dict[str, Any]


def seen(path: Path | str) -> dict[str, int] | None:
    """Size and modification time of a file, as a record holds them; None if there is no such file."""
    try:
        found = os.stat(path)  # noqa: PTH116  # fast
    except OSError:
        return None
    return {"bytes": found.st_size, "modified_ns": found.st_mtime_ns}


def kept_files(folder: Path) -> dict[str, dict[str, int] | None]:
    """Size and modification time of each downloaded file."""
    return {name: seen(folder / name) for name in IDX_NAMES.values()}


def current_copy(source: Source, role: str, origin: str = "") -> Path | None:
    """The local file that a download of a file would take now; None if it would ask an address, or there is none.

    Parameters
    ----------
    source
        The source.
    role
        Of the file.
    origin
        Where the file came from. If it came from a folder, the addresses tried before that had no valid copy.
    """
    name = getattr(source.files, role).name
    for mirror in source.mirrors:
        if not is_folder(mirror):
            if not origin or not is_folder(origin):
                return None
            continue
        for copy in copies_in(mirror, name):
            if copy.is_file():
                return copy
    return None


def check_kept(name: str, folder: Path, record: Record) -> bool:
    """Check that the downloaded files are as they were downloaded.

    Returns
    -------
    Whether sizes or times in the record had to be changed, although the content is the same.

    Raises
    ------
    DownhillError
        If the content of a file has changed.
    """
    now = kept_files(folder)
    known = record.get("kept", {})
    for file, about in now.items():
        made = record["outputs"].get(file, {}).get("sha256")
        if about != known.get(file) and made and checksum(folder / file) != made:
            raise DownhillError(
                f"{folder / file} has changed since it was downloaded; delete it and run again to restore it, "
                "or, to use the changed file, move the four files to a separate folder and list that folder first in "
                f"datasets.yaml under sources: {name}: mirrors"
            )
    record["kept"] = now
    return bool(now != known)


def replaced(name: str, source: Source, record: Record) -> tuple[list[str], str, bool]:
    """Look for files of a source's folders that have been replaced since the download, where no checksum guards them.

    Returns
    -------
    tuple
        The local files whose content has changed; why this could not be checked, as text; and whether sizes or times
        in the record had to be changed, although the content is the same.
    """
    from downhill.datasets.fetch import look_up

    origins = record.get("origins", {})
    suspicious = [role for role, _ in _unknown_copies(source, origins)]
    if not suspicious:
        return [], _missing(source, origins), False
    local = source.model_copy(update={"mirrors": tuple(filter(is_folder, source.mirrors))})
    try:
        found = look_up(name, local, suspicious)
    except DownhillError as error:
        *reasons, _ = str(error).splitlines()  # without the remedy for a download
        return [], " ".join(map(str.strip, reasons)), False
    changed = [
        str(found[role].origin["path"])
        for role in suspicious
        if found[role].checksum != record["outputs"].get(IDX_NAMES[role], {}).get("sha256")
    ]
    if changed:
        return changed, "", False
    record["origins"] = origins | {IDX_NAMES[role]: found[role].origin for role in suspicious}
    return [], "", record["origins"] != origins


def update(path: Path, before: Record, record: Record) -> None:
    """Write a record with new sizes and times, unless another process has just written it.

    If that is not possible, the files are read again next time.
    """
    with suppress(DownhillError):
        if read_json(path) == before:
            write_json(path, record)


def _unknown_copies(source: Source, origins: dict[str, Any]) -> Iterator[tuple[str, Path]]:
    """Files without a checksum whose current copy has another path, size or time than the recorded one."""
    for role in source.unguarded():
        origin = origins.get(IDX_NAMES[role], {})
        copy = current_copy(source, role, origin.get("path", ""))
        if copy and {"path": str(copy), **(seen(copy) or {})} != origin:
            yield role, copy


def _missing(source: Source, origins: dict[str, Any]) -> str:
    """Which files without a checksum are no longer in any folder."""
    if not all(map(is_folder, source.mirrors)):
        return ""
    missing = [
        str(origins.get(IDX_NAMES[role], {}).get("path") or getattr(source.files, role).name)
        for role in source.unguarded()
        if current_copy(source, role) is None
    ]
    return f"{', '.join(missing)} no longer {'exist' if len(missing) > 1 else 'exists'}" if missing else ""
