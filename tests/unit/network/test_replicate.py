"""The training images of a single run: subsets and shuffled labels that depend only on the seed."""

import numpy as np
import pytest

from downhill import DownhillError, Images, Network
from downhill.datasets import Dataset
from downhill.datasets.dataset import NO_CLASS
from downhill.network.replicate import training_images_of

SEEDS = range(4)


def own(images: Images, seed: int, **settings: object) -> Images:
    return training_images_of(images, Network.model_validate(settings), seed)


def numbered(n: int) -> Images:
    """Distinguishable images: the first pixel of each is its index."""
    return Images(np.arange(n, dtype=np.float32).reshape(n, 1, 1), (np.arange(n) % 10).astype(np.uint8))


def test_network_without_either_option_uses_the_images_of_the_data_set(digits: Dataset):
    assert own(digits.train, seed=3) is digits.train


def test_labels_are_permuted_differently_for_each_seed_and_images_are_unchanged(digits: Dataset):
    shuffled = [own(digits.train, seed, shuffle_labels=1) for seed in SEEDS]
    again = [own(digits.train, seed, shuffle_labels=1) for seed in reversed(SEEDS)]
    for images, same in zip(shuffled, reversed(again), strict=True):
        assert images.images is digits.train.images
        np.testing.assert_array_equal(images.labels, same.labels)
        np.testing.assert_array_equal(np.bincount(images.labels), np.bincount(digits.train.labels))
        assert (images.labels == digits.train.labels).mean() < 0.25  # one in ten by chance
    for one in SEEDS:
        for other in range(one):
            assert (shuffled[one].labels == shuffled[other].labels).mean() < 0.25


@pytest.mark.parametrize("share", [0.001, 0.1, 0.5])
def test_only_the_given_share_of_labels_is_permuted(digits: Dataset, share: float):
    labels = own(digits.train, 1, shuffle_labels=share).labels
    np.testing.assert_array_equal(np.bincount(labels), np.bincount(digits.train.labels))
    changed = (labels != digits.train.labels).sum()
    assert changed <= round(share * len(labels))
    assert changed > 0.7 * share * len(labels) - 1


def test_images_of_no_class_stay_without_a_class():
    images = numbered(40)
    labels = images.labels.copy()
    labels[::4] = NO_CLASS
    shuffled = own(Images(images.images, labels), 0, shuffle_labels=1)
    np.testing.assert_array_equal(shuffled.labels == NO_CLASS, labels == NO_CLASS)
    assert (shuffled.labels != labels).any()


def test_targets_of_a_regression_are_permuted_as_rows():
    random = np.random.default_rng(0)
    targets = random.normal(size=(50, 2)).astype(np.float32)
    images = Images.with_targets(random.random((50, 1, 3), np.float32), targets)
    shuffled = own(images, 0, shuffle_labels=1).targets
    assert shuffled is not None
    assert (shuffled != targets).any()
    np.testing.assert_array_equal(np.sort(shuffled[:, 0]), np.sort(targets[:, 0]))
    indices = np.argsort(targets[:, 0])[np.searchsorted(np.sort(targets[:, 0]), shuffled[:, 0])]
    np.testing.assert_array_equal(shuffled, targets[indices])
    half = own(images, 0, shuffle_labels=0.5).targets
    assert half is not None
    assert (half != targets).any(axis=1).sum() in range(15, 26)


def test_subset_differs_by_seed_is_reproducible_and_keeps_its_order():
    subsets = [own(numbered(200), seed, subset_images=60).images.ravel() for seed in SEEDS]
    again = [own(numbered(200), seed, subset_images=60).images.ravel() for seed in SEEDS]
    np.testing.assert_array_equal(subsets, again)
    for chosen in subsets:
        assert len(chosen) == 60
        assert (np.diff(chosen) > 0).all()
    assert len({tuple(chosen) for chosen in subsets}) == len(SEEDS)
    smaller = own(numbered(200), 0, subset_images=20).images.ravel()
    assert np.isin(smaller, subsets[0]).all()
    np.testing.assert_array_equal(own(numbered(200), 0, subset_images=200).images, numbered(200).images)


def test_subset_keeps_its_labels_and_targets():
    images = numbered(50)
    chosen = own(images, 1, subset_images=20)
    np.testing.assert_array_equal(chosen.labels, chosen.images.ravel() % 10)
    targets = np.arange(50, dtype=np.float32)[:, None]
    chosen = own(Images.with_targets(images.images, targets), 1, subset_images=20)
    np.testing.assert_array_equal(chosen.targets, chosen.images[:, 0])


def test_true_and_shuffled_labels_share_the_images_of_a_seed():
    true, half, shuffled = (
        own(numbered(200), 2, subset_images=60, shuffle_labels=share) for share in (0, 0.5, 1)
    )
    np.testing.assert_array_equal(true.images, shuffled.images)
    np.testing.assert_array_equal(true.images, half.images)
    np.testing.assert_array_equal(np.bincount(true.labels), np.bincount(shuffled.labels))
    assert (true.labels != shuffled.labels).sum() > (true.labels != half.labels).sum() > 0


def test_subset_larger_than_the_data_set_is_refused():
    with pytest.raises(DownhillError) as caught:
        own(numbered(50), 0, subset_images=51)
    assert str(caught.value) == (
        "subset_images is 51, but the data set has only 50 training images; choose at most 50"
    )


def test_draws_of_a_seed_never_change():
    """Streams are part of the results: with other numbers, the same seed would mean a different run."""
    chosen = own(numbered(20), 0, subset_images=6, shuffle_labels=1)
    assert chosen.images.ravel().tolist() == [2, 3, 4, 10, 11, 18]
    assert chosen.labels.tolist() == [3, 1, 0, 4, 8, 2]
