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


@pytest.mark.parametrize(("letters", "columns"), [(10, 3), (30, 2), (65, 1)])
def test_a_legend_has_as_many_columns_as_fit_on_the_page(letters: int, columns: int):
    figure = Figure(figsize=(7.2, 3), layout="constrained")
    ax = figure.subplots()
    for mark in "abcd":
        ax.plot([], [], label=mark * letters)
    style.legend(figure, [ax])
    (legend,) = figure.legends
    figure.draw_without_rendering()
    entries = [text.get_window_extent() for text in legend.get_texts()]
    assert len({round(entry.x0) for entry in entries}) == columns
    assert max(entry.x1 for entry in entries) <= figure.bbox.x1
