"""Figures of the family *depth* draw what the evidence says."""

from typing import Any

import numpy as np
import pytest

from downhill.datasets import Dataset
from downhill.figures import depth
from tests.activations_study import ActivationsStudy
from tests.figure_parts import changed, drawn


@pytest.fixture(scope="module")
def evidence(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return ActivationsStudy(digits, tmp_path_factory.mktemp("depth")).evidence("vanishing-gradient")


@pytest.mark.parametrize(
    ("figure", "key"), [("gradient_by_layer", "start"), ("gradient_in_training", "training")]
)
def test_gradients_are_drawn_layer_by_layer(evidence, figure: str, key: str):
    page = getattr(depth, figure)(evidence)
    for ax, kind in zip(page.axes, evidence["data"]["kinds"], strict=True):
        assert ax.get_title().startswith(kind["name"].partition(",")[0])
        for line, layers in zip(ax.lines, kind[key], strict=True):
            np.testing.assert_array_equal(line.get_xdata(), np.arange(1, len(layers) + 1))
            np.testing.assert_allclose(np.log10(line.get_ydata()), [sample["mean"] for sample in layers])
        low, high = np.log10(ax.get_ylim())
        for sample in (sample for layers in kind[key] for sample in layers):
            assert low <= sample["lower"] <= sample["mean"] <= sample["upper"] <= high


def test_layers_without_a_gradient_are_gaps(evidence):
    other = changed(evidence)
    nothing = {"values": [], "mean": None, "lower": None, "upper": None}
    other["data"]["kinds"][0]["start"][-1][0] = nothing
    line = depth.gradient_by_layer(other).axes[0].lines[-1]
    assert np.isnan(line.get_ydata()[0])
    assert np.isfinite(line.get_ydata()[1:]).all()
    other["data"]["kinds"][0] |= {"start": [[nothing]], "depths": [1]}
    depth.gradient_by_layer(other).draw_without_rendering()


def test_accuracies_show_every_seed_at_every_depth(evidence):
    left, right = depth.accuracy_by_depth(evidence).axes
    for kind in evidence["data"]["kinds"]:
        for sample in kind["accuracy"]:
            assert np.isin(np.round([*sample["values"], sample["mean"]], 9), drawn(left)).all()
    difference = evidence["data"]["difference"]
    assert np.isin(np.round([*difference["values"], difference["mean"]], 9), drawn(right)).all()
    low, high = right.get_ylim()
    assert low <= difference["lower"] <= difference["upper"] <= high


def test_factors_and_their_crossing_are_drawn(evidence):
    left, right = depth.factor_by_units(evidence).axes
    for kind in evidence["data"]["kinds"]:
        factor = kind["factor"]
        assert np.isin(np.round([*factor["values"], factor["mean"]["value"]], 9), drawn(left, "x")).all()
    scales = evidence["data"]["scales"]
    for sample in scales["factors"]:
        assert np.isin(np.round([*sample["values"], sample["mean"]], 9), drawn(right)).all()
    assert np.round(scales["crossing"]["value"], 9) in drawn(right, "x")


def test_without_scales_there_is_one_panel(evidence):
    other = changed(evidence)
    other["data"]["scales"] = None
    assert len(depth.factor_by_units(other).axes) == 1
    other = changed(evidence)
    other["data"]["scales"]["crossing"] = dict.fromkeys(("value", "lower", "upper"))
    depth.factor_by_units(other).draw_without_rendering()
