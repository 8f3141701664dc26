"""Figures of the family *activations* draw what the evidence says."""

from typing import Any

import numpy as np
import pytest
from matplotlib.image import AxesImage
from matplotlib.text import Text

from downhill.datasets import Dataset
from downhill.figures import activations
from tests.activations_study import ActivationsStudy
from tests.figure_parts import changed, drawn


@pytest.fixture(scope="module")
def study(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> ActivationsStudy:
    return ActivationsStudy(digits, tmp_path_factory.mktemp("activations"))


def shows(ax: Any, sample: dict[str, Any], axis: str = "y") -> bool:
    """Whether every seed of a sample, and its mean, is drawn, and within the limits its interval."""
    low, high = ax.get_xlim() if axis == "x" else ax.get_ylim()
    inside = sample["lower"] is None or low <= sample["lower"] <= sample["upper"] <= high
    return inside and bool(np.isin(np.round([*sample["values"], sample["mean"]], 9), drawn(ax, axis)).all())


def texts(figure: Any) -> str:
    return " ".join(" ".join(text.get_text() for text in figure.findobj(Text)).split())


def test_the_cost_of_step_units_is_drawn_without_its_jumps(study: ActivationsStudy):
    evidence = changed(study.evidence("binary-defeats-descent"))
    evidence["data"]["curve"] |= {"shift": [0, 1, 2, 3], "step": [5, 5, 7, 7], "sigmoid": [4, 3, 2, 1]}
    figure = activations.unit_and_slope(evidence)
    panels = {ax.get_title(): ax for ax in figure.axes}
    steps = panels["cost with step units"].lines[0].get_xydata()
    np.testing.assert_array_equal(steps, [[0, 5], [1, 5], [np.nan, np.nan], [2, 7], [3, 7]])
    np.testing.assert_array_equal(panels["cost with sigmoid units"].lines[0].get_ydata(), [4, 3, 2, 1])


def test_units_are_drawn_with_their_slopes(study: ActivationsStudy):
    evidence = study.evidence("binary-defeats-descent")
    panels = {ax.get_title(): ax for ax in activations.unit_and_slope(evidence).axes}
    for kind, most in (("sigmoid", 0.25), ("step", 0.0)):
        output, slope = (np.asarray(line.get_ydata(), float) for line in panels[f"{kind} unit"].lines[:2])
        assert np.nanmin(output) < 0.01
        assert np.nanmax(output) > 0.99
        assert slope.max() == pytest.approx(most, abs=1e-4)


def test_gradients_of_every_seed_are_drawn_and_zeros_are_marked(study: ActivationsStudy):
    evidence = study.evidence("binary-defeats-descent")
    figure = activations.unit_and_slope(evidence)
    (ax,) = (ax for ax in figure.axes if ax.get_title().startswith("gradient"))
    for kind in evidence["data"]["gradients"]["kinds"]:
        for sample in kind["norms"]:
            values = np.array(sample["values"])
            assert np.isin(np.round(values[values > 0], 9), drawn(ax)).all()
    assert [text.get_text() for text in ax.texts] == ["0", "0"]


def test_accuracies_of_step_units_show_every_seed(study: ActivationsStudy):
    evidence = study.evidence("binary-defeats-descent")
    figure = activations.accuracy_of_step_units(evidence)
    left, right = figure.axes
    assert all(shows(left, row["accuracy"], "x") for row in evidence["data"]["networks"])
    assert shows(right, evidence["data"]["lead"])
    assert "are exactly as accurate as those with frozen layers" in texts(figure)
    other = changed(evidence)
    other["parts"][1]["worst"] = [0.0, 0.01]
    assert "are not always as accurate as" in texts(activations.accuracy_of_step_units(other))


def test_accuracies_by_units_show_every_seed_and_the_spread(study: ActivationsStudy):
    evidence = study.evidence("sigmoid-or-relu")
    figure = activations.accuracy_of_units(evidence)
    *axes, last = figure.axes
    for ax, cost in zip(axes, evidence["data"]["costs"], strict=True):
        assert ax.get_title() == cost["name"]
        assert all(shows(ax, kind["accuracy"]) for kind in cost["kinds"])
    for part, cost in zip(evidence["parts"], evidence["data"]["costs"], strict=True):
        assert np.isin(np.round([part["value"], cost["chance"]["mean"]], 9), drawn(last)).all()
        assert last.get_ylim()[0] <= part["lower"] <= part["upper"] <= last.get_ylim()[1]


def test_curves_show_means_by_epoch_and_the_epochs_of_every_seed(study: ActivationsStudy):
    evidence = changed(study.evidence("sigmoid-or-relu"))
    evidence["data"]["costs"][0]["kinds"][0]["epochs"] = [2, None, 4]
    figure = activations.curves_of_units(evidence)
    top, _, strip, _ = figure.axes
    for kind in evidence["data"]["costs"][0]["kinds"]:
        assert np.isin(np.round([sample["mean"] for sample in kind["by_epoch"]], 9), drawn(top)).all()
    assert {2.0, 4.0} <= set(drawn(strip, "x"))
    assert "1 seed never" in texts(figure)


def test_differences_and_accuracies_of_matrices_show_every_seed(study: ActivationsStudy):
    evidence = study.evidence("linear-without-activation")
    figure = activations.network_and_matrix(evidence)
    left, right = figure.axes
    for kind in evidence["data"]["kinds"]:
        assert np.isin(np.round(kind["difference"]["values"], 9), drawn(left)).all()
        assert np.isin(np.round(np.ravel(kind["by_depth"]), 9), drawn(left)).all()
        assert shows(right, kind["accuracy"], "x")
        assert shows(right, kind["matrix_accuracy"], "x")
    assert shows(right, evidence["data"]["regression"][0]["accuracy"], "x")
    low, high = left.get_ylim()
    assert low < 1e-15 < 1e-5 < high


def test_answers_and_points_are_drawn_where_they_are(study: ActivationsStudy):
    evidence = study.evidence("nonlinearity-needed")
    figure = activations.answers_on_the_plane(evidence)
    places = [(region, kind) for region in evidence["data"]["regions"] for kind in ("linear", "tanh")]
    for ax, (region, kind) in zip(figure.axes, places, strict=True):
        (image,) = ax.findobj(AxesImage)
        expected = [[int(letter) for letter in row] for row in region["answers"][kind]]
        np.testing.assert_array_equal(image.get_array(), expected)
        points = np.concatenate(
            [line.get_xydata() for line in ax.lines if line.get_label().startswith("class")]
        )
        assert sorted(map(tuple, points)) == sorted(map(tuple, region["points"]))
        assert region["name"] in ax.get_title()


def test_one_answer_everywhere_or_no_plane_can_be_drawn(study: ActivationsStudy):
    evidence = changed(study.evidence("nonlinearity-needed"))
    evidence["data"]["regions"][0]["answers"]["linear"] = ["111"] * 3
    activations.answers_on_the_plane(evidence).draw_without_rendering()
    evidence["data"]["regions"] = None
    assert "not points of a plane" in texts(activations.answers_on_the_plane(evidence))


def test_accuracies_by_number_of_units_show_every_seed(study: ActivationsStudy):
    evidence = study.evidence("nonlinearity-needed")
    linear, tanh, by_width = activations.accuracy_by_units(evidence).axes
    for task in evidence["data"]["tasks"]:
        assert shows(linear, task["accuracy"]["linear"])
        assert shows(tanh, task["accuracy"]["tanh"])
        assert all(shows(by_width, sample | {"lower": None}) for sample in task["by_width"])
