"""What many figures draw."""

import math

import pytest
from matplotlib.figure import Figure

from downhill.figures import style


@pytest.mark.parametrize(
    ("lower", "upper", "whiskers"),
    [
        (0.5, 2.5, [(0.5, 2.5)]),
        (None, 2.5, []),  # it lies beyond the settings
        (math.nextafter(1, 2), 2.0, [(1.0, 2.0)]),  # above the value by rounding
    ],
)
@pytest.mark.parametrize("along", ["x", "y"])
def test_an_estimate_has_whiskers_to_its_ends(along: str, lower: float | None, upper: float, whiskers: list):
    ax = Figure().subplots()
    style.draw_estimate(ax, 7, {"value": 1.0, "lower": lower, "upper": upper}, along)
    (container,) = ax.containers
    mark, _, bars = container.lines
    column = "xy".index(along)
    assert mark.get_xydata()[0][column] == 1
    assert mark.get_xydata()[0][1 - column] == 7
    segments = [segment[:, column] for bar in bars for segment in bar.get_segments()]
    assert [tuple(segment) for segment in segments] == whiskers
