"""Images in the engine's format: the lit pixels of each image, or all pixels if most are lit.

Four out of five pixels of a digit are zero and need no arithmetic. Pixels keep the type they have; uint8 pixels stay
one byte each. More of the data set then fits into the processor's caches, which saves more time than converting the
pixels of each batch to float32 costs.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.calls import described
from downhill.config.generated import MOST_PIXELS
from downhill.config.network import Network
from downhill.datasets.dataset import Dataset, Images
from downhill.engine.compiling import compiled
from downhill.engine.constants import GROUP, WIDTH
from downhill.engine.layout import Layout
from downhill.errors import DownhillError
from downhill.network.targets import target_table

# Share of lit pixels above which all pixels are stored: an entry of a sparse image costs as much as two (wide layers)
# to three (narrow ones) multiplications of a dense product.
DENSE_FROM = 0.4


class EngineImages(NamedTuple):
    """n images, one after another.

    In the sparse form (compressed rows), image i has the entries starts[i] … starts[i + 1] of `pixels` (index of the
    input, ascending) and `values` (brightness). Each list is padded to a multiple of `GROUP` with dark pixels, which
    come first. In the dense form, `pixels` is empty and `values` holds all n_pixels of each image, and zeros up to a
    multiple of `WIDTH`. The arrays are long enough to read a whole vector past the last entry.

    `values` holds the raw bytes of numbers of `size` bytes each: uint8 (size 1), in units of 1/255, or float32
    (size 4). Both use the same array type, so that the kernels are compiled only once.
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
    """Images and their targets: image i has row wanted[i] of `targets`, whose rows are padded like the outputs."""

    images: EngineImages
    wanted: NDArray[np.int32]
    targets: NDArray[np.float32]


def engine_images(images: ArrayLike) -> EngineImages:
    """Convert images (n, height, width) or (n, n_pixels) to the engine's format.

    uint8 pixels 0…255 are scaled to 0…1; floats are used unchanged.

    Raises
    ------
    DownhillError
        If the array has fewer than two dimensions, more than 65,536 pixels per image, or a dtype that is neither uint8
        nor floating point.
    """
    if isinstance(images, Images | Dataset):
        raise DownhillError(
            f"images must be an array, not {described(images)}; take the array of a set, such as data.test.images"
        )
    try:
        array = np.asarray(images)
    except ValueError:
        raise DownhillError("images must be an array of shape (n, height, width) or (n, pixels)") from None
    if array.ndim < 2:
        raise DownhillError(f"images must have shape (n, height, width) or (n, pixels), not {array.shape}")
    if array.dtype != np.uint8 and not np.issubdtype(array.dtype, np.floating):
        raise DownhillError(f"pixels must be uint8 (0 to 255) or floats (already scaled), not {array.dtype}")
    n, n_pixels = len(array), int(np.prod(array.shape[1:]))
    if n_pixels > MOST_PIXELS:
        raise DownhillError(f"images have {n_pixels:,} pixels; the engine supports up to {MOST_PIXELS:,}")
    kind = np.dtype(np.uint8 if array.dtype == np.uint8 else np.float32)
    rows = np.ascontiguousarray(array.reshape(n, n_pixels), kind)
    lit = np.zeros(n, np.int64)
    _count_lit(rows, lit)
    dense = bool(lit.sum() > DENSE_FROM * rows.size)
    entries = np.full(n, _whole(n_pixels, WIDTH)) if dense else _whole(lit, GROUP)
    starts = np.concatenate(([0], np.cumsum(entries))).astype(np.int64)
    values = np.zeros(starts[-1] + WIDTH, kind)
    pixels = np.zeros(0 if dense else starts[-1] + WIDTH, np.uint16)
    if dense:
        values[: starts[-1]].reshape(n, -1)[:, :n_pixels] = rows
    else:
        _list_lit(rows, starts, lit, pixels, values)
    most = int(entries.max(initial=0))
    return EngineImages(starts, pixels, values.view(np.uint8), kind.itemsize, n_pixels, most)


@compiled
def _count_lit(rows: NDArray[Any], lit: NDArray[np.int64]) -> None:
    """Count the nonzero pixels of each image into `lit`."""
    for i in range(rows.shape[0]):
        count = 0
        for p in range(rows.shape[1]):
            count += rows[i, p] != 0
        lit[i] = count


@compiled
def _list_lit(
    rows: NDArray[Any],
    starts: NDArray[np.int64],
    lit: NDArray[np.int64],
    pixels: NDArray[np.uint16],
    values: NDArray[Any],
) -> None:
    """Write index and brightness of the lit pixels of each image to `pixels` and `values`, at the end of its list.

    The padding before them consists of the dark pixels just before the first lit one; if there are too few of these,
    pixel 0 is repeated.

    Every pixel is written, and the next one overwrites it if it is dark: a branch here would often be mispredicted.
    """
    for i in range(rows.shape[0]):
        begin = to = starts[i + 1] - lit[i]
        for p in range(rows.shape[1]):
            pixels[to], values[to] = p, rows[i, p]
            to += rows[i, p] != 0
        first = pixels[begin]
        for to in range(starts[i], begin):
            pixels[to] = max(first - (begin - to), 0)


def _whole(number: Any, size: int) -> Any:
    return -(-number // size) * size


def examples(images: Images, net: Network, layout: Layout, converted: EngineImages | None = None) -> Examples:
    """Convert the images and targets of a set to the engine's format; raises DownhillError like `target_table`.

    `converted` holds the same images in the engine's format, if they have been converted before.
    """
    table, wanted = target_table(images, net, layout.sizes[-1])
    padded = np.zeros((len(table), int(layout.layers["width"][-1])), np.float32)
    padded[:, : table.shape[1]] = table
    pixels = engine_images(images.images) if converted is None else converted
    return Examples(pixels, wanted, padded.ravel())


def unpadded_targets(data: Examples, layout: Layout) -> NDArray[np.float32]:
    """The target of each image, without padding: float32 (n, n_outputs)."""
    table = data.targets.reshape(-1, int(layout.layers["width"][-1]))
    return table[data.wanted, : layout.sizes[-1]]
