"""Generated strokes: smooth curves, on the canvas, varied, and always the same for a seed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.interpolate import CubicHermiteSpline

from downhill.drawing.shapes import SHAPES
from downhill.drawing.strokes import _curve, digits_in_turn, draw_digit
from tests.drawings import Strokes

seeds = st.integers(0, 2**32 - 1)


def box(strokes: Strokes) -> tuple[np.ndarray, np.ndarray]:
    points = np.concatenate(strokes)
    return points.min(axis=0), points.max(axis=0)


@given(seeds, st.integers(2, 9), st.integers(1, 20))
def test_curve_is_the_spline_whose_slopes_are_those_between_neighbours(seed: int, count: int, density: int):
    points = np.random.default_rng(seed).normal(size=(count, 2))
    ends = [2 * points[0] - points[1], 2 * points[-1] - points[-2]]
    padded = np.concatenate([ends[:1], points, ends[1:]])
    spline = CubicHermiteSpline(np.arange(count), points, (padded[2:] - padded[:-2]) / 2)
    found = _curve(points, density)
    np.testing.assert_allclose(found, spline(np.arange((count - 1) * density + 1) / density), atol=1e-12)
    np.testing.assert_array_equal(found[::density], points)


def test_a_repeated_point_is_a_corner():
    corner = _curve(np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 0.0], [1.0, 1.0]]), 10)
    steps = np.diff(corner, axis=0)
    assert (corner == (1, 0)).all(axis=1).any()
    turns = np.abs(steps[:10, 1]).max(), np.abs(steps[20:, 0]).max()
    assert max(turns) < 1e-12  # straight along x, then straight along y


@settings(max_examples=50)
@given(seeds, st.integers(0, 9))
def test_digits_lie_on_the_canvas_and_are_of_plausible_size(seed: int, digit: int):
    strokes = draw_digit(digit, np.random.default_rng(seed))
    low, high = box(strokes)
    assert (low >= 0.05 - 1e-9).all()
    assert (high <= 0.95 + 1e-9).all()
    height, width = (high - low)[1], (high - low)[0]
    assert height <= 0.9
    assert height >= 0.4 - 1e-9 or width == pytest.approx(0.9)
    for stroke in strokes:
        assert stroke.shape[1] == 2
        assert np.hypot(*np.diff(stroke, axis=0).T).max() < 0.08  # dense


def test_places_sizes_slants_and_widths_vary():
    drawings, _ = digits_in_turn(1000, np.random.default_rng(1))
    low, high = np.array([box(strokes) for strokes in drawings]).transpose(1, 0, 2)
    centres, heights = (low + high) / 2, (high - low)[:, 1]
    np.testing.assert_allclose(centres.mean(axis=0), 0.5, atol=0.02)
    assert (centres.std(axis=0) > 0.05).all()
    assert np.histogram(heights, bins=5, range=(0.4, 0.9))[0].min() > 120
    lines = [strokes[0] for strokes in drawings[1::10] if len(strokes) == 1 and len(strokes[0]) == 25]
    slants = np.array([(one[0, 0] - one[-1, 0]) / (one[-1, 1] - one[0, 1]) for one in lines])
    assert slants.mean() == pytest.approx(0.12, abs=0.12)
    assert 0.08 < slants.std() < 0.3


def test_all_shapes_are_drawn_equally_often():
    for digit, shapes in SHAPES.items():
        lengths = [tuple(12 * (len(stroke) - 1) + 1 for stroke in shape) for shape in shapes]
        assert len(set(lengths)) == len(shapes) or digit in (
            4,
            6,
            7,
            9,
        )  # told apart by their numbers of points
        random = np.random.default_rng(digit)
        found = [tuple(map(len, draw_digit(digit, random))) for _ in range(300)]
        for one in set(lengths):
            share = lengths.count(one) / len(shapes)
            assert found.count(one) / 300 == pytest.approx(share, abs=0.12)
        assert set(found) == set(lengths)


@settings(max_examples=30)
@given(seeds, st.integers(1, 25), st.integers(0, 25))
def test_fewer_drawings_are_the_beginning_of_more(seed: int, count: int, more: int):
    few, labels = digits_in_turn(count, np.random.default_rng(seed))
    many, all_labels = digits_in_turn(count + more, np.random.default_rng(seed))
    assert labels.tolist() == [place % 10 for place in range(count)] == all_labels[:count].tolist()
    for first, second in zip(few, many, strict=False):
        assert len(first) == len(second)
        for one, other in zip(first, second, strict=True):
            np.testing.assert_array_equal(one, other)


def test_no_two_drawings_are_alike():
    drawings, _ = digits_in_turn(200, np.random.default_rng(3))
    assert len({np.concatenate(strokes).tobytes() for strokes in drawings}) == 200
