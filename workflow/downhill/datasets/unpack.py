"""Decompressing a file that arrives in chunks, gzipped or not, with little memory."""

import zlib
from collections.abc import Iterable, Iterator
from itertools import chain

GZIP_MAGIC = b"\x1f\x8b"
BLOCK = 1 << 20  # maximum number of bytes returned by one decompression step


class CopyError(Exception):
    """A copy of a file cannot be used; the message is a phrase that follows the name of the file."""


def sniffed(chunks: Iterable[bytes]) -> tuple[bool, Iterator[bytes]]:
    """Detect from its first two bytes whether a file is gzipped, since its suffix is not reliable.

    Returns
    -------
    tuple
        Whether the file is gzipped, and all of its chunks, including those already read.
    """
    source = iter(chunks)
    head = b""
    for chunk in source:
        head += chunk
        if len(head) >= len(GZIP_MAGIC):
            break
    return head.startswith(GZIP_MAGIC), chain([head] if head else [], source)


def gunzipped(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Decompress a gzip file of one or more members, at most `BLOCK` bytes at a time.

    What `gzip -t` accepts is accepted: the last member may be followed by zero bytes, with which tapes and some tools
    fill the last block.

    Raises
    ------
    CopyError
        If the stream is damaged, ends early, or is followed by other data.
    """
    engine, padding = zlib.decompressobj(wbits=31), False
    for chunk in chunks:
        remaining = chunk
        while remaining:
            if engine.eof:
                padding = padding or remaining[0] == 0
                if padding and not remaining.strip(b"\0"):
                    break
                if padding or remaining[0] != GZIP_MAGIC[0]:
                    raise CopyError("its gzip stream is followed by other data")
                engine = zlib.decompressobj(wbits=31)
            try:
                block = engine.decompress(remaining, BLOCK)
            except zlib.error as error:
                detail = str(error).rpartition(": ")[2]
                raise CopyError(f"its gzip stream is damaged ({detail})") from error
            if block:
                yield block
            remaining = engine.unused_data if engine.eof else engine.unconsumed_tail
    if not engine.eof:
        raise CopyError("its gzip stream ends early")


def unpacked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a file that may be gzipped or raw, in chunks; raises `CopyError` like `gunzipped`."""
    packed, chunks = sniffed(chunks)
    return gunzipped(chunks) if packed else chunks
