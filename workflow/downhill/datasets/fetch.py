"""Bringing the four IDX files of a source from whichever mirror has them whole and right."""

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
    """Bring the four files of a source into `folder`, decompressed, each whole or not at all.

    Whatever the mirrors call them, in `folder` they bear MNIST's names (`IDX_NAMES`).
    For each file the mirrors are tried in order, each for `<file>.gz` and then for `<file>`. A mirror
    that fails is named in the log with its reason. A file that is there already and right is kept.

    Parameters
    ----------
    name
        The source's name in datasets.yaml, for messages.
    source
        Mirrors, files, checksums (of the decompressed content) and the shape of the images.
    folder
        Where the files go; made if need be.
    connect_timeout, read_timeout
        Seconds to wait for a connection, and for the next bytes.
    time_limit
        Seconds that one file may take from one mirror.

    Raises
    ------
    DownhillError
        If no mirror has a file whole and right (the message gives each one's reason), or `folder`
        cannot be written to.
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
    """Whether a file was brought before, and is still right."""
    if not path.is_file():
        return False
    passing = PassingIdx(file, shape)
    try:
        for chunk in file_chunks(path):
            passing.feed(chunk)
        checksum = passing.finish()
    except (CopyError, OSError) as problem:
        log.warning("%s is there, but cannot be used (%s); fetching it again", path, problem)
        return False
    _ask_for_checksum(file, checksum)
    log.info("%s is there already", path)
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
            log.info("%s: brought from %s", file.name, mirror)
            _ask_for_checksum(file, checksum)
            return
    raise DownhillError(
        f"{file.name} of the source '{name}' could not be brought from any of its {len(reasons)} mirror(s):\n"
        + "\n".join(reasons)
        + "\nPut the source's four files, raw or as .gz, into a folder and name that folder in datasets.yaml "
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
    """Bring a file from one mirror, gzipped or raw, and return its checksum; `CopyError` says why not."""
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
    # That the other form is not there says nothing new once one of them was there and wrong.
    telling = [fault for fault in faults if not isinstance(fault, NotThereError)] or faults
    raise CopyError("; ".join(dict.fromkeys(map(str, telling))))


def _received(
    copy: Copy, file: SourceFile, file_name: str, shape: tuple[int, ...], write: Callable[[bytes], object]
) -> str:
    """Unpack, check and write what a mirror sends; returns the checksum of the content."""
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
        # A raw file under this name is welcome if its checksum is right; what else it is, who knows.
        if misnamed:
            raise CopyError(f"{file_name} is not gzip") from fault
        raise


def _measured(copy: Copy, file_name: str, passing: PassingIdx) -> Iterator[bytes]:
    """Chunks as they come, with a progress bar on a terminal, and an end to what never ends."""
    received = 0
    with tqdm(
        total=copy.length, desc=file_name, unit="B", unit_scale=True, leave=False, disable=None
    ) as progress:
        for chunk in copy.chunks:
            received += len(chunk)
            progress.update(len(chunk))
            yield chunk
            if received > passing.most_packed_bytes:
                raise CopyError(
                    f"sends more than the {passing.most_packed_bytes:,} bytes that its content can need"
                )


def _ask_for_checksum(file: SourceFile, checksum: str) -> None:
    if file.sha256 is None:
        log.warning(
            "%s: no checksum guards it; its SHA-256 is %s: add that as its sha256 in datasets.yaml",
            file.name,
            checksum,
        )
