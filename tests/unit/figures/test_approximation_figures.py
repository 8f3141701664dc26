"""Figures of the family *approximation* draw what the evidence says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import QuadMesh

from downhill.figures import approximation
from tests.constructed import evidence_of, fits_of_line, fits_of_plane, inputs_of
from tests.figure_texts import words


@pytest.fixture
def evidence(tmp_path: Path) -> dict[str, Any]:
    inputs = inputs_of(fits_of_curve=fits_of_line(), fits_of_surface=fits_of_plane())
    return evidence_of("universal-approximation", inputs, tmp_path)


def test_fits_of_every_seed_are_drawn_in_the_panel_of_their_width(evidence: dict[str, Any]):
    fits = evidence["data"]["fits"]
    figure = approximation.fits_by_width(evidence)
    top, bottom = figure.axes[:4], figure.axes[4:]
    for place, (ax, below) in enumerate(zip(top, bottom, strict=True)):
        drawn = [list(line.get_ydata()) for line in ax.lines]
        assert fits["target"] in drawn
        assert fits["by_hand"][place] in drawn
        errors = [np.asarray(line.get_ydata(), float) for line in below.lines]
        for output in fits["outputs"][place]:
            assert output in drawn
            expected = np.maximum(abs(np.array(output) - fits["target"]), 1e-4)
            assert any(np.array_equal(expected, error) for error in errors)
        assert len(errors) == 1 + len(fits["outputs"][place])
    titles = [ax.get_title() for ax in top]
    assert titles[0] == "4 units\nlargest error 0.33"
    assert "3 seeds): the best of 2 restarts by training cost, after 50 steps" in words(figure)
    assert "not that descent finds it" in words(figure)


def test_errors_show_every_restart_every_seed_and_the_means(evidence: dict[str, Any]):
    (ax,) = approximation.error_by_width(evidence).axes
    drawn = np.concatenate([np.asarray(line.get_ydata(), float) for line in ax.lines])
    low, high = ax.get_ylim()
    for row in evidence["data"]["widths"]:
        for numbers in (row["restarts"], row["fits"]["values"], [row["fits"]["mean"], row["by_hand"]]):
            assert np.isin(numbers, drawn).all()
            assert low < min(numbers) <= max(numbers) < high
    found = evidence["data"]["crossing"]
    assert any(line.get_marker() == "P" and line.get_xdata()[0] == found["value"] for line in ax.lines)
    evidence["data"]["crossing"] = None
    (ax,) = approximation.error_by_width(evidence).axes
    assert not any(line.get_marker() == "P" for line in ax.lines)


def test_errors_above_1_are_inside_their_panel(evidence: dict[str, Any]):
    outputs = evidence["data"]["fits"]["outputs"]
    outputs[1][0] = [40.0] * len(outputs[1][0])
    assert all(ax.get_ylim()[1] > 39 for ax in approximation.fits_by_width(evidence).axes[4:])


def test_a_surface_is_drawn_with_maps_of_the_errors(evidence: dict[str, Any]):
    found = evidence["data"]["surface"]
    figure = approximation.fits_of_surface(evidence)
    titles = [ax.get_title() or ax.get_title("center") for ax in figure.axes]
    assert titles[0] == "the surface"
    for place, one in enumerate(found["fits"]):
        assert titles[1 + place] == f"{one['width']} units"
        ax = figure.axes[1 + len(found["fits"]) + place]
        assert ax.get_title() == f"largest error {one['error']:.2g}"
        (mesh,) = ax.findobj(QuadMesh)
        expected = np.maximum(abs(np.array(one["output"]) - found["target"]), 1e-4)
        np.testing.assert_allclose(np.ravel(mesh.get_array()), expected.ravel())
    assert "plays no part in the verdict" in words(figure)


def test_without_a_surface_the_page_says_so(evidence: dict[str, Any]):
    evidence["data"]["surface"] = None
    (ax,) = approximation.fits_of_surface(evidence).axes
    assert [text.get_text() for text in ax.texts] == ["There is no surface on a square grid."]


def test_a_fit_that_diverged_leaves_its_panels_empty(evidence: dict[str, Any]):
    found = evidence["data"]["surface"]
    side = len(found["x"])
    found["fits"][1] |= {"output": [[None] * side] * side, "error": None}
    titles = [ax.get_title() for ax in approximation.fits_of_surface(evidence).axes]
    assert "largest error unknown" in titles
