"""Converting tables of pixels (CSV) into the four IDX files of a source."""

import gzip
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from downhill.config.dataset import IDX_NAMES
from downhill.config.generated import MOST_CLASSES
from downhill.datasets.idx import UNSIGNED_BYTE
from downhill.errors import DownhillError
from downhill.storage.atomic import atomic_path
from downhill.storage.problems import unreadable

Pixels = npt.NDArray[np.uint8]
Pair = tuple[Pixels, Pixels]
"""Images, uint8 (n, height, width), and their labels, uint8 (n,)."""


def read_pixels(
    table: Path | str, image_shape: tuple[int, int], brightest: float = 255, label: str = "last"
) -> Pair:
    """Read images and labels from a table with one row per image: its pixels, row by row of the image, and its label.

    Parameters
    ----------
    table
        CSV file; it may be compressed, and it may begin with a row of column names.
    image_shape
        Height and width in pixels.
    brightest
        The value of a pixel that is fully lit; 0 is dark. Values are scaled to 0 … 255 and rounded (halves to even).
    label
        The column of the labels, `first` or `last`. Labels are whole numbers 0, 1, …

    Returns
    -------
    uint8 (n, height, width) and uint8 (n,), in the order of the table.

    Raises
    ------
    DownhillError
        If the file cannot be read, has another number of columns, or has a cell that is not a pixel or a label.
    """
    table, (height, width) = Path(table), image_shape
    cells = _cells(table)
    if cells.shape[1] != height * width + 1:
        raise DownhillError(
            f"{table} has {cells.shape[1]:,} columns, but images of {height} × {width} pixels and a label take "
            f"{height * width + 1:,}; give the height and width of its images"
        )
    at = 0 if label == "first" else height * width
    labels, pixels = cells[:, at], np.delete(cells, at, axis=1)
    _check(
        table,
        (pixels >= 0) & (pixels <= brightest),
        pixels,
        f"the pixel {{}}, which is not between 0 and {brightest:g}; correct it, or give the value of a fully lit pixel",
    )
    _check(
        table,
        ((labels >= 0) & (labels < MOST_CLASSES) & (labels % 1 == 0))[:, None],
        labels[:, None],
        f"the label {{}}, which is not a whole number from 0 to {MOST_CLASSES - 1}; number the classes 0, 1, …, and "
        "say whether labels are in the first or the last column",
    )
    scaled = np.rint(pixels * 255 / brightest).astype(np.uint8)
    return scaled.reshape(-1, height, width), labels.astype(np.uint8)


def split_off(images_and_labels: Pair, test_images: int) -> tuple[Pair, Pair]:
    """The images of a table without its last ones, for training, and these last ones, for testing.

    Raises
    ------
    DownhillError
        If none would be left for training.
    """
    images, labels = images_and_labels
    if test_images >= len(images):
        raise DownhillError(
            f"the table has {len(images):,} images, so {test_images:,} for testing leave none to train on; choose at "
            f"most {len(images) - 1:,}"
        )
    return (images[:-test_images], labels[:-test_images]), (images[-test_images:], labels[-test_images:])


def write_idx_files(folder: Path | str, train: Pair, test: Pair) -> None:
    """Write the four files of a source, gzipped; the decompressed bytes depend only on the images and labels.

    Raises
    ------
    DownhillError
        If `folder` cannot be created or written to.
    """
    arrays = dict(zip(IDX_NAMES.values(), (*train, *test), strict=True))
    for name, array in arrays.items():
        header = struct.pack(f">HBB{array.ndim}I", 0, UNSIGNED_BYTE, array.ndim, *array.shape)
        with atomic_path(Path(folder) / f"{name}.gz") as path:
            path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=9, mtime=0))


def _cells(table: Path) -> npt.NDArray[np.float64]:
    """All cells of a table as numbers, NaN where there is none, without a row of column names."""
    has_names = False
    try:
        names = pd.read_csv(table, header=None, nrows=1, dtype=str)
        has_names = bool(pd.to_numeric(names.iloc[0], errors="coerce").isna().all())
        # With names for fewer columns than there are, pandas would take the first ones for the names of rows.
        found = pd.read_csv(table, header=None, skiprows=int(has_names), low_memory=False)
    except OSError as error:
        if error.errno is not None:
            raise DownhillError(unreadable(table, error)) from error
        raise _not_a_table(table, error) from error
    except (ValueError, EOFError, zlib.error) as error:
        if has_names and isinstance(error, pd.errors.EmptyDataError):
            raise DownhillError(f"{table} has no images; name a table with one row per image") from error
        raise _not_a_table(table, error) from error
    numbers = np.asarray(found.apply(pd.to_numeric, errors="coerce"), np.float64)
    if not np.isfinite(numbers).all():
        row, column = (int(index) for index in np.argwhere(~np.isfinite(numbers))[0])
        cell = found.iloc[[row], column].astype(str).item()
        content = (
            "is empty" if found.iloc[[row], column].isna().item() else f"'{cell}' is not a finite number"
        )
        raise DownhillError(f"{table}, image {row + 1:,}: column {column + 1:,} {content}; correct this row")
    return numbers


def _check(table: Path, valid: npt.NDArray[np.bool_], values: npt.NDArray[np.float64], problem: str) -> None:
    """Make sure that all values (n, k) are valid; the message names the first that is not."""
    if not valid.all():
        row, column = np.argwhere(~valid)[0]
        raise DownhillError(f"{table}, image {row + 1:,} has {problem.format(f'{values[row, column]:g}')}")


def _not_a_table(table: Path, error: Exception) -> DownhillError:
    return DownhillError(
        f"{table} is not a table of numbers ({' '.join(str(error).split())}); name a CSV file with one row per image"
    )
