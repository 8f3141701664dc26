"""Statistics of the family *learning*, compared with the same numbers computed without the package's tables."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from .trained_networks import Runs, assert_is, claim_of, gap


def history(run: Runs) -> pd.DataFrame:
    rows = pd.concat([pd.read_parquet(block / "history.parquet") for block in run.blocks])
    return rows[rows.seed.isin(run.seeds)]


def correlations(run: Runs) -> np.ndarray:
    by_seed = history(run).groupby("seed")
    return np.array([stats.spearmanr(rows.epoch, rows.test_accuracy).statistic for _, rows in by_seed])


def best_shape(*runs: Runs) -> np.ndarray:
    return max(runs, key=lambda run: run.accuracy("validation").mean()).accuracy("test")


@pytest.mark.parametrize(
    ("statistic", "networks", "by_hand"),
    [
        ("untrained_accuracy", ("untrained",), lambda run: run.accuracy("test")),
        ("rise_with_epochs", ("sigmoid",), correlations),
        ("test_accuracy", ("softmax",), lambda run: run.accuracy("test")),
        ("generalisation_gap", ("softmax",), gap),
        ("accuracy_of_best_shape", ("sigmoid", "softmax"), best_shape),
    ],
)
def test_statistic_is_what_its_name_says(
    statistic: str, networks: tuple[str, ...], by_hand: Callable[..., np.ndarray], runs, evidence_for
):
    found = evidence_for(claim_of("learning", statistic, "-9 to 99999", *networks))
    summary = np.median if statistic == "untrained_accuracy" else np.mean
    assert_is(found, by_hand(*(runs[name] for name in networks)), summary)


def test_no_more_images_are_scored_than_there_are(runs: dict[str, Runs], evidence_for):
    """The data set has 200 test images."""
    for first, note in (
        (199, "; scored on the first 199 test images alone, "),
        (200, "; the test set has only 200 images, so the first 200 are all of them"),
        (3000, "; the test set has only 200 images, so the first 3,000 are all of them"),
    ):
        claim = claim_of("learning", "test_accuracy", "> 0", "softmax")
        found = evidence_for(claim.model_copy(update={"options": {"first_images": first}, "said": 0.5}))
        assert note in found["note"]
        assert (found["data"]["first_images"] is None) is (first >= 200)


def test_accuracy_on_the_first_images_and_of_seeds_that_reach_what_is_said(
    runs: dict[str, Runs], evidence_for
):
    run = runs["softmax"]
    labels = run.data.test.labels[:40]
    first = np.array([(run.outputs(seed, "test")[0][:40].argmax(1) == labels).mean() for seed in run.seeds])
    said = float(np.sort(first)[1])
    claim = claim_of("learning", "test_accuracy", "> 0", "softmax")
    found = evidence_for(claim.model_copy(update={"options": {"first_images": 40}, "said": said}))
    assert found["data"]["first_images"]["n_images"] == 40
    np.testing.assert_allclose(found["data"]["first_images"]["accuracy"]["values"], first)
    reaching = (
        f"{100 * (first >= said).mean():.0f} % of seeds would report {round(100 * said, 6):g} % or more"
    )
    assert found["note"].endswith(f"scored on the first 40 test images alone, {reaching}")
    assert found["options"] == {"first_images": 40}
    without = evidence_for(claim)
    assert without["data"]["first_images"] is None
    assert "alone" not in without["note"]


def test_smallest_shape_that_reaches_what_is_said(runs: dict[str, Runs], evidence_for):
    claim = claim_of("learning", "accuracy_of_best_shape", "> 0", "sigmoid", "softmax")
    means = {name: runs[name].accuracy("test").mean() for name in ("sigmoid", "softmax")}
    sizes = {"softmax": 785 * 12 + 13 * 8 + 9 * 10, "sigmoid": 785 * 16 + 17 * 10}
    both = evidence_for(claim.model_copy(update={"said": min(means.values())}))
    assert both["note"].endswith(f"is 12-8 ({sizes['softmax']:,} weights and biases)")
    none = evidence_for(claim.model_copy(update={"said": 0.9999}))
    assert none["note"].endswith("; no shape's mean reaches 99.99 %")


def test_setting_of_crossing(runs: dict[str, Runs], evidence_for):
    """Between the two learning rates, on a logarithmic or a linear scale."""
    slow, fast = (runs[name].accuracy("test").mean() for name in ("slow", "sigmoid"))
    threshold = round(float(slow + 0.25 * (fast - slow)), 3)
    share = (threshold - slow) / (fast - slow)
    claim = claim_of("learning", "setting_of_crossing", "0.001 to 3", "sigmoid", "slow", unit="ratio")
    options = {"setting": "learning_rate", "threshold": threshold}
    found = evidence_for(claim.model_copy(update={"options": options}))
    assert found["value"] == pytest.approx(0.001 * (3 / 0.001) ** share)
    assert found["n"] == 9
    assert found["verdict"] == "supported"
    assert 0.001 < found["lower"] <= found["value"] <= found["upper"] < 3
    data = found["data"]
    assert (data["settings"], data["threshold"]) == ([0.001, 3], threshold)
    assert data["crossing"] == {key: found[key] for key in ("value", "lower", "upper")}
    np.testing.assert_allclose(data["accuracies"][0]["values"], runs["slow"].accuracy("test"))
    found = evidence_for(claim.model_copy(update={"options": options | {"logarithmic": False}}))
    assert found["value"] == pytest.approx(0.001 + share * (3 - 0.001))


@pytest.mark.parametrize(
    ("statistic", "measurable"),
    [
        ("rise_with_epochs", False),
        ("generalisation_gap", False),
        ("test_accuracy", True),
    ],
)
def test_statistics_of_histories_need_the_sets_that_they_draw(statistic: str, measurable: bool, evidence_for):
    found = evidence_for(claim_of("learning", statistic, "-1 to 1", "scored-on-test"))
    assert (found["verdict"] != "not measured") == measurable
    if not measurable:
        assert found["why"] == "the history does not score the image set 'train'; add it to history_sets"


def test_setting_whose_threshold_is_never_crossed(evidence_for):
    claim = claim_of("learning", "setting_of_crossing", "> 1", "sigmoid", "slow", unit="ratio")
    options = {"setting": "learning_rate", "threshold": 2.0}
    found = evidence_for(claim.model_copy(update={"options": options}))
    assert found["verdict"] == "not measured"
    assert found["why"].startswith("the mean stays below 2 for every value from ")


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"setting": "colour"}, "'colour' is not a numeric setting of network 'sigmoid'"),
        ({"setting": "activation"}, "'activation' is not a numeric setting of network 'sigmoid'"),
        ({"setting": "straight_through"}, "'straight_through' is not a numeric setting of network 'sigmoid'"),
        ({"setting": "epochs"}, "several of the networks have epochs 3"),
        ({"setting": "momentum"}, "momentum 0 has no logarithm; use the option logarithmic: false"),
    ],
)
def test_setting_that_cannot_be_a_sweep(options: dict[str, str], why: str, evidence_for):
    claim = claim_of("learning", "setting_of_crossing", "> 1", "sigmoid", "slow", unit="ratio")
    found = evidence_for(claim.model_copy(update={"options": options | {"threshold": 0.5}}))
    assert (found["verdict"], found["why"]) == ("not measured", why)


def test_samples_of_figures_hold_their_mean_and_its_interval(runs: dict[str, Runs], evidence_for):
    accuracy = runs["sigmoid"].accuracy("test")
    sample = evidence_for(claim_of("learning", "test_accuracy", "> 0", "sigmoid"))["data"]["accuracy"]
    np.testing.assert_allclose(sample["values"], accuracy)
    assert sample["mean"] == pytest.approx(accuracy.mean())
    expected = stats.ttest_1samp(accuracy, 0).confidence_interval(0.95)
    np.testing.assert_allclose([sample["lower"], sample["upper"]], np.clip(expected, 0, 1))


@pytest.mark.parametrize(
    ("statistic", "network", "unit"),
    [
        ("test_accuracy", "softmax", "share"),
        ("untrained_accuracy", "untrained", "share"),
        ("generalisation_gap", "softmax", "points"),
    ],
)
def test_accuracies_on_test_images_have_an_interval_over_images_too(
    statistic: str, network: str, unit: str, evidence_for
):
    """It says what it covers."""
    (part,) = evidence_for(claim_of("learning", statistic, "> 0", network, unit=unit))["parts"]
    seeds = "initial weights" if network == "untrained" else "initial weights and order of images"
    assert part["covers"] == [seeds]
    assert part["further"]["covers"] == [seeds, "test images"]
    assert part["further"]["lower"] < part["value"] < part["further"]["upper"]
