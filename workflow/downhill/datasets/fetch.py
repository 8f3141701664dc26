"""Downloading the four IDX files of a source from the first mirror that has complete and valid copies."""

import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import requests
from tqdm import tqdm

from downhill.config.dataset import IDX_NAMES, Source, SourceFile
from downhill.datasets.idx import file_chunks
from downhill.datasets.mirrors import (
    CONNECT_TIMEOUT,
    READ_TIMEOUT,
    TIME_LIMIT,
    Copy,
    NotThereError,
    Patience,
    UnreachableError,
    new_session,
    opened,
)
from downhill.datasets.passing import PassingIdx
from downhill.datasets.unpack import CopyError, gunzipped, sniffed
from downhill.errors import DownhillError
from downhill.storage.atomic import atomic_path

log = logging.getLogger("downhill.fetch")


def fetch_source(
    name: str,
    source: Source,
    folder: Path | str,
    *,
    connect_timeout: float = CONNECT_TIMEOUT,
    read_timeout: float = READ_TIMEOUT,
    time_limit: float = TIME_LIMIT,
) -> None:
    """Download the four files of a source to `folder`, decompressed; each file is written completely or not at all.

    In `folder` the files have MNIST's names (`IDX_NAMES`), whatever their names on the mirrors. For each file, the
    mirrors are tried in order, first for `<file>.gz` and then for `<file>`. If a mirror fails, its name and the reason
    are logged. Valid files that already exist are kept.

    Parameters
    ----------
    name
        The name of the source in datasets.yaml, for messages.
    source
        Mirrors, files, checksums (of the decompressed content) and the shape of the images.
    folder
        Directory for the files; created if necessary.
    connect_timeout, read_timeout
        Seconds to wait for a connection, and for the next bytes.
    time_limit
        Maximum number of seconds to download one file from one mirror.

    Raises
    ------
    DownhillError
        If no mirror has a complete and valid copy of a file (the message lists the reason for each mirror), or `folder`
        is not writable.
    """
    folder, files = Path(folder), source.files
    patience = Patience(connect_timeout, read_timeout, time_limit)
    with new_session() as session:
        for role, file_name in IDX_NAMES.items():
            file: SourceFile = getattr(files, role)
            shape = source.image_shape if role.endswith("images") else ()
            if not _is_there(folder / file_name, file, shape):
                _fetch_file(name, source, file, shape, folder / file_name, session, patience)


def _is_there(path: Path, file: SourceFile, shape: tuple[int, ...]) -> bool:
    """Whether a file has been downloaded before and is still valid."""
    if not path.is_file():
        return False
    passing = PassingIdx(file, shape)
    try:
        for chunk in file_chunks(path):
            passing.feed(chunk)
        checksum = passing.finish()
    except (CopyError, OSError) as problem:
        log.warning("%s exists but cannot be used (%s); downloading it again", path, problem)
        return False
    _ask_for_checksum(file, checksum)
    log.info("%s already exists", path)
    return True


def _fetch_file(
    name: str,
    source: Source,
    file: SourceFile,
    shape: tuple[int, ...],
    path: Path,
    session: requests.Session,
    patience: Patience,
) -> None:
    reasons = []
    for mirror in source.mirrors:
        try:
            checksum = _fetch_from(mirror, file, shape, path, session, patience)
        except CopyError as fault:
            log.warning("%s: %s: %s", file.name, mirror, fault)
            reasons.append(f"  {mirror}: {fault}")
        else:
            log.info("%s: downloaded from %s", file.name, mirror)
            _ask_for_checksum(file, checksum)
            return
    raise DownhillError(
        f"{file.name} of the source '{name}' could not be downloaded from any of its {len(reasons)} mirror(s):\n"
        + "\n".join(reasons)
        + "\nPut the four files of the source, raw or as .gz, into a folder and add that folder to datasets.yaml "
        f"under sources: {name}: mirrors."
    )


def _fetch_from(
    mirror: str,
    file: SourceFile,
    shape: tuple[int, ...],
    path: Path,
    session: requests.Session,
    patience: Patience,
) -> str:
    """Download a file from one mirror, gzipped or raw, and return its checksum; raises `CopyError` if that fails."""
    faults: list[CopyError] = []
    for file_name in (f"{file.name}.gz", file.name):
        try:
            with (
                opened(mirror, file_name, session, patience) as copy,
                atomic_path(path) as temporary,
                temporary.open("wb") as output,
            ):
                return _received(copy, file, file_name, shape, output.write)
        except UnreachableError as fault:
            faults.append(fault)
            break
        except CopyError as fault:
            faults.append(fault)
    # If one form exists but is invalid, it does not matter that the other one is missing.
    relevant = [fault for fault in faults if not isinstance(fault, NotThereError)] or faults
    raise CopyError("; ".join(dict.fromkeys(map(str, relevant))))


def _received(
    copy: Copy, file: SourceFile, file_name: str, shape: tuple[int, ...], write: Callable[[bytes], object]
) -> str:
    """Decompress, check and write the response of a mirror; returns the checksum of the content."""
    passing = PassingIdx(file, shape)
    packed, chunks = sniffed(_measured(copy, file_name, passing))
    misnamed = file_name.endswith(".gz") and not packed
    if misnamed and file.sha256 is None:
        raise CopyError(f"{file_name} is not gzip")
    try:
        for block in gunzipped(chunks) if packed else chunks:
            passing.feed(block)
            write(block)
        return passing.finish()
    except UnreachableError:
        raise
    except CopyError as fault:
        # A raw file under this name is accepted if its checksum is correct. Otherwise its content is unknown.
        if misnamed:
            raise CopyError(f"{file_name} is not gzip") from fault
        raise


def _measured(copy: Copy, file_name: str, passing: PassingIdx) -> Iterator[bytes]:
    """Pass chunks on, with a progress bar on a terminal, and stop downloads that are too long."""
    received = 0
    with tqdm(
        total=copy.length, desc=file_name, unit="B", unit_scale=True, leave=False, disable=None
    ) as progress:
        for chunk in copy.chunks:
            received += len(chunk.rstrip(b"\0"))  # a gzip file may end with any number of zero bytes
            progress.update(len(chunk))
            yield chunk
            if received > passing.most_packed_bytes:
                raise CopyError(
                    f"sent more than {passing.most_packed_bytes:,} bytes, the most that its content can need"
                )


def _ask_for_checksum(file: SourceFile, checksum: str) -> None:
    if file.sha256 is None:
        log.warning(
            "%s has no checksum; its SHA-256 is %s: add this as its sha256 in datasets.yaml",
            file.name,
            checksum,
        )
