"""Probes, compared with scikit-learn's own pipeline."""

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from downhill.analysis.probes import probe_accuracy, stratified_folds
from downhill.datasets import Dataset
from downhill.network.reference import scaled


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    with threadpool_limits(limits=1):
        yield


def test_accuracy_is_that_of_a_pipeline(digits: Dataset):
    features = scaled(digits.train.images)[:, 203::30]
    labels = np.isin(digits.train.labels, [0, 6, 8, 9])
    folds = stratified_folds(labels, 5)
    pipeline = make_pipeline(StandardScaler(), LogisticRegression(max_iter=200))
    expected = cross_val_score(pipeline, features, labels, cv=folds).mean()
    assert probe_accuracy(features, labels, folds) == pytest.approx(expected, abs=1e-9)
    assert expected > 0.7


def test_folds_are_stratified_disjoint_and_the_same_each_time():
    labels = np.arange(200) % 10 < 4
    folds = stratified_folds(labels, 5)
    np.testing.assert_array_equal(np.sort(np.concatenate([test for _, test in folds])), np.arange(200))
    for (train, test), (again, _) in zip(folds, stratified_folds(labels, 5), strict=True):
        assert not set(train) & set(test)
        assert labels[test].sum() == 16
        np.testing.assert_array_equal(train, again)


def test_a_planted_feature_is_read_and_noise_is_not():
    random = np.random.default_rng(0)
    labels = random.random(1000) < 0.4
    noise = random.standard_normal((1000, 6))
    folds = stratified_folds(labels, 5)
    assert probe_accuracy(noise, labels, folds) < 0.65
    noise[:, 2] += 8 * labels
    assert probe_accuracy(noise, labels, folds) > 0.99


@pytest.mark.parametrize("labels", [[], [True] * 20, [True] * 4 + [False] * 20])
def test_too_few_examples_have_no_folds(labels: list[bool]):
    assert stratified_folds(labels, 5) == []
    assert np.isnan(probe_accuracy(np.zeros((len(labels), 2)), labels, []))


def test_a_constant_feature_and_an_early_stop_give_no_warning():
    random = np.random.default_rng(1)
    features = np.column_stack([np.full(100, 7.0), random.standard_normal(100)])
    labels = features[:, 1] > 0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert probe_accuracy(features, labels, stratified_folds(labels, 5), iterations=1) > 0.9
