"""Which pixels of images are used, and which of them are neighbours."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

Mask = NDArray[np.bool_]
Pairs = NDArray[np.intp]


def often_lit(images: ArrayLike, share: float) -> Mask:
    """The pixels that are not 0 in at least a share of some images.

    Parameters
    ----------
    images
        (n, height, width).
    share
        Between 0 and 1.

    Returns
    -------
    bool (height, width); a pixel that is never lit is not among them, whatever the share.
    """
    pixels = np.asarray(images)
    count = np.count_nonzero(pixels, axis=0)
    return np.asarray((count > 0) & (count >= share * len(pixels)))


def middle(height: int, width: int) -> Mask:
    """The middle of an image, bool (height, width): half of its height and half of its width."""
    found = np.zeros((height, width), bool)
    found[height // 4 : height - height // 4, width // 4 : width - width // 4] = True
    return found


def neighbours(mask: Mask) -> Pairs:
    """All pairs of pixels of a mask that share an edge.

    Returns
    -------
    intp (pairs, 2); pixels are numbered among those of the mask, row by row.
    """
    number = np.full(mask.shape, -1, np.intp)
    number[mask] = np.arange(np.count_nonzero(mask))
    beside = np.stack([number[:, :-1].ravel(), number[:, 1:].ravel()], axis=1)
    below = np.stack([number[:-1].ravel(), number[1:].ravel()], axis=1)
    pairs = np.concatenate([beside, below])
    return np.asarray(pairs[(pairs >= 0).all(axis=1)])
