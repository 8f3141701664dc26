"""Figures of shapes of one size, and of mistakes, show what the evidence says."""

import copy
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from downhill.config import functions
from downhill.datasets import Dataset
from downhill.figures import style
from downhill.figures.lettering import LONGEST_NAME
from tests.figure_texts import words
from tests.unit.claims.study_of_labels import small_study

Evidence = dict[str, Any]

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def evidence_of(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Evidence]:
    return small_study(digits, tmp_path_factory.mktemp("drawn")).evidence_of_family("learning")


def drawn(figure: str, evidence: Evidence) -> Figure:
    return functions.load("figures", "learning", figure)(evidence)


def heights(ax: Axes, **look: Any) -> list[float]:
    """Sorted heights of the marks with this look."""
    found = [
        line
        for line in ax.lines
        if all(getattr(line, f"get_{name}")() == value for name, value in look.items())
    ]
    return sorted(float(y) for line in found for y in line.get_ydata())


def test_every_seed_of_every_shape_is_drawn_and_stuck_ones_are_crossed(evidence_of: dict[str, Evidence]):
    evidence = evidence_of["spread_of_shapes"]
    left, right = drawn("accuracy_of_shapes", evidence).axes
    shapes = evidence["data"]["same_size"]
    values = np.concatenate([shape["accuracy"]["values"] for shape in shapes])
    stuck = np.concatenate([shape["stuck"] for shape in shapes]).astype(bool)
    assert heights(left, marker=style.CROSS["marker"]) == pytest.approx(sorted(values[stuck]))
    assert heights(left, marker="o") == pytest.approx(sorted(values[~stuck]))
    means = [shape["accuracy"]["mean"] for shape in shapes]
    assert heights(left, marker="D") == pytest.approx(sorted(means))
    names = [label.get_text() for label in left.get_xticklabels()]
    assert names == ["16\n12,730\nn = 6", "16-8\n12,786\nn = 3", "14-14-14\n11,560\nn = 3"]
    spread = evidence["data"]["spread"]
    assert heights(right, marker="s") == [spread["observed"]["value"]]
    assert heights(right, marker="v") == [spread["permuted"]["mean"]]
    assert heights(right, marker="D") == [evidence["value"]]
    (band,) = (patch for patch in right.patches if str(patch.get_label()).startswith("supports"))
    low, high = right.get_xlim()
    assert 1 < low + band.get_x() * (high - low) < 2  # only the third of the marks is judged
    assert band.get_x() + band.get_width() == 1


@pytest.mark.parametrize(
    ("p", "differ"), [(0.002, "differ by more than chance"), (0.3, "do not differ detectably")]
)
def test_whether_shapes_differ_beyond_chance_is_written_above(
    p: float, differ: str, evidence_of: dict[str, Evidence]
):
    evidence = copy.deepcopy(evidence_of["spread_of_shapes"])
    evidence["data"]["spread"]["p"] = p
    text = words(drawn("accuracy_of_shapes", evidence))
    assert differ in text
    assert f"(p = {p})" in text
    assert "supported when the difference beyond chance is below 1.5 points" in text


def test_odds_ratios_of_every_seed_are_drawn(evidence_of: dict[str, Evidence]):
    evidence = evidence_of["odds_of_shared_mistakes"]
    left, right = drawn("odds_of_mistakes", evidence).axes
    data = evidence["data"]
    shown = [value for sample in data["odds"].values() for value in sample["values"]]
    marks = heights(left, marker="o") + heights(left, marker=style.CROSS["marker"])
    assert sorted(marks) == pytest.approx(sorted(shown))
    assert heights(left, marker="D") == pytest.approx(
        sorted(sample["mean"] for sample in data["odds"].values())
    )
    sweep = [row["odds"]["mean"] for row in data["by_neighbours"]]
    assert heights(right, marker="D") == pytest.approx(sorted(sweep))
    assert "linear model 'linear'\n(no hidden layers)\n" in left.get_xticklabels()[1].get_text()
    names = [label.get_text() for label in right.get_xticklabels()]
    assert [name.split("\n")[0] for name in names] == ["1", "3*", "5"]
    assert [name.split("\n")[1] for name in names] == [f"{row['wrong']}" for row in data["by_neighbours"]]


def test_a_single_seed_is_compared_with_no_other(evidence_of: dict[str, Evidence]):
    evidence = copy.deepcopy(evidence_of["odds_of_shared_mistakes"])
    evidence["data"]["odds"]["another seed"] = {"values": [], "mean": None, "lower": None, "upper": None}
    left, _ = drawn("odds_of_mistakes", evidence).axes
    assert len(left.get_xticks()) == 2


def test_gallery_shows_the_images_with_their_answers(evidence_of: dict[str, Evidence]):
    evidence = evidence_of["odds_of_shared_mistakes"]
    figure = drawn("shared_mistakes", evidence)
    shared, counts = evidence["data"]["shared"], evidence["data"]["counts"]
    shown = [ax for ax in figure.axes if ax.images]
    assert len(shown) == len(shared) > 0
    for ax, one in zip(shown, shared, strict=True):
        np.testing.assert_array_equal(np.asarray(ax.images[0].get_array()), one["pixels"])
        assert ax.get_title() == (
            f"true {one['label']}, says {one['predicted']}\n({100 * one['share']:.0f} % of seeds)"
        )
    text = words(figure)
    assert f"Misclassified by all 6 seeds: {counts['shared']} of 200 test images." in text
    unshared = counts["shared"] - counts["shared_with_neighbours"]
    which = f"{len(shared)} of the {unshared}" if unshared > len(shared) else f"the {unshared}"
    assert f"Shown: {which} that the nearest neighbours get right" in text


def test_a_gallery_without_shared_mistakes_says_so(evidence_of: dict[str, Evidence]):
    evidence = copy.deepcopy(evidence_of["odds_of_shared_mistakes"])
    evidence["data"] |= {"shared": []}
    evidence["data"]["counts"] |= {"shared": 0, "shared_with_neighbours": 0, "seeds": 1}
    figure = drawn("shared_mistakes", evidence)
    texts = [text.get_text() for text in figure.texts]
    assert "There is no image that every seed gets wrong and the nearest neighbours get right." in texts
    assert not figure.axes


def test_long_names_of_classes_are_shortened(evidence_of: dict[str, Evidence]):
    evidence = copy.deepcopy(evidence_of["odds_of_shared_mistakes"])
    evidence["data"]["shared"][0] |= {"label": "a class with a very long name", "predicted": "T-shirt/top"}
    title = drawn("shared_mistakes", evidence).axes[0].get_title()
    assert max(map(len, title.splitlines())) <= len("true ") + LONGEST_NAME + len(",")
    assert "…" in title
