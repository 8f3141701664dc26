"""Checking an IDX file while it goes by, so that nothing too large or wrong is ever kept."""

import hashlib

from downhill.config.dataset import SourceFile
from downhill.datasets.idx import MAGIC_BYTES, header_shape, header_size, total_size
from downhill.datasets.unpack import CopyError

MOST_BYTES = 4 << 30  # no data set meant for this workflow comes near
HEADER_ALLOWANCE = 1 << 20  # bytes that packing may cost beyond the content


class PassingIdx:
    """What is known of one IDX file of which the bytes go by once.

    Parameters
    ----------
    file
        Its name and SHA-256.
    shape
        Dimensions behind the first (the count): (height, width) for images, () for labels.
    """

    def __init__(self, file: SourceFile, shape: tuple[int, ...]) -> None:
        self._file = file
        self._shape = shape
        self._digest = hashlib.sha256()
        self._header = b""
        self._expected: int | None = None
        self._seen = 0

    @property
    def most_packed_bytes(self) -> int:
        """How many bytes a mirror may send for it: packing never costs more than a little."""
        expected = self._expected or 0
        return expected + expected // 100 + HEADER_ALLOWANCE

    def feed(self, block: bytes) -> None:
        """Take note of the next bytes.

        Raises
        ------
        CopyError
            If the header is not that of the file sought, or more comes than it announces.
        """
        self._digest.update(block)
        self._seen += len(block)
        if self._expected is None:
            self._header += block[:64]
            if len(self._header) >= MAGIC_BYTES and len(self._header) >= header_size(self._header):
                self._expected = self._checked_size(header_shape(self._header))
        if self._expected is not None and self._seen > self._expected:
            raise CopyError(f"expands past the {self._expected:,} bytes that its header announces")

    def finish(self) -> str:
        """Check what can only be known at the end.

        Returns
        -------
        The SHA-256 of the content.

        Raises
        ------
        CopyError
            If the content is short, or its checksum is wrong.
        """
        if self._expected is None:
            header_shape(self._header)  # says what is wrong with it
        if self._seen != self._expected:
            raise CopyError(f"ends early: {self._seen:,} of {self._expected:,} bytes")
        checksum = self._digest.hexdigest()
        if self._file.sha256 is not None and checksum != self._file.sha256:
            raise CopyError(
                f"wrong checksum: SHA-256 {_short(checksum)} instead of {_short(self._file.sha256)}"
            )
        return checksum

    def _checked_size(self, shape: tuple[int, ...]) -> int:
        if shape[1:] != self._shape:
            raise CopyError(
                f"wrong dimensions: {_dimensions(shape)} instead of {_dimensions(('count', *self._shape))}"
            )
        if (size := total_size(shape)) > MOST_BYTES:
            raise CopyError(f"its header announces {size:,} bytes; more than {MOST_BYTES:,} are not taken")
        return size


def _dimensions(shape: tuple[int | str, ...]) -> str:
    return " x ".join(map(str, shape))


def _short(checksum: str) -> str:
    return f"{checksum[:12]}…"
