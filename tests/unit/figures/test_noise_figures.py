"""Figures of the family *noise* show what the evidence holds."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from downhill.claims.inputs import Inputs
from downhill.config import functions
from downhill.datasets import Dataset
from downhill.figures import noise as figures
from tests.unit.claims.noise_study import arrays_of, evidence_of, random_answers, result_of, trained_pair

NETWORKS = {
    "confident_share": ("plain",),
    "noise_minus_real": ("plain",),
    "doubt_when_taught": ("taught", "plain"),
}
FIGURES = {
    "wall_of_noise": "confident_share",
    "confident_by_seed": "confident_share",
    "confidence_curves": "confident_share",
    "answers_by_seed": "confident_share",
    "confident_by_network": "confident_share",
    "confidence_by_pixels": "doubt_when_taught",
    "noise_and_real": "noise_minus_real",
    "doubt_by_kind": "doubt_when_taught",
}


@pytest.fixture(scope="module")
def evidence(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, Any]]:
    folder = tmp_path_factory.mktemp("evidence")
    pair = trained_pair(digits, folder)

    @cache
    def found(statistic: str) -> dict[str, Any]:
        random = np.random.default_rng(5)
        thin = (random.random((4, 3, 30)) * np.array([[[1], [0.6], [0.2]]])).astype(np.float32)
        own = {name: random_answers(place, len(pair[name].seeds)) for place, name in enumerate(pair)}
        results = {
            "taught": result_of("taught", "taught", taught=arrays_of({"taught": own["taught"]}, thin)),
            "plain": result_of("plain", "plain", plain=arrays_of({"plain": own["plain"]})),
        }
        if statistic == "confident_share":
            del results["taught"]
            others = {"wide": random_answers(5, 3), "bare": random_answers(6, 3)}
            results["sweep"] = result_of("sweep", together=True, all=arrays_of(others))
        networks = tuple(pair[name] for name in NETWORKS[statistic])
        return evidence_of(statistic, Inputs(networks, results), folder)

    return found


def points(ax: Axes) -> np.ndarray:
    """The places of all marks without a line, (n, 2)."""
    lines = [line for line in ax.lines if line.get_linestyle() == "None" and len(line.get_xdata())]
    return np.concatenate([np.column_stack(line.get_data()).astype(float) for line in lines])


def title(ax: Axes) -> str:
    return ax.get_title() or ax.get_title(loc="left")


def assert_marked(found: np.ndarray, values: list[float]) -> None:
    """Each of the values is among the numbers that are drawn."""
    for value in values:
        assert np.isclose(found, value, atol=1e-9).any()


def texts(figure: Figure) -> list[str]:
    return [text.get_text() for text in figure.findobj(Text)]


@pytest.mark.parametrize(("name", "statistic"), FIGURES.items())
def test_every_figure_is_labelled(name: str, statistic: str, evidence):
    assert set(functions.names("figures", "noise")) == set(FIGURES)
    figure = getattr(figures, name)(evidence(statistic))
    figure.draw_without_rendering()
    shown = " ".join(texts(figure))
    assert "nan" not in shown
    for ax in figure.findobj(Axes):
        if ax.axison and len(ax.lines) + len(ax.patches) + len(ax.images):
            for axis in (ax.xaxis, ax.yaxis):
                ticks = [label.get_text() for label in axis.get_ticklabels()]
                shared = ax.get_shared_x_axes() if axis is ax.xaxis else ax.get_shared_y_axes()
                others = [getattr(one, f"{axis.axis_name}axis") for one in shared.get_siblings(ax)]
                assert not any(ticks) or any(one.get_label_text() for one in others) or ticks[0][:1].isalpha()


def test_wall_shows_the_images_and_the_heights_of_the_outputs(evidence):
    found = evidence("confident_share")
    figure = figures.wall_of_noise(found)
    rows = {row["kind"]: row["images"] for row in found["data"]["wall"]["rows"]}
    expected = [one for kind in ("uniform noise", "shuffled pixels", "test images") for one in rows[kind]]
    images = [ax for ax in figure.findobj(Axes) if ax.images]
    bars = [ax for ax in figure.findobj(Axes) if ax.patches and not ax.images]
    drawn = {ax.images[0].get_array().data.tobytes(): ax for ax in images}
    assert len(images) == len(bars) == len(expected)
    for one in expected:
        image = drawn[np.array(one["pixels"], float).tobytes()]
        (beside,) = [
            ax for ax in bars if np.allclose([patch.get_width() for patch in ax.patches], one["largest"])
        ]
        places = [ax.get_subplotspec() for ax in (image, beside)]
        assert places[0].rowspan == places[1].rowspan
        assert places[0].colspan.stop == places[1].colspan.start
        assert [label.get_text() for label in beside.get_yticklabels()] == one["answers"]
        seeds = found["data"]["wall"]["seeds"]
        assert [text.get_text() for text in beside.texts] == [f"seed {seed}" for seed in seeds]
        assert [line.get_xdata()[0] for line in beside.lines] == [found["data"]["sure"]]
    assert any("need not sum to 1" in text.replace("\n", " ") for text in texts(figure))


def test_every_seed_is_drawn_with_mean_and_interval(evidence):
    found = evidence("confident_share")
    left, right = figures.confident_by_seed(found).axes
    for ax, key in ((left, "confident"), (right, "auroc")):
        for sample in found["data"][key].values():
            assert_marked(points(ax)[:, 0], [*sample["values"], sample["mean"]])
            whiskers = [one for one in ax.collections if hasattr(one, "get_segments")]
            ends = np.array([segment for one in whiskers for segment in one.get_segments()])
            assert_marked(ends[..., 0], [sample["lower"], sample["upper"]])
    assert [label.get_text() for label in left.get_yticklabels()][-1] == "test images"


def test_curves_are_those_of_the_evidence(evidence):
    found = evidence("doubt_when_taught")
    curves = found["data"]["curves"]
    axes = figures.confidence_curves(found).axes
    by_title = {title(ax).splitlines()[0]: ax for ax in axes}
    for network, kinds in curves["networks"].items():
        for kind, samples in kinds.items():
            lines = [line.get_ydata() for line in by_title[f"{network}: {kind}"].lines]
            for seed in range(len(samples[0]["values"])):
                of_seed = [sample["values"][seed] for sample in samples]
                assert any(len(line) == len(of_seed) and np.allclose(line, of_seed) for line in lines)
            means = [sample["mean"] for sample in samples]
            assert any(len(line) == len(means) and np.allclose(line, means) for line in lines)


def test_threshold_that_half_of_the_images_exceed_is_marked(evidence):
    found = evidence("confident_share")
    half = found["data"]["curves"]["half"]["plain"]
    axes = {title(ax).splitlines()[0]: ax for ax in figures.confidence_curves(found).axes}
    for kind, crossing in half.items():
        (line,) = [one for one in axes[kind].lines if one.get_linestyle() == "-."]
        np.testing.assert_allclose(
            line.get_xydata(), [[0, 0.5], [crossing["value"], 0.5], [crossing["value"], 0]]
        )
    assert not [one for one in axes["test images"].lines if one.get_linestyle() == "-."]


def test_map_of_answers_is_ordered_by_the_most_frequent_one(evidence):
    found = evidence("confident_share")
    axes = [ax for ax in figures.answers_by_seed(found).axes if ax.images and ax.get_xlabel() == "answer"]
    shares = found["data"]["answers"]["shares"]
    maps = {title(ax): np.asarray(ax.images[0].get_array()) for ax in axes}
    assert next(iter(maps)) == "uniform noise"
    first = maps["uniform noise"].argmax(axis=1)
    assert (np.diff(first) >= 0).all()
    order = [
        np.flatnonzero((np.array(shares["uniform noise"]) == row).all(axis=1))[0]
        for row in maps["uniform noise"]
    ]
    for kind, drawn in maps.items():
        np.testing.assert_allclose(drawn, np.array(shares[kind])[order])


def test_every_network_of_the_sweep_has_its_mean_by_kind(evidence):
    found = evidence("confident_share")
    (ax,) = figures.confident_by_network(found).axes
    rows = {row["network"]: row for row in found["data"]["sweep"]}
    drawn = points(ax)
    ticks = dict(zip([label.get_text() for label in ax.get_yticklabels()], ax.get_yticks(), strict=True))
    assert list(ticks) == ["plain (6), verdict", "wide (6)", "bare (none)"]
    for name, place in ticks.items():
        near = drawn[np.abs(drawn[:, 1] - place) < 0.45, 0]
        means = [sample["mean"] for sample in rows[name.split()[0]]["confident"].values()]
        np.testing.assert_allclose(np.sort(near), np.sort(means))


def test_crossing_is_drawn_with_its_interval(evidence):
    found = evidence("doubt_when_taught")
    pixels = found["data"]["pixels"]
    (ax,) = figures.confidence_by_pixels(found).axes
    labels = ax.get_legend_handles_labels()[1]
    crossing = pixels["crossing"]
    assert any(
        label.startswith(f"the mean crosses it at {100 * crossing['value']:.1f} %") for label in labels
    )
    upright = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == "-."]
    assert upright == [crossing["value"]]
    for share, sample in zip(pixels["shares"], pixels["samples"], strict=True):
        at = points(ax)
        assert_marked(at[np.isclose(at[:, 0], share), 1], [sample["mean"]])


def test_pairs_are_joined_and_ordered_by_their_difference(evidence):
    found = evidence("noise_minus_real")
    left, right = figures.noise_and_real(found).axes
    pairs = sorted(found["data"]["pairs"], key=lambda pair: (pair["favourite"], pair["noise"] - pair["test"]))
    (joined,) = [one for one in left.collections if hasattr(one, "get_segments")]
    segments = joined.get_segments()
    for segment, pair in zip(segments, pairs, strict=True):
        np.testing.assert_allclose(np.sort(segment[:, 1]), np.sort([pair["noise"], pair["test"]]))
    answers = [pair["class"] for pair in pairs]
    labels = [label.get_text().splitlines() for label in left.get_xticklabels()]
    assert labels == [[name, f"({answers.count(name)})"] for name in sorted(set(answers))]
    for (name, _), middle in zip(labels, left.get_xticks(), strict=True):
        places = [segment[0, 0] for segment, answer in zip(segments, answers, strict=True) if answer == name]
        assert middle == pytest.approx(np.mean(places))
        assert (np.diff(places) == 1).all()
    for sample in found["data"]["differences"].values():
        assert_marked(points(right)[:, 0], [*sample["values"], sample["mean"]])


def test_doubt_is_drawn_by_kind_and_network_and_its_price_beside_it(evidence):
    found = evidence("doubt_when_taught")
    left, right = figures.doubt_by_kind(found).axes
    for row in found["data"]["medians"]:
        for sample in row["medians"].values():
            assert_marked(points(left)[:, 0], [*sample["values"], sample["mean"]])
    loss = found["data"]["accuracy"]["loss"]
    assert_marked(points(right)[:, 0], [*loss["values"], loss["mean"]])
    assert "taught (n = 4 seeds)" in left.get_legend_handles_labels()[1]


@pytest.mark.parametrize(("name", "statistic"), FIGURES.items())
def test_every_figure_names_the_noise_of_its_verdict(name: str, statistic: str, evidence):
    found = evidence(statistic)
    shown = " ".join(texts(getattr(figures, name)(found))).replace("\n", " ")
    assert f"The verdict is about {found['data']['kind']}." in shown


def test_network_that_was_trained_with_noise_is_named(evidence):
    found = evidence("doubt_when_taught")
    for draw in (figures.wall_of_noise, figures.confidence_by_pixels):
        shown = " ".join(texts(draw(found))).replace("\n", " ")
        assert "The network is 'taught', trained with noise." in shown


def test_a_single_word_is_not_alone_on_the_last_line_of_the_title(evidence):
    statement = "It is as sure that random noise is a 5 as that an actual image of a 5 is a 5."
    found = evidence("noise_minus_real") | {"statement": statement, "verdict": "refuted"}
    title = [text.get_text() for text in figures.noise_and_real(found).texts if text.get_weight() == "bold"]
    assert " ".join(title) == f"Refuted: {statement}"
    assert len(title) == 2
    assert len(title[1].split()) > 1


def test_figures_with_nothing_to_show_say_so(evidence, tmp_path: Path):
    found = evidence("confident_share")
    nothing = found | {
        "data": found["data"]
        | {
            "pixels": None,
            "wall": found["data"]["wall"] | {"output": "softmax", "rows": [{"kind": "x", "images": []}]},
        }
    }
    assert "The experiment does not show the verdict's noise with fewer pixels." in texts(
        figures.confidence_by_pixels(nothing)
    )
    wall = texts(figures.wall_of_noise(nothing))
    assert "The experiment keeps no images." in wall
    assert any("they sum to 1" in text.replace("\n", " ") for text in wall)
