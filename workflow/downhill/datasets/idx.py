"""The IDX format: four magic bytes, the dimensions as big-endian integers, then the values, one byte each."""

import hashlib
import math
import os
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt

from downhill.config.dataset import IDX_NAMES, Source
from downhill.datasets.dataset import Images
from downhill.datasets.unpack import CopyError, unpacked
from downhill.errors import DownhillError
from downhill.storage.problems import checksum, made_by, unreadable

MAGIC_BYTES = 4
UNSIGNED_BYTE = 0x08
MOST_DIMENSIONS = 4
CHUNK = 1 << 20  # bytes read from a file at a time


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
        raise DownhillError(f"{name} is {fault}") from fault
    if len(content) != total_size(shape):
        raise _wrong_length(name, shape, f"{len(content):,}")
    values = np.frombuffer(content, dtype=np.uint8, offset=header_size(content))
    try:
        return values.reshape(shape)
    except ValueError as error:  # one dimension is 0, and the others are too large for NumPy
        raise DownhillError(f"{name} declares impossible dimensions: {error}") from error


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
        raise DownhillError(f"{path} cannot be used: {fault}; replace it with a complete copy") from fault
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
        raise DownhillError(f"{path} cannot be used: {fault}; replace it with a complete copy") from fault
    except OSError as error:
        raise DownhillError(unreadable(path, error, "put the file there")) from error


def file_chunks(path: Path, size: int = CHUNK) -> Iterator[bytes]:
    """The content of a file, in chunks of `size` bytes."""
    with path.open("rb") as file:
        while chunk := file.read(size):
            yield chunk


def find_file(folder: Path, name: str) -> Path:
    """Path of `name` in `folder`, or of `name`.gz if there is no such file.

    Raises
    ------
    DownhillError
        If neither exists.
    """
    for path in (folder / name, folder / f"{name}.gz"):
        if os.path.isfile(path):  # noqa: PTH113  # raises no errors
            return path
    raise DownhillError(f"{folder} has neither {name} nor {name}.gz; put one of them there")


def read_pair(images_path: Path, labels_path: Path) -> Images:
    """Read a file of images and the corresponding file of labels.

    Raises
    ------
    DownhillError
        If either file is damaged, has the wrong number of dimensions or is empty, or if their lengths differ.
    """
    images, labels = read_idx(images_path), read_idx(labels_path)
    for path, array, what, dimensions in (
        (images_path, images, "images", 3),
        (labels_path, labels, "labels", 1),
    ):
        if array.ndim != dimensions:
            raise DownhillError(f"{path} has {array.ndim} dimension(s); {what} have {dimensions}")
    if images.size == 0:
        size = " x ".join(map(str, images.shape[1:]))
        problem = "no images; at least one is needed" if len(images) == 0 else f"images of {size} pixels"
        raise DownhillError(f"{images_path} contains {problem}")
    if len(images) != len(labels):
        raise DownhillError(
            f"{labels_path} contains {len(labels)} labels, but {images_path} contains {len(images)} images; "
            "replace one of the files so that they match"
        )
    return Images(images, labels)


def read_source(folder: Path | str, source: Source) -> tuple[Images, Images]:
    """Read and check the four files of a source, raw or gzipped.

    Returns
    -------
    Training images and test images, in file order.

    Raises
    ------
    DownhillError
        If a file is missing, damaged, or does not match `source` in its image shape, number of classes or checksum. The
        message names the file.
    """
    folder = Path(folder)
    return _read_checked(folder, "train", source), _read_checked(folder, "test", source)


def _read_checked(folder: Path, part: str, source: Source) -> Images:
    images_path = find_file(folder, IDX_NAMES[f"{part}_images"])
    labels_path = find_file(folder, IDX_NAMES[f"{part}_labels"])
    try:
        pair = read_pair(images_path, labels_path)
        _check_content(pair, images_path, labels_path, part, source)
    except DownhillError as error:
        if isinstance(error.__cause__, OSError):
            raise
        problem = str(error).partition("; replace")[0]
        raise DownhillError(f"{problem}; {_remedy((images_path, labels_path), problem)}") from error
    return pair


def _check_content(pair: Images, images_path: Path, labels_path: Path, part: str, source: Source) -> None:
    """Check a pair of files against their source; errors without remedies."""
    if pair.images.shape[1:] != source.image_shape:
        found, wanted = (" x ".join(map(str, shape)) for shape in (pair.images.shape[1:], source.image_shape))
        raise DownhillError(f"{images_path} has images of {found} pixels; {source.title} has {wanted}")
    if (highest := int(pair.labels.max())) >= len(source.classes):
        raise DownhillError(
            f"{labels_path} has the label {highest}; {source.title} has {len(source.classes)} classes, "
            f"so labels must be from 0 to {len(source.classes) - 1}"
        )
    for path, file, array in (
        (images_path, getattr(source.files, f"{part}_images"), pair.images),
        (labels_path, getattr(source.files, f"{part}_labels"), pair.labels),
    ):
        # The file was valid when it was downloaded; IDX has no checksum that would reveal later damage.
        if file.sha256 is not None and _checksum(array) != file.sha256:
            raise DownhillError(f"{path} does not match its checksum")


def _remedy(paths: Iterable[Path], problem: str) -> str:
    """What helps against a problem with a pair of files: deleting them only if others would be downloaded."""
    made = {path: record for path in paths if (record := made_by(path))}
    changed = [path for path, record in made.items() if checksum(path) != record["sha256"]]
    if changed:
        return f"delete {_listed(changed)} (changed since the download) and run again"
    concerned = [path for path in paths if str(path) in problem]
    if not made:
        return f"replace {_listed(concerned)} with the right files, or correct the source in datasets.yaml"
    origins = [record["origin"] or "the mirrors" for path, record in made.items() if path in concerned]
    return (
        f"correct {_listed(dict.fromkeys(origins))} or the source in datasets.yaml, then delete {_listed(concerned)} "
        "(unchanged since the download) and run again"
    )


def _listed(paths: Iterable[Path | str]) -> str:
    return " and ".join(map(str, paths))


def _checksum(array: npt.NDArray[np.generic]) -> str:
    header = struct.pack(f">HBB{array.ndim}I", 0, UNSIGNED_BYTE, array.ndim, *array.shape)
    digest = hashlib.sha256(header)
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _wrong_length(name: str, shape: tuple[int, ...], found: str) -> DownhillError:
    dimensions = " x ".join(map(str, shape))
    return DownhillError(
        f"{name} declares {dimensions} values and must have {total_size(shape):,} bytes, "
        f"but has {found}; replace it with a complete copy"
    )
