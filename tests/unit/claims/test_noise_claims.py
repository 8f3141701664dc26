"""Statistics of the family *noise*, on made-up answers with known results."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import roc_auc_score

from downhill.claims.inputs import Inputs
from downhill.datasets import Dataset
from downhill.runs.evaluation import EvaluatedNetwork

from .noise_study import SHARES, arrays_of, evidence_of, random_answers, result_of, trained_pair


@pytest.fixture(scope="module")
def pair(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, EvaluatedNetwork]:
    return trained_pair(digits, tmp_path_factory.mktemp("pair"))


def inputs_of(pair: dict[str, EvaluatedNetwork], answers: Any, *names: str, **more: Any) -> Inputs:
    """One experiment on the first of the named networks, and further experiments by name."""
    first = result_of(
        "answers", names[0], **{names[0]: arrays_of({names[0]: answers}, more.pop("thin", None))}
    )
    return Inputs(tuple(pair[name] for name in names), {"answers": first} | more)


def test_share_is_that_of_the_first_kind_of_noise(pair, tmp_path: Path):
    largest, answer = random_answers(0, 6)
    found = evidence_of("confident_share", inputs_of(pair, (largest, answer), "plain"), tmp_path)
    for kind, name in (("uniform noise", "uniform"), ("shuffled pixels", "shuffled"), ("test images", "")):
        expected = [np.mean([float(output) > np.float32(0.9) for output in row]) for row in largest[name]]
        np.testing.assert_allclose(found["data"]["confident"][kind]["values"], expected)
        if kind == "uniform noise":
            assert found["value"] == pytest.approx(np.mean(expected))
            interval = stats.ttest_1samp(expected, 0).confidence_interval(0.95)
            np.testing.assert_allclose([found["lower"], found["upper"]], np.clip(interval, 0, 1))
            assert found["n"] == 6


def test_area_under_the_roc_curve_is_that_of_test_images_against_noise(pair, tmp_path: Path):
    largest, answer = random_answers(1, 6)
    found = evidence_of("confident_share", inputs_of(pair, (largest, answer), "plain"), tmp_path)
    for kind, name in (("uniform noise", "uniform"), ("shuffled pixels", "shuffled")):
        truth = np.repeat([1, 0], [largest[""].shape[1], largest[name].shape[1]])
        scores = np.concatenate([largest[""], largest[name]], axis=1)
        expected = [roc_auc_score(truth, row) for row in scores]
        np.testing.assert_allclose(found["data"]["auroc"][kind]["values"], expected)
    assert list(found["data"]["auroc"]) == ["uniform noise", "shuffled pixels"]


def test_curves_are_shares_above_thresholds(pair, tmp_path: Path):
    largest, answer = random_answers(2, 6)
    found = evidence_of("confident_share", inputs_of(pair, (largest, answer), "plain"), tmp_path)
    curves = found["data"]["curves"]
    samples = curves["networks"]["plain"]["shuffled pixels"]
    for place in (0, 17, 36, 40):
        expected = (largest["shuffled"] > np.float32(curves["thresholds"][place])).mean(axis=1)
        np.testing.assert_allclose(samples[place]["values"], expected, atol=5e-5)
    means = [sample["mean"] for sample in samples]
    half = curves["half"]["plain"]["shuffled pixels"]
    assert half["lower"] <= half["value"] <= half["upper"]
    assert np.interp(half["value"], curves["thresholds"], means) == pytest.approx(0.5, abs=1e-3)
    at_nine_tenths = samples[curves["thresholds"].index(0.9)]["values"]
    np.testing.assert_allclose(
        at_nine_tenths, found["data"]["confident"]["shuffled pixels"]["values"], atol=5e-5
    )


def test_answers_to_noise_are_counted_by_seed(pair, tmp_path: Path):
    largest, answer = random_answers(3, 6)
    answer["uniform"][:, :30] = np.array([[3], [3], [3], [3], [7], [0]])
    found = evidence_of("confident_share", inputs_of(pair, (largest, answer), "plain"), tmp_path)
    shares = np.array(found["data"]["answers"]["shares"]["uniform noise"])
    for row, given in zip(shares, answer["uniform"], strict=True):
        np.testing.assert_allclose(row, [(given == label).mean() for label in range(10)], atol=5e-5)
    assert shares.argmax(axis=1).tolist() == [3, 3, 3, 3, 7, 0]
    assert "; this answer is one of 3 classes, most often '3' (4 of 6 seeds)" in found["note"]
    assert f"to {100 * shares.max(axis=1).mean():.0f} % of the images of uniform noise" in found["note"]


def test_wall_shows_images_with_the_answers_of_a_few_seeds(pair, tmp_path: Path):
    largest, answer = random_answers(4, 6)
    inputs = inputs_of(pair, (largest, answer), "plain")
    wall = evidence_of("confident_share", inputs, tmp_path)["data"]["wall"]
    shown = inputs.experiments["answers"].only()["shown"][0]
    assert wall["seeds"] == [0, 1, 2, 3, 4]
    by_kind = {row["kind"]: row["images"] for row in wall["rows"]}
    for place, (kind, name) in enumerate(
        (("test images", ""), ("shuffled pixels", "shuffled"), ("uniform noise", "uniform"))
    ):
        for image, one in enumerate(by_kind[kind]):
            np.testing.assert_array_equal(one["pixels"], shown[place][image])
            assert one["answers"] == [str(label) for label in answer[name][:5, image]]
            np.testing.assert_allclose(one["largest"], largest[name][:5, image], atol=5e-5)


def test_other_networks_are_the_sweep(pair, tmp_path: Path):
    others = {"wide": random_answers(5, 3), "plain": random_answers(6, 3), "linear": random_answers(7, 3)}
    sweep = result_of("sweep", together=True, all=arrays_of(others))
    own = random_answers(8, 6)
    found = evidence_of("confident_share", inputs_of(pair, own, "plain", sweep=sweep), tmp_path)
    rows = found["data"]["sweep"]
    assert [row["network"] for row in rows] == ["plain", "wide", "linear"]
    assert [row["hidden_layers"] for row in rows] == ["6", "6", "6"]
    assert rows[2]["recipe"].endswith(", untrained")
    for row, answers in zip(rows, (own, others["wide"], others["linear"]), strict=True):
        expected = (answers[0]["uniform"] > np.float32(0.9)).mean(axis=1)
        np.testing.assert_allclose(row["confident"]["uniform noise"]["values"], expected)
    means = [np.mean(row["confident"]["uniform noise"]["values"]) for row in rows[1:]]
    low, high = (rows[1:][pick(means)]["network"] for pick in (np.argmin, np.argmax))
    assert (
        f"ranges from {100 * min(means):.0f} % ('{low}') to {100 * max(means):.0f} % ('{high}')"
        in found["note"]
    )


def planted(noise: list[float], test: list[float | None], favourite: int = 4) -> Any:
    """Answers with a favourite class for noise and these medians, and for test images as well where not None."""
    largest, answer = random_answers(9, len(noise))
    for seed, (of_noise, of_test) in enumerate(zip(noise, test, strict=True)):
        for name, median in (("uniform", of_noise), ("", of_test)):
            given, heights = answer[name][seed], largest[name][seed]
            given[given == favourite] = favourite + 1
            if median is not None:
                given[:21] = favourite
                heights[:21] = np.linspace(median - 0.1, median + 0.1, 21)
    return largest, answer


def test_difference_of_medians_is_recovered(pair, tmp_path: Path):
    noise, test = [0.7, 0.75, 0.6, 0.8, 0.5, 0.65], [0.9, 0.7, 0.6, 0.85, 0.8, 0.6]
    answers = planted(noise, test)
    found = evidence_of("noise_minus_real", inputs_of(pair, answers, "plain"), tmp_path)
    expected = np.subtract(noise, test)
    assert found["value"] == pytest.approx(expected.mean(), abs=1e-6)
    np.testing.assert_allclose(found["data"]["differences"]["uniform noise"]["values"], expected, atol=1e-6)
    for one, of_noise, of_test in zip(found["data"]["pairs"], noise, test, strict=True):
        assert one["class"] == "4"
        assert (one["noise"], one["test"]) == pytest.approx((of_noise, of_test), abs=1e-6)
        assert one["share"] == pytest.approx(21 / 40)


def test_seeds_without_such_test_images_are_left_out(pair, tmp_path: Path):
    answers = planted([0.7, 0.7, 0.7, 0.7, 0.7, 0.7], [0.8, None, 0.8, 0.8, None, 0.8])
    found = evidence_of("noise_minus_real", inputs_of(pair, answers, "plain"), tmp_path)
    assert found["value"] == pytest.approx(-0.1, abs=1e-6)
    assert found["n"] == 4
    assert [one["seed"] for one in found["data"]["pairs"]] == [0, 2, 3, 5]
    assert found["note"].endswith("left out: 2 of 6 seeds, which gave that answer to no test image")
    nothing = planted([0.7, 0.7], [None, None])
    found = evidence_of("noise_minus_real", inputs_of(pair, nothing, "plain"), tmp_path)
    assert found["verdict"] == "not measured"


def test_doubt_is_the_mean_of_medians_and_its_price_is_paired_by_seed(pair, tmp_path: Path):
    taught, plain = random_answers(10, 4), random_answers(11, 6)
    other = result_of("others", "plain", plain=arrays_of({"plain": plain}))
    inputs = inputs_of(pair, taught, "taught", "plain", others=other)
    found = evidence_of("doubt_when_taught", inputs, tmp_path)
    output, loss = found["parts"]
    medians = np.median(taught[0]["uniform"].astype(float), axis=1)
    assert output["value"] == pytest.approx(medians.mean())
    accuracy = {name: pair[name].scores("test").accuracy for name in pair}
    differences = [accuracy["plain"][seed] - accuracy["taught"][seed] for seed in range(4)]
    assert loss["value"] == pytest.approx(np.mean(differences))
    assert (output["n"], loss["n"]) == (4, 4)
    expected = stats.ttest_rel(
        [accuracy["plain"][seed] for seed in range(4)], accuracy["taught"]
    ).confidence_interval(0.95)
    np.testing.assert_allclose([loss["lower"], loss["upper"]], expected)
    rows = found["data"]["medians"]
    assert [row["network"] for row in rows] == ["taught", "plain"]
    for row, (largest, _) in zip(rows, (taught, plain), strict=True):
        np.testing.assert_allclose(
            row["medians"]["shuffled pixels"]["values"],
            np.median(largest["shuffled"].astype(float), axis=1),
        )


def test_intervals_of_differences_are_those_of_the_verdict(pair, tmp_path: Path):
    """Even where all of them are positive, and small."""
    noise, test = [0.9, 0.61, 0.62, 0.63, 0.64, 0.61], [0.6, 0.6, 0.6, 0.6, 0.6, 0.6]
    found = evidence_of("noise_minus_real", inputs_of(pair, planted(noise, test), "plain"), tmp_path)
    (part,), drawn = found["parts"], found["data"]["differences"]["uniform noise"]
    assert part["lower"] < 0
    assert (drawn["lower"], drawn["upper"]) == pytest.approx((part["lower"], part["upper"]))


def test_doubt_needs_no_answers_of_the_other_network(pair, tmp_path: Path):
    taught = random_answers(12, 4)
    found = evidence_of("doubt_when_taught", inputs_of(pair, taught, "taught", "plain"), tmp_path)
    assert found["verdict"] != "not measured"
    assert [row["network"] for row in found["data"]["medians"]] == ["taught"]


def thinned(means: list[float], seeds: int, statistic: str) -> np.ndarray:
    """Outputs for thinned images whose mean share above 0.9, or median, is given for each share of pixels."""
    outputs = np.zeros((seeds, len(SHARES), 100), np.float32)
    for place, mean in enumerate(means):
        if statistic == "confident_share":
            outputs[:, place, : round(100 * mean)] = 0.95
        else:
            outputs[:, place] = mean
    return outputs


@pytest.mark.parametrize(
    ("statistic", "names", "means", "crossing"),
    [
        ("confident_share", ("plain",), [0.2, 0.4, 0.6], 0.75),
        ("doubt_when_taught", ("taught", "plain"), [0.6, 0.1, 0.05], 0.42),
    ],
)
def test_verdict_flips_where_the_mean_crosses_the_edge(statistic, names, means, crossing, pair, tmp_path):
    seeds = len(pair[names[0]].seeds)
    answers, thin = random_answers(13, seeds), thinned(means, seeds, statistic)
    found = evidence_of(statistic, inputs_of(pair, answers, *names, thin=thin), tmp_path)
    pixels = found["data"]["pixels"]
    np.testing.assert_allclose([one["mean"] for one in pixels["samples"]], means, atol=1e-6)
    assert [pixels["crossing"][key] for key in ("value", "lower", "upper")] == pytest.approx(
        [crossing] * 3, abs=1e-6
    )
    assert f"where {100 * crossing:.0f} % of the pixels are kept" in found["note"]


def test_means_that_never_cross_have_no_crossing(pair, tmp_path: Path):
    thin = thinned([0.6, 0.7, 0.8], 6, "confident_share")
    found = evidence_of(
        "confident_share", inputs_of(pair, random_answers(14, 6), "plain", thin=thin), tmp_path
    )
    assert found["data"]["pixels"]["crossing"] == {"value": None, "lower": None, "upper": None}
    assert found["note"].endswith(
        "; with 10 % to 100 % of the pixels kept and the others dark, the mean share of images with an output above "
        "0.9 stays on one side of 50 %"
    )


@pytest.mark.parametrize("statistic", ["confident_share", "doubt_when_taught"])
def test_thinned_images_of_another_kind_than_that_of_the_verdict_are_left_out(
    statistic, pair, tmp_path: Path
):
    answers, thin = random_answers(18, 4), thinned([0.1, 0.4, 0.6], 4, statistic)
    for name, shown in (("shuffled", False), ("uniform", True)):
        arrays = arrays_of({"taught": answers}, thin, name)
        inputs = Inputs((pair["taught"], pair["plain"]), {"a": result_of("a", "taught", taught=arrays)})
        found = evidence_of(statistic, inputs, tmp_path)
        assert ("of the pixels are kept" in found["note"]) == shown
        assert (found["data"]["pixels"] is not None) == shown
    assert found["data"]["pixels"]["kind"] == "uniform noise"
    taught = ", trained with noise" if statistic == "doubt_when_taught" else ""
    assert found["data"]["pixels"]["network"] == f"'taught'{taught}"


def test_every_network_has_the_threshold_that_half_of_its_images_exceed(pair, tmp_path: Path):
    taught, plain = random_answers(19, 4), random_answers(20, 6)
    other = result_of("others", "plain", plain=arrays_of({"plain": plain}))
    found = evidence_of(
        "doubt_when_taught", inputs_of(pair, taught, "taught", "plain", others=other), tmp_path
    )
    curves = found["data"]["curves"]
    for network, kinds in curves["half"].items():
        assert list(kinds) == ["uniform noise", "shuffled pixels"]
        for kind, half in kinds.items():
            means = [sample["mean"] for sample in curves["networks"][network][kind]]
            assert np.interp(half["value"], curves["thresholds"], means) == pytest.approx(0.5, abs=1e-3)
    assert list(curves["half"]) == ["taught", "plain"]
    assert curves["marked"]["output"] == found["data"]["wall"]["marked"]["output"] == 0.2


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (
            {"kinds": ["dark"], "names": []},
            "the experiment has not shown the data set 'dark'; there are: shuffled, uniform",
        ),
        (
            {"kinds": ["unifrom"], "names": []},
            "the experiment has not shown the data set 'unifrom'; did you mean 'uniform'?",
        ),
        (
            {"kinds": ["uniform"], "names": ["a", "b"]},
            "the row has 1 kind of noise, but 2 different names",
        ),
        (
            {"kinds": ["uniform", "shuffled"], "names": ["a", "a"]},
            "the row has 2 kinds of noise, but 1 different name",
        ),
        (
            {"kinds": ["uniform"], "names": ["test images"]},
            "the row has 1 kind of noise, but 0 different names",
        ),
    ],
)
def test_kinds_that_do_not_fit_say_why(options, why, pair, tmp_path: Path):
    found = evidence_of(
        "confident_share", inputs_of(pair, random_answers(15, 6), "plain"), tmp_path, **options
    )
    assert found["verdict"] == "not measured"
    assert why in found["why"]


def test_kinds_are_by_default_all_that_are_shown(pair, tmp_path: Path):
    inputs = inputs_of(pair, random_answers(16, 6), "plain")
    found = evidence_of("confident_share", inputs, tmp_path, kinds=[], names=[])
    assert list(found["data"]["confident"]) == ["test images", "shuffled", "uniform"]
    assert found["data"]["kind"] == "shuffled"
    assert found["note"].startswith("the verdict is about shuffled: ")


@pytest.mark.parametrize(
    ("statistic", "names", "experiment_of", "why"),
    [
        ("confident_share", (), "plain", "the row names no network"),
        ("noise_minus_real", ("plain",), "taught", "no experiment of the row shows noise to 'plain'"),
        ("doubt_when_taught", ("taught",), "taught", "compares two networks, and the row names 1"),
    ],
)
def test_rows_that_do_not_fit_the_statistic_say_why(statistic, names, experiment_of, why, pair, tmp_path):
    arrays = arrays_of({experiment_of: random_answers(17, 4)})
    experiment = result_of("answers", experiment_of, **{experiment_of: arrays})
    inputs = Inputs(tuple(pair[name] for name in names), {"answers": experiment})
    found = evidence_of(statistic, inputs, tmp_path)
    assert found["verdict"] == "not measured"
    assert why in found["why"]
