"""Resizing images by exact area averaging."""

import numpy as np
import numpy.typing as npt

BLOCK = 4096  # images processed at a time, so that float64 copies stay small


def overlaps(source: int, target: int) -> npt.NDArray[np.float64]:
    """Overlap of each target pixel with each source pixel along one axis, as integers.

    The axis is divided into source × target units, so that a source pixel is `target` units long and a target pixel is
    `source` units long. With integers every sum is exact, regardless of the order in which a CPU adds.

    Returns
    -------
    float64 (target, source); each row sums to `source`.
    """
    source_edges = np.arange(source + 1) * target
    target_edges = np.arange(target + 1) * source
    begin = np.maximum(target_edges[:-1, None], source_edges[None, :-1])
    end = np.minimum(target_edges[1:, None], source_edges[None, 1:])
    overlap: npt.NDArray[np.float64] = np.maximum(end - begin, 0).astype(np.float64)
    return overlap


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
