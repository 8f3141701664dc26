"""The steps of preparation: what each of them may change, and what it must not change."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from downhill.config.dataset import DatasetRecipe, Source
from downhill.datasets import Images, load_dataset
from downhill.datasets.dataset import NO_CLASS
from downhill.datasets.prepare import prepare, select, split, with_shuffled_labels, write_prepared
from downhill.datasets.resize import area_averaged
from downhill.datasets.source_files import read_source
from downhill.errors import DownhillError

seeds = st.integers(0, 2**32)


def numbered(count: int) -> Images:
    """Images whose two pixels encode their position in the file, with the labels 0, 1 and 2 in turn."""
    numbers = np.arange(count)
    pixels = np.stack([numbers // 256, numbers % 256], axis=1).astype(np.uint8)
    return Images(pixels.reshape(count, 1, 2), (numbers % 3).astype(np.uint8))


def positions(images: Images) -> np.ndarray:
    pixels = images.images.reshape(-1, 2).astype(int)
    return pixels[:, 0] * 256 + pixels[:, 1]


def recipe(**choices: object) -> DatasetRecipe:
    return DatasetRecipe.model_validate({"source": "tiny", "validation_images": 50} | choices)


@given(st.integers(2, 600), st.data(), seeds)
def test_split_is_a_partition_in_file_order(count, data, seed):
    n_validation = data.draw(st.integers(0, count - 1))
    train, validation = split(numbered(count), n_validation, seed)
    assert len(validation) == n_validation
    for part in (train, validation):
        assert np.all(np.diff(positions(part)) > 0)
        np.testing.assert_array_equal(part.labels, positions(part) % 3)
    assert sorted([*positions(train), *positions(validation)]) == list(range(count))


@given(st.integers(3, 600), st.data(), seeds)
def test_smaller_validation_set_is_contained_in_a_larger_one(count, data, seed):
    larger = data.draw(st.integers(1, count - 1))
    smaller = data.draw(st.integers(0, larger))
    sets = [set(positions(split(numbered(count), size, seed)[1])) for size in (smaller, larger)]
    assert sets[0] <= sets[1]


def test_split_is_random_and_depends_on_the_seed():
    drawn = [positions(split(numbered(600), 100, seed)[1]) for seed in (0, 1)]
    assert not np.array_equal(drawn[0], drawn[1])
    assert all(200 < chosen.mean() < 400 for chosen in drawn)  # 5 standard errors around 299.5


@given(st.integers(2, 600), st.data(), seeds)
def test_last_images_are_set_aside(count, data, seed):
    n_validation = data.draw(st.integers(0, count - 1))
    train, validation = split(numbered(count), n_validation, seed, at_random=False)
    assert positions(train).tolist() == list(range(count - n_validation))
    assert positions(validation).tolist() == list(range(count - n_validation, count))


@pytest.mark.parametrize("n_validation", [200, 201])
def test_split_that_leaves_no_training_images_is_refused(n_validation):
    with pytest.raises(DownhillError, match=f"validation_images is {n_validation}, .* at most 199"):
        split(numbered(200), n_validation, 0)


@given(st.integers(1, 600), st.data(), seeds)
def test_selection_keeps_file_order(count, data, seed):
    kept = data.draw(st.integers(1, count))
    first = select(numbered(count), kept, False, seed)
    assert positions(first).tolist() == list(range(kept))
    at_random = select(numbered(count), kept, True, seed)
    assert len(at_random) == kept
    assert np.all(np.diff(positions(at_random)) > 0)
    np.testing.assert_array_equal(at_random.labels, positions(at_random) % 3)


def test_random_selection_is_not_the_first_images():
    assert positions(select(numbered(600), 100, True, 0)).mean() > 200


def test_selection_of_more_than_there_are_is_refused(tiny_folder: Path, tiny_source: Source):
    with pytest.raises(DownhillError, match="training_images is 151, but 150 images are left"):
        prepare(recipe(training_images=151), tiny_source, tiny_folder)


@pytest.mark.parametrize(
    ("choices", "limit", "count"),
    [
        ({}, 70, 70),
        ({}, 150, 150),
        ({}, 5000, 150),
        ({"training_images": 60}, 5000, 60),
        ({"training_images": 60}, 20, 20),
    ],
)
def test_limit_is_only_an_upper_bound(choices, limit, count, tiny_folder: Path, tiny_source: Source):
    limited = prepare(recipe(**choices).limited_to(limit), tiny_source, tiny_folder)
    plain = prepare(recipe(**choices), tiny_source, tiny_folder)
    assert len(limited.train) == count
    np.testing.assert_array_equal(limited.train.images, plain.train.images[:count])
    np.testing.assert_array_equal(limited.test.images, plain.test.images)


def test_noise_follows_the_training_images_and_belongs_to_no_class(tiny_folder: Path, tiny_source: Source):
    choices = {"training_images": 40, "shuffle_labels": 1.0, "resize": (10, 7)}
    plain = prepare(recipe(**choices), tiny_source, tiny_folder)
    noisy, noisier, reseeded = (
        prepare(recipe(noise_images=count, seed=seed, **choices), tiny_source, tiny_folder)
        for count, seed in ((300, 0), (500, 0), (300, 1))
    )
    assert noisy.train.images.shape == (340, 10, 7)
    np.testing.assert_array_equal(noisy.train.images[:40], plain.train.images)
    np.testing.assert_array_equal(noisy.train.labels[:40], plain.train.labels)
    assert (noisy.train.labels[40:] == NO_CLASS).all()
    assert noisy.train.classed.tolist() == [True] * 40 + [False] * 300
    for name in ("validation", "test"):
        np.testing.assert_array_equal(noisy.parts()[name].images, plain.parts()[name].images)
        assert noisy.parts()[name].classed.all()
    pixels = noisy.train.images[40:]
    assert np.bincount(pixels.ravel(), minlength=256).min() > 40  # 82 of each of the 256 values are expected
    assert pixels.mean() == pytest.approx(127.5, abs=5 * 74 / np.sqrt(pixels.size))
    np.testing.assert_array_equal(noisier.train.images[:340], noisy.train.images)
    assert not np.array_equal(reseeded.train.images[40:], pixels)


@given(st.integers(1, 300), st.floats(0, 1), seeds)
def test_shuffling_keeps_label_counts_and_changes_only_the_share(count, share, seed):
    before = numbered(count)
    after = with_shuffled_labels(before, share, seed)
    np.testing.assert_array_equal(after.images, before.images)
    np.testing.assert_array_equal(
        np.bincount(after.labels, minlength=3), np.bincount(before.labels, minlength=3)
    )
    assert np.count_nonzero(after.labels != before.labels) <= np.floor(share * count + 0.5)
    np.testing.assert_array_equal(before.labels, np.arange(count) % 3)  # the original is not written to


@pytest.mark.parametrize("share", [0.25, 0.5, 1.0])
def test_about_two_thirds_of_the_shuffled_labels_change(share):
    before = numbered(6000)
    changed = np.count_nonzero(with_shuffled_labels(before, share, 0).labels != before.labels) / 6000
    assert changed == pytest.approx(share * 2 / 3, abs=0.03)


def test_choices_do_not_affect_each_other(tiny_folder: Path, tiny_source: Source):
    def made(**choices: object):
        return prepare(recipe(**choices), tiny_source, tiny_folder)

    plain, everything = made(), made(training_images=60, selection="random", shuffle_labels=1.0)
    np.testing.assert_array_equal(plain.validation.images, everything.validation.images)
    selected = made(training_images=60, selection="random")
    np.testing.assert_array_equal(selected.train.images, everything.train.images)
    assert not np.array_equal(selected.train.labels, everything.train.labels)
    for one in (selected, everything):  # only training images are selected and shuffled
        np.testing.assert_array_equal(plain.test.labels, one.test.labels)
        np.testing.assert_array_equal(plain.validation.labels, one.validation.labels)


def test_seed_affects_every_choice(tiny_folder: Path, tiny_source: Source):
    made = [
        prepare(recipe(seed=seed, validation_images=20, shuffle_labels=1.0), tiny_source, tiny_folder)
        for seed in (0, 1)
    ]
    assert not np.array_equal(made[0].validation.images, made[1].validation.images)
    assert not np.array_equal(made[0].train.labels, made[1].train.labels)


images = hnp.arrays(np.uint8, hnp.array_shapes(min_dims=3, max_dims=3, min_side=1, max_side=9))
sizes = st.tuples(st.integers(1, 12), st.integers(1, 12))


@given(images)
def test_resizing_to_the_same_size_changes_nothing(array):
    np.testing.assert_array_equal(area_averaged(array, array.shape[1:]), array)


@given(hnp.array_shapes(min_dims=3, max_dims=3, max_side=9), st.integers(0, 255), sizes)
def test_constant_image_stays_constant(shape, value, size):
    resized = area_averaged(np.full(shape, value, np.uint8), size)
    np.testing.assert_array_equal(resized, np.full((shape[0], *size), value, np.uint8))


@given(images, st.integers(1, 3), st.integers(1, 3))
def test_enlarging_by_whole_factors_repeats_pixels_and_can_be_undone(array, tall, wide):
    size = (array.shape[1] * tall, array.shape[2] * wide)
    larger = area_averaged(array, size)
    np.testing.assert_array_equal(larger, array.repeat(tall, axis=1).repeat(wide, axis=2))
    np.testing.assert_array_equal(area_averaged(larger, array.shape[1:]), array)


@given(hnp.arrays(np.uint8, st.tuples(st.just(3), st.just(12), st.just(8))), st.sampled_from([1, 2, 4]))
def test_shrinking_by_whole_factors_keeps_the_mean(array, factor):
    resized = area_averaged(array, (12 // factor, 8 // factor))
    blocks = array.reshape(3, 12 // factor, factor, 8 // factor, factor).mean(axis=(2, 4))
    np.testing.assert_array_equal(resized, np.floor(blocks + 0.5).astype(np.uint8))
    np.testing.assert_allclose(resized.mean(axis=(1, 2)), array.mean(axis=(1, 2)), atol=0.5)


def exact_average(image: np.ndarray, size: tuple[int, int], row: int, column: int) -> Fraction:
    """The mean of the area of one target pixel, in fractions, following the definition."""
    scales = [Fraction(source, target) for source, target in zip(image.shape, size, strict=True)]

    def overlap(source: int, target: int, scale: Fraction) -> Fraction:
        return max(Fraction(0), min(source + 1, (target + 1) * scale) - max(source, target * scale))

    total = sum(
        overlap(y, row, scales[0]) * overlap(x, column, scales[1]) * int(image[y, x])
        for y, x in np.ndindex(image.shape)
    )
    return Fraction(total, 1) / (scales[0] * scales[1])


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6))), st.data())
def test_any_size_agrees_with_the_definition_in_fractions(image, data):
    size = data.draw(st.tuples(st.integers(1, 7), st.integers(1, 7)))
    resized = area_averaged(image[None], size)[0]
    for row, column in np.ndindex(size):
        assert resized[row, column] == int(exact_average(image, size, row, column) + Fraction(1, 2))


def test_all_three_sets_are_resized(tiny_folder: Path, tiny_source: Source):
    made = prepare(recipe(resize=(10, 7)), tiny_source, tiny_folder)
    assert [part.images.shape for part in made.parts().values()] == [(150, 10, 7), (50, 10, 7), (100, 10, 7)]
    _, test = read_source(tiny_folder, tiny_source)
    np.testing.assert_array_equal(made.test.images, area_averaged(test.images, (10, 7)))


def test_prepared_data_set_has_the_same_bytes_every_time_and_can_be_loaded(
    tmp_path: Path, tiny_folder: Path, tiny_source: Source
):
    choices = recipe(training_images=90, selection="random", shuffle_labels=0.5, resize=(10, 10), seed=7)
    for name in ("one", "two"):
        write_prepared(choices, tiny_source, tiny_folder, tmp_path / name)
    for name in ("dataset.npz", "summary.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    loaded, made = load_dataset(tmp_path / "one"), prepare(choices, tiny_source, tiny_folder)
    np.testing.assert_array_equal(loaded.train.images, made.train.images)
    assert loaded.classes == tiny_source.classes


def test_labels_for_people_are_not_part_of_a_prepared_data_set(
    tmp_path: Path, tiny_folder: Path, tiny_source: Source
):
    labels = {"title": "Digits", "classes": ("zero", *tiny_source.classes[1:])}
    for name, source in (("one", tiny_source), ("two", tiny_source.model_copy(update=labels))):
        write_prepared(recipe(), source, tiny_folder, tmp_path / name)
    for name in ("dataset.npz", "summary.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert load_dataset(tmp_path / "two").classes == tuple("0123456789")


def test_random_streams_are_those_of_published_results(tiny_folder: Path, tiny_source: Source):
    """A change here changes every published number, so it must be intended and recorded in the changelog."""
    made = prepare(
        recipe(training_images=60, selection="random", shuffle_labels=1.0), tiny_source, tiny_folder
    )
    assert made.validation.labels[:12].tolist() == [2, 3, 1, 9, 2, 7, 8, 0, 8, 3, 8, 0]
    assert made.train.labels[:12].tolist() == [4, 5, 9, 5, 2, 3, 2, 2, 9, 1, 6, 4]
    noise = prepare(recipe(noise_images=2), tiny_source, tiny_folder).train.images[-2:]
    assert noise[:, 0, :4].tolist() == [[69, 79, 120, 228], [225, 126, 210, 189]]
