"""Which bands and numbers are possible in each unit."""

from typing import get_args

import pytest

from downhill.config.claim import Unit
from downhill.config.units import POSSIBLE, impossible_band, impossible_number


def test_every_unit_has_a_range():
    assert set(POSSIBLE) == set(get_args(Unit))


@pytest.mark.parametrize(
    ("band", "unit"),
    [
        *(("> 0", unit) for unit in POSSIBLE),
        *(("all > 0", unit) for unit in POSSIBLE),
        ("0.955 to 0.965", "share"),
        ("0 to 1", "share"),
        ("= 1", "share"),
        ("= 0", "share"),
        ("< 1", "share"),
        ("-1 to 1", "points"),
        ("< 0", "points"),
        ("all < 0.03", "points"),
        ("< -0.5", "correlation"),
        ("= 13002", "count"),
        ("> 1e9", "ratio"),
        ("0 to 3", "ratio"),
    ],
)
def test_possible_band_is_accepted(band: str, unit: str):
    assert impossible_band(band, unit) is None


@pytest.mark.parametrize(
    ("band", "unit", "why"),
    [
        ("95 to 97", "share", "a share lies between 0 and 1 (100 %); did you mean '0.95 to 0.97'?"),
        ("all > 95.5", "share", "a share lies between 0 and 1 (100 %); did you mean 'all > 0.955'?"),
        ("0 to 3", "share", "a share lies between 0 and 1 (100 %); did you mean '0 to 0.03'?"),
        ("> 1.5e1", "share", "a share lies between 0 and 1 (100 %); did you mean '> 0.15'?"),
        ("0.5 to 60", "share", "a share lies between 0 and 1 (100 %); write a band of possible values"),
        ("< -0.5", "share", "a share lies between 0 and 1 (100 %); write a band of possible values"),
        ("> 9999", "share", "a share lies between 0 and 1 (100 %); write a band of possible values"),
        ("> 1", "share", "no share is above 1; write a band of possible values"),
        ("< 0", "share", "no share is below 0; write a band of possible values"),
        ("< -3", "points", "a difference in points lies between -1 and 1 (100 points); did you mean '< -0.03'?"),
        ("> 1.5", "correlation", "a correlation lies between -1 and 1; write a band of possible values"),
        ("> -1", "count", "a count is never negative; write a band of possible values"),
        ("< 0", "ratio", "no ratio is below 0; write a band of possible values"),
    ],
)  # fmt: skip
def test_impossible_band_is_explained(band: str, unit: str, why: str):
    assert impossible_band(band, unit) == why


@pytest.mark.parametrize(
    ("number", "unit", "why"),
    [
        (0.96, "share", None),
        (96, "share", "a share lies between 0 and 1 (100 %); did you mean 0.96?"),
        (-3, "points", "a difference in points lies between -1 and 1 (100 points); did you mean -0.03?"),
        (13002, "count", None),
        (-1, "count", "a count is never negative; write a possible value"),
        (960, "share", "a share lies between 0 and 1 (100 %); write a possible value"),
    ],
)
def test_number_is_possible_or_explained(number: float, unit: str, why: str | None):
    assert impossible_number(number, unit) == why
