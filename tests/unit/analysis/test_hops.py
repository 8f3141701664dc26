"""Hops in one dimension: the numbers of the lesson, and other known paths."""

import pytest

from downhill.analysis import hops


@pytest.mark.parametrize(
    ("step", "expected"),
    [(1, list(range(10, -1, -1))), (5, [10, 5, 0]), (11, [10, -1, 10, -1]), (3, [10, 7, 4, 1])],
)
def test_moves_of_fixed_length(step: float, expected: list[float]):
    most = 100 if expected[-1] == 0 else 3
    assert hops.fixed_length(10, step, most).tolist() == expected


def test_moves_go_downhill_from_either_side():
    assert hops.fixed_length(-4, 2, 10).tolist() == [-4, -2, 0]


@pytest.mark.parametrize(
    ("rate", "expected"), [(0.5, [10, 0]), (1, [10, -10, 10, -10]), (5, [10, -90, 810]), (0.25, [10, 5, 2.5])]
)
def test_moves_at_a_rate(rate: float, expected: list[float]):
    assert hops.at_rate(10, rate, len(expected) - 1).tolist() == expected


def test_fates():
    assert hops.fate(hops.fixed_length(10, 5, 100)) == "arrives"
    assert hops.fate(hops.fixed_length(10, 11, 100)) == "repeats"
    assert hops.fate(hops.fixed_length(10, 1, 4)) == "goes on"
    assert hops.fate(hops.at_rate(10, 5, 1000)) == "diverges"
    assert hops.fate(hops.at_rate(10, 1, 1000)) == "repeats"
    assert hops.fate(hops.fixed_length(0, 1, 4)) == "arrives"


def test_a_path_that_diverges_ends_there():
    path = hops.at_rate(10, 11, 1000)
    assert len(path) < 20
    assert abs(path[-1]) > hops.DIVERGED > abs(path[-2])
