"""Figures of the family *backpropagation* draw what the evidence says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.container import BarContainer
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.text import Text

from downhill.figures import backpropagation
from downhill.figures.backpropagation_graph import number
from tests.constructed import checks_of_gradients, counts_of_operations, evidence_of, inputs_of
from tests.figure_texts import words


@pytest.fixture
def exact(tmp_path: Path) -> dict[str, Any]:
    return evidence_of("chain-rule-exact", inputs_of(gradient_checks=checks_of_gradients()), tmp_path)


@pytest.fixture
def counted(tmp_path: Path) -> dict[str, Any]:
    return evidence_of("one-pass-gives-all", inputs_of(operations_of_a_pass=counts_of_operations()), tmp_path)


def test_every_node_has_its_value_and_its_derivative(exact: dict[str, Any]):
    graph = exact["data"]["graph"]
    (ax,) = backpropagation.computation_graph(exact).axes
    given = [node for node in graph["nodes"] if node["kind"] != "operation"]
    assert len(ax.findobj(Circle)) == len(graph["nodes"]) - len(given)
    assert len(ax.findobj(FancyBboxPatch)) == len(given)
    assert len(ax.findobj(FancyArrowPatch)) == len(graph["edges"]) + 2
    for node in graph["nodes"]:
        beside = sorted(
            (-text.get_position()[1], text.get_text())
            for text in ax.texts
            if text.get_text()
            and 0.2 < text.get_position()[0] - node["x"] < 0.4
            and abs(text.get_position()[1] - node["y"]) < 0.2
        )
        expected = [number(node["value"])]
        expected += [] if node["derivative"] is None else [number(node["derivative"])]
        assert [text for _, text in beside] == expected
    directions = [text.get_text() for text in ax.texts if "multiplications" in text.get_text()]
    assert directions[0].startswith(f"values, forwards: {graph['forward']} ")
    assert directions[1].startswith(f"derivatives of C, backwards: {graph['backward']} ")


def test_nothing_of_the_graph_overlaps(exact: dict[str, Any]):
    figure = backpropagation.computation_graph(exact)
    figure.draw_without_rendering()
    (ax,) = figure.axes
    boxes = [text.get_window_extent() for text in ax.texts if text.get_text()]
    for place, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:place])
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1


@pytest.mark.parametrize(
    ("value", "text"), [(-0.0372, "−0.037"), (0.71095, "0.711"), (2.0, "2"), (-1e-9, "0"), (-12.346, "−12.3")]
)
def test_numbers_are_short(value: float, text: str):
    assert number(value) == text


def test_every_case_is_drawn_in_its_row(exact: dict[str, Any]):
    exact["data"]["rows"][0]["values"]["linear outputs, quadratic cost"] = [3e-8, 0.0]
    figure = backpropagation.differences_by_network(exact)
    (ax,) = figure.axes
    for place, row in enumerate(exact["data"]["rows"]):
        drawn = [line for line in ax.lines if len(line.get_xdata()) and abs(line.get_ydata()[0] - place) < 0.5
                 and line.get_linestyle() == "None"]  # fmt: skip
        assert [list(line.get_xdata()) for line in drawn] == [
            [max(value, 1e-17) for value in values] for values in row["values"].values()
        ]
    names = [label.get_text() for label in ax.get_yticklabels()]
    assert names[:5] == ["sigmoid units", "tanh units", "linear units", "ReLU units", "leaky ReLU units"]
    assert "for all 74 parameters of each of 25 small networks per seed" in words(figure)
    assert "for 500 parameters of the trained network, drawn at random" in words(figure)
    low, high = ax.get_xlim()
    assert low < 1e-17
    assert high > 1e-6


def test_cases_beyond_the_band_are_drawn_too(exact: dict[str, Any]):
    exact["data"]["rows"][5]["values"][""] = [0.2]
    (ax,) = backpropagation.differences_by_network(exact).axes
    assert ax.get_xlim()[1] > 0.2


def test_steps_show_every_seed_the_median_and_both_crossings(exact: dict[str, Any]):
    sweep = exact["data"]["sweep"]
    (ax,) = backpropagation.differences_by_step(exact).axes
    drawn = {tuple(np.asarray(line.get_ydata(), float)) for line in ax.lines if len(line.get_xdata()) == 5}
    for kind in sweep["kinds"]:
        assert tuple(kind["median"]) in drawn
        for worst in kind["worst"]:
            assert tuple(worst) in drawn
    marks = {
        line.get_xdata()[0] for line in ax.lines if line.get_marker() == "D" and len(line.get_xdata()) == 1
    }
    assert marks == {sweep["rounding"]["value"], sweep["curvature"]["value"]}
    sweep["rounding"] = sweep["curvature"] = None
    (ax,) = backpropagation.differences_by_step(exact).axes
    assert not any(line.get_marker() == "D" for line in ax.lines)


def test_bars_are_the_counts(counted: dict[str, Any]):
    figure = backpropagation.operations_of_passes(counted)
    for ax, count in zip(figure.axes, counted["data"]["counts"], strict=False):
        bars = [bar for bar in ax.containers if isinstance(bar, BarContainer)]
        heights = [[patch.get_height() for patch in bar] for bar in bars]
        assert heights == [
            [count["tape"][one][kind] for one in ("forward", "backward")]
            for kind in ("multiplications", "additions")
        ]
    (bars,) = figure.axes[2].containers
    assert [patch.get_height() for patch in bars] == [400, 600, 43 * 400]
    texts = [text.get_text() for text in figure.axes[2].findobj(Text)]
    assert "17,200" in texts
    assert "43\nforward\npasses" in texts
    assert "the computation graph of the 6-4-3 network" in words(figure)


def test_formulas_are_marked_on_the_bars(counted: dict[str, Any]):
    counted["data"]["counts"][0]["formulas"] = {"forward": 90, "backward": 70}
    first = backpropagation.operations_of_passes(counted).axes[0]
    (marks,) = [line for line in first.lines if line.get_marker() == "D"]
    assert list(marks.get_ydata()) == [90, 70]


def test_ratios_are_drawn_by_width_with_the_network_of_the_claim(counted: dict[str, Any]):
    (ax,) = backpropagation.ratio_by_width(counted).axes
    curves = [list(line.get_ydata()) for line in ax.lines if len(line.get_xdata()) > 2]
    assert curves == [one["ratio"] for one in counted["data"]["widths"]["ratios"]]
    across = [line.get_ydata()[0] for line in ax.lines if len(line.get_xdata()) == 2]
    assert across == [0.8, 1.5]
