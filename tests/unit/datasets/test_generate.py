"""Generated data: values compared with independent formulas, draws with their distributions, and effects of seeds."""

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downhill.config import Datasets
from downhill.config.dataset import DatasetRecipe, Source
from downhill.config.generated import GeneratedSource
from downhill.config.reading import read_yaml
from downhill.config.validation import validated
from downhill.datasets import Dataset, load_dataset
from downhill.datasets.dataset import NO_CLASS, Images
from downhill.datasets.prepare import prepare, with_shuffled_pixels, write_prepared
from downhill.errors import DownhillError

from .tiny import BUNDLED, NAMES, idx_bytes, source_of, write_files

REPOSITORY = Path(__file__).parents[3]

DIGITS = {"image_shape": [5, 4], "classes": list("0123456789")}
KINDS: dict[str, dict[str, Any]] = {
    "xor": {"sd": 0.2},
    "rings": {"radii": [1, 2, 5], "sd": 0.1},
    "curve": {},
    "surface": {},
    "uniform_noise": DIGITS,
    "gaussian_noise": DIGITS | {"mean": 33.3, "sd": 78.6},
}
RANDOM_KINDS = [kind for kind in KINDS if kind not in ("curve", "surface")]
kinds = st.sampled_from(list(KINDS))
random_kinds = st.sampled_from(RANDOM_KINDS)
seeds = st.integers(0, 2**32)


def source(kind: str, training: int = 400, test: int = 100, **changes: Any) -> GeneratedSource:
    settings = {"kind": kind, "training": training, "test": test} | KINDS[kind] | changes
    return GeneratedSource.model_validate({"title": kind, "generate": settings})


def recipe(**choices: Any) -> DatasetRecipe:
    return DatasetRecipe.model_validate({"source": "it"} | choices)


def made(kind: str, seed: int = 0, **changes: Any) -> Dataset:
    return prepare(recipe(seed=seed), source(kind, **changes))


def points(images: Images) -> np.ndarray:
    assert images.images.dtype == np.float32
    assert images.images.shape[1] == 1
    return images.images[:, 0, :].astype(float)


def assert_same(first: Images, second: Images):
    np.testing.assert_array_equal(first.images, second.images)
    np.testing.assert_array_equal(first.labels, second.labels)
    assert (first.targets is None) == (second.targets is None)
    if first.targets is not None:
        np.testing.assert_array_equal(first.targets, second.targets)


@given(kinds, seeds, st.integers(1, 12), st.integers(1, 12))
def test_sizes_and_names_are_those_of_the_settings(kind: str, seed: int, a: int, b: int):
    wanted = source(kind, training=a**2, test=b**2)
    dataset = prepare(recipe(seed=seed), wanted)
    assert (len(dataset.train), len(dataset.validation), len(dataset.test)) == (a**2, 0, b**2)
    assert dataset.image_shape == wanted.image_shape
    assert dataset.classes == tuple(map(str, range(len(wanted.classes))))
    assert len(set(wanted.classes)) == len(wanted.classes)
    assert dataset.is_regression == wanted.generate.is_regression
    assert (dataset.train.images.dtype == np.uint8) == wanted.generate.has_pixels
    for part in (dataset.train, dataset.test):
        assert part.classed.all() == wanted.generate.has_labels
        assert part.classed.any() == wanted.generate.has_labels


@given(kinds, seeds)
def test_same_seed_gives_the_same_bytes(kind: str, seed: int):
    assert made(kind, seed).checksum() == made(kind, seed).checksum()


@pytest.mark.parametrize("kind", RANDOM_KINDS)
def test_other_seed_gives_other_data(kind: str):
    first, second = made(kind, seed=0), made(kind, seed=1)
    for name in ("train", "test"):
        ours, others = (dataset.parts()[name].images for dataset in (first, second))
        assert np.mean(ours == others) < 0.5  # clipped pixels of Gaussian noise are often 0 in both


@pytest.mark.parametrize("kind", ["curve", "surface"])
def test_seed_changes_only_the_order_of_fixed_training_points(kind: str):
    first, second = made(kind, seed=0), made(kind, seed=1)
    assert not np.array_equal(first.train.images, second.train.images)
    rows = [np.hstack([points(part.train), part.train.targets]) for part in (first, second)]
    np.testing.assert_array_equal(*(np.array(sorted(map(tuple, row))) for row in rows))
    assert_same(first.test, second.test)


@given(random_kinds, seeds, st.integers(1, 60), st.integers(0, 60))
def test_smaller_set_is_the_beginning_of_a_larger_one(kind: str, seed: int, count: int, more: int):
    small, large = (
        made(kind, seed, training=count, test=count),
        made(kind, seed, training=count + more, test=count + more),
    )
    assert_same(small.train, large.train.take(slice(count)))
    assert_same(small.test, large.test.take(slice(count)))


@given(random_kinds, seeds, st.integers(1, 60), st.integers(1, 60))
def test_size_of_one_set_does_not_change_the_other(kind: str, seed: int, count: int, other: int):
    plain = made(kind, seed, training=50, test=50)
    assert_same(plain.train, made(kind, seed, training=50, test=other).train)
    assert_same(plain.test, made(kind, seed, training=count, test=50).test)


@pytest.mark.parametrize("kind", RANDOM_KINDS)
def test_training_and_test_images_are_drawn_independently(kind: str):
    dataset = made(kind, training=4000, test=4000)
    noise = [part.images.reshape(4000, -1).astype(float) for part in (dataset.train, dataset.test)]
    if dataset.train.classed.all():  # remove the means of clusters and rings, which both sets share
        size = dataset.n_classes if kind == "rings" else 4
        turns = np.arange(4000) % size
        noise = [
            part - np.array([part[turns == turn].mean(axis=0) for turn in range(size)])[turns]
            for part in noise
        ]
    correlation = np.corrcoef(noise[0].ravel(), noise[1].ravel())[0, 1]
    assert abs(correlation) < 5 / math.sqrt(noise[0].size)


def test_xor_has_four_equal_clusters_of_the_given_spread():
    dataset = made("xor", training=40_000, sd=0.2)
    where = points(dataset.train)
    assert dataset.classes == ("0", "1")
    assert np.bincount(dataset.train.labels).tolist() == [20_000, 20_000]
    centres = np.sign(where)  # the axes are 5 standard deviations away, so no point crosses them
    np.testing.assert_array_equal(dataset.train.labels, centres[:, 0] != centres[:, 1])
    for x, y in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
        cluster = where[(centres == (x, y)).all(axis=1)]
        assert len(cluster) == 10_000
        np.testing.assert_allclose(cluster.mean(axis=0), (x, y), atol=5 * 0.2 / 100)
        np.testing.assert_allclose(cluster.std(axis=0), 0.2, rtol=5 / math.sqrt(2 * 10_000))
        assert abs(np.corrcoef(cluster.T)[0, 1]) < 5 / 100


def test_rings_have_the_given_radii_and_spread_and_all_angles():
    dataset = made("rings", training=30_000, radii=[2, 1, 5.5], sd=0.1)
    where = points(dataset.train)
    assert dataset.n_classes == 3
    assert np.bincount(dataset.train.labels).tolist() == [10_000] * 3
    for label, radius in enumerate((2, 1, 5.5)):
        ring = where[dataset.train.labels == label]
        # E r² = R² + 2 sd², and its variance is 4 R² sd² + 4 sd⁴ (noncentral chi-squared with two degrees).
        squares = (ring**2).sum(axis=1)
        spread = math.sqrt(4 * radius**2 * 0.1**2 + 4 * 0.1**4)
        assert squares.mean() == pytest.approx(radius**2 + 2 * 0.1**2, abs=5 * spread / 100)
        assert squares.std() == pytest.approx(spread, rel=0.06)
        angles = np.arctan2(ring[:, 1], ring[:, 0])
        counts = np.histogram(angles, bins=16, range=(-math.pi, math.pi))[0]
        assert ((counts - 625) ** 2 / 625).sum() < 48  # chi-squared, 15 d.o.f.: exceeded once in 40,000


@given(kinds.filter(lambda kind: kind in ("xor", "rings")), seeds)
def test_without_spread_points_are_exactly_on_their_centres_and_rings(kind: str, seed: int):
    dataset = made(kind, seed, sd=0)
    where = points(dataset.train)
    if kind == "xor":
        assert {tuple(point) for point in where} == {(1, 1), (1, -1), (-1, 1), (-1, -1)}
    else:
        radii = np.array(KINDS["rings"]["radii"])[dataset.train.labels]
        np.testing.assert_allclose(np.hypot(*where.T), radii, rtol=1e-6)


def nielsen(x: float) -> float:
    return math.fsum([0.2, 0.4 * x * x, 0.3 * x * math.sin(15 * x), 0.05 * math.cos(50 * x)])


def franke(x: float, y: float) -> float:
    """Franke's function as the sum of four bumps c · exp(−a · (…)), given by their centres and widths."""
    bumps = [
        (0.75, ((x - 2 / 9) ** 2 + (y - 2 / 9) ** 2) * 81 / 4),
        (0.75, (x + 1 / 9) ** 2 * 81 / 49 + (y + 1 / 9) * 9 / 10),
        (0.50, ((x - 7 / 9) ** 2 + (y - 3 / 9) ** 2) * 81 / 4),
        (-0.2, ((x - 4 / 9) ** 2 + (y - 7 / 9) ** 2) * 81),
    ]
    return math.fsum(height * math.exp(-exponent) for height, exponent in bumps)


def test_curve_is_the_function_at_evenly_spaced_points():
    dataset = made("curve", training=1000, test=10_001)
    assert (dataset.classes, dataset.n_inputs, dataset.n_outputs) == (("0",), 1, 1)
    x = points(dataset.test)[:, 0]
    np.testing.assert_array_equal(x.astype(np.float32), (np.arange(10_001) / 10_000).astype(np.float32))
    order = np.argsort(points(dataset.train)[:, 0])
    np.testing.assert_allclose(points(dataset.train)[order, 0], np.arange(1000) / 999, rtol=1e-7)
    for part in (dataset.train, dataset.test):
        values = [nielsen(x) for x in points(part)[:, 0]]
        np.testing.assert_allclose(part.targets[:, 0], values, rtol=2**-24, atol=1e-9)
    # f(0) = 0.2 + 0.05, f(1) = 0.6 + 0.3 sin 15 + 0.05 cos 50, by hand
    assert dataset.test.targets[[0, -1], 0] == pytest.approx(
        [0.25, 0.6 + 0.3 * 0.650288 + 0.05 * 0.964966], abs=1e-6
    )


def test_surface_is_the_function_on_a_grid_with_its_edges():
    dataset = made("surface", training=49, test=121)
    assert (dataset.classes, dataset.n_inputs, dataset.n_outputs) == (("0",), 2, 1)
    for part, side in ((dataset.train, 7), (dataset.test, 11)):
        where = points(part)
        steps = np.rint(where * (side - 1)).astype(int)
        np.testing.assert_allclose(where, steps / (side - 1), rtol=1e-7)
        assert {tuple(step) for step in steps} == {(i, j) for i in range(side) for j in range(side)}
        values = [franke(x, y) for x, y in where]
        np.testing.assert_allclose(part.targets[:, 0], values, rtol=1e-6)
    assert points(dataset.test)[:12].round(1).tolist() == [[i / 10, 0] for i in range(11)] + [[0, 0.1]]
    assert dataset.test.targets[0, 0] == pytest.approx(0.766421, abs=1e-6)  # Franke's function at the origin


def test_first_points_of_a_function_cover_its_range():
    few = prepare(recipe(training_images=50), source("curve", training=1000)).train
    assert np.histogram(points(few), bins=5, range=(0, 1))[0].min() >= 3


def test_uniform_noise_has_equally_frequent_values():
    noise = made("uniform_noise", test=10_000).test
    counts = np.bincount(noise.images.ravel(), minlength=256)
    expected = noise.images.size / 256
    assert ((counts - expected) ** 2 / expected).sum() < 255 + 5 * math.sqrt(2 * 255)
    assert (noise.labels == NO_CLASS).all()


@pytest.mark.parametrize(("mean", "sd"), [(33.3, 78.6), (128, 20)])
def test_gaussian_noise_follows_a_rounded_and_clipped_normal_distribution(mean: float, sd: float):
    noise = made("gaussian_noise", test=10_000, mean=mean, sd=sd).test
    counts = np.bincount(noise.images.ravel(), minlength=256)
    below = [0.5 * (1 + math.erf((value + 0.5 - mean) / (sd * math.sqrt(2)))) for value in range(255)]
    expected = noise.images.size * np.diff([0, *below, 1])
    frequent = expected > 10
    deviation = ((counts - expected)[frequent] ** 2 / expected[frequent]).sum()
    assert deviation < frequent.sum() + 5 * math.sqrt(2 * frequent.sum())
    assert counts[~frequent].sum() <= 10 * (~frequent).sum()
    assert (noise.labels == NO_CLASS).all()
    pixels = noise.images.reshape(10_000, -1).astype(float)
    between = np.corrcoef(pixels.T) - np.eye(pixels.shape[1])  # of any two pixels
    assert abs(between).max() < 6 / math.sqrt(10_000)


@given(kinds, st.data(), seeds)
def test_recipe_splits_and_selects_generated_data(kind: str, data: st.DataObject, seed: int):
    whole = made(kind, seed)
    validation = data.draw(st.integers(0, 300))
    kept = data.draw(st.integers(1, 400 - validation))
    selection = data.draw(st.sampled_from(["first", "random"]))
    choices = {"seed": seed, "validation_images": validation, "training_images": kept, "selection": selection}
    dataset = prepare(recipe(**choices), source(kind))
    assert (len(dataset.train), len(dataset.validation)) == (kept, validation)
    assert_same(dataset.test, whole.test)
    rows = {image.tobytes() for image in whole.train.images}
    assert {image.tobytes() for part in (dataset.train, dataset.validation) for image in part.images} <= rows


@pytest.mark.parametrize("kind", ["xor", "rings", "curve", "surface"])
def test_shuffled_labels_and_targets_are_permutations(kind: str):
    plain = made(kind)
    shuffled = prepare(recipe(shuffle_labels=1.0), source(kind))
    np.testing.assert_array_equal(shuffled.train.images, plain.train.images)
    assert_same(shuffled.test, plain.test)
    for before, after in (
        (plain.train.labels, shuffled.train.labels),
        (plain.train.targets, shuffled.train.targets),
    ):
        if before is not None:
            np.testing.assert_array_equal(np.sort(before, axis=0), np.sort(after, axis=0))
    what = "targets" if plain.is_regression else "labels"
    changed = getattr(plain.train, what) != getattr(shuffled.train, what)
    assert changed.mean() > 0.4


@given(st.integers(1, 20), st.integers(1, 6), st.integers(1, 6), seeds)
def test_shuffled_pixels_are_permutations(count: int, height: int, width: int, seed: int):
    random = np.random.default_rng(seed)
    images = Images(
        random.integers(0, 256, (count, height, width), np.uint8), random.integers(0, 3, count, np.uint8)
    )
    before = images.images.copy()
    shuffled, fewer = (
        with_shuffled_pixels(images.take(slice(n)), np.random.default_rng(seed)) for n in (count, count // 2)
    )
    np.testing.assert_array_equal(images.images, before)  # the original is not written to
    np.testing.assert_array_equal(shuffled.labels, images.labels)
    assert shuffled.images.shape == before.shape
    np.testing.assert_array_equal(*(np.sort(array.reshape(count, -1)) for array in (before, shuffled.images)))
    assert_same(fewer, shuffled.take(slice(count // 2)))


def test_pixels_are_permuted_differently_in_each_image():
    ramps = Images(
        np.tile(np.arange(200, dtype=np.uint8), (5000, 1)).reshape(-1, 10, 20), np.zeros(5000, np.uint8)
    )
    orders = with_shuffled_pixels(ramps, np.random.default_rng(0)).images.reshape(5000, -1)
    assert len({order.tobytes() for order in orders}) == 5000
    counts = np.bincount(orders[:, 7], minlength=200)  # each value is equally likely at each position
    assert ((counts - 25) ** 2 / 25).sum() < 199 + 5 * math.sqrt(2 * 199)


def test_pixels_of_all_three_sets_are_shuffled_after_resizing_and_nothing_else_changes(
    tiny_folder: Path, tiny_source: Source
):
    choices = {"validation_images": 50, "training_images": 90, "resize": (10, 7), "noise_images": 5}
    plain = prepare(recipe(**choices), tiny_source, tiny_folder)
    shuffled, again, fewer, other = (
        prepare(recipe(**choices | {"shuffle_pixels": True} | more), tiny_source, tiny_folder)
        for more in ({}, {}, {"training_images": 30}, {"seed": 1})
    )
    for name, part in plain.parts().items():
        count = 90 if name == "train" else len(part)
        ours, theirs = shuffled.parts()[name].images[:count], part.images[:count]
        assert not np.array_equal(ours, theirs)
        np.testing.assert_array_equal(*(np.sort(array.reshape(count, -1)) for array in (ours, theirs)))
        np.testing.assert_array_equal(shuffled.parts()[name].labels, part.labels)
        assert_same(shuffled.parts()[name], again.parts()[name])
    np.testing.assert_array_equal(shuffled.train.images[90:], plain.train.images[90:])  # the noise
    np.testing.assert_array_equal(shuffled.train.images[:30], fewer.train.images[:30])
    assert_same(shuffled.test, fewer.test)
    assert_same(shuffled.validation, fewer.validation)
    assert not np.array_equal(shuffled.test.images, other.test.images)


def test_sets_do_not_share_permutations_of_pixels(tmp_path: Path):
    ramps, labels = np.tile(np.arange(200, dtype=np.uint8), 30).reshape(30, 10, 20), np.zeros(30, np.uint8)
    contents = {NAMES[f"{part}_images"]: idx_bytes(ramps) for part in ("train", "test")}
    contents |= {NAMES[f"{part}_labels"]: idx_bytes(labels) for part in ("train", "test")}
    same = source_of(contents, mirrors=("nowhere",)).model_copy(update={"image_shape": (10, 20)})
    folder = write_files(tmp_path / "ramps", contents)
    dataset = prepare(recipe(validation_images=10, shuffle_pixels=True), same, folder)
    orders = {image.tobytes() for part in dataset.parts().values() for image in part.images}
    assert len(orders) == 20 + 10 + 30


@pytest.mark.parametrize("kind", KINDS)
def test_prepared_data_set_has_the_same_bytes_every_time_and_can_be_loaded(kind: str, tmp_path: Path):
    wanted = source(kind)
    for name in ("one", "two"):
        write_prepared(recipe(seed=3), wanted, None, tmp_path / name)
    for name in ("dataset.npz", "summary.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    loaded, plain = load_dataset(tmp_path / "one"), prepare(recipe(seed=3), wanted)
    assert loaded.checksum() == plain.checksum()
    assert loaded.n_outputs == len(wanted.classes)
    summary = json.loads((tmp_path / "one" / "summary.json").read_text())
    assert summary["recipe"]["validation_images"] == 0
    assert ("class_counts" in summary, "target_range" in summary) == (
        not plain.is_regression,
        plain.is_regression,
    )
    assert ("input_range" in summary) == (not wanted.generate.has_pixels)
    assert ("share_of_zero_pixels" in summary) == wanted.generate.has_pixels


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"resize": [2, 2]}, "resize is for images of pixels, but source 'it' has points; leave resize out"),
        ({"shuffle_pixels": True}, "shuffle_pixels is for images of pixels, but "),
        ({"noise_images": 1}, "noise_images is for images of pixels, but "),
        (
            {"validation_images": 400},
            "validation_images is 400, but source 'it' has 400 training images; choose at most ",
        ),
        (
            {"training_images": 401},
            "training_images is 401, but 400 images are left for training; choose at most ",
        ),
    ],
)
def test_recipe_that_does_not_suit_points_is_refused(choices: dict[str, Any], sentence: str):
    with pytest.raises(DownhillError, match=f"^{sentence}"):
        prepare(recipe(**choices), source("xor"))


def test_folder_is_required_for_downloaded_sources_and_refused_for_generated_ones(tiny_source: Source):
    with pytest.raises(
        DownhillError, match=r"^xor is generated and has no files; leave out the folder somewhere$"
    ):
        prepare(recipe(), source("xor"), "somewhere")
    with pytest.raises(
        DownhillError, match="is downloaded, not generated; specify the folder of its four IDX files"
    ):
        prepare(recipe(), tiny_source)


def test_shipped_noise_has_the_mean_and_spread_of_the_digits():
    settings = validated(Datasets, read_yaml(REPOSITORY / "config" / "datasets.yaml"), "datasets.yaml")
    noise = settings.sources["noise-gaussian"]
    assert isinstance(noise, GeneratedSource)
    pixels = load_dataset(BUNDLED).train.images
    assert noise.generate.model_dump(include={"mean", "sd"}) == {
        "mean": pytest.approx(pixels.mean(), abs=0.05),
        "sd": pytest.approx(pixels.std(), abs=0.05),
    }
    for name in ("noise-gaussian", "noise-uniform"):
        assert settings.sources[name].classes == settings.sources["mnist"].classes
        assert settings.sources[name].image_shape == settings.sources["mnist"].image_shape


def test_random_streams_are_those_of_published_results(tiny_folder: Path, tiny_source: Source):
    """A change here changes every published number, so it must be intended and recorded in the changelog."""
    found = {
        kind: [
            np.asarray(part.images[:2].ravel()[:4], float).round(4).tolist()
            for part in (data.train, data.test)
        ]
        for kind in KINDS
        for data in [made(kind)]
    }
    shuffled = prepare(recipe(validation_images=50, shuffle_pixels=True), tiny_source, tiny_folder)
    found["pixels"] = [
        shuffled.train.images[0].ravel().nonzero()[0][:4].tolist(),
        shuffled.test.images[0].ravel().nonzero()[0][:4].tolist(),
    ]
    assert found == {
        "xor": [[-0.9631, -1.28, -0.8658, 0.6239], [-1.01, -1.2575, -1.2229, 1.0074]],
        "rings": [[0.1978, -1.1795, 1.5819, -1.3925], [-0.1503, -0.9955, 2.0763, -0.3422]],
        "curve": [[0.7118, 0.6817], [0.0, 0.0101]],
        "surface": [[0.2105, 0.7368, 0.6316, 0.6842], [0.0, 0.0, 0.1111, 0.0]],
        "uniform_noise": [[32.0, 100.0, 201.0, 44.0], [9.0, 115.0, 250.0, 19.0]],
        "gaussian_noise": [[48.0, 0.0, 86.0, 0.0], [29.0, 0.0, 0.0, 36.0]],
        "pixels": [[0, 1, 10, 11], [5, 6, 13, 15]],
    }
