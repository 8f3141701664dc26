"""Statistics of the family *inside*, compared with the same numbers computed from the arrays of their experiments."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from downhill.claims.inside_drawings import crossing_of
from downhill.claims.inside_probes import compared_with_other_sets
from downhill.claims.wording import with_minus
from downhill.config.network import Network
from downhill.config.settings import Statistics
from downhill.datasets import Dataset
from downhill.experiments.results import ExperimentResult
from tests.inside_study import EXPERIMENTS, changed, evidence_of, result_of, small

NET = Network(hidden_layers=(6, 5), epochs=2, learning_rate=1.0)
SEEDS = 3

Measured = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def folder(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("inside")


@pytest.fixture(scope="module")
def results(folder: Path, digits: Dataset) -> dict[str, ExperimentResult]:
    network = small(NET, digits, SEEDS, folder)
    return {
        statistic: result_of(function, network, SEEDS, folder / f"{function}.npz")
        for statistic, function in EXPERIMENTS.items()
    }


def assert_is(found: dict[str, Any], values: np.ndarray) -> None:
    (part,) = found["parts"]
    assert part["value"] == pytest.approx(values.mean(), abs=1e-9)
    assert part["n"] == SEEDS
    if np.ptp(values):
        low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
        limits = (0, 1) if found["unit"] == "share" else (-1, 1)
        np.testing.assert_allclose([part["lower"], part["upper"]], np.clip([low, high], *limits), atol=1e-9)


def test_explained_by_gabor_is_the_mean_of_medians(results: dict[str, ExperimentResult], folder: Path):
    found = evidence_of("explained_by_gabor", results["explained_by_gabor"], folder)
    explained = results["explained_by_gabor"].only()["explained"].astype(float)
    assert_is(found, np.median(explained[:, 0], axis=1))
    for place, kind in enumerate(("trained", "untrained", "permuted", "planted")):
        medians = found["data"]["explained"][kind]["medians"]["values"]
        np.testing.assert_allclose(medians, np.median(explained[:, place], axis=1))
    assert found["data"]["examples"][0]["unit"] == int(explained[0, 0].argmax()) + 1
    assert "so the fits find edges where there are any" in found["note"]


def test_fits_that_miss_planted_edges_cannot_be_trusted(results: dict[str, ExperimentResult], folder: Path):
    def missed(arrays: dict[str, Any]) -> None:
        arrays["explained"][1, 3] = 0.7

    found = evidence_of("explained_by_gabor", changed(results["explained_by_gabor"], missed), folder)
    assert found["note"].endswith("it is only 70.0 % in some seed, so the fits cannot be trusted")


def test_units_without_a_fit_do_not_count(results: dict[str, ExperimentResult], folder: Path):
    def constant(arrays: dict[str, Any]) -> None:
        arrays["explained"][:, 0, 0] = np.nan

    result = changed(results["explained_by_gabor"], constant)
    found = evidence_of("explained_by_gabor", result, folder)
    assert_is(found, np.nanmedian(result.only()["explained"][:, 0].astype(float), axis=1))

    def nothing(arrays: dict[str, Any]) -> None:
        arrays["explained"][1, 0] = np.nan

    found = evidence_of("explained_by_gabor", changed(result, nothing), folder)
    assert found["verdict"] == "not measured"
    assert "the same" in found["why"]


def test_too_few_lit_pixels_are_not_measured(results: dict[str, ExperimentResult], folder: Path):
    def dark(arrays: dict[str, Any]) -> None:
        arrays["mask"][:] = False

    found = evidence_of("explained_by_gabor", changed(results["explained_by_gabor"], dark), folder)
    assert found["why"].endswith("lit in at least 5 % of training images; there are 0")


def test_neighbours_alike_is_the_share_of_units(results: dict[str, ExperimentResult], folder: Path):
    def some(arrays: dict[str, Any]) -> None:
        arrays["beyond"][:, 0] = [[1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0], [1, np.nan, 0, 0, 0, np.nan]]

    result = changed(results["neighbours_alike"], some)
    found = evidence_of("neighbours_alike", result, folder, "< 0.05")
    assert_is(found, np.array([1, 0.5, 0.25]))
    arrays = result.only()
    for place, region in enumerate(("all lit pixels", "in the middle", "outside the middle")):
        means = found["data"]["morans_i"][region]["untrained"]["means"]["values"]
        np.testing.assert_allclose(means, arrays["morans_i"][:, 1, place].mean(axis=1), rtol=1e-6)
    mean = arrays["morans_i"][:, 0, 1].mean()
    assert with_minus(f"{mean:.2f}") + " in the middle of the image" in found["note"]

    def undefined(arrays: dict[str, Any]) -> None:
        arrays["beyond"][2] = np.nan

    assert evidence_of("neighbours_alike", changed(result, undefined), folder)["verdict"] == "not measured"


def test_loops_are_compared_with_random_features(results: dict[str, ExperimentResult], folder: Path):
    result = results["loops_in_second_layer"]
    found = evidence_of("loops_in_second_layer", result, folder, "< 0.01", {"data": tuple("abcdefghij")})
    arrays = result.only()
    gain = arrays["accuracy"][:, 0] - arrays["accuracy"][:, 1]
    assert_is(found, gain)
    assert found["data"]["loops"] == ["a", "g", "i", "j"]
    sample = found["data"]["gain"]
    low, high = stats.ttest_1samp(gain, 0).confidence_interval(0.95)
    np.testing.assert_allclose(
        [sample["lower"], sample["upper"]], [low, high]
    )  # even if all gains are positive
    others = arrays["others"][:, :, 0] - arrays["others"][:, :, 1]
    for place, one in enumerate(found["data"]["others"]):
        np.testing.assert_allclose(one["gain"]["values"], others[:, place])
        assert one["classes"] == ["abcdefghij"[label] for label in arrays["other_sets"][0, place]]
    assert f"and {with_minus(f'{100 * others.mean():.1f}')} points on average" in found["note"]
    np.testing.assert_allclose(found["data"]["added"], arrays["added"][0], rtol=1e-3)


def test_drawings_are_counted_by_setting(results: dict[str, ExperimentResult], folder: Path):
    def some(arrays: dict[str, Any]) -> None:
        arrays["called"][:] = 0
        arrays["called"][1, 0, 0] = np.arange(10)
        arrays["called"][:, 0, 4] = np.arange(10)  # the larger penalty makes them recognisable
        arrays["called"][:, 1, 1, :5] = np.arange(5)
        arrays["moved"][:] = True

    result = changed(results["drawings_recognised"], some)
    found = evidence_of("drawings_recognised", result, folder)
    assert_is(found, np.array([0.1, 1, 0.1]))
    shares = found["data"]["shares"]
    assert list(shares["distance"]) == ["from grey", "from noise", "from blank", "penalty 0.1", "penalty 1"]
    assert shares["distance"]["penalty 1"]["mean"] == 1
    assert shares["correlation"]["from noise"]["values"] == [0.5, 0.5, 0.5]
    # From 10 % to 100 % between weights 0.1 and 1: half is reached at 10 ** (-1 + 4/9).
    assert found["data"]["crossing"]["value"] == pytest.approx(10 ** (-1 + 4 / 9))
    assert "at most 100.0 % with a penalty on roughness (weight 1)" in found["note"]
    own = (result.only()["answered"] == np.arange(10)).mean(axis=2)
    for place, sample in enumerate(found["data"]["own"].values()):
        np.testing.assert_allclose(sample["values"], own[:, place])
    assert "recognise 10.0 % of those from grey, and at most 50.0 % (from noise); " in found["note"]
    drawn = result.only()["drawn"][0, 2, 7]
    text = found["data"]["drawings"]["rows"][2]["images"][7]
    np.testing.assert_array_equal(np.frombuffer(bytes.fromhex(text), np.uint8).reshape(28, 28), drawn)


OTHERS = np.array([[0.03, 0.05, 0.04, 0.05], [0.05, 0.03, 0.06, 0.03]])  # means by seed are 4 to 5 points


@pytest.mark.parametrize(
    ("gain", "others", "conclusion"),
    [
        (
            [0.06, 0.02, 0.08, 0.03],
            OTHERS,
            "includes 0: layer 2 separates classes in general, and the verdict does not show that it sees loops",
        ),
        (
            [0.01, -0.02, 0.01, 0.0],
            OTHERS - OTHERS.mean(),
            "includes 0: the verdict does not show that it sees loops",
        ),
        ([0.11, 0.12, 0.1, 0.12], OTHERS, "excludes 0: layer 2 gains more for loops than for other sets"),
        ([-0.11, -0.12, -0.1, -0.12], OTHERS, "excludes 0: layer 2 gains less for loops than for other sets"),
        ([0.06], OTHERS[:, :1], "; one seed cannot show whether these differ"),
    ],
)
def test_gain_for_loops_is_compared_with_that_for_random_sets(
    gain: list[float], others: np.ndarray, conclusion: str
):
    found = compared_with_other_sets(np.array(gain), others)
    assert found.startswith(
        f"layer 2 gains {with_minus(f'{100 * np.mean(gain):.1f}')} points for classes with a loop, and "
    )
    assert found.endswith(conclusion)
    if len(gain) > 1:
        low, high = stats.ttest_rel(gain, others.mean(axis=0)).confidence_interval(0.95)
        assert f"({with_minus(f'{100 * low:.1f}')} to {with_minus(f'{100 * high:.1f}')} points)" in found


def test_crossing_of_penalties_resamples_whole_seeds():
    """Each seed crosses at the same penalty, however steeply, so there is no uncertainty."""
    rise = np.array([0.1, 0.2, 0.3, 0.4])
    found = crossing_of({1.0: 0.5 - rise, 100.0: 0.5 + rise}, 0.5)
    assert found is not None
    ends = found.described(Statistics(resamples=100))
    assert [ends[key] for key in ("value", "lower", "upper")] == pytest.approx([10] * 3)


@pytest.mark.parametrize(("real", "below"), [(5.0, True), (-5.0, False)])
def test_an_ascent_that_stops_short_of_real_images_is_reported(
    real: float, below: bool, results: dict[str, ExperimentResult], folder: Path
):
    def reached(arrays: dict[str, Any]) -> None:
        arrays["reached"][:] = 1
        arrays["real"][:, 1:] = real
        arrays["real"][:, 0] = np.nan
        arrays["moved"][:] = True

    found = evidence_of("drawings_recognised", changed(results["drawings_recognised"], reached), folder)
    assert (
        found["note"].startswith(
            "the ascent from grey stops short of real images: the output's weighted sum z is 1 on average"
        )
        == below
    )
    assert f"z is 1 on average, compared with {with_minus(f'{real:g}')} on real images" in found["note"]


def test_nothing_drawn_or_nothing_to_compare_with_is_not_measured(
    results: dict[str, ExperimentResult], folder: Path
):
    def still(arrays: dict[str, Any]) -> None:
        arrays["moved"][:] = False

    def alone(arrays: dict[str, Any]) -> None:
        arrays["called"][:] = -1

    for change, why in ((still, "has a gradient with respect to the pixels"), (alone, "no training images")):
        found = evidence_of("drawings_recognised", changed(results["drawings_recognised"], change), folder)
        assert found["verdict"] == "not measured"
        assert why in found["why"]


def test_one_hidden_layer_has_no_second_layer(digits: Dataset, tmp_path: Path):
    network = small(NET.model_copy(update={"hidden_layers": (4,)}), digits, 1, tmp_path)
    result = result_of("loop_probes", network, 1, tmp_path / "probes.npz")
    found = evidence_of("loops_in_second_layer", result, tmp_path)
    assert found["why"] == "network 'small' has no second hidden layer"
