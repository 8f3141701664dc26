"""Experiments of the family *learning*."""

import numpy as np
import pytest
from sklearn.metrics import pairwise_distances

from downhill.datasets import Dataset
from downhill.datasets.dataset import NO_CLASS, Images
from downhill.datasets.prepare import with_noise
from downhill.experiments.inputs import Inputs
from downhill.experiments.learning import nearest_neighbours


def neighbours_of(train: Images, test: Images, **options: int) -> dict[str, np.ndarray]:
    data = Dataset(train, train.take(slice(0)), test, tuple("0123456789"))
    return nearest_neighbours(0, Inputs(datasets={"data": data}), **options)


def test_neighbours_are_the_closest_images(digits: Dataset):
    train, test = digits.train.take(slice(300)), digits.test.take(slice(40))
    found = neighbours_of(train, test, neighbours=5)
    pixels = [part.images.reshape(len(part), -1).astype(int) for part in (train, test)]
    squared = ((pixels[1][:, None] - pixels[0]) ** 2).sum(axis=-1)  # whole numbers, exact
    np.testing.assert_array_equal(found["nearest"], train.labels[np.argsort(squared, axis=1)[:, :5]])
    np.testing.assert_array_equal(found["labels"], test.labels)
    assert found["nearest"].dtype == np.uint8
    closest = pairwise_distances(*pixels[::-1]).argmin(axis=1)
    np.testing.assert_array_equal(found["nearest"][:, 0], train.labels[closest])


def test_an_image_is_its_own_neighbour(digits: Dataset):
    train = digits.train.take(slice(100))
    found = neighbours_of(train, train, neighbours=1)
    np.testing.assert_array_equal(found["nearest"][:, 0], train.labels)


def test_images_of_no_class_are_no_neighbours(digits: Dataset):
    train = with_noise(digits.train.take(slice(20)), 30, 0)
    found = neighbours_of(train, train, neighbours=20)
    assert found["nearest"].shape == (50, 20)
    assert found["nearest"].max() < NO_CLASS


@pytest.mark.parametrize("count", [0, 2])
def test_fewer_images_than_neighbours_leave_no_class(count: int, digits: Dataset):
    found = neighbours_of(digits.train.take(slice(count)), digits.test.take(slice(3)), neighbours=3)
    assert (found["nearest"][:, count:] == NO_CLASS).all()
    assert (found["nearest"][:, :count] < NO_CLASS).all()


def test_points_that_are_no_images_have_neighbours_too():
    points = np.array([[[0.0]], [[1.0]], [[5.0]]], np.float32)
    train = Images(points, np.array([4, 5, 6], np.uint8))
    found = neighbours_of(
        train, Images(points + np.float32(0.4), np.array([4, 5, 6], np.uint8)), neighbours=2
    )
    assert found["nearest"].tolist() == [[4, 5], [5, 4], [6, 5]]
