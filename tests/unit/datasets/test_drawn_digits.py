"""Data sets of drawn digits: with and without preprocessing, sizes, seeds."""

import numpy as np
import pytest

from downhill.config.dataset import DatasetRecipe
from downhill.config.generated import GeneratedSource
from downhill.datasets import Dataset
from downhill.datasets.prepare import prepare
from downhill.drawing.preprocess import plain, preprocessed
from downhill.drawing.strokes import digits_in_turn


def made(preprocessing: bool, training: int = 3, test: int = 30, seed: int = 0) -> Dataset:
    settings = {"kind": "drawn_digits", "preprocessing": preprocessing, "training": training, "test": test}
    source = GeneratedSource.model_validate({"title": "drawn", "generate": settings})
    return prepare(DatasetRecipe(source="it", seed=seed), source)


@pytest.mark.parametrize("preprocessing", [True, False])
def test_sizes_names_and_labels(preprocessing: bool):
    dataset = made(preprocessing, training=11, test=25)
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (11, 0, 25)
    assert dataset.image_shape == (28, 28)
    assert dataset.classes == tuple("0123456789")
    assert dataset.test.images.dtype == np.uint8
    assert dataset.test.labels.tolist() == [place % 10 for place in range(25)]
    assert (dataset.test.images.max(axis=(1, 2)) >= 250).all()


def test_both_kinds_are_of_the_same_drawings():
    """The same test stream of the seed tree gives the strokes, which are then drawn in two ways."""
    stream = np.random.Generator(np.random.PCG64(np.random.SeedSequence(4, spawn_key=(5,))))
    drawings, labels = digits_in_turn(12, stream)
    tidy, raw = (made(kind, test=12, seed=4).test for kind in (True, False))
    np.testing.assert_array_equal(tidy.images, [preprocessed(strokes).image for strokes in drawings])
    np.testing.assert_array_equal(raw.images, [plain(strokes) for strokes in drawings])
    assert tidy.labels.tolist() == raw.labels.tolist() == labels.tolist()


@pytest.mark.parametrize("preprocessing", [True, False])
def test_other_seeds_give_other_drawings_and_a_smaller_set_is_the_beginning(preprocessing: bool):
    first, other = made(preprocessing), made(preprocessing, seed=1)
    assert not any(np.array_equal(*pair) for pair in zip(first.test.images, other.test.images, strict=True))
    np.testing.assert_array_equal(first.test.images[:7], made(preprocessing, test=7).test.images)
    np.testing.assert_array_equal(first.train.images[:1], made(preprocessing, training=1).train.images)
    assert not np.array_equal(first.train.images, first.test.images[:3])


def test_random_streams_are_those_of_published_results():
    """A change here changes published numbers, so it must be intended and recorded in the changelog."""
    sums = [made(kind, training=1, test=4).test.images.sum(axis=(1, 2)).tolist() for kind in (True, False)]
    assert sums == [[34812, 14815, 30812, 33182], [22243, 13532, 14897, 31420]]
