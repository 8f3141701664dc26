"""Resizing images by exact area averaging."""

import numpy as np
import numpy.typing as npt

from downhill.drawing.raster import overlaps

BLOCK = 4096  # images processed at a time, so that float64 copies stay small


def area_averaged(images: npt.NDArray[np.uint8], shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """Resize images so that each new pixel is the mean of the pixels that it covers, weighted by area.

    Parameters
    ----------
    images
        uint8 (n, height, width).
    shape
        New height and width in pixels, smaller or larger.

    Returns
    -------
    uint8 (n, *shape), rounded half up; the same bytes on every machine.
    """
    count, height, width = images.shape
    if (height, width) == shape:
        return images
    rows, columns = overlaps(height, shape[0]), overlaps(width, shape[1])
    area = height * width
    resized = np.empty((count, *shape), dtype=np.uint8)
    for start in range(0, count, BLOCK):
        sums = rows @ images[start : start + BLOCK].astype(np.float64) @ columns.T
        resized[start : start + BLOCK] = (2 * sums.astype(np.int64) + area) // (2 * area)
    return resized
