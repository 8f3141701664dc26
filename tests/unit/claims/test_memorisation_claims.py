"""How straight the cost falls, and how long it takes to fit: small networks and constructed cases."""

from statistics import median_high
from typing import Any

import numpy as np
import pytest
from scipy import stats

from downhill import reference
from downhill.claims.memorisation_epochs import Fits
from downhill.claims.parts import NotMeasuredError, upper_median
from downhill.datasets import Dataset

from .study_of_labels import QUICK, Study, small_study

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def study(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return small_study(digits, tmp_path_factory.mktemp("labels"))


def costs(study: Study, name: str, seed: int) -> np.ndarray:
    """Training cost from the start, epoch by epoch; the start computed with the reference."""
    network = study.network(name)
    images = network.training_images(seed)
    _, z = reference.forward(network.trained.start(seed), images.images, network.net)
    history = network.table("history")
    rows = history[history.seed == seed].sort_values("epoch")
    return np.array([reference.losses(z, images.labels, network.net).mean(), *rows.train_loss])


def r_squared(cost: np.ndarray, until: float) -> float:
    enough = cost[0] - cost >= until * (cost[0] - cost.min())
    last = max(2, int(np.flatnonzero(enough)[0]))
    return float(stats.linregress(np.arange(last + 1), cost[: last + 1]).rvalue ** 2)


@pytest.mark.parametrize("until", [0.9, 0.99])
def test_straightness_is_that_of_a_line_through_the_cost(study: Study, until: float):
    found = study.evidence("straightness_of_descent", options={"until": until})
    by_hand = {
        labels: np.array([r_squared(costs(study, f"{labels}-80", seed), until) for seed in range(5)])
        for labels in ("true", "shuffled")
    }
    straight, pairs = found["parts"]
    assert straight["value"] == pytest.approx(by_hand["shuffled"].mean(), rel=1e-3)
    assert pairs["value"] == np.mean(by_hand["shuffled"] > by_hand["true"])
    assert (straight["n"], pairs["n"]) == (5, 5)
    assert (straight["of"], pairs["of"]) == ("seed", "pair")
    assert straight["method"] == "Student's t"
    assert pairs["method"] == "Wilson's score"
    assert "shuffling of the labels" in straight["covers"]
    assert "subset of the training images" in straight["covers"]
    for labels, values in by_hand.items():
        np.testing.assert_allclose(found["data"]["straightness"][labels]["values"], values, rtol=1e-3)
    place = found["data"]["by_share"]["share"].index(until)
    sample = found["data"]["by_share"]["shuffled"][place]
    assert sample["values"] == found["data"]["straightness"]["shuffled"]["values"]


def test_curves_begin_at_the_start(study: Study):
    data = study.evidence("straightness_of_descent")["data"]
    for labels in ("true", "shuffled"):
        curves = data["curves"][labels]
        assert curves["epoch"][:3] == [0, 1, 2]
        for seed, curve in enumerate(curves["cost"]["seeds"]):
            expected = costs(study, f"{labels}-80", seed)[: len(curve)]
            np.testing.assert_allclose(curve, expected, rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(
            curves["cost"]["mean"], np.mean(curves["cost"]["seeds"], axis=0), atol=1e-4
        )
        early = np.array(curves["accuracy"]["seeds"])[:, 3]
        interval = stats.ttest_1samp(early, 0).confidence_interval(0.95)
        assert curves["accuracy"]["lower"][3] == pytest.approx(interval.low, abs=1e-4)


def test_lines_are_those_of_the_first_seed(study: Study):
    data = study.evidence("straightness_of_descent")["data"]
    cost = costs(study, "shuffled-80", 0)
    for first, line in enumerate(data["lines"]):
        epochs = np.arange(line["epochs"][0], line["epochs"][1] + 1)
        assert epochs[0] == first
        expected = stats.linregress(epochs, cost[epochs])
        assert line["slope"] == pytest.approx(expected.slope, rel=1e-3)
        assert line["intercept"] == pytest.approx(expected.intercept, rel=1e-3)


def test_other_initial_weights_are_shown_beside(study: Study):
    found = study.evidence("straightness_of_descent")
    first, other = found["data"]["by_recipe"]
    assert (first["name"], other["name"]) == ("normal", "lecun")
    assert first["shuffled"] == found["data"]["straightness"]["shuffled"]
    by_hand = {
        labels: np.array([r_squared(costs(study, f"small-{labels}", seed), 0.99) for seed in range(3)])
        for labels in ("true", "shuffled")
    }
    np.testing.assert_allclose(other["shuffled"]["values"], by_hand["shuffled"], rtol=1e-3)
    exceeding = np.sum(by_hand["shuffled"] > by_hand["true"])
    assert found["note"].endswith(
        f"with 'lecun' initialisation, the mean R² from the start is {by_hand['shuffled'].mean():.2f}, "
        f"and R² exceeds that of true labels in {exceeding} of 3 pairs"
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"networks": ("true-80", "shuffled-40")}, "no network that differs from 'true-80' only in its labels"),
        ({"networks": ("true-80", "shuffled-80", "small-true")}, "differs from 'small-true' only in its labels"),
        ({"networks": ("first-80", "brief-shuffled")}, "no network that differs from 'first-80' only in its labels"),
        ({"networks": ("brief-true", "brief-shuffled")}, "a history of at least two epochs"),
        ({"networks": ("sparse-true", "sparse-shuffled")}, "of 'sparse-true' has a row for every 2 epochs"),
    ],
)  # fmt: skip
def test_straightness_says_what_it_needs(study: Study, changes: dict[str, Any], why: str):
    found = study.evidence("straightness_of_descent", **changes)
    assert found["verdict"] == "not measured"
    assert why in found["why"]


def epochs_to(study: Study, name: str, fitted: float) -> list[float]:
    history = study.network(name).table("history")
    found = []
    for seed in range(5):
        rows = history[(history.seed == seed) & (history.train_accuracy > fitted - 1e-6)]
        found.append(float(rows.epoch.min()) if len(rows) else np.inf)
    return found


def test_ratio_and_slope_are_those_of_medians(study: Study):
    found = study.evidence("ratio_of_epochs")
    ratios = [
        median_high(epochs_to(study, f"shuffled-{images}", 0.8)) / median_high(epochs_to(study, f"true-{images}", 0.8))
        for images in (40, 80, 160)
    ]  # fmt: skip
    ratio, slope = found["parts"]
    assert ratio["value"] == pytest.approx(ratios[1])
    assert slope["value"] == pytest.approx(stats.linregress(np.log([40, 80, 160]), np.log(ratios)).slope)
    assert ratio["n"] == slope["n"] == 5
    assert ratio["lower"] <= ratio["value"] <= ratio["upper"]
    assert [fit["images"] for fit in found["data"]["fits"]] == [40, 80, 160]
    for fit, expected in zip(found["data"]["fits"], ratios, strict=True):
        assert fit["ratio"]["value"] == pytest.approx(expected)
        for labels in ("true", "shuffled"):
            assert fit[labels]["values"] == epochs_to(study, f"{labels}-{fit['images']}", 0.8)
            assert fit[labels]["value"] == median_high(fit[labels]["values"])
    assert found["data"]["line"]["slope"] == pytest.approx(slope["value"])
    assert found["note"].startswith("for the 5 seeds that all networks have in common, the median epochs")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"options": {"images": 100}}, "no network is trained on 100 images"),
        ({"networks": ("true-80", "true-40")}, "there is no network with other labels to compare 'true-40' with"),
        ({"networks": ("true-80", "shuffled-80")}, "a slope needs networks with at least two numbers of images"),
        ({"networks": ("true-80", "sparse-shuffled")}, "of 'sparse-shuffled' has a row for every 2 epochs"),
        ({"networks": ("true-80", "brief-true", "shuffled-80")}, "both learn 80 images with true labels"),
        ({"networks": ("first-80", "brief-shuffled")}, "and 'brief-shuffled' learn images of different data sets"),
        ({"options": {"images": 80, "fitted": 1.1}}, "do not fit 80 images with true labels within 120 epochs"),
    ],
)  # fmt: skip
def test_ratio_says_what_it_needs(study: Study, changes: dict[str, Any], why: str):
    found = study.evidence("ratio_of_epochs", **changes)
    assert found["verdict"] == "not measured"
    assert why in found["why"]


def test_networks_with_other_recipes_are_not_compared(study: Study):
    networks = ("true-40", "shuffled-40", "small-true", "small-shuffled")
    found = study.evidence("ratio_of_epochs", networks=networks)
    assert found["why"] == "'true-40' and 'small-true' differ in more than images, labels and epochs"


INF = np.inf


def fits(*pairs: tuple[list[float], list[float]]) -> Fits:
    images = tuple(250 * 2**place for place in range(len(pairs)))
    return Fits(images, np.array(pairs), ((300, 300),) * len(pairs))


def test_median_is_the_upper_of_two_middle_values():
    rng = np.random.default_rng(0)
    for n in (1, 2, 5, 12):
        times = rng.integers(1, 20, (4, n)).astype(float)
        times[0, 0] = INF
        assert upper_median(times).tolist() == [median_high(one) for one in times.tolist()]


def test_planted_power_law_is_found():
    """Epochs with shuffled labels grow as the number of images to the power of ½."""
    rng = np.random.default_rng(0)
    pairs = [
        (list(10 * rng.lognormal(0, 0.05, 12)), list(10 * 2 ** (place / 2) * 3 * rng.lognormal(0, 0.05, 12)))
        for place in range(4)
    ]
    found = fits(*pairs)
    slope, ratio = found.slope().estimate(QUICK), found.ratio(250).estimate(QUICK)
    assert slope["value"] == pytest.approx(0.5, abs=0.08)
    assert slope["lower"] < 0.5 < slope["upper"]
    assert ratio["value"] == pytest.approx(3, rel=0.08)
    assert (slope["n"], slope["fewest"]) == (12, 12)


def test_seeds_are_resampled_with_all_of_their_times():
    """Where every seed has the same ratio, however slow it is, there is no uncertainty."""
    slow = np.array([1.0, 2, 4, 8, 16])
    found = fits((list(slow), list(3 * slow)), (list(slow), list(6 * slow)))
    for part, value in ((found.ratio(500), 6.0), (found.slope(), 1.0)):
        estimate = part.estimate(QUICK)
        assert [estimate[key] for key in ("value", "lower", "upper")] == pytest.approx([value] * 3)


def test_censored_seeds_count_as_late():
    found = fits(([5, 5, 5, 5, 5], [10, 10, 20, INF, INF]), ([5, 5, 5, 5, 5], [20, 30, INF, INF, INF]))
    first, second = found.ratio(250).estimate(QUICK), found.ratio(500).estimate(QUICK)
    assert (first["value"], first["infinite"]) == (4, ["upper"])
    assert second["infinite"] == ["value", "upper"]
    assert second["lower"] in (4, 6)
    with pytest.raises(
        NotMeasuredError, match="too many seeds do not fit"
    ):  # nor 250 images in some resamples
        found.slope()
    data = found.described(QUICK)
    assert np.isnan(data[1]["shuffled"]["values"]).sum() == 3
    assert data[1]["ratio"] | {"lower": None} == {"value": None, "lower": None, "upper": None}
    assert found.censored("99 %") == (
        "a training accuracy of 99 % is never reached by "
        "2 of 5 seeds with shuffled labels on 250 images (within 300 epochs), "
        "3 of 5 seeds with shuffled labels on 500 images (within 300 epochs)"
    )
    assert "5 and more than were observed (500 images)" in found.medians()
    assert found.line() is None


def test_slope_is_infinite_where_only_the_largest_sets_are_never_fitted():
    late = fits(([5.0] * 5, [10.0] * 5), ([5.0] * 5, [20.0, INF, INF, INF, INF]))
    slope = late.slope().estimate(QUICK)
    assert slope["infinite"] == ["value", "upper"]
    assert slope["lower"] == pytest.approx(1)


def test_no_ratio_where_most_seeds_never_fit_true_labels():
    found = fits(([5.0, INF, INF], [10.0] * 3), ([5.0] * 3, [10.0] * 3))
    with pytest.raises(
        NotMeasuredError, match="most seeds do not fit 250 images with true labels within 300 epochs"
    ):
        found.ratio(250)
    assert found.ratio(500).estimate(QUICK)["value"] == 2


@pytest.mark.parametrize(
    ("ratios", "sentence"),
    [
        ((3, 4), "the estimated ratio is above 2 at every number of images"),
        ((1, 2), "the estimated ratio is not above 2 at any number of images"),
        ((1, 4), "the estimated ratio crosses 2 at about 315 images"),
        ((1, INF), "the estimated ratio is above 2 only at some numbers of images"),
        ((INF, INF), "the estimated ratio is above 2 at every number of images"),
    ],
)
def test_where_the_ratio_crosses_is_reported(ratios: tuple[float, float], sentence: str):
    found = fits(*[([5.0] * 3, [5.0 * ratio] * 3) for ratio in ratios])
    assert found.about_crossing(2) == sentence


@pytest.mark.parametrize(
    ("ratio", "sentence"),
    [
        (3, "the estimated ratio is above 2 at every number of images where it is known"),
        (1, "the estimated ratio is not above 2 at any number of images where it is known"),
    ],
)
def test_a_ratio_that_is_not_known_is_not_said_to_be_above_or_below(ratio: float, sentence: str):
    found = fits(([5.0] * 3, [5.0 * ratio] * 3), ([INF] * 3, [INF] * 3))
    assert found.about_crossing(2) == sentence
