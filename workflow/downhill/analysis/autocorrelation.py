"""Whether neighbouring pixels of an image are alike: Moran's I, compared with the same pixels in random order."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.analysis.pixels import Pairs

Array = NDArray[np.float64]

_AT_A_TIME = 50  # permutations


def morans_i(images: ArrayLike, pairs: Pairs) -> Array:
    """Moran's I of each image: the mean product of the deviations of neighbours over the mean squared deviation.

    It is near 1 where neighbours are alike, near 0 (−1 / (pixels − 1)) for pixels in random order, and near −1 on a
    checkerboard (Moran 1950, *Biometrika* 37:17; every pair has weight 1, all others 0).

    Parameters
    ----------
    images
        Values on the pixels of a mask, (n, pixels).
    pairs
        As from `pixels.neighbours`, (pairs, 2).

    Returns
    -------
    float64 (n,); NaN for images whose pixels are all the same, and without pairs.
    """
    standard = _standardised(np.asarray(images, np.float64))
    if not len(pairs):
        return np.full(len(standard), np.nan)
    return np.asarray((standard[:, pairs[:, 0]] * standard[:, pairs[:, 1]]).mean(axis=1))


def random_order(images: ArrayLike, pairs: Pairs, permutations: int, random: np.random.Generator) -> Array:
    """Moran's I of each image with its pixels in random order, many times.

    Parameters
    ----------
    images, pairs
        As for `morans_i`.
    permutations
        The number of orders; they are the same for all images.
    random
        Draws the orders.

    Returns
    -------
    float64 (permutations, n); NaN as for `morans_i`.
    """
    standard = np.ascontiguousarray(_standardised(np.asarray(images, np.float64)).T)  # (pixels, n)
    found = np.full((permutations, standard.shape[1]), np.nan)
    if not len(pairs):
        return found
    for start in range(0, permutations, _AT_A_TIME):
        count = min(_AT_A_TIME, permutations - start)
        orders = random.permuted(np.tile(np.arange(len(standard)), (count, 1)), axis=1)
        first, second = (standard[orders[:, pairs[:, end]]] for end in (0, 1))  # (count, pairs, n)
        found[start : start + count] = np.einsum("cpn,cpn->cn", first, second) / len(pairs)
    return found


def p_values(observed: ArrayLike, in_random_order: ArrayLike) -> Array:
    """The chance of a Moran's I at least as high if the order of the pixels is random, for each image.

    It is (1 + k) / (1 + permutations), where k is the number of permutations whose I is at least that of the image. If
    the order is random, it is at most p with a probability of at most p (Davison & Hinkley 1997, *Bootstrap Methods*,
    section 4.2).

    Parameters
    ----------
    observed
        (n,), as from `morans_i`.
    in_random_order
        (permutations, n), as from `random_order`.

    Returns
    -------
    float64 (n,); NaN where `observed` is.
    """
    value, others = np.asarray(observed, np.float64), np.asarray(in_random_order, np.float64)
    p = (1 + (others >= value - 1e-12).sum(axis=0)) / (1 + len(others))
    return np.asarray(np.where(np.isnan(value), np.nan, p))


def _standardised(images: Array) -> Array:
    """Images (n, pixels) with mean 0 and mean square 1; NaN if all pixels of an image are the same."""
    if not images.shape[1]:
        return images
    centred = images - images.mean(axis=1, keepdims=True)
    size = np.sqrt((centred**2).mean(axis=1, keepdims=True))
    same = (images == images[:, :1]).all(axis=1, keepdims=True)
    return np.asarray(np.divide(centred, size, out=np.full_like(centred, np.nan), where=~same & (size > 0)))
