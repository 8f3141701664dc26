"""Helpers for sources that are small enough to create, damage and download many times."""

import hashlib
import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt

from downhill.config.dataset import Source, SourceFile, SourceFiles

BUNDLED = Path(__file__).parents[3] / "resources" / "bundled" / "mnist"
NAMES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}
DIGITS = tuple("0123456789")


def idx_bytes(array: npt.NDArray[np.uint8]) -> bytes:
    """An IDX file written independently of the package, so that the reader is not tested against its own code."""
    return bytes([0, 0, 8, array.ndim]) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def source_of(contents: dict[str, bytes], mirrors: tuple[str, ...], checksums: bool = True) -> Source:
    """A source whose checksums match these contents."""
    files = {
        key: SourceFile(name=name, sha256=hashlib.sha256(contents[name]).hexdigest() if checksums else None)
        for key, name in NAMES.items()
    }
    return Source(title="Tiny", classes=DIGITS, mirrors=mirrors, files=SourceFiles(**files))


def write_files(folder: Path, contents: dict[str, bytes]) -> Path:
    """Write the contents as raw files to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return folder
