"""Images as the engine reads them: the lit pixels of each, or all pixels where most are lit.

Four of five pixels of a digit are zero and need no arithmetic. Pixels stay as they came, one byte each where
they were bytes: that more of a data set fits into the processor's caches is worth more than it costs to turn a
batch's pixels into float32 each time.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import Images
from downhill.engine.compiling import compiled
from downhill.engine.constants import WIDTH
from downhill.engine.layout import Layout
from downhill.errors import DownhillError
from downhill.network.targets import target_table

# Share of lit pixels from which all pixels are taken: an entry of a sparse image costs as much as about three
# multiplications of a dense product.
DENSE_FROM = 0.35
MOST_PIXELS = 65_536  # what uint16 counts


class EngineImages(NamedTuple):
    """n images, image after image.

    Sparse (compressed rows): image i owns the entries starts[i] … starts[i + 1] of `pixels` (which input) and
    `values` (how bright). Dense: `pixels` is empty, and all n_pixels of an image are there. Behind the last entry
    there is room to read a whole vector.

    `values` are the bytes of numbers that take `size` bytes each: uint8 (size 1), in units of 1/255, or float32
    (size 4). One type for both, so that the kernels are compiled once.
    """

    starts: NDArray[np.int64]
    pixels: NDArray[np.uint16]
    values: NDArray[np.uint8]
    size: int
    n_pixels: int
    most_entries: int

    @property
    def n_images(self) -> int:
        """Number of images."""
        return len(self.starts) - 1


class Examples(NamedTuple):
    """Images and what the outputs shall be: row wanted[i] of `targets`, whose rows are padded as the outputs."""

    images: EngineImages
    wanted: NDArray[np.int32]
    targets: NDArray[np.float32]


def engine_images(images: ArrayLike) -> EngineImages:
    """Images (n, height, width) or (n, n_pixels) in the engine's form.

    uint8 pixels 0…255 are scaled to 0…1; floats are taken as they are.

    Raises
    ------
    DownhillError
        If the array has fewer than two dimensions, more than 65,536 pixels an image, or whole numbers that
        are not uint8.
    """
    array = np.asarray(images)
    if array.ndim < 2:
        raise DownhillError(f"images must have a shape (n, height, width) or (n, pixels), not {array.shape}")
    if array.dtype != np.uint8 and not np.issubdtype(array.dtype, np.floating):
        raise DownhillError(f"pixels must be uint8 (0 to 255) or floats (scaled already), not {array.dtype}")
    n, n_pixels = len(array), int(np.prod(array.shape[1:]))
    if n_pixels > MOST_PIXELS:
        raise DownhillError(f"an image has {n_pixels:,} pixels; the engine takes up to {MOST_PIXELS:,}")
    kind = np.dtype(np.uint8 if array.dtype == np.uint8 else np.float32)
    rows = np.ascontiguousarray(array.reshape(n, n_pixels), kind)
    lit = np.zeros(n, np.int64)
    _count_lit(rows, lit)
    dense = bool(lit.sum() > DENSE_FROM * rows.size)
    entries = np.full(n, n_pixels) if dense else lit
    starts = np.concatenate(([0], np.cumsum(entries))).astype(np.int64)
    values = np.zeros(starts[-1] + WIDTH, kind)
    pixels = np.zeros(0 if dense else starts[-1] + WIDTH, np.uint16)
    if dense:
        values[: rows.size] = rows.ravel()
    else:
        _list_lit(rows, pixels, values)
    most = int(entries.max(initial=0))
    return EngineImages(starts, pixels, values.view(np.uint8), kind.itemsize, n_pixels, most)


@compiled
def _count_lit(rows: NDArray[Any], lit: NDArray[np.int64]) -> None:
    """How many pixels of each image are not zero; in place."""
    for i in range(rows.shape[0]):
        count = 0
        for p in range(rows.shape[1]):
            count += rows[i, p] != 0
        lit[i] = count


@compiled
def _list_lit(rows: NDArray[Any], pixels: NDArray[np.uint16], values: NDArray[Any]) -> None:
    """Number and brightness of the lit pixels, image after image; in place.

    Each pixel is written down, and the next one over it if it was dark: to ask first would be a guess each time.
    """
    to = 0
    for i in range(rows.shape[0]):
        for p in range(rows.shape[1]):
            pixels[to], values[to] = p, rows[i, p]
            to += rows[i, p] != 0


def examples(images: Images, net: Network, layout: Layout, converted: EngineImages | None = None) -> Examples:
    """Images and targets of a set in the engine's form; DownhillError as `target_table`.

    `converted` are the same images in the engine's form, if they are there already.
    """
    table, wanted = target_table(images, net, layout.sizes[-1])
    padded = np.zeros((len(table), int(layout.layers["width"][-1])), np.float32)
    padded[:, : table.shape[1]] = table
    pixels = engine_images(images.images) if converted is None else converted
    return Examples(pixels, wanted, padded.ravel())


def unpadded_targets(data: Examples, layout: Layout) -> NDArray[np.float32]:
    """What the outputs shall be for each image, float32 (n, n_outputs)."""
    table = data.targets.reshape(-1, int(layout.layers["width"][-1]))
    return table[data.wanted, : layout.sizes[-1]]
