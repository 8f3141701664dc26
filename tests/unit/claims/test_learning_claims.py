"""Shapes of one size, and mistakes that neighbours share: small networks and constructed cases."""

from typing import Any

import numpy as np
import pytest
from sklearn.neighbors import KNeighborsClassifier

from downhill.claims.learning_mistakes import Mistakes, confident_mistakes, votes_of_neighbours
from downhill.claims.learning_shapes import Spread, permuted_spreads, spread
from downhill.claims.parts import NotMeasuredError
from downhill.datasets import Dataset, load_dataset
from downhill.datasets.dataset import NO_CLASS

from .study_of_labels import QUICK, Study, small_study

pytestmark = pytest.mark.filterwarnings("error")


@pytest.fixture(scope="module")
def study(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Study:
    return small_study(digits, tmp_path_factory.mktemp("shapes"))


def accuracies(study: Study, *names: str) -> list[np.ndarray]:
    labels = load_dataset(study.folder / "data").test.labels
    return [(study.network(name).predictions["predicted"] == labels).mean(axis=1) for name in names]


def test_spread_of_shapes_is_beyond_that_of_permuted_seeds(study: Study):
    found = study.evidence("spread_of_shapes")
    by_shape = accuracies(study, "wide", "deep", "deeper")
    means = [values.mean() for values in by_shape]
    pooled, rng = np.concatenate(by_shape), np.random.default_rng(5)
    by_chance = []
    for _ in range(4000):
        order = rng.permutation(pooled)
        parts = order[:6], order[6:9], order[9:]
        by_chance.append(max(part.mean() for part in parts) - min(part.mean() for part in parts))
    assert found["value"] == pytest.approx(np.ptp(means) - np.mean(by_chance), abs=0.003)
    assert (found["n"], found["parts"][0]["fewest"]) == (12, 3)
    drawn = found["data"]["spread"]
    assert drawn["observed"]["value"] == pytest.approx(np.ptp(means))
    assert drawn["permuted"]["low"] == pytest.approx(np.quantile(by_chance, 0.025), abs=0.01)
    assert drawn["p"] == pytest.approx(np.mean(np.array(by_chance) >= np.ptp(means) - 1e-12), abs=0.05)
    for shape, values in zip(found["data"]["same_size"], by_shape, strict=True):
        np.testing.assert_allclose(shape["accuracy"]["values"], values)
        assert shape["median"] == pytest.approx(np.median(values))
        assert np.flatnonzero(shape["stuck"]).tolist() == list(study.network(shape["network"]).stuck)


def test_shapes_that_do_not_matter_are_apart_by_chance_alone():
    rng = np.random.default_rng(0)
    beyond = []
    for _ in range(100):
        samples = [rng.normal(0.95, 0.01, n) for n in (40, 12, 12, 12)]
        beyond.append(spread(*samples) - permuted_spreads(samples, 200).mean())
    assert np.mean(beyond) == pytest.approx(0, abs=3 * np.std(beyond) / 10)
    assert np.mean(beyond) == pytest.approx(0, abs=0.001)


def test_planted_difference_between_shapes_is_found():
    rng = np.random.default_rng(0)
    samples = [rng.normal(mean, 0.001, 12) for mean in (0.95, 0.95, 0.92)]
    found = Spread(samples, permuted_spreads(samples, 500))
    part = found.beyond_chance().estimate(QUICK)
    assert 0.015 < part["lower"] < part["value"] < part["upper"] < 0.031
    assert found.p == pytest.approx(1 / 501)
    assert found.described(QUICK)["observed"]["value"] == pytest.approx(0.03, abs=0.001)


def test_permutations_are_the_same_every_time():
    samples = [[0.9, 0.8], [0.7, 0.6, 0.5]]
    np.testing.assert_array_equal(permuted_spreads(samples, 20), permuted_spreads(samples, 20))
    assert len(set(permuted_spreads(samples, 20))) > 3


def test_one_shape_has_no_spread(study: Study):
    found = study.evidence("spread_of_shapes", networks=("wide",))
    assert found["why"] == "the statistic compares at least two shapes, and the row names 1"


@pytest.mark.parametrize("permutations", [0, -1])
def test_spread_by_chance_needs_permutations(study: Study, permutations: int):
    found = study.evidence("spread_of_shapes", options={"permutations": permutations})
    assert found["why"].endswith(
        f"needs at least one permutation, and the option permutations is {permutations}"
    )


def test_a_control_with_hidden_layers_is_not_called_linear(study: Study):
    found = study.evidence("odds_of_shared_mistakes", networks=("wide", "deep"))
    assert list(found["data"]["odds"])[1] == "network 'deep'"
    assert "between the network and the network 'deep', " in found["note"]


def odds(first: np.ndarray, second: np.ndarray) -> float:
    a, b, c, d = (
        int(np.sum((first == one) & (second == other))) + 0.5
        for one in (True, False)
        for other in (True, False)
    )
    return a * d / (b * c)


def mistakes(study: Study) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    data = load_dataset(study.folder / "data")
    flat = [part.images.reshape(len(part), -1).astype(np.float64) for part in (data.train, data.test)]
    neighbours = KNeighborsClassifier(3, algorithm="brute").fit(flat[0], data.train.labels).predict(flat[1])
    wrong = [study.network(name).predictions["predicted"] != data.test.labels for name in ("wide", "linear")]
    return wrong[0], wrong[1], neighbours != data.test.labels


def test_odds_ratios_are_those_of_scikit_learn(study: Study):
    found = study.evidence("odds_of_shared_mistakes")
    wrong, linear, nearest = mistakes(study)
    by_seed = [odds(seed, nearest) for seed in wrong]
    assert found["value"] == pytest.approx(np.mean(by_seed))
    assert found["n"] == 6
    drawn = found["data"]["odds"]
    np.testing.assert_allclose(drawn["nearest neighbours"]["values"], by_seed)
    control = [np.mean([odds(seed, other) for other in linear]) for seed in wrong]
    np.testing.assert_allclose(drawn["linear model 'linear' (no hidden layers)"]["values"], control)
    pairs = [odds(wrong[0], wrong[1]), odds(wrong[2], wrong[3]), odds(wrong[4], wrong[5])]
    np.testing.assert_allclose(drawn["another seed"]["values"], pairs)
    sweep = {row["neighbours"]: row for row in found["data"]["by_neighbours"]}
    assert list(sweep) == [1, 3, 5]
    assert sweep[3]["wrong"] == nearest.sum()
    assert sweep[3]["odds"]["values"] == drawn["nearest neighbours"]["values"]


def test_gallery_shows_what_every_seed_gets_wrong_and_the_neighbours_get_right(study: Study):
    data = study.evidence("odds_of_shared_mistakes")["data"]
    wrong, _, nearest = mistakes(study)
    counts, shared = data["counts"], wrong.all(axis=0)
    assert (counts["images"], counts["seeds"]) == (200, 6)
    assert counts["shared"] == shared.sum() > 0
    assert counts["shared_with_neighbours"] == (shared & nearest).sum()
    shown = {one["image"] for one in data["shared"]}
    assert shown == set(np.flatnonzero(shared & ~nearest)[:15])
    network, images = study.network("wide"), load_dataset(study.folder / "data").test
    for one in data["shared"]:
        answers = network.predictions["predicted"][:, one["image"]]
        assert one["label"] == str(images.labels[one["image"]])
        assert one["share"] == np.mean(answers == int(one["predicted"])) == np.bincount(answers).max() / 6
        np.testing.assert_array_equal(one["pixels"], images.images[one["image"]])
    assert [one["share"] for one in data["shared"]] == sorted(
        (one["share"] for one in data["shared"]), reverse=True
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"options": {"neighbours": 7}}, "the experiment has found 5 neighbours of each image, not 7"),
        ({"networks": ("wide",)}, "the statistic compares two networks, and the row names 1"),
    ],
)
def test_odds_ratio_says_what_it_needs(study: Study, changes: dict[str, Any], why: str):
    found = study.evidence("odds_of_shared_mistakes", **changes)
    assert (found["verdict"], found["why"]) == ("not measured", why)


def test_even_numbers_of_neighbours_may_be_asked_for():
    nearest = np.array([[[1, 2, 2, 0], [3, 0, 3, 0]]], np.uint8)
    votes = votes_of_neighbours({"nearest": nearest, "labels": np.array([[1, 3]])}, 4, 2)
    assert {count: answers.tolist() for count, answers in votes.answers.items()} == {
        1: [1, 3],
        2: [1, 0],
        3: [2, 3],
    }


def test_there_are_no_votes_without_training_images():
    nearest = np.full((1, 2, 3), 255, np.uint8)
    with pytest.raises(NotMeasuredError, match="no training image belongs to a class"):
        votes_of_neighbours({"nearest": nearest, "labels": np.zeros((1, 2))}, 4, 1)


def test_images_of_no_class_are_no_confident_mistakes(study: Study):
    network = study.network("wide")
    labels, predicted = network.predictions["labels"], network.predictions["predicted"]
    every_one = np.flatnonzero(predicted[0] != labels)
    labels[every_one[0]] = NO_CLASS
    shown = confident_mistakes(network)
    assert {one["image"] for one in shown} <= set(every_one[1:])
    assert len(shown) == min(15, len(every_one) - 1)


@pytest.mark.parametrize("seeds", [1, 2, 3])
def test_sentences_about_mistakes_are_true_of_few_seeds(seeds: int):
    wrong = np.zeros((seeds, 20), bool)
    wrong[:, 0] = True
    found = Mistakes(wrong, wrong[:1], {1: wrong[0]}, "control").sentence(1)
    assert ("between two seeds" in found) == (seeds > 1)
    who = "the only seed" if seeds == 1 else "every seed"
    assert found.endswith(f"of 1 image that {who} gets wrong, the neighbours also get 1 wrong")
    nothing = Mistakes(~wrong & wrong, wrong[:1], {1: wrong[0]}, "control").sentence(1)
    assert nothing.endswith(f"no image is misclassified by {who}")
