"""Rasters of strokes, compared with areas of simple shapes and with plain loops; area averages."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downhill.drawing.raster import INK, averaged, draw

places = st.floats(-5, 45)
points = st.tuples(places, places)
strokes = st.lists(st.lists(points, min_size=1, max_size=4), max_size=3)


def distance(point: tuple[float, float], start: np.ndarray, end: np.ndarray) -> float:
    """From a point to a line between two others, by trigonometry: along the line or from the nearer end."""
    to_point, to_end = np.subtract(point, start), np.subtract(end, start)
    length = math.hypot(*to_end)
    if length == 0:
        return math.hypot(*to_point)
    angle = math.atan2(to_point[1], to_point[0]) - math.atan2(to_end[1], to_end[0])
    along = math.hypot(*to_point) * math.cos(angle)
    if 0 <= along <= length:
        return abs(math.hypot(*to_point) * math.sin(angle))
    return min(math.dist(point, start), math.dist(point, end))


@settings(max_examples=40)
@given(strokes, st.floats(0.5, 12))
def test_ink_is_where_the_distance_is_at_most_half_the_pen(
    drawing: list[list[tuple[float, float]]], pen: float
):
    arrays = [np.array(stroke) for stroke in drawing]
    raster = draw(arrays, 40, pen)
    assert set(np.unique(raster)) <= {0, INK}
    lines = [
        line
        for stroke in arrays
        for line in zip(stroke, stroke[1:] if len(stroke) > 1 else stroke, strict=False)
    ]
    for row in range(0, 40, 3):
        for column in range(0, 40, 3):
            nearest = min((distance((column + 0.5, row + 0.5), *line) for line in lines), default=math.inf)
            if abs(nearest - pen / 2) > 1e-6:
                assert (raster[row, column] == INK) == (nearest < pen / 2)


@pytest.mark.parametrize("end", [(100.0, 100.0), (160.0, 100.0), (100.0, 40.0), (148.3, 57.9)])
def test_area_of_a_line_is_that_of_a_rectangle_and_two_half_discs(end: tuple[float, float]):
    start, pen = np.array([100.0, 100.0]), 24.0
    raster = draw([np.array([start, end])], 200, pen)
    area = math.dist(start, end) * pen + math.pi * (pen / 2) ** 2
    assert raster.sum() / INK == pytest.approx(area, rel=0.01)


def test_a_stroke_through_the_middle_is_as_wide_as_the_pen():
    raster = draw([np.array([[20.0, 0.0], [20.0, 40.0]])], 40, 6.0)
    expected = np.zeros((40, 40))
    expected[:, 17:23] = INK
    np.testing.assert_array_equal(raster, expected)


def test_what_lies_outside_is_cut_off():
    assert not draw([np.array([[-50.0, 3.0], [-20.0, 90.0]]), np.array([[99.0, 99.0]])], 40, 6).any()
    assert not draw([], 40, 6).any()


@settings(max_examples=40)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_averages_are_those_of_a_raster_enlarged_to_a_common_multiple(source: int, target: int, seed: int):
    raster = np.random.default_rng(seed).integers(0, 256, (source, source)).astype(float)
    fine = np.kron(raster, np.ones((target, target)))
    expected = fine.reshape(target, source, target, source).mean(axis=(1, 3))
    np.testing.assert_allclose(averaged(raster, target), expected, rtol=1e-13)
