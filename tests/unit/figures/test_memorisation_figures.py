"""Figures of descents and of fits show what the evidence says."""

import copy
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from downhill.config import functions
from downhill.datasets import Dataset
from downhill.figures import style
from tests.figure_texts import words
from tests.unit.claims.study_of_labels import small_study

Evidence = dict[str, Any]

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def evidence_of(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Evidence]:
    return small_study(digits, tmp_path_factory.mktemp("drawn")).evidence_of_family("memorisation")


def drawn(figure: str, evidence: Evidence) -> Figure:
    return functions.load("figures", "memorisation", figure)(evidence)


def titles(ax: Axes) -> str:
    """What is written above a panel, wherever the style puts it."""
    return ax.get_title(loc="left") + ax.get_title()


def has_line(ax: Axes, x: Any, y: Any) -> bool:
    """Whether a line through these points is drawn."""
    x, y = np.asarray(x, float), np.asarray(y, float)
    return any(
        len(line.get_xdata()) == len(x)
        and np.allclose(line.get_xdata(), x)
        and np.allclose(np.asarray(line.get_ydata(), float), y, equal_nan=True)
        for line in ax.lines
    )


def test_every_curve_and_its_mean_are_drawn(evidence_of: dict[str, Evidence]):
    evidence = evidence_of["straightness_of_descent"]
    data = evidence["data"]
    whole, later, accuracy, pairs = drawn("curves_by_labels", evidence).axes
    for labels in ("true", "shuffled"):
        curves = data["curves"][labels]
        for ax, quantity, first in ((whole, "cost", 0), (later, "cost", 1), (accuracy, "accuracy", 0)):
            for curve in [*curves[quantity]["seeds"], curves[quantity]["mean"]]:
                assert has_line(ax, curves["epoch"][first:], curve[first:])
    for ax, line in zip((whole, later), data["lines"], strict=True):
        ends = np.array(line["epochs"])
        assert has_line(ax, ends, line["intercept"] + line["slope"] * ends)
        assert f"{line['r_squared']:.2f}" in titles(ax)
    both = [data["straightness"][labels]["values"] for labels in ("true", "shuffled")]
    for pair in zip(*both, strict=True):
        assert has_line(pairs, [0, 1], pair)


def test_straightness_is_drawn_by_share_of_the_drop(evidence_of: dict[str, Evidence]):
    evidence = evidence_of["straightness_of_descent"]
    left, right = drawn("straightness_by_share", evidence).axes
    sweep, recipes = evidence["data"]["by_share"], evidence["data"]["by_recipe"]
    for ax, rows in (
        (left, [sample for key in ("true", "shuffled", "after_first_epoch") for sample in sweep[key]]),
        (right, [recipe[key] for recipe in recipes for key in ("true", "shuffled", "after_first_epoch")]),
    ):
        heights = [np.asarray(line.get_ydata(), float) for line in ax.lines]
        for sample in rows:
            assert any(np.array_equal(one, sample["values"]) for one in heights)
            assert any(np.array_equal(one, [sample["mean"]]) for one in heights)
    names = [label.get_text() for label in left.get_xticklabels()]
    assert [name for name in names if name.endswith("*")] == ["99 %*"]
    assert len(names) == len(sweep["share"])
    assert [label.get_text() for label in right.get_xticklabels()] == ["normal*\nn = 5", "lecun\nn = 3"]


def test_epochs_of_every_seed_and_ratios_are_drawn(evidence_of: dict[str, Evidence]):
    evidence = evidence_of["ratio_of_epochs"]
    left, right = drawn("epochs_by_images", evidence).axes
    fits = evidence["data"]["fits"]
    for labels in ("true", "shuffled"):
        medians = [fit[labels]["value"] for fit in fits]
        assert any(np.array_equal(line.get_ydata(), medians) for line in left.lines)
        for fit in fits:
            assert any(np.array_equal(line.get_ydata(), fit[labels]["values"]) for line in left.lines)
    for fit in fits:
        assert has_line(right, [fit["images"]], [fit["ratio"]["value"]])
        tips = [segment for bars in right.collections for segment in getattr(bars, "get_segments", list)()]
        ends = [fit["ratio"]["lower"], fit["ratio"]["upper"]]
        assert any(np.allclose(tip[:, 1], ends) and np.allclose(tip[:, 0], fit["images"]) for tip in tips)
    large = [line for line in right.lines if line.get_markersize() == 7]
    assert [float(line.get_xdata()[0]) for line in large] == [80]


def test_censored_seeds_lie_above_all_others_with_their_number(evidence_of: dict[str, Evidence]):
    evidence = copy.deepcopy(evidence_of["ratio_of_epochs"])
    last = evidence["data"]["fits"][-1]
    last["shuffled"] |= {
        "values": [20.0, 30.0, None, None, None],
        "value": None,
        "lower": 20.0,
        "upper": None,
    }
    last["ratio"] = {"value": None, "lower": 2.5, "upper": None}
    evidence["data"]["line"] = None
    left, right = drawn("epochs_by_images", evidence).axes
    crosses = [
        line for line in left.lines if line.get_marker() == style.CROSS["marker"] and len(line.get_xdata())
    ]
    assert [len(line.get_xdata()) for line in crosses] == [3]
    observed = max(
        fit[labels]["observed"] for fit in evidence["data"]["fits"] for labels in ("true", "shuffled")
    )
    assert min(crosses[0].get_ydata()) > observed
    assert max(crosses[0].get_ydata()) < left.get_ylim()[1]
    assert "3" in [text.get_text() for text in left.texts]
    assert has_line(right, [last["images"]] * 2, [2.5, right.get_ylim()[1]])
    assert not [line for line in right.lines if str(line.get_label()).startswith("line of slope")]


def test_one_seed_is_drawn_without_intervals(evidence_of: dict[str, Evidence]):
    evidence = copy.deepcopy(evidence_of["straightness_of_descent"])
    data = evidence["data"]
    for labels in ("true", "shuffled"):
        for quantity in ("cost", "accuracy"):
            curve = data["curves"][labels][quantity]
            curve |= {"seeds": curve["seeds"][:1], "mean": curve["seeds"][0], "lower": None, "upper": None}
        sample = data["straightness"][labels]
        sample |= {"values": sample["values"][:1], "mean": sample["values"][0], "lower": None, "upper": None}
    data["lines"][1] |= {"r_squared": None, "slope": None, "intercept": None}
    axes = drawn("curves_by_labels", evidence).axes
    bands = [one for ax in axes[:3] for one in ax.collections if isinstance(one, PolyCollection)]
    assert bands == []
    assert titles(axes[1]) == ""


def test_remark_compares_the_whole_descent_with_that_from_epoch_1(evidence_of: dict[str, Evidence]):
    evidence = copy.deepcopy(evidence_of["straightness_of_descent"])
    sweep, recipe = evidence["data"]["by_share"]["after_first_epoch"], evidence["data"]["by_recipe"][0]
    means = [sample["mean"] for sample in sweep]
    text = words(drawn("straightness_by_share", evidence))
    assert f"with shuffled labels, the mean R² is {recipe['shuffled']['mean']:.2f}." in text
    assert f"Without epoch 0, it is {recipe['after_first_epoch']['mean']:.2f}" in text
    assert f"between {min(means):.2f} and {max(means):.2f}" in text
    for sample in (*sweep, recipe["after_first_epoch"]):
        sample |= {"values": [None] * 5, "mean": None, "lower": None, "upper": None}
    assert "Without epoch 0" not in words(drawn("straightness_by_share", evidence))


def test_remark_lists_where_the_interval_of_the_ratio_includes_the_band(evidence_of: dict[str, Evidence]):
    evidence = copy.deepcopy(evidence_of["ratio_of_epochs"])
    intervals: list[tuple[float | None, float | None]] = [(1.5, 2.5), (2.1, 3), (1.9, None)]
    for fit, (lower, upper) in zip(evidence["data"]["fits"], intervals, strict=True):
        fit["ratio"] |= {"lower": lower, "upper": upper}
    text = words(drawn("epochs_by_images", evidence))
    assert "The interval of the ratio includes 2 for 40 and 160 images." in text
    assert "fitted at a training accuracy of 80 %" in text


def test_gap_is_drawn_with_its_band(evidence_of: dict[str, Evidence]):
    evidence = evidence_of["gap_when_memorising"]
    ax = drawn("memorised", evidence).axes[0]
    train, test = (evidence["data"][images]["mean"] for images in ("train", "test"))
    assert has_line(ax, [1.5, 1.5], [test, train])
    (band,) = (patch for patch in ax.patches if str(patch.get_label()).startswith("supports the claim"))
    assert band.get_y() == pytest.approx(ax.get_ylim()[0])
    assert band.get_y() + band.get_height() == pytest.approx(train - 0.10)


@pytest.mark.parametrize(("test", "said"), [(0.6, True), (0.5, False)])
def test_new_images_are_mentioned_where_accuracy_is_far_above_chance(
    test: float, said: bool, evidence_of: dict[str, Evidence]
):
    evidence = copy.deepcopy(evidence_of["gap_when_memorising"])
    evidence["data"]["test"]["mean"] = test
    assert ("it does more than memorise" in words(drawn("memorised", evidence))) is said
