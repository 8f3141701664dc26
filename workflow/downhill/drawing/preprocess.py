"""The preprocessing of MNIST: what its authors did to scanned digits, done to a drawing.

The recipe is the reconstruction by Yadav & Bottou 2019, *Cold case: the lost MNIST digits* (QMNIST), NeurIPS 32. A
digit is fitted into a square of 20 × 20 pixels, shades of grey appear because each pixel is an average, and its centre
of mass is moved to the middle of 28 × 28 pixels. Drawings consist of strokes, so they are first drawn with a pen as
wide as the strokes of MNIST's digits.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.drawing.raster import INK, Floats, Strokes, averaged, draw

SIDE = 28
"""Height and width of an image, in pixels."""

BOX = 20
"""Height and width of the square that a digit is fitted into, in pixels."""

PEN = 3.0
"""Width of the pen with preprocessing, in pixels: about that of the strokes of MNIST's digits."""

PLAIN_PEN = 2.0
"""Width of the pen without preprocessing, in pixels."""

SAMPLES = 8
"""Samples per pixel along each axis of a raster."""


@dataclass(frozen=True)
class Steps:
    """A drawing on its way to an image.

    Attributes
    ----------
    raster
        What was drawn, or given: float64 (k, k), 0 … 255.
    box
        The ink, fitted into a square and stretched to 0 … 255: float64 (20, 20), not rounded.
    image
        The image for a network: uint8 (28, 28).
    """

    raster: Floats
    box: Floats
    image: NDArray[np.uint8]


def preprocessed(strokes: Strokes) -> Steps:
    """Draw strokes and preprocess them like the digits of MNIST; position and size on the canvas do not matter.

    Parameters
    ----------
    strokes
        A drawing; see `drawing.raster`. Without any points, the image is blank.
    """
    return preprocessed_raster(draw(_fitted(strokes), BOX * SAMPLES, PEN * SAMPLES))


def preprocessed_raster(raster: ArrayLike) -> Steps:
    """Preprocess a raster like the digits of MNIST: an enlarged image, or a drawing.

    Parameters
    ----------
    raster
        (k, k), 0 … 255; 0 is the background.

    Returns
    -------
    The steps. Ink is cropped, widened to a square and averaged to 20 × 20 pixels, and the brightest of them becomes
    255. The square is then moved by whole pixels so that the centre of mass is as close to row 14 and column 14 as
    possible, counted from 0, without cutting off a part of the square. (All test images of MNIST have it between 13.5
    and 14.5. Row 14 is half a pixel below the middle of the image.) A raster without ink gives a blank image.
    """
    given = np.asarray(raster, np.float64)
    if not given.any():
        return Steps(given, np.zeros((BOX, BOX)), np.zeros((SIDE, SIDE), np.uint8))
    box = averaged(_square(_cropped(given)), BOX)
    box = INK * box / box.max()
    places, weights = np.arange(BOX), (box.sum(axis=1), box.sum(axis=0))
    top, left = (
        int(np.clip(np.rint(SIDE // 2 - (places * weight).sum() / weight.sum()), 0, SIDE - BOX))
        for weight in weights
    )
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[top : top + BOX, left : left + BOX] = np.rint(box)
    return Steps(given, box, image)


def plain(strokes: Strokes) -> NDArray[np.uint8]:
    """Draw strokes as an image without any preprocessing; position and size are those on the canvas.

    Parameters
    ----------
    strokes
        A drawing; see `drawing.raster`.

    Returns
    -------
    uint8 (28, 28).
    """
    side = SIDE * SAMPLES
    raster = draw([stroke * side for stroke in strokes], side, PLAIN_PEN * SAMPLES)
    return np.rint(averaged(raster, SIDE)).astype(np.uint8)


def _fitted(strokes: Strokes) -> list[Floats]:
    """Strokes in samples, scaled and moved so that their ink fills a square of 20 × 20 pixels along its longer side."""
    if not any(map(len, strokes)):
        return []
    points = np.concatenate(list(strokes))
    low, high = points.min(axis=0), points.max(axis=0)
    longer = float((high - low).max())
    scale = SAMPLES * (BOX - PEN) / longer if longer > 0 else 1.0
    return [(stroke - (low + high) / 2) * scale + SAMPLES * BOX / 2 for stroke in strokes]


def _cropped(raster: Floats) -> Floats:
    """The smallest rectangle that holds all ink."""
    rows, columns = (np.flatnonzero(raster.any(axis=axis)) for axis in (1, 0))
    return raster[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _square(raster: Floats) -> Floats:
    """A rectangle widened to a square with background on both sides; an odd row is added below, an odd column right."""
    side = max(raster.shape)
    before = [(side - length) // 2 for length in raster.shape]
    square = np.zeros((side, side))
    square[before[0] : before[0] + raster.shape[0], before[1] : before[1] + raster.shape[1]] = raster
    return square
