"""Figures of the family *cost* draw what the evidence says."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from matplotlib.collections import QuadMesh
from matplotlib.image import AxesImage
from matplotlib.patches import StepPatch
from matplotlib.text import Text

from downhill.datasets import Dataset
from downhill.figures import cost
from tests.cost_study import CostStudy
from tests.figure_parts import changed


@pytest.fixture(scope="module")
def study(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> CostStudy:
    return CostStudy(digits, tmp_path_factory.mktemp("cost"))


def points(axes: Any) -> set[tuple[float, ...]]:
    """Rounded numbers of all lines of some axes, one tuple per line."""
    return {tuple(np.round(np.asarray(line.get_ydata(), float), 9)) for line in axes.lines}


def texts(figure: Any) -> str:
    return "\n".join(text.get_text() for text in figure.findobj(Text))


def test_detectors_show_every_seed(study: CostStudy):
    evidence = study.evidence("cost-tracks-error")
    ax = cost.detectors_of_errors(evidence).axes[0]
    drawn = np.concatenate([np.asarray(line.get_xdata(), float) for line in ax.lines])
    for name in ("cost", "largest_output"):
        sample = evidence["data"][name]
        assert np.isin(np.round(sample["values"], 9), np.round(drawn, 9)).all()
        low, high = ax.get_xlim()
        assert low <= sample["lower"] <= sample["upper"] <= high


def test_map_shows_the_histograms_and_the_images_in_their_places(study: CostStudy):
    evidence = study.evidence("cost-tracks-error")
    found = evidence["data"]["map"]
    figure = cost.map_of_costs(evidence)
    top, bottom = figure.axes[:2]
    for patch, name in zip(top.findobj(StepPatch), ("right", "wrong"), strict=True):
        counts = np.array(found["counts"][name])
        np.testing.assert_allclose(patch.get_data().values, counts / counts.sum())
        np.testing.assert_allclose(patch.get_data().edges, 10 ** np.array(found["edges"]))
    figure.draw_without_rendering()
    *insets, names = bottom.child_axes
    assert names.get_title("right") == "class\nanswer\ncost"
    for ax, one in zip(insets, found["images"], strict=True):
        (image,) = ax.findobj(AxesImage)
        np.testing.assert_array_equal(image.get_array(), one["pixels"])
        box = ax.get_position()
        middle = figure.transFigure.transform(((box.x0 + box.x1) / 2, 0))[0]
        place = bottom.transData.transform((10 ** one["at"], 0))[0]
        assert middle == pytest.approx(place, abs=1)
        assert ax.get_title().startswith(f"{one['label']}\n{one['answer']}\n")
    assert top.get_xlabel() == f"cost of an image ({found['cheaper']} cheaper images drawn at the left end)"


def test_scatter_shows_every_seed_and_every_correlation(study: CostStudy):
    evidence = study.evidence("lower-cost-better-net")
    left, right = cost.cost_against_accuracy(evidence).axes[:2]
    looks = set()
    for line, row in zip(left.lines, evidence["data"]["shapes"], strict=True):
        np.testing.assert_array_equal(line.get_xdata(), row["cost"])
        np.testing.assert_array_equal(line.get_ydata(), row["accuracy"])
        looks.add((line.get_color(), line.get_marker()))
        assert (round(row["correlation"], 9),) in points(right)
    assert len(looks) == 8


def test_the_correlation_over_all_seeds_is_drawn_with_its_interval(study: CostStudy):
    evidence = study.evidence("lower-cost-better-net")
    right = cost.cost_against_accuracy(evidence).axes[1]
    ((segment,),) = (
        bar.get_segments() for bar in right.collections if (bar.get_segments()[0][:, 0] == 9).all()
    )
    np.testing.assert_allclose(segment[:, 1], [evidence["lower"], evidence["upper"]])
    assert (round(evidence["value"], 9),) in points(right)


def test_networks_of_the_same_shape_are_told_apart_by_their_names(study: CostStudy):
    evidence = changed(study.evidence("lower-cost-better-net"))
    evidence["data"]["shapes"][1] |= {"shape": evidence["data"]["shapes"][0]["shape"], "network": "another"}
    left, right = cost.cost_against_accuracy(evidence).axes[:2]
    labels = [line.get_label() for line in left.lines]
    assert len(set(labels)) == 8
    assert any(label.startswith("another (") for label in labels)
    assert right.get_xticklabels()[1].get_text() == "another"


def test_changes_show_all_images_and_all_seeds(study: CostStudy):
    evidence = changed(study.evidence("better-on-all"))
    evidence["data"]["changes"]["end"] |= {"edges": [-2, -1, 0, 1], "counts": [5, 2, 1], "fell": 7, "rose": 1}
    figure = cost.changes_of_cost(evidence)
    first = figure.axes[0]
    assert [bar.get_height() for bar in first.patches] == [5, 2, 1]
    fell, rose = first.patches[1], first.patches[2]
    assert (fell.get_hatch(), rose.get_hatch()) == (None, "//////")
    assert "fell: 7\nrose: 1" in texts(figure)
    shown = np.concatenate([line.get_ydata() for line in figure.axes[2].lines])
    for sample in (evidence["data"]["end"], evidence["data"]["step"], evidence["data"]["late"]["fell"]):
        assert np.isin(sample["values"], shown).all()
    evidence["data"]["late"] = None
    assert "epoch" not in texts(cost.changes_of_cost(evidence))


def test_rises_are_drawn_or_reported_as_none(study: CostStudy):
    evidence = changed(study.evidence("better-on-all"))
    pixels = np.arange(16).reshape(4, 4).tolist()
    evidence["data"]["changes"]["end"]["rose"] = 1234
    evidence["data"]["rises"] = [{"image": 3, "pixels": pixels, "label": "7", "start": 0.5, "end": 1.0}]
    figure = cost.largest_rises(evidence)
    (image,) = figure.findobj(AxesImage)
    np.testing.assert_array_equal(image.get_array(), pixels)
    assert "7\n0.50 → 1.00" in texts(figure)
    assert "the 1 training image whose cost rose most, of 1,234 whose" in " ".join(texts(figure).split())
    evidence["data"]["rises"] = []
    assert "the cost of no training image rose" in texts(cost.largest_rises(evidence))


def test_gaps_of_all_segments_are_counted(study: CostStudy):
    evidence = study.evidence("mostly-convex")
    figure = cost.middles_and_chords(evidence)
    for place, ax in enumerate(figure.axes):
        loss, name = divmod(place, 2)
        gaps = evidence["data"]["gaps"][("outputs", "weights")[name]][loss]
        for patch, kind in zip(ax.findobj(StepPatch), gaps, strict=True):
            assert patch.get_data().values.sum() == len(kind) == 12
        edges = ax.findobj(StepPatch)[1].get_data().edges
        assert edges[0] <= min(map(min, gaps))
        assert edges[-1] >= max(map(max, gaps))


def test_almost_all_segments_are_not_called_all(study: CostStudy):
    evidence = changed(study.evidence("mostly-convex"))
    evidence["data"]["shares"]["weights"][0] = [0.9998, 1.0]
    titles = [ax.get_title() for ax in cost.middles_and_chords(evidence).axes]
    assert titles[1].endswith("no excess on 99.98 % (filled), 100.0 % (outlined)")


def test_curves_and_their_chords_are_drawn(study: CostStudy):
    evidence = study.evidence("mostly-convex")
    figure = cost.cost_along_segments(evidence)
    for place, ax in enumerate(figure.axes):
        kind, name = divmod(place, 2)
        drawn = points(ax)
        for curve in evidence["data"]["curves"][("outputs", "weights")[name]][kind]:
            assert tuple(np.round(curve, 9)) in drawn
            assert tuple(np.round([curve[0], curve[-1]], 9)) in drawn
    caption = " ".join(texts(figure).split())
    assert "of the 4 segments of each kind for seed 0, the 3 whose cost" in caption
    assert "3 seeds × 2 costs × 2 kinds of segments" in caption


def test_shares_by_size_are_drawn_in_the_panel_of_their_units(study: CostStudy):
    evidence = study.evidence("smooth-cost")
    figure = cost.steps_by_size(evidence)
    curvature, rate, *strips = figure.axes
    networks = {one["network"]: one for one in evidence["data"]["sweep"]}
    assert list(networks) == ["lesson", "smooth-relu", "smooth-tanh", "smooth-step"]
    for name, one in networks.items():
        means = tuple(np.round([sample["mean"] for sample in one["shares"]], 9))
        assert means in points(rate if name == "smooth-step" else curvature)
        for sample in one["shares"]:
            values = tuple(np.round(sample["values"], 9))
            assert values in points(rate if name == "smooth-step" else curvature)
    found = [line.get_xdata()[0] for strip in strips for line in strip.lines if line.get_marker() in "os^D"]
    assert set(found) == {one["crossing"]["value"] for one in networks.values() if one["crossing"]}
    assert "only the output layer has a gradient" in texts(figure).replace("\n", " ")
    assert "at none of these sizes" in texts(figure)


def test_step_units_are_only_explained_where_they_are_shown(study: CostStudy):
    evidence = changed(study.evidence("smooth-cost"))
    evidence["data"]["sweep"] = [one for one in evidence["data"]["sweep"] if not one["by_rate"]]
    figure = cost.steps_by_size(evidence)
    assert len(figure.axes) == 2
    assert "output layer" not in texts(figure)


def test_descent_lies_on_its_surface(study: CostStudy):
    evidence = study.evidence("smooth-cost")
    found = evidence["data"]["descent"]
    figure = cost.descent_on_surface(evidence)
    ax = figure.axes[0]
    np.testing.assert_array_equal(ax.lines[0].get_xydata(), found["path"])
    (mesh,) = ax.findobj(QuadMesh)
    np.testing.assert_array_equal(np.ravel(mesh.get_array()), np.ravel(found["cost"]))
    assert f"epoch {found['epoch'][-1]} (" in texts(figure)


def test_a_descent_without_a_plane_is_not_drawn(study: CostStudy):
    evidence = changed(study.evidence("smooth-cost"))
    evidence["data"]["descent"] = None
    assert "too few different points" in texts(cost.descent_on_surface(evidence))


def test_long_names_of_classes_fit_between_their_neighbours(study: CostStudy):
    evidence = changed(study.evidence("cost-tracks-error"))
    names = ("T-shirt/top", "Ankle boot", "Pullover", "Motorcycle")
    for place, one in enumerate(evidence["data"]["map"]["images"]):
        one |= {"label": names[place % 4], "answer": names[(place + 1) % 4]}
    figure = cost.map_of_costs(evidence)
    figure.draw_without_rendering()
    *insets, _ = figure.axes[1].child_axes
    boxes = [ax.title.get_window_extent() for ax in insets]
    for left, right in pairwise(boxes):
        assert left.x1 < right.x0
