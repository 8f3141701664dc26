"""Downloading the four IDX files of a source from the first mirror that has complete and valid copies."""

import os
from collections.abc import Collection
from pathlib import Path

from downhill.config.dataset import IDX_NAMES, Source
from downhill.datasets.mirrors import CONNECT_TIMEOUT, READ_TIMEOUT, TIME_LIMIT, Patience, new_session
from downhill.datasets.pairs import PARTS, Fetcher, Received, ask_for_checksum, log


def fetch_source(
    name: str,
    source: Source,
    folder: Path | str,
    *,
    connect_timeout: float = CONNECT_TIMEOUT,
    read_timeout: float = READ_TIMEOUT,
    time_limit: float = TIME_LIMIT,
) -> dict[str, dict[str, str | int]]:
    """Download the four files of a source to `folder`, decompressed; each file is written completely or not at all.

    In `folder` the files have MNIST's names (`IDX_NAMES`), whatever their names on the mirrors. For each file, the
    mirrors are tried in order, first for `<file>.gz` and then for `<file>`. If a mirror fails, its name and the reason
    are logged. Valid files that already exist are kept. Images and their labels are kept only if they match.

    Parameters
    ----------
    name
        The name of the source in datasets.yaml, for messages.
    source
        Mirrors, files, checksums (of the decompressed content), the shape of the images, and the classes.
    folder
        Directory for the files; created if necessary.
    connect_timeout, read_timeout
        Seconds to wait for a connection, and for the next bytes.
    time_limit
        Maximum number of seconds to download one file from one mirror.

    Returns
    -------
    Where each file came from, by its name in `folder`: the `path` of the mirror's file, and for local files also its
    size in `bytes` and its modification time, `modified_ns`. Files that were there already are left out.

    Raises
    ------
    DownhillError
        If no mirror has a complete and valid copy of a file (the message lists the reason for each mirror), or `folder`
        is not writable.
    """
    folder = Path(folder)
    found: dict[str, dict[str, str | int]] = {}
    with new_session() as session:
        fetcher = Fetcher(name, source, session, Patience(connect_timeout, read_timeout, time_limit))
        for part in PARTS:
            for role, received in fetcher.complete(part, folder).items():
                found[IDX_NAMES[role]] = received.origin
                ask_for_checksum(fetcher.file(role), received.checksum)
    return found


def look_up(name: str, source: Source, roles: Collection[str]) -> dict[str, Received]:
    """What `fetch_source` would download now for some roles and what belongs to them, without keeping or logging it.

    Raises
    ------
    DownhillError
        As `fetch_source`.
    """
    nowhere = Path(os.devnull)
    found: dict[str, Received] = {}
    log.disabled = True  # its messages are also in the error
    try:
        with new_session() as session:
            fetcher = Fetcher(name, source, session, Patience())
            for part in PARTS:
                if not set(part).isdisjoint(roles):
                    found |= fetcher.receive(dict.fromkeys(part, nowhere), {})
    finally:
        log.disabled = False
    return found
