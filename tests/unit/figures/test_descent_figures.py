"""Figures of the family *descent* draw what the evidence says."""

from typing import Any

import numpy as np
import pytest
from matplotlib.patches import Rectangle, StepPatch
from matplotlib.text import Text

from downhill.datasets import Dataset
from downhill.figures import descent
from tests.descent_study import DescentStudy
from tests.figure_parts import changed
from tests.figure_texts import words


@pytest.fixture(scope="module")
def study(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> DescentStudy:
    return DescentStudy(digits, tmp_path_factory.mktemp("descent"))


def lines(ax: Any) -> list[np.ndarray]:
    """The points of all lines of some axes, each (n, 2)."""
    return [np.column_stack([np.asarray(part, float) for part in line.get_data()]) for line in ax.lines]


def has_line(ax: Any, x: Any, y: Any) -> bool:
    expected = np.column_stack([np.asarray(x, float), np.asarray(y, float)])
    return any(
        one.shape == expected.shape and np.allclose(one, expected, equal_nan=True, atol=1e-9)
        for one in lines(ax)
    )


def texts(figure: Any) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def test_depths_on_the_circle_are_falls(study: DescentStudy):
    evidence = study.evidence("steepest")
    figure = descent.falls_by_direction(evidence)
    for ax, point in zip(figure.axes, evidence["data"]["falls"], strict=True):
        assert ax.get_title() == point["when"]
        drawn = np.concatenate(lines(ax))
        for name, sample in point["named"].items():
            here = drawn[np.isin(np.round(drawn[:, 1], 9), np.round(-np.array(sample["values"]), 9))]
            assert len(here) >= 3
            np.testing.assert_allclose(np.hypot(*here.T), 1, atol=1e-9)
            assert (here[:, 0] < 0).all() == (name == "sign of the gradient")
            assert f"{100 * sample['mean']:.0f} %".replace("-", "−") in [text.get_text() for text in ax.texts]
        # Upwards in the panel is uphill.
        assert ax.get_ylim()[0] < ax.get_ylim()[1]
    assert "13,002 parameters" in words(figure)


def test_slopes_lie_on_the_line_of_equal_lengths(study: DescentStudy):
    evidence = study.evidence("steepest")
    figure = descent.slope_and_gradient(evidence)
    slopes, errors, *bottom = figure.axes
    for point in evidence["data"]["slopes"]:
        assert has_line(slopes, point["gradient"], point["slope"])
    drawn = np.concatenate([one[:, 1] for one in lines(errors)])
    assert np.isin(np.concatenate([point["error"] for point in evidence["data"]["slopes"]]), drawn).all()
    for ax, one in zip(bottom, evidence["data"]["by_length"], strict=True):
        assert ax.get_title().endswith(one["length"])
        shown = np.concatenate([line[:, 0] for line in lines(ax)])
        for sample in one["falls"].values():
            assert np.isin(np.round(sample["values"], 9), np.round(shown, 9)).all()


def test_the_gradient_has_its_components_and_the_bars_their_heights(study: DescentStudy):
    evidence = study.evidence("relative-importance")
    figure = descent.three_to_one(evidence)
    _, bars, ratios = figure.axes
    heights = [bar.get_height() for bar in bars.patches if isinstance(bar, Rectangle)]
    np.testing.assert_allclose(heights, [3, 1], rtol=1e-5)
    found = evidence["data"]["two_inputs"]
    assert has_line(ratios, found["nudge"], found["ratio"])
    assert "gradient (3, 1)" in texts(figure)


def test_every_nudged_weight_is_drawn_in_its_layer(study: DescentStudy):
    evidence = study.evidence("relative-importance")
    found = evidence["data"]["nudging"]
    left, right = descent.nudges_and_gradient(evidence).axes
    for layer in set(found["layer"]):
        here = np.array(found["layer"]) == layer
        assert has_line(left, np.array(found["component"])[here], np.array(found["change"])[here])
    drawn = np.concatenate([line[:, 1] for line in lines(right)])
    for one in (*found["by_nudge"], *found["by_point"][1:]):
        assert np.isin(one["correlation"]["values"], drawn).all()
    low, high = right.get_ylim()
    assert low < min(one["correlation"]["lower"] for one in found["by_nudge"])
    assert high > 1


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_lorenz_curves_of_all_layers_are_drawn(count: int, study: DescentStudy):
    evidence = changed(study.evidence("relative-importance"))
    layers = evidence["data"]["inequality"]["layers"]
    evidence["data"]["inequality"]["layers"] = layers = (layers * 2)[:count]
    figure = descent.inequality_of_gradient(evidence)
    for ax, layer in zip(figure.axes, layers, strict=False):
        for point in (layer["points"][0], layer["points"][-1]):
            for curve in point["lorenz"]:
                assert has_line(ax, np.linspace(0, 1, len(curve)), curve)
        assert ax.get_title().startswith(f"layer {layer['layer']} (")


def test_steps_and_costs_of_every_seed_are_drawn(study: DescentStudy):
    evidence = study.evidence("steps-shrink")
    walks = evidence["data"]["walks"]
    figure = descent.length_of_steps(evidence)
    left, right = figure.axes
    for length, cost in zip(walks["length"], walks["cost"], strict=True):
        assert has_line(left, walks["step"][1:], length)
        assert has_line(right, walks["step"][1:], cost[1:])
    for one in walks["fixed"]:
        for length, cost in zip(one["length"], one["cost"], strict=True):
            assert has_line(left, [1, walks["step"][-1]], [length, length])
            assert has_line(right, walks["step"][1:], cost[1:])
    assert any(line.shape == (1, 2) and line[0, 0] == walks["crossing"]["value"] for line in lines(left))
    assert "Learning rate 3, 3 seeds." in words(figure)


def test_steps_that_never_become_short_have_no_mark(study: DescentStudy):
    evidence = changed(study.evidence("steps-shrink"))
    evidence["data"]["walks"]["crossing"] = None
    left = descent.length_of_steps(evidence).axes[0]
    assert not any(line.shape == (1, 2) for line in lines(left))


def test_paths_start_on_the_bowl_and_distances_are_theirs(study: DescentStudy):
    evidence = study.evidence("steps-shrink")
    bowl = evidence["data"]["bowl"]
    figure = descent.paths_on_a_bowl(evidence)
    *panels, distances = figure.axes
    assert len(panels) == len(bowl["paths"]) == 4
    for ax, one in zip(panels, bowl["paths"], strict=True):
        path = np.array(one["path"])
        drawn = max(lines(ax), key=len)
        np.testing.assert_allclose(drawn, path[: len(drawn)])
        assert len(drawn) > 3
        assert one["kind"] in ax.get_title()
        assert any(
            np.allclose(line[:, 1], np.linalg.norm(path, axis=1))
            for line in lines(distances)
            if len(line) > 2
        )
    assert "2/λ = 0.250; the limit found by trial is 0.250" in words(figure)


def test_hops_are_those_of_both_readings(study: DescentStudy):
    evidence = study.evidence("step-size-example")
    figure = descent.moves_read_both_ways(evidence)
    readings = evidence["data"]["hops"]["readings"]
    for place, ax in enumerate(figure.axes):
        reading, which = divmod(place, 3)
        one = readings[("fixed", "rated")[reading]][which]
        path = np.array(one["path"])
        curve = np.abs(path) if reading == 0 else path**2
        shown = 11 if one["fate"] != "diverges" else 3
        assert has_line(ax, path[:shown], curve[:shown])
        assert f"{one['step']:g}:" in ax.get_title()
    assert [ax.get_title().splitlines()[1] for ax in figure.axes[:3]] == [
        "arrives after 10 moves",
        "arrives after 2 moves",
        "returns to the same points",
    ]


def test_search_and_descent_are_drawn_for_every_seed(study: DescentStudy):
    evidence = study.evidence("no-exhaustive-search")
    search = evidence["data"]["search"]
    left, right = descent.search_and_descent(evidence).axes
    for best, cost in zip(search["best"], search["descent"], strict=True):
        assert has_line(left, search["evaluations"], best)
        assert has_line(left, search["evaluations"], cost)
    (patch,) = right.findobj(StepPatch)
    np.testing.assert_array_equal(patch.get_data().values, search["counts"])
    assert sum(search["counts"]) == 3 * 60
    low, high = left.get_ylim()
    assert low < min(min(cost) for cost in search["descent"])
    assert high > search["edges"][-1]


def test_the_walk_to_the_solution_and_that_of_the_network(study: DescentStudy):
    evidence = study.evidence("gradual-not-closed-form")
    data = evidence["data"]
    left, right = descent.walk_to_the_solution(evidence).axes
    drawn = np.concatenate([line[:, 1] for line in lines(left)])
    for row in data["linear"]["excess"]:
        known = [value for value in row[1:] if value]
        assert np.isin(known, drawn).all()
    for cost in data["network"]["cost"]:
        assert has_line(right, data["network"]["step"][1:], cost[1:])
    without = changed(evidence)
    without["data"]["network"] = None
    assert len(descent.walk_to_the_solution(without).axes) == 1
