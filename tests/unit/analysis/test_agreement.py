"""Odds ratios of mistakes, compared with SciPy, and votes, compared with scikit-learn."""

import numpy as np
import pytest
from scipy import stats
from sklearn.neighbors import KNeighborsClassifier

from downhill.analysis.agreement import majority, odds_ratio


def test_odds_ratio_of_counts():
    first = np.repeat([True, True, False, False], [6, 4, 10, 80])
    second = np.repeat([True, False, True, False], [6, 4, 10, 80])
    assert odds_ratio(first, second) == pytest.approx(6.5 * 80.5 / (4.5 * 10.5))
    assert odds_ratio(second, first) == odds_ratio(first, second)


def test_odds_ratio_is_close_to_that_of_large_tables():
    rng = np.random.default_rng(0)
    hard = rng.random(100_000) < 0.1
    first, second = (rng.random(100_000) < np.where(hard, 0.4, 0.05) for _ in range(2))
    table = [
        [np.sum(first & second), np.sum(first & ~second)],
        [np.sum(~first & second), np.sum(~first & ~second)],
    ]
    expected = stats.contingency.odds_ratio(np.array(table), kind="sample").statistic
    assert odds_ratio(first, second) == pytest.approx(expected, rel=0.01)


def test_independent_mistakes_have_an_odds_ratio_of_one():
    rng = np.random.default_rng(0)
    first, second = rng.random((2, 2000, 500)) < 0.2
    assert np.median(odds_ratio(first, second)) == pytest.approx(1, abs=0.03)


@pytest.mark.parametrize(("first", "second"), [([], []), ([True], [True]), ([False], [True])])
def test_odds_ratio_is_always_finite(first: list[bool], second: list[bool]):
    assert np.isfinite(odds_ratio(first, second))


def test_odds_ratios_of_several_seeds():
    rng = np.random.default_rng(1)
    seeds, others = rng.random((3, 50)) < 0.3, rng.random((2, 50)) < 0.3
    found = odds_ratio(seeds[:, None], others)
    assert found.shape == (3, 2)
    assert found[2, 1] == odds_ratio(seeds[2], others[1])


@pytest.mark.parametrize("count", [1, 2, 3, 5])
def test_majority_votes_as_scikit_learn_does(count: int):
    rng = np.random.default_rng(2)
    points, labels = rng.normal(size=(300, 2)), rng.integers(0, 7, 300)
    queries = rng.normal(size=(200, 2))
    classifier = KNeighborsClassifier(count).fit(points, labels)
    nearest = labels[classifier.kneighbors(queries, return_distance=False)]
    np.testing.assert_array_equal(majority(nearest, 7), classifier.predict(queries))


def test_labels_of_no_class_do_not_vote():
    assert majority([[255, 255, 3], [255, 1, 2]], 10).tolist() == [3, 1]
