"""Nearest neighbours, compared with distances between whole numbers, and with scikit-learn's votes."""

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from downhill.analysis.nearest import NearestNeighbours
from downhill.datasets import Dataset


def test_neighbours_are_those_of_exact_distances(digits: Dataset):
    pixels = [part.images.reshape(len(part), -1).astype(int) for part in (digits.train, digits.test)]
    squared = ((pixels[1][:30, None] - pixels[0][:400]) ** 2).sum(axis=-1)
    found = NearestNeighbours(digits.train.images[:400], digits.train.labels[:400])
    nearest = found.nearest(digits.test.images[:30], 3)
    np.testing.assert_array_equal(nearest, np.argsort(squared, axis=1)[:, :3])
    rows = digits.test.images[:30].reshape(30, -1)
    np.testing.assert_array_equal(nearest, found.nearest(rows, 3))


def test_the_majority_decides_and_the_nearest_breaks_ties(digits: Dataset):
    labels, found = digits.train.labels, NearestNeighbours(digits.train.images, digits.train.labels)
    classes, votes = found.classes(digits.test.images, 3), labels[found.nearest(digits.test.images, 3)]
    clear = np.array([len(set(row)) < 3 for row in votes])
    known, tests = (part.images.reshape(len(part), -1).astype(float) for part in (digits.train, digits.test))
    expected = KNeighborsClassifier(3, algorithm="brute").fit(known, labels).predict(tests)
    np.testing.assert_array_equal(classes[clear], expected[clear])
    np.testing.assert_array_equal(classes[~clear], votes[~clear, 0])
    assert 0 < (~clear).sum() < len(votes)


def test_fewer_images_than_neighbours_are_all_nearest():
    images = np.array([[[0.0]], [[1.0]], [[0.5]], [[0.7]]], np.float32)
    judge = NearestNeighbours(images, np.array([4, 5, 6, 7]))
    assert judge.nearest([[0.52], [0.95]], 9).tolist() == [[2, 3, 1, 0], [1, 3, 2, 0]]
    assert judge.classes([[0.95]], 9).tolist() == [5]
    assert judge.nearest(np.zeros((0, 1)), 3).shape == (0, 3)
    none = NearestNeighbours(images[:0], np.zeros(0, int))
    assert none.nearest([[0.5]], 3).shape == (1, 0)
