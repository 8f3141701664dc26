"""The IDX format: four bytes of magic, the big-endian dimensions, then the values, one byte each."""

import hashlib
import math
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from downhill.config.dataset import IDX_NAMES, Source
from downhill.datasets.dataset import Images
from downhill.datasets.unpack import CopyError, unpacked
from downhill.errors import DownhillError

MAGIC_BYTES = 4
UNSIGNED_BYTE = 0x08
MOST_DIMENSIONS = 4
CHUNK = 1 << 20  # bytes read from a file at a time


def header_size(magic: bytes | bytearray) -> int:
    """Bytes that the header takes, told by the first four of them.

    Raises
    ------
    CopyError
        If these four bytes do not begin an IDX file of unsigned bytes with 1 to 4 dimensions.
    """
    if len(magic) < MAGIC_BYTES:
        raise CopyError(f"not IDX: {len(magic)} bytes are too few for a header")
    zero: int
    kind: int
    dimensions: int
    zero, kind, dimensions = struct.unpack(">HBB", magic[:MAGIC_BYTES])
    if zero != 0:
        raise CopyError(
            f"not IDX: it begins with the bytes {magic[:MAGIC_BYTES].hex(' ')} instead of 00 00 08"
        )
    if kind != UNSIGNED_BYTE:
        raise CopyError(
            f"not IDX of unsigned bytes: its type code is 0x{kind:02x} instead of 0x{UNSIGNED_BYTE:02x}"
        )
    if not 1 <= dimensions <= MOST_DIMENSIONS:
        raise CopyError(f"not IDX as we know it: {dimensions} dimensions instead of 1 to {MOST_DIMENSIONS}")
    return MAGIC_BYTES + 4 * dimensions


def header_shape(content: bytes | bytearray) -> tuple[int, ...]:
    """Dimensions that the header announces with which `content` begins; see `header_size` for errors."""
    size = header_size(content)
    if len(content) < size:
        raise CopyError(f"not IDX: {len(content)} bytes are too few for a header of {size}")
    return struct.unpack(f">{(size - MAGIC_BYTES) // 4}I", content[MAGIC_BYTES:size])


def total_size(shape: tuple[int, ...]) -> int:
    """Bytes of a whole IDX file with these dimensions."""
    return MAGIC_BYTES + 4 * len(shape) + math.prod(shape)


def parse_idx(content: bytes | bytearray, name: str) -> npt.NDArray[np.uint8]:
    """Read a decompressed IDX file held in memory.

    Parameters
    ----------
    content
        The whole file.
    name
        What to call it in errors.

    Returns
    -------
    uint8 array with the dimensions that the header announces; read-only if `content` is `bytes`.

    Raises
    ------
    DownhillError
        If the magic is wrong, or the length is not exactly what the dimensions ask for.
    """
    try:
        shape = header_shape(content)
    except CopyError as fault:
        raise DownhillError(f"{name} is {fault}") from fault
    if len(content) != total_size(shape):
        raise _wrong_length(name, shape, f"{len(content):,}")
    values = np.frombuffer(content, dtype=np.uint8, offset=header_size(content))
    try:
        return values.reshape(shape)
    except ValueError as error:  # no values, as one dimension is 0, and the others beyond all bounds
        raise DownhillError(f"{name} announces impossible dimensions: {error}") from error


def read_idx(path: Path | str) -> npt.NDArray[np.uint8]:
    """Read an IDX file, raw or gzipped: its first bytes decide, not its suffix.

    A gzip file that expands past what its header announces is left as soon as it does.

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
        raise DownhillError(f"{path} cannot be used: {fault}; bring a whole copy") from fault
    except OSError as error:
        raise DownhillError(f"{path} cannot be read: {error.strerror or error}") from error
    return parse_idx(content, str(path))


def file_chunks(path: Path) -> Iterator[bytes]:
    """The bytes of a file, a chunk at a time."""
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def find_file(folder: Path, name: str) -> Path:
    """`name` in `folder`, or else `name`.gz.

    Raises
    ------
    DownhillError
        If neither is there.
    """
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise DownhillError(f"{folder} has neither {name} nor {name}.gz; put one of them there")


def read_pair(images_path: Path, labels_path: Path) -> Images:
    """Read an images file and its labels file.

    Raises
    ------
    DownhillError
        If either is damaged, has the wrong number of dimensions, is empty, or their counts differ.
    """
    images, labels = read_idx(images_path), read_idx(labels_path)
    for path, array, what, dimensions in (
        (images_path, images, "images", 3),
        (labels_path, labels, "labels", 1),
    ):
        if array.ndim != dimensions:
            raise DownhillError(f"{path} has {array.ndim} dimension(s); {what} have {dimensions}")
    if len(images) == 0:
        raise DownhillError(f"{images_path} holds no images; at least one is needed")
    if len(images) != len(labels):
        raise DownhillError(
            f"{labels_path} holds {len(labels)} labels but {images_path} {len(images)} images; bring a pair"
        )
    return Images(images, labels)


def read_source(folder: Path | str, source: Source) -> tuple[Images, Images]:
    """Read and check the four files of a source, raw or gzipped.

    Returns
    -------
    The training file's images and the test file's, in file order.

    Raises
    ------
    DownhillError
        If a file is missing, damaged, or not what `source` promises: image shape, labels below the
        number of classes, checksum. The message names the file.
    """
    folder = Path(folder)
    return _read_checked(folder, "train", source), _read_checked(folder, "test", source)


def _read_checked(folder: Path, part: str, source: Source) -> Images:
    images_path = find_file(folder, IDX_NAMES[f"{part}_images"])
    labels_path = find_file(folder, IDX_NAMES[f"{part}_labels"])
    try:
        pair = read_pair(images_path, labels_path)
    except DownhillError as error:  # what was brought once can be brought again
        words = str(error).removesuffix("; bring a whole copy")
        raise DownhillError(f"{words}; delete it and run again") from error
    if pair.images.shape[1:] != source.image_shape:
        found, wanted = (" x ".join(map(str, shape)) for shape in (pair.images.shape[1:], source.image_shape))
        raise DownhillError(f"{images_path} has images of {found} pixels; {source.title} has {wanted}")
    if (highest := int(pair.labels.max())) >= len(source.classes):
        raise DownhillError(
            f"{labels_path} has the label {highest}; {source.title} has {len(source.classes)} classes, "
            f"so labels go from 0 to {len(source.classes) - 1}"
        )
    for path, file, array in (
        (images_path, getattr(source.files, f"{part}_images"), pair.images),
        (labels_path, getattr(source.files, f"{part}_labels"), pair.labels),
    ):
        # The file was right when it was fetched; IDX itself would not show what befell it since.
        if file.sha256 is not None and _checksum(array) != file.sha256:
            raise DownhillError(f"{path} is not the file its checksum promises; delete it and run again")
    return pair


def _checksum(array: npt.NDArray[np.generic]) -> str:
    header = struct.pack(f">HBB{array.ndim}I", 0, UNSIGNED_BYTE, array.ndim, *array.shape)
    digest = hashlib.sha256(header)
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _wrong_length(name: str, shape: tuple[int, ...], found: str) -> DownhillError:
    dimensions = " x ".join(map(str, shape))
    return DownhillError(
        f"{name} announces {dimensions} values and so must have {total_size(shape):,} bytes, "
        f"but has {found}; bring a whole copy"
    )
