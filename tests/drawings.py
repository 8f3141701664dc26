"""Drawings for tests: shapes whose rasters are known, and fifty drawings to compare two implementations on."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.drawing.strokes import digits_in_turn

Strokes = list[NDArray[np.float64]]

_SEED = 28
_ODD: dict[str, list[list[tuple[float, float]]]] = {
    "nothing": [],
    "a dot": [[(0.3, 0.7)]],
    "two dots": [[(0.2, 0.2)], [(0.6, 0.5)]],
    "a dot of two equal points": [[(0.5, 0.25), (0.5, 0.25)]],
    "a horizontal line": [[(0.1, 0.5), (0.75, 0.5)]],
    "a vertical line at the edge": [[(0.0, 0.125), (0.0, 1.0)]],
    "a diagonal with a dot": [[(0.9, 0.1), (0.2, 0.8)], [(0.9, 0.9)]],
    "the whole canvas": [[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0), (0.0, 0.0)]],
    "a line with long and short steps": [[(0.4, 0.4), (0.4001, 0.4), (0.8, 0.41), (0.8, 0.41), (0.1, 0.9)]],
    "a small scribble": [[(0.5, 0.5), (0.51, 0.5), (0.505, 0.512), (0.49, 0.5)]],
}


def fifty_drawings() -> list[Strokes]:
    """Forty generated digits and ten odd drawings, always the same, with coordinates of at most six decimals.

    As JSON, numbers of six decimals are the same in every language.
    """
    digits, _ = digits_in_turn(40, np.random.default_rng(_SEED))
    odd = [[np.array(stroke, np.float64) for stroke in strokes] for strokes in _ODD.values()]
    return [[stroke.round(6) for stroke in strokes] for strokes in digits] + odd


def as_json(strokes: Strokes) -> list[list[list[float]]]:
    """A drawing as nested lists: strokes of points of two numbers."""
    found: Any = [stroke.tolist() for stroke in strokes]
    return found  # type: ignore[no-any-return]
