"""Figures of the family *inside* show what their evidence says."""

from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from downhill.claims.wording import with_minus
from downhill.config.network import Network
from downhill.datasets import Dataset
from downhill.figures import (
    inside,
    inside_drawings,
    inside_weights,
    pages,
    style,
)
from downhill.figures.lettering import readable_on
from tests.inside_study import EXPERIMENTS, evidence_of, result_of, small

FIGURES = {
    "variance_explained": "explained_by_gabor",
    "best_gabor_functions": "explained_by_gabor",
    "weight_maps": "neighbours_alike",
    "neighbouring_weights": "neighbours_alike",
    "loops_by_representation": "loops_in_second_layer",
    "what_units_add": "loops_in_second_layer",
    "drawings": "drawings_recognised",
    "recognised_by_setting": "drawings_recognised",
}


@pytest.fixture(scope="module")
def evidence(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("inside")
    network = small(Network(hidden_layers=(6, 5), epochs=2, learning_rate=1.0), digits, 2, folder)
    return {
        statistic: evidence_of(statistic, result_of(function, network, 2, folder / f"{function}.npz"), folder)
        for statistic, function in EXPERIMENTS.items()
    }


def texts(figure: Any) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text)]


@pytest.mark.parametrize("name", FIGURES)
def test_figures_are_drawn_with_the_same_bytes(name: str, evidence: dict[str, Any], tmp_path: Path):
    shown = evidence[FIGURES[name]]
    assert shown["verdict"] != "not measured"
    draw = getattr(inside, name)
    pages.save(draw, shown, [tmp_path / "a.svg"])
    pages.save(draw, shown, [tmp_path / "b.svg"])
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def points(ax: Any, colour: str) -> np.ndarray:
    """x and y of all marks of a colour that are not joined."""
    lines = [line for line in ax.lines if line.get_color() == colour and line.get_linestyle() == "None"]
    return np.concatenate([line.get_xydata() for line in lines if len(line.get_xdata())])


def test_every_unit_and_every_seed_is_drawn(evidence: dict[str, Any]):
    shown = evidence["explained_by_gabor"]
    (ax,) = inside.variance_explained(shown).axes
    data = shown["data"]["explained"]
    for colour, key in ((style.SKY, "units"), (style.BLUE, "medians")):
        expected = [one[key] if key == "units" else one[key]["values"] for one in data.values()]
        np.testing.assert_allclose(np.sort(points(ax, colour)[:, 0]), np.sort(np.concatenate(expected)))


def test_fits_stand_below_their_weights(evidence: dict[str, Any]):
    shown = evidence["explained_by_gabor"]
    axes = [ax for ax in inside.best_gabor_functions(shown).axes if ax.images]
    examples = shown["data"]["examples"]
    for column, one in enumerate(examples):
        for row, key in enumerate(("map", "fit")):
            image = axes[row * len(examples) + column].images[0].get_array()
            known = np.array(one[key], float)
            np.testing.assert_allclose(image.compressed(), known[np.isfinite(known)])


def test_maps_are_drawn_linearly_and_raised_to_a_power_as_in_the_video(evidence: dict[str, Any]):
    shown = evidence["neighbours_alike"]
    axes = [ax for ax in inside.weight_maps(shown).axes if ax.images]
    maps = shown["data"]["maps"]
    columns = len(maps["trained"])
    for block, kind in enumerate(("trained", "untrained")):
        for column, one in enumerate(maps[kind]):
            weights = np.array(one["weights"], float)
            share = weights / np.abs(weights).max()
            linear, video = (
                axes[(2 * block + row) * columns + column].images[0].get_array() for row in (0, 1)
            )
            np.testing.assert_allclose(linear, share)
            np.testing.assert_allclose(np.abs(video), np.abs(share) ** 0.3)
            np.testing.assert_array_equal(np.sign(video), np.sign(share))


def test_an_outline_goes_around_the_pixels():
    ax = pages.Figure().subplots()
    mask = np.zeros((4, 5), bool)
    mask[1:3, 2:4] = True
    inside_weights.draw_outline(ax, mask)
    lines = ax.collections[0].get_segments()
    ends = np.concatenate(lines)
    assert len(lines) == 8  # the edges of four pixels in a square
    assert ends.min(axis=0).tolist() == [1.5, 0.5]
    assert ends.max(axis=0).tolist() == [3.5, 2.5]


def test_gains_and_accuracies_are_those_of_the_evidence(evidence: dict[str, Any]):
    shown = evidence["loops_in_second_layer"]
    left, right = inside.loops_by_representation(shown).axes
    data = shown["data"]
    expected = [
        sample["values"][:1] if name == "pixels" else sample["values"]
        for name, sample in data["accuracy"].items()
    ]
    np.testing.assert_allclose(np.sort(points(left, style.BLUE)[:, 0]), np.sort(np.concatenate(expected)))
    np.testing.assert_allclose(np.sort(points(right, style.BLUE)[:, 0]), np.sort(data["gain"]["values"]))
    labels = [label.get_text() for label in right.get_yticklabels()]
    assert labels == [
        f"a loop:\n{', '.join(data['loops'])}",
        *(", ".join(one["classes"]) for one in data["others"]),
    ]


def test_contributions_are_drawn_by_unit_and_class(evidence: dict[str, Any]):
    shown = evidence["loops_in_second_layer"]
    figure = inside.what_units_add(shown)
    added = np.array(shown["data"]["added"], float)
    np.testing.assert_allclose(figure.axes[0].images[0].get_array(), added)
    assert with_minus(f"{added[2, 3]:.1f}") in texts(figure)


def test_drawings_carry_their_class(evidence: dict[str, Any]):
    shown = evidence["drawings_recognised"]
    figure = inside.drawings(shown)
    found = shown["data"]["drawings"]
    columns = len(found["real"])
    axes = figure.axes[columns:]
    for row, setting in enumerate(inside_drawings.drawn_rows(found["rows"])):
        for label, called in enumerate(setting["called"]["distance"]):
            ax = axes[row * columns + label]
            image = np.frombuffer(bytes.fromhex(setting["images"][label]), np.uint8).reshape(found["shape"])
            np.testing.assert_array_equal(ax.images[0].get_array(), image)
            by_correlation = setting["called"]["correlation"][label]
            marked = [f"{one}✓" if one == label else f"{one}" for one in (called, by_correlation)]
            assert ax.get_title().startswith(
                f"{marked[0]} / {marked[1]} ({with_minus(format(setting['z'][label], '.1f'))})"
            )


def test_penalties_that_are_drawn_are_the_smallest_and_the_largest():
    names = ["from grey", "from noise", *(f"penalty {weight}" for weight in (1, 2, 3, 4, 5))]
    rows = inside_drawings.drawn_rows([{"setting": name} for name in names])
    assert [row["setting"] for row in rows] == [
        "from grey",
        "from noise",
        "penalty 1",
        "penalty 5",
    ]
    for count in (2, 3, 4):
        assert len(inside_drawings.drawn_rows([{"setting": name} for name in names[:count]])) == count


def test_contrast_of_drawings_is_stretched():
    look = inside_drawings.in_full_contrast(np.array([[100.0, 120.0], [110.0, 105.0]]))
    assert (look["vmin"], look["vmax"]) == (100, 120)
    look = inside_drawings.in_full_contrast(np.full((2, 2), 128.0))
    assert (look["vmin"], look["vmax"]) == (0, 255)


@pytest.mark.parametrize("share", np.linspace(0, 1, 21))
def test_text_on_a_colour_is_legible_in_greyscale(share: float):
    colour = matplotlib.colormaps[style.DIVERGING](share)
    text = np.array(to_rgb(readable_on(colour)))
    grey = [np.dot(rgb[:3], [0.299, 0.587, 0.114]) for rgb in (text, np.array(colour))]
    assert abs(grey[0] - grey[1]) > 0.35


@pytest.mark.parametrize("name", [style.DIVERGING, "gray", "hsv"])
def test_text_on_a_colour_has_the_contrast_of_level_aa(name: str):
    """The relative luminances of sRGB, as in WCAG 2.2."""
    colours = matplotlib.colormaps[name](np.linspace(0, 1, 101))[:, :3]
    text = np.array([to_rgb(readable_on(colour)) for colour in colours])
    linear = [
        np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4) for rgb in (colours, text)
    ]
    light = [rgb @ [0.2126, 0.7152, 0.0722] + 0.05 for rgb in linear]
    assert (np.maximum(*light) / np.minimum(*light)).min() > 4.5


def test_classes_with_a_loop_are_marked(evidence: dict[str, Any]):
    shown = evidence["loops_in_second_layer"]
    labels = [label.get_text() for label in inside.what_units_add(shown).axes[0].get_xticklabels()]
    marked = [label.splitlines()[0] for label in labels if label.endswith("(loop)")]
    assert marked == shown["data"]["loops"]


def test_conclusion_on_loops_is_drawn(evidence: dict[str, Any]):
    shown = evidence["loops_in_second_layer"]
    drawn = " ".join(" ".join(texts(inside.loops_by_representation(shown))).split())
    conclusion = shown["data"]["conclusion"]
    assert conclusion in shown["note"]
    assert " ".join(conclusion[1:].split()) in drawn


def test_shares_of_every_seed_are_drawn_by_judge(evidence: dict[str, Any]):
    shown = evidence["drawings_recognised"]
    (ax,) = inside.recognised_by_setting(shown).axes
    data = shown["data"]
    series = {
        style.BLUE: [data["untrained"]["distance"], *data["shares"]["distance"].values()],
        style.VERMILLION: [data["untrained"]["correlation"], *data["shares"]["correlation"].values()],
        style.SKY: list(data["own"].values()),
    }
    for colour, samples in series.items():
        lines = [
            line for line in ax.lines if line.get_color() == colour and line.get_marker() in ("o", "s", "^")
        ]
        seeds = [line for line in lines if line.get_alpha() is not None]  # means are opaque
        drawn = np.concatenate([line.get_ydata() for line in seeds if len(line.get_ydata())])
        expected = np.concatenate([sample["values"] for sample in samples])
        np.testing.assert_allclose(np.sort(drawn), np.sort(expected))


def test_the_crossing_is_reported_with_its_interval():
    crossing = {"value": 0.25, "lower": 0.1, "upper": None}
    text = inside_drawings.where_it_crosses(crossing, 0.5)
    assert text.endswith("crosses 50 % at a penalty of 0.25 (interval 0.1 to beyond the sweep).")
    assert inside_drawings.where_it_crosses(None, 0.5) == ""


@pytest.mark.parametrize(("value", "text"), [(-0.004, "0.00"), (-1.5, "−1.50"), (2, "2.00")])
def test_zero_has_no_sign(value: float, text: str):
    assert with_minus(f"{value:.2f}") == text
