"""Images as the list of their lit pixels: four of five pixels of a digit are zero, and need no arithmetic."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.errors import DownhillError


class SparseImages(NamedTuple):
    """Lit pixels of n images, image after image (compressed sparse rows).

    Image i owns the places starts[i] … starts[i + 1] of `pixels` (which input, int32) and `values`
    (how bright, float32, 0…1).
    """

    starts: NDArray[np.int64]
    pixels: NDArray[np.int32]
    values: NDArray[np.float32]
    n_pixels: int

    def __len__(self) -> int:
        return len(self.starts) - 1


def sparse(images: ArrayLike) -> SparseImages:
    """Sparse form of images (n, height, width) or (n, n_pixels).

    uint8 pixels 0…255 are scaled to 0…1; floats are taken as they are.

    Raises
    ------
    DownhillError
        If the array has fewer than two dimensions, or whole numbers that are not uint8.
    """
    array = np.asarray(images)
    if array.ndim < 2:
        raise DownhillError(f"images must have a shape (n, height, width) or (n, pixels), not {array.shape}")
    if array.dtype != np.uint8 and not np.issubdtype(array.dtype, np.floating):
        raise DownhillError(f"pixels must be uint8 (0 to 255) or floats (scaled already), not {array.dtype}")
    n = len(array)
    n_pixels = int(np.prod(array.shape[1:]))
    rows = array.reshape(n, n_pixels)
    lit = rows != 0
    starts = np.concatenate(([0], np.cumsum(lit.sum(axis=1)))).astype(np.int64)
    pixels = np.broadcast_to(np.arange(n_pixels, dtype=np.int32), rows.shape)[lit]
    values = rows[lit].astype(np.float32)
    if array.dtype == np.uint8:
        values /= np.float32(255)
    return SparseImages(starts, pixels, values, n_pixels)
