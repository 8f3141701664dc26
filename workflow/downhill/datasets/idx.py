"""The IDX format: four magic bytes, the dimensions as big-endian integers, then the values, one byte each."""

import math
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from downhill.datasets.unpack import CopyError, unpacked
from downhill.errors import DownhillError
from downhill.storage.problems import unreadable

MAGIC_BYTES = 4
UNSIGNED_BYTE = 0x08
MOST_DIMENSIONS = 4
CHUNK = 1 << 20  # bytes read from a file at a time
_REPLACE = "replace it with a complete copy"


class UnusableError(DownhillError):
    """Files with the wrong content.

    Attributes
    ----------
    problem
        What is wrong, as a sentence without a remedy.
    files
        The files that it concerns.
    """

    def __init__(self, problem: str, files: Iterable[Path | str], remedy: str = "") -> None:
        super().__init__(f"{problem}; {remedy}" if remedy else problem)
        self.problem, self.files = problem, [Path(file) for file in files]


def header_size(magic: bytes | bytearray) -> int:
    """Size of the header in bytes, computed from its first four bytes.

    Raises
    ------
    CopyError
        If these four bytes are not the start of an IDX file of unsigned bytes with 1 to 4 dimensions.
    """
    if len(magic) < MAGIC_BYTES:
        raise CopyError(f"not IDX: {len(magic)} bytes are too few for a header")
    zero: int
    kind: int
    dimensions: int
    zero, kind, dimensions = struct.unpack(">HBB", magic[:MAGIC_BYTES])
    if zero != 0:
        raise CopyError(
            f"not IDX: it starts with the bytes {magic[:MAGIC_BYTES].hex(' ')} instead of 00 00 08"
        )
    if kind != UNSIGNED_BYTE:
        raise CopyError(
            f"not IDX of unsigned bytes: its type code is 0x{kind:02x} instead of 0x{UNSIGNED_BYTE:02x}"
        )
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise CopyError(f"not supported IDX: {dimensions} dimensions instead of 1 to {MOST_DIMENSIONS}")
    return MAGIC_BYTES + 4 * dimensions


def header_shape(content: bytes | bytearray) -> tuple[int, ...]:
    """Dimensions declared by the header at the start of `content`; see `header_size` for errors."""
    size = header_size(content)
    if len(content) < size:
        raise CopyError(f"not IDX: {len(content)} bytes are too few for a header of {size}")
    return struct.unpack(f">{(size - MAGIC_BYTES) // 4}I", content[MAGIC_BYTES:size])


def total_size(shape: tuple[int, ...]) -> int:
    """Size in bytes of an IDX file with these dimensions."""
    return MAGIC_BYTES + 4 * len(shape) + math.prod(shape)


def parse_idx(content: bytes | bytearray, name: str) -> npt.NDArray[np.uint8]:
    """Read a decompressed IDX file held in memory.

    Parameters
    ----------
    content
        The whole file.
    name
        Its name in error messages.

    Returns
    -------
    uint8 array with the dimensions declared in the header; read-only if `content` is `bytes`.

    Raises
    ------
    DownhillError
        If the magic bytes are wrong, or the length does not match the dimensions exactly.
    """
    try:
        shape = header_shape(content)
    except CopyError as fault:
        raise UnusableError(f"{name} is {fault}", [name]) from fault
    if len(content) != total_size(shape):
        raise _wrong_length(name, shape, f"{len(content):,}")
    values = np.frombuffer(content, dtype=np.uint8, offset=header_size(content))
    try:
        return values.reshape(shape)
    except ValueError as error:  # one dimension is 0, and the others are too large for NumPy
        raise UnusableError(f"{name} declares impossible dimensions: {error}", [name]) from error


def read_idx(path: Path | str) -> npt.NDArray[np.uint8]:
    """Read an IDX file, raw or gzipped; the format is detected from its first bytes, not from its suffix.

    Decompression of a gzip file stops as soon as the content is larger than its header declares.

    Raises
    ------
    DownhillError
        If the file cannot be read, is damaged, or is not IDX; see `parse_idx`.
    """
    path = Path(path)
    content = bytearray()
    shape: tuple[int, ...] | None = None
    try:
        for block in unpacked(file_chunks(path)):
            content += block
            if shape is None and len(content) >= MAGIC_BYTES + 4 * MOST_DIMENSIONS:
                shape = header_shape(content)
            if shape is not None and len(content) > total_size(shape):
                raise _wrong_length(str(path), shape, f"at least {len(content):,}")
    except CopyError as fault:
        raise UnusableError(f"{path} cannot be used: {fault}", [path], _REPLACE) from fault
    except OSError as error:
        raise DownhillError(unreadable(path, error, "put the file there")) from error
    return parse_idx(content, str(path))


def read_shape(path: Path | str) -> tuple[int, ...]:
    """Dimensions that an IDX file declares, raw or gzipped; only the start of the file is read.

    Raises
    ------
    DownhillError
        If the file cannot be read, is damaged, or is not IDX.
    """
    path, head = Path(path), b""
    try:
        for block in unpacked(file_chunks(path, size=1024)):
            head += block
            if len(head) >= MAGIC_BYTES + 4 * MOST_DIMENSIONS:
                break
        return header_shape(head)
    except CopyError as fault:
        raise UnusableError(f"{path} cannot be used: {fault}", [path], _REPLACE) from fault
    except OSError as error:
        raise DownhillError(unreadable(path, error, "put the file there")) from error


def file_chunks(path: Path, size: int = CHUNK) -> Iterator[bytes]:
    """The content of a file, in chunks of `size` bytes."""
    with path.open("rb") as file:
        while chunk := file.read(size):
            yield chunk


def _wrong_length(name: str, shape: tuple[int, ...], found: str) -> UnusableError:
    dimensions = " x ".join(map(str, shape))
    problem = (
        f"{name} declares {dimensions} values and must have {total_size(shape):,} bytes, but has {found}"
    )
    return UnusableError(problem, [name], _REPLACE)
