"""Drawings as rasters, and area averages of rasters.

A stroke is an array of points (x, y), float64 (n, 2), x to the right and y down; a stroke of one point is a dot. A
drawing is a list of strokes on a square canvas with corners (0, 0) and (1, 1). The pen is round: everything within half
of its width of a stroke is inked.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Strokes = Sequence[Floats]

INK = 255.0


def draw(strokes: Strokes, side: int, pen: float) -> Floats:
    """Draw strokes as a square raster without shades of grey.

    Parameters
    ----------
    strokes
        Strokes in units of samples: the raster covers 0 … side in both directions. What lies outside is cut off.
    side
        Height and width of the raster, in samples.
    pen
        Width of the pen in samples.

    Returns
    -------
    float64 (side, side): 255 where the centre of the sample, at +½, is within half a pen width of a stroke, else 0.
    """
    raster = np.zeros((side, side))
    for stroke in strokes:
        for start, end in zip(stroke, stroke[1:] if len(stroke) > 1 else stroke, strict=False):
            _draw_line(raster, start, end, pen / 2)
    return raster


def _draw_line(raster: Floats, start: Floats, end: Floats, radius: float) -> None:
    """Ink all samples within `radius` of the line between two points; they may be the same point."""
    low, high = np.minimum(start, end) - radius, np.maximum(start, end) + radius
    (left, top), (right, bottom) = (
        np.clip(np.floor(one), 0, len(raster)).astype(int) for one in (low, high + 1)
    )
    x = np.arange(left, right) + 0.5 - start[0]
    y = (np.arange(top, bottom) + 0.5 - start[1])[:, None]
    u, v = end - start
    length = u * u + v * v
    along = (
        np.clip((x * u + y * v) / length, 0, 1) if length > 0 else 0.0
    )  # from 0 at the start to 1 at the end
    distance = (x - along * u) ** 2 + (y - along * v) ** 2  # squared
    raster[top:bottom, left:right][distance <= radius * radius] = INK


def overlaps(source: int, target: int) -> Floats:
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
    overlap: Floats = np.maximum(end - begin, 0).astype(np.float64)
    return overlap


def averaged(raster: Floats, side: int) -> Floats:
    """Resize a square raster so that each new pixel is the mean of the samples that it covers, weighted by area.

    Parameters
    ----------
    raster
        (k, k). If its samples are whole numbers, the sums are exact.
    side
        New height and width, smaller or larger.

    Returns
    -------
    float64 (side, side), not rounded.
    """
    shares = overlaps(len(raster), side)
    return np.asarray(shares @ raster @ shares.T / len(raster) ** 2)
