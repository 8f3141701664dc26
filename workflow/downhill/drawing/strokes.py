"""Generated drawings of digits: parametrised strokes that vary like handwriting on a tablet.

They are not handwriting. Each is one of a few ways of writing a digit (`drawing.shapes`) whose points are displaced at
random, with random slant, turn, width, size and position, and a slight tremor. Only basic arithmetic is used, so the
same random numbers give the same strokes on every machine.
"""

import numpy as np
from numpy.typing import NDArray

from downhill.drawing.raster import Floats
from downhill.drawing.shapes import SHAPES

# Standard deviations, and limits of uniform distributions. They were set by eye, before any network had been shown one
# of the drawings, and stay as they are: changing them changes published numbers.
_DISPLACEMENT = 0.028  # of each point of a shape along x and y, in heights of the digit
_TREMOR = 0.005  # of the dense points, likewise
_SLANT, _SLANT_SPREAD = 0.12, 0.16  # mean and deviation of the shear along x; positive leans to the right
_TURN = 0.06  # of the shear along y
_WIDTHS = (0.75, 1.25)  # the width is multiplied with one of these
_SIZES = (0.4, 0.9)  # of the digit's height, in sides of the canvas
_MARGIN = 0.05  # around the canvas, in sides of it

_DENSITY = 12  # points of a curve for each point of a shape
_TREMOR_EVERY = 8  # points of a curve


def draw_digit(digit: int, random: np.random.Generator) -> list[Floats]:
    """Draw one digit at a random place of the canvas.

    Parameters
    ----------
    digit
        0 … 9.
    random
        Generator of random numbers.

    Returns
    -------
    Strokes on the unit square, y down, each float64 (n, 2): dense points of a smooth curve; see `drawing.raster`.
    """
    shapes = SHAPES[digit]
    shape = [np.array(stroke) for stroke in shapes[random.integers(len(shapes))]]
    strokes = [_written(_displaced(stroke, random), random) for stroke in shape]
    slant = _SLANT + _SLANT_SPREAD * random.standard_normal()
    turn = _TURN * random.standard_normal()
    width = random.uniform(*_WIDTHS)
    strokes = [_sheared(stroke, slant, turn, width) for stroke in strokes]
    return _placed(strokes, random.uniform(*_SIZES), random.random((2, 2)).mean(axis=0))


def digits_in_turn(count: int, random: np.random.Generator) -> tuple[list[list[Floats]], NDArray[np.uint8]]:
    """Draw the digits 0 … 9 in turn.

    They are drawn one after the other, so that fewer drawings are the beginning of more.

    Returns
    -------
    The drawings, and their digits, uint8 (count,).
    """
    labels = (np.arange(count) % len(SHAPES)).astype(np.uint8)
    return [draw_digit(int(label), random) for label in labels], labels


def _displaced(stroke: Floats, random: np.random.Generator) -> Floats:
    """The points of a shape, each moved at random; those of a corner, which are equal, move together."""
    moves = _DISPLACEMENT * random.standard_normal(stroke.shape)
    for place in range(1, len(stroke)):
        if (stroke[place] == stroke[place - 1]).all():
            moves[place] = moves[place - 1]
    return stroke + moves


def _written(stroke: Floats, random: np.random.Generator) -> Floats:
    """Dense points of the curve through the points of a stroke, with a tremor."""
    dense = _curve(stroke, _DENSITY)
    knots = _TREMOR * random.standard_normal((len(dense) // _TREMOR_EVERY + 2, 2))
    return dense + _curve(knots, _TREMOR_EVERY)[: len(dense)]


def _curve(points: Floats, density: int) -> Floats:
    """Points of a uniform Catmull-Rom spline, from the first point to the last one.

    Between the points b and c with neighbours a and d, at t from 0 to 1, it is
    ½ (2b + (c − a) t + (2a − 5b + 4c − d) t² + (3b − a − 3c + d) t³). Outside the ends, it goes on in a straight line.

    Parameters
    ----------
    points
        (n, 2), n > 1.
    density
        Number of points from one point to before the next.

    Returns
    -------
    ((n − 1) · density + 1, 2)
    """
    padded = np.concatenate([[2 * points[0] - points[1]], points, [2 * points[-1] - points[-2]]])
    a, b, c, d = (padded[shift : len(points) - 1 + shift, None] for shift in range(4))
    t = (np.arange(density) / density)[:, None]
    curve = (2 * b + t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * b - a - 3 * c + d)))) / 2
    return np.concatenate([curve.reshape(-1, 2), points[-1:]])


def _sheared(stroke: Floats, slant: float, turn: float, width: float) -> Floats:
    x, y = width * stroke[:, 0], stroke[:, 1]
    return np.stack([x - slant * y, y + turn * x], axis=1)


def _placed(strokes: list[Floats], size: float, place: Floats) -> list[Floats]:
    """Strokes scaled to a height, or to the width of the canvas if they are too wide for it, and moved.

    Parameters
    ----------
    size
        Height, in sides of the canvas.
    place
        (2,), from 0 at the left or top edge to 1 at the other one.
    """
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    extent = high - low
    scale = min(size / extent[1], (1 - 2 * _MARGIN) / extent[0])
    corner = _MARGIN + place * (1 - 2 * _MARGIN - scale * extent)
    return [(stroke - low) * scale + corner for stroke in strokes]
