"""How sure a network seems: its largest output on images of its classes, and on images of none."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

SURE = 0.9
"""A network is sure of its answer if its largest output exceeds this."""

Pixels = NDArray[np.uint8 | np.float32]


def exceeding(largest: ArrayLike, thresholds: ArrayLike) -> NDArray[np.float64]:
    """Share of images whose largest output exceeds each threshold.

    Parameters
    ----------
    largest
        Largest output of each image, (…, n) with n ≥ 1.
    thresholds
        (t,).

    Returns
    -------
    float64 (…, t). Outputs are compared in their own precision, so that a float32 output of 0.9 does not exceed 0.9.
    """
    outputs = np.asarray(largest)
    limits = np.asarray(thresholds, dtype=outputs.dtype)
    return np.stack([(outputs > limit).mean(axis=-1, dtype=np.float64) for limit in limits], axis=-1)


def thinned(images: Pixels, share: float, ranks: NDArray[np.float64]) -> Pixels:
    """Images in which only a share of the pixels is kept; the others are dark.

    Parameters
    ----------
    images
        (n, height, width).
    share
        Probability that a pixel is kept, 0 to 1.
    ranks
        A number in [0, 1) for each pixel, of the shape of `images`; those below `share` are kept. With the same ranks,
        the pixels of a smaller share are always among those of a larger one.
    """
    return np.where(ranks < share, images, images.dtype.type(0))
