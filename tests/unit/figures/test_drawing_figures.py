"""Figures of the family *drawing* draw what the evidence says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from downhill.figures import drawing, style
from tests.constructed import answers_to_drawings, evidence_of, inputs_of
from tests.figure_texts import words


@pytest.fixture
def evidence(tmp_path: Path) -> dict[str, Any]:
    inputs = inputs_of(
        answers_to_drawings=answers_to_drawings({"lesson": (18, 8)}),
        answers_to_drawings_by_network=answers_to_drawings({"wide": (15, 12), "blank": (4, 4)}, seeds=2),
    )
    return evidence_of("preprocessing-matters", inputs, tmp_path)


def test_every_seed_of_every_network_is_drawn_in_its_row(evidence: dict[str, Any]):
    figure = drawing.accuracy_on_drawings(evidence)
    left, right = figure.axes
    for place, row in enumerate(evidence["data"]["networks"]):
        for kind, marker in (("test", "o"), ("with", "s"), ("without", "^")):
            drawn = [
                value
                for line in left.lines
                for value, at in zip(
                    np.atleast_1d(line.get_xdata()), np.atleast_1d(line.get_ydata()), strict=True
                )
                if line.get_marker() == marker and abs(at - place) < 0.5
            ]
            assert sorted(drawn) == pytest.approx(sorted(row[kind]["values"]))
        differences = [
            value
            for line in right.lines
            for value, at in zip(
                np.atleast_1d(line.get_xdata()), np.atleast_1d(line.get_ydata()), strict=True
            )
            if line.get_marker() == "o" and abs(at - place) < 0.5
        ]
        assert sorted(differences) == pytest.approx(sorted(row["gained"]["values"]))
    assert [label.get_text() for label in left.get_yticklabels()] == [
        "lesson\nn = 4",
        "wide\nn = 2",
        "blank\nn = 2",
    ]
    said = words(figure)
    assert "they are not handwriting. The verdict is about lesson." in said
    assert "guessing: 10 %" in [text.get_text() for text in figure.legends[0].get_texts()]
    assert left.get_xlabel() == "accuracy; 20 drawings (%)"


def test_band_is_shaded_where_differences_are_drawn(evidence: dict[str, Any]):
    _, right = drawing.accuracy_on_drawings(evidence).axes
    shaded = [
        patch for patch in right.patches if patch.get_facecolor()[:3] == pytest.approx(to_rgb(style.BAND))
    ]
    (band,) = shaded
    assert band.get_extents().transformed(right.transData.inverted()).x0 == pytest.approx(0.1)


def test_each_drawing_is_shown_in_both_ways_with_its_answers(evidence: dict[str, Any]):
    figure = drawing.drawings_and_answers(evidence)
    examples = evidence["data"]["examples"]
    shown = [ax for ax in figure.axes if ax.images]
    assert len(shown) == 2 * 12
    axes = np.array(figure.axes).reshape(4, 10)
    for place in range(12):
        group, column = divmod(place, 10)
        for ax, kind in zip(axes[2 * group : 2 * group + 2, column], ("without", "with"), strict=True):
            pixels = np.frombuffer(bytes.fromhex(examples["images"][kind][place]), np.uint8).reshape(4, 4)
            np.testing.assert_array_equal(ax.images[0].get_array(), pixels)
            answer = examples["answers"][kind][place]
            right = answer == examples["labels"][place]
            assert ax.get_title(loc="center") == f"{answer}{'✓' if right else ''}"
            assert ax.title.get_color() == (style.INK if right else style.RUST)
    assert [ax.get_ylabel() for ax in axes[:, 0]] == ["as drawn", "prepro-\ncessed"] * 2


def test_without_images_the_figure_says_so(evidence: dict[str, Any]):
    examples = evidence["data"]["examples"]
    examples |= {"labels": [], "images": {"with": [], "without": []}, "answers": {"with": [], "without": []}}
    assert "The experiment keeps no images." in words(drawing.drawings_and_answers(evidence))
