"""Reading a file from a mirror, which is a folder or an http(s) address, in chunks and with time limits."""

import logging
import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from socket import gaierror
from typing import Any, BinaryIO
from urllib.parse import quote

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from downhill.datasets.copies import is_folder
from downhill.datasets.unpack import CopyError

CONNECT_TIMEOUT = 5.0  # seconds
READ_TIMEOUT = 15.0  # seconds without data
TIME_LIMIT = 600.0  # seconds for one file from one mirror
RETRIES = 2
WORTH_RETRYING = (429, 500, 502, 503, 504)
ABSENT = (401, 403, 404, 410)  # object stores answer 403 for missing files
SLOWEST = 1024  # bytes per second; a lower rate over a whole read timeout counts as a timeout
CHUNK = 1 << 16  # bytes


class NotThereError(CopyError):
    """The mirror responds, but does not have this file."""


class UnreachableError(CopyError):
    """The mirror does not respond, or stopped responding, so asking it for another file would only waste time."""


@dataclass(frozen=True)
class Patience:
    """Time limits for a mirror, in seconds: to connect, to receive the next bytes, to receive a whole file."""

    connect: float = CONNECT_TIMEOUT
    read: float = READ_TIMEOUT
    total: float = TIME_LIMIT


@dataclass(frozen=True)
class Copy:
    """An open file on a mirror.

    Attributes
    ----------
    address
        Its path or address.
    chunks
        Its content.
    length
        Its declared length in bytes; None if unknown.
    modified
        When a local file was last modified, in nanoseconds since 1970; None for other mirrors.
    """

    address: str
    chunks: Iterator[bytes]
    length: int | None
    modified: int | None = None


def new_session() -> requests.Session:
    """A session that retries after a short delay if the connection is refused or the status is 429 or 5xx."""
    # Its messages about retries show object representations; we log the outcome of the retries ourselves.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.ERROR)
    session = requests.Session()
    # If a server accepts a request and then sends nothing, that costs a read timeout, so it is retried only once.
    # Retry-After headers are ignored: they may ask for hours, and there are other mirrors.
    retry = Retry(
        total=RETRIES,
        read=1,
        backoff_factor=0.25,
        status_forcelist=WORTH_RETRYING,
        raise_on_status=False,
        respect_retry_after_header=False,
    )
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(max_retries=retry))
    # No compression in transit: Content-Length would be the compressed length.
    session.headers["Accept-Encoding"] = "identity"
    return session


@contextmanager
def opened(mirror: str, file_name: str, session: requests.Session, patience: Patience) -> Iterator[Copy]:
    """Open `file_name` on a mirror.

    Parameters
    ----------
    mirror
        A folder (relative to the working directory, absolute, or below `~`) or an http(s) address.

    Raises
    ------
    NotThereError, UnreachableError, CopyError
        On opening or while the chunks are read.
    """
    if re.match(r"https?://", mirror, re.IGNORECASE):
        with _opened_address(mirror, file_name, session, patience) as copy:
            yield copy
    elif not is_folder(mirror):
        raise UnreachableError("is neither a folder nor an http(s) address")
    else:
        with _opened_file(Path(mirror), file_name) as copy:
            yield copy


@contextmanager
def _opened_file(folder: Path, file_name: str) -> Iterator[Copy]:
    try:
        path = folder.expanduser() / file_name
        if not path.parent.is_dir():
            raise UnreachableError("there is no such folder")
        if not path.is_file():
            raise NotThereError("the folder does not have it")
        file = path.open("rb")
    except (OSError, RuntimeError) as error:  # RuntimeError: `~` without a home directory
        raise CopyError(f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    with file:
        found = os.fstat(file.fileno())
        yield Copy(str(path), _read_chunks(file), found.st_size, found.st_mtime_ns)


def _read_chunks(file: BinaryIO) -> Iterator[bytes]:
    try:
        while chunk := file.read(CHUNK):
            yield chunk
    except OSError as error:
        raise CopyError(f"cannot be read: {error.strerror or error}") from error


@contextmanager
def _opened_address(
    address: str, file_name: str, session: requests.Session, patience: Patience
) -> Iterator[Copy]:
    began = time.monotonic()
    url = f"{address.rstrip('/')}/{quote(file_name)}"
    try:
        response = session.get(url, stream=True, timeout=(patience.connect, patience.read))
    except requests.RequestException as error:
        raise UnreachableError(_why_no_answer(error, patience)) from error
    with response:
        if response.status_code != HTTPStatus.OK:
            answer = f"answered {response.status_code} {response.reason or ''}".rstrip()
            raise NotThereError(answer) if response.status_code in ABSENT else CopyError(answer)
        announced = response.headers.get("Content-Length", "")
        length = int(announced) if announced.isdecimal() else None
        yield Copy(url, _received(response, length, patience, began), length)


def _received(
    response: requests.Response, length: int | None, patience: Patience, began: float
) -> Iterator[bytes]:
    """Yield bytes as they arrive: `read1` returns what is available, so that slow servers do not block it."""
    received = 0
    window_began, window_received = time.monotonic(), 0
    while True:
        try:
            block = response.raw.read1(CHUNK, decode_content=False)
        except urllib3.exceptions.ReadTimeoutError as error:
            raise UnreachableError(
                f"stalled after {_progress(received, length)}: no data for {patience.read:g} s"
            ) from error
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise CopyError(f"connection lost after {_progress(received, length)}") from error
        received += len(block)
        if not block:
            break
        yield block
        now = time.monotonic()
        if now - began > patience.total:
            raise UnreachableError(f"too slow: {_progress(received, length)} in {patience.total:g} s")
        if now - window_began > patience.read:
            if received - window_received < SLOWEST * patience.read and received != length:
                raise UnreachableError(
                    f"too slow: {_progress(received, length)}, "
                    f"and only {received - window_received:,} of them in the last {patience.read:g} s"
                )
            window_began, window_received = now, received
    if length is not None and received != length:
        raise CopyError(f"connection lost after {_progress(received, length)}")


def _progress(received: int, length: int | None) -> str:
    return f"{received:,} bytes" if length is None else f"{received:,} of {length:,} bytes"


def _why_no_answer(error: requests.RequestException, patience: Patience) -> str:
    """A readable reason for an error that requests wraps in several exceptions."""
    chain = list(_causes(error))

    def has(*kinds: type[BaseException]) -> bool:
        return any(isinstance(cause, kinds) for cause in chain)

    if has(requests.exceptions.ProxyError):
        return "the proxy set in the environment does not respond"
    if has(requests.exceptions.SSLError):
        return f"no secure connection: {chain[-1]}"
    if has(ConnectionRefusedError):
        return "refused the connection"
    if has(gaierror):
        return "its name cannot be resolved (is there a network connection?)"
    if has(requests.ConnectTimeout, urllib3.exceptions.ConnectTimeoutError):
        return f"did not respond within {patience.connect:g} s"
    if has(requests.ReadTimeout, urllib3.exceptions.ReadTimeoutError):
        return f"accepted the request, but sent no data for {patience.read:g} s"
    if isinstance(error, requests.ConnectionError):
        return f"connection lost ({chain[-1]})"
    return str(error)


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and its causes, outermost first; urllib3 stores some of them in `reason`."""
    seen: set[int] = set()
    waiting: list[Any] = [error]
    while waiting:
        cause = waiting.pop(0)
        if isinstance(cause, BaseException) and id(cause) not in seen:
            seen.add(id(cause))
            yield cause
            waiting += [*cause.args, getattr(cause, "reason", None), cause.__cause__, cause.__context__]
