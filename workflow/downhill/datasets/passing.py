"""Checking an IDX file while it is being received, so that no oversized or invalid file is ever kept."""

import hashlib

from downhill.config.dataset import SourceFile
from downhill.datasets.idx import MAGIC_BYTES, header_shape, header_size, total_size
from downhill.datasets.unpack import CopyError

MOST_BYTES = 4 << 30  # far more than any data set that this workflow is meant for
HEADER_ALLOWANCE = 1 << 20  # bytes that compression may add to the content


class MisfitError(CopyError):
    """A complete IDX file, but not one that the source describes."""


class PassingIdx:
    """Checks of one IDX file whose bytes are seen once, in order.

    Parameters
    ----------
    file
        Its name and SHA-256.
    shape
        Dimensions after the first (the count): (height, width) for images, () for labels.
    classes
        Number of classes, for labels.
    """

    def __init__(self, file: SourceFile, shape: tuple[int, ...], classes: int | None = None) -> None:
        self._file = file
        self._shape = shape
        self._classes = classes
        self._highest = 0
        self._digest = hashlib.sha256()
        self._header = b""
        self._expected: int | None = None
        self._seen = 0

    @property
    def most_packed_bytes(self) -> int:
        """Maximum number of bytes that a mirror may send for the file; compression adds little at worst."""
        expected = self._expected or 0
        return expected + expected // 100 + HEADER_ALLOWANCE

    @property
    def has_checksum(self) -> bool:
        """Whether the expected checksum is known."""
        return self._file.sha256 is not None

    @property
    def count(self) -> int:
        """Number of images or labels, once the header has been seen."""
        return header_shape(self._header)[0]

    def feed(self, block: bytes) -> None:
        """Process the next bytes.

        Raises
        ------
        CopyError
            If the header is not that of the expected file, or there are more bytes than it declares.
        """
        self._digest.update(block)
        if self._classes is not None:
            values = block[max(0, MAGIC_BYTES + 4 - self._seen) :]
            self._highest = max(self._highest, max(values, default=0))
        self._seen += len(block)
        if self._expected is None:
            self._header += block[:64]
            if len(self._header) >= MAGIC_BYTES and len(self._header) >= header_size(self._header):
                self._expected = self._checked_size(header_shape(self._header))
        if self._expected is not None and self._seen > self._expected:
            raise CopyError(f"expands beyond the {self._expected:,} bytes that its header declares")

    def finish(self) -> str:
        """Check the length and the checksum at the end of the file.

        Returns
        -------
        The SHA-256 of the content.

        Raises
        ------
        CopyError
            If the content is too short, its checksum is wrong, or a label is not that of a class.
        """
        if self._expected is None:
            header_shape(self._header)  # raises an error with the reason
        if self._seen != self._expected:
            raise CopyError(f"ends early: {self._seen:,} of {self._expected:,} bytes")
        checksum = self._digest.hexdigest()
        if self._file.sha256 not in (None, checksum):
            raise MisfitError(
                f"wrong checksum: SHA-256 {_short(checksum)} instead of {_short(self._file.sha256)}"
            )
        if self._classes is not None and self._highest >= self._classes:
            raise MisfitError(
                f"contains the label {self._highest}, but the source has only {self._classes} classes"
            )
        return checksum

    def _checked_size(self, shape: tuple[int, ...]) -> int:
        if shape[1:] != self._shape:
            raise MisfitError(
                f"wrong dimensions: {_dimensions(shape)} instead of {_dimensions(('count', *self._shape))}"
            )
        if shape[0] == 0:
            raise CopyError(f"contains no {'images' if self._shape else 'labels'}")
        if (size := total_size(shape)) > MOST_BYTES:
            raise CopyError(f"its header declares {size:,} bytes; the limit is {MOST_BYTES:,}")
        return size


def _dimensions(shape: tuple[int | str, ...]) -> str:
    return " x ".join(map(str, shape))


def _short(checksum: str) -> str:
    return f"{checksum[:12]}…"
