"""Nearest neighbours, compared with scikit-learn."""

import numpy as np
from sklearn.neighbors import KNeighborsClassifier, NearestNeighbors

from downhill.analysis.nearest import NearestNeighbours
from downhill.datasets import Dataset
from downhill.network.reference import scaled


def test_neighbours_are_those_of_scikit_learn(digits: Dataset):
    tests = scaled(digits.test.images)
    known = scaled(digits.train.images)
    found = NearestNeighbours(digits.train.images, digits.train.labels)
    expected = NearestNeighbors(n_neighbors=3, algorithm="brute").fit(known)
    np.testing.assert_array_equal(found.nearest(tests, 3), expected.kneighbors(tests, return_distance=False))


def test_the_majority_decides_and_the_nearest_breaks_ties(digits: Dataset):
    tests, known = scaled(digits.test.images), scaled(digits.train.images)
    labels = digits.train.labels
    found = NearestNeighbours(digits.train.images, labels).classes(tests, 3)
    votes = labels[NearestNeighbors(n_neighbors=3, algorithm="brute").fit(known).kneighbors(tests)[1]]
    clear = np.array([len(set(row)) < 3 for row in votes])
    expected = KNeighborsClassifier(3, algorithm="brute").fit(known, labels).predict(tests)
    np.testing.assert_array_equal(found[clear], expected[clear])
    np.testing.assert_array_equal(found[~clear], votes[~clear, 0])
    assert 0 < (~clear).sum() < len(tests)


def test_of_equally_near_images_the_first_counts():
    images = np.array([[[0.0]], [[1.0]], [[0.5]], [[0.5]]], np.float32)
    judge = NearestNeighbours(images, np.array([4, 5, 6, 7]))
    assert judge.nearest([[0.5], [0.9]], 3).tolist() == [[2, 3, 0], [1, 2, 3]]
    assert judge.classes([[0.5]], 3).tolist() == [6]
    assert judge.classes([[0.9]], 9).tolist() == [5]
