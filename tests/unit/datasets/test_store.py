"""Data sets are loaded from disk exactly as they were saved, and the bundled files are the right ones."""

import gzip
import hashlib
import json
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from downhill.config import Datasets
from downhill.config.reading import read_yaml
from downhill.config.validation import validated
from downhill.datasets import Dataset, Images, load_dataset
from downhill.datasets.dataset import NO_CLASS
from downhill.datasets.store import save_dataset
from downhill.errors import DownhillError
from tests.records import recorded

from .tiny import BUNDLED, NAMES

REPOSITORY = BUNDLED.parents[2]


def small_dataset(n_train: int = 12) -> Dataset:
    generator = np.random.default_rng(3)

    def images(count: int) -> Images:
        return Images(
            generator.integers(0, 256, (count, 4, 6), dtype=np.uint8),
            generator.integers(0, 3, count, dtype=np.uint8),
        )

    return Dataset(images(n_train), images(0), images(5), ("zero", "eins", "δύο"))


def assert_same(first: Dataset, second: Dataset) -> None:
    assert first.classes == second.classes
    for name, part in first.parts().items():
        np.testing.assert_array_equal(part.images, second.parts()[name].images)
        np.testing.assert_array_equal(part.labels, second.parts()[name].labels)
        assert second.parts()[name].images.dtype == np.uint8


def test_saved_data_set_can_be_loaded(tmp_path: Path):
    dataset = small_dataset()
    save_dataset(dataset, tmp_path / "new" / "folder")
    loaded = load_dataset(tmp_path / "new" / "folder")
    assert_same(dataset, loaded)
    assert (loaded.image_shape, loaded.n_inputs, loaded.n_classes) == ((4, 6), 24, 3)
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == [
        "dataset.npz",
        "summary.json",
    ]


def regression_dataset() -> Dataset:
    """Two functions of one variable, as images of one pixel."""

    def images(count: int) -> Images:
        x = np.linspace(0, 1, count, dtype=np.float32)
        return Images.with_targets(x.reshape(-1, 1, 1), np.stack([0.2 + 0.4 * x**2, np.sin(15 * x)], axis=1))

    return Dataset(images(20), images(0), images(7), ("parabola", "sine"))


@pytest.mark.parametrize("dataset", [small_dataset(), regression_dataset()], ids=["classes", "regression"])
def test_checksum_covers_every_number_and_is_unchanged_after_loading(dataset: Dataset, tmp_path: Path):
    checksum = dataset.checksum()
    save_dataset(dataset, tmp_path)
    assert load_dataset(tmp_path).checksum() == checksum
    for part in dataset.parts().values():
        for array in (part.images, part.labels, part.targets):
            if array is not None and array.size:
                original = array.flat[-1]
                array.flat[-1] = 0 if original else 1
                assert dataset.checksum() != checksum
                array.flat[-1] = original
    in_other_order = [
        Images(np.asfortranarray(part.images), part.labels, part.targets) for part in dataset.parts().values()
    ]
    assert Dataset(*in_other_order, dataset.classes).checksum() == dataset.checksum()


def test_targets_and_float_images_can_be_loaded(tmp_path: Path):
    dataset = regression_dataset()
    assert (dataset.n_outputs, dataset.is_regression, dataset.n_inputs) == (2, True, 1)
    save_dataset(dataset, tmp_path)
    loaded = load_dataset(tmp_path, n_train=13)
    assert len(loaded.train) == 13
    for name, part in loaded.parts().items():
        before = dataset.parts()[name].take(slice(13))
        assert (part.images.dtype, part.targets.dtype) == (np.float32, np.float32)
        np.testing.assert_array_equal(part.images, before.images)
        np.testing.assert_array_equal(part.targets, before.targets)
        assert (part.labels == NO_CLASS).all()
    summary = json.loads((tmp_path / "summary.json").read_text())
    train = dataset.train
    assert set(summary) == {
        *("n_train", "n_validation", "n_test", "height", "width"),
        *("outputs", "target_range", "input_range", "train_sha256"),
    }
    assert summary["outputs"] == ["parabola", "sine"]
    assert summary["target_range"] == [float(train.targets.min()), float(train.targets.max())]
    assert summary["input_range"] == [0, 1]
    content = train.images.tobytes() + train.labels.tobytes() + train.targets.tobytes()
    assert summary["train_sha256"] == hashlib.sha256(content).hexdigest()


def test_images_of_no_class_can_be_loaded(tmp_path: Path):
    plain = small_dataset()
    labels = plain.train.labels.copy()
    labels[4:9] = NO_CLASS
    dataset = Dataset(Images(plain.train.images, labels), plain.validation, plain.test, plain.classes)
    save_dataset(dataset, tmp_path)
    assert_same(dataset, load_dataset(tmp_path))
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["no_class_counts"] == {"train": 5, "validation": 0, "test": 0}
    assert sum(summary["class_counts"]["train"]) == 7
    assert len(summary["class_counts"]["train"]) == 3
    assert not dataset.is_regression


def test_archive_is_uncompressed_and_has_the_same_bytes_every_time(tmp_path: Path):
    for folder in ("one", "two"):
        save_dataset(small_dataset(), tmp_path / folder)
    for name in ("dataset.npz", "summary.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    with zipfile.ZipFile(tmp_path / "one" / "dataset.npz") as archive:
        assert len(archive.infolist()) == 7
        # With the current date, the bytes would change every second.
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}


def test_n_train_keeps_the_first_images(tmp_path: Path):
    dataset = small_dataset()
    save_dataset(dataset, tmp_path)
    loaded = load_dataset(tmp_path, n_train=7)
    np.testing.assert_array_equal(loaded.train.images, dataset.train.images[:7])
    np.testing.assert_array_equal(loaded.train.labels, dataset.train.labels[:7])
    assert len(loaded.test) == 5


def test_bundled_digits_are_found_by_name_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Unless the working directory has something of that name."""
    monkeypatch.chdir(tmp_path)
    found = load_dataset("mnist", n_train=20)
    np.testing.assert_array_equal(found.train.images, load_dataset(BUNDLED, n_train=20).train.images)
    save_dataset(small_dataset(), tmp_path / "mnist")
    assert_same(load_dataset("mnist"), small_dataset())
    for missing in ("mnits", "./nowhere/mnist", "..."):
        with pytest.raises(DownhillError, match="is not a folder; name one with a dataset"):
            load_dataset(missing)


@pytest.mark.parametrize("n_train", [-1, 0, 13])
def test_impossible_n_train_is_refused(tmp_path: Path, n_train):
    save_dataset(small_dataset(), tmp_path)
    with pytest.raises(DownhillError, match=f"n_train is {n_train}, .* choose from 1 to 12"):
        load_dataset(tmp_path, n_train)


def test_every_truncation_of_the_archive_is_refused(tmp_path: Path):
    save_dataset(small_dataset(), tmp_path)
    recorded(tmp_path)
    archive = tmp_path / "dataset.npz"
    content = archive.read_bytes()
    for length in range(0, len(content), 53):
        archive.write_bytes(content[:length])
        with pytest.raises(DownhillError, match="delete it and run again"):
            load_dataset(tmp_path)


def test_every_flipped_byte_that_matters_is_detected(tmp_path: Path):
    dataset = small_dataset()
    save_dataset(dataset, tmp_path)
    recorded(tmp_path)
    archive = tmp_path / "dataset.npz"
    content = archive.read_bytes()
    refused = 0
    for index in range(0, len(content), 7):
        archive.write_bytes(content[:index] + bytes([content[index] ^ 0x55]) + content[index + 1 :])
        try:
            loaded = load_dataset(tmp_path)
        except DownhillError as error:
            assert "delete it and run again" in str(error)  # noqa: PT017
            refused += 1
        else:
            assert_same(dataset, loaded)  # the byte has no effect on the data, such as a date
    assert refused > len(content) / 7 / 2


def test_pickles_are_refused(tmp_path: Path):
    save_dataset(small_dataset(), tmp_path)
    recorded(tmp_path)
    with np.load(tmp_path / "dataset.npz") as archive:
        arrays = dict(archive)
    arrays["classes"] = np.array(["zero", "eins", "δύο"], dtype=object)  # valid except for being pickled
    np.savez(tmp_path / "dataset.npz", **arrays)
    with pytest.raises(DownhillError, match="is damaged"):
        load_dataset(tmp_path)


@pytest.mark.parametrize("packed", [False, True])
def test_folder_of_idx_files_is_loaded(tmp_path: Path, tiny_contents, packed):
    for name, content in tiny_contents.items():
        (tmp_path / (f"{name}.gz" if packed else name)).write_bytes(
            gzip.compress(content) if packed else content
        )
    loaded = load_dataset(tmp_path, n_train=150)
    assert [len(part) for part in loaded.parts().values()] == [150, 0, 100]
    assert loaded.validation.images.shape == (0, 28, 28)
    assert loaded.classes == tuple("0123456789")
    assert loaded.train.labels[:5].tolist() == [5, 0, 4, 1, 9]


def test_folder_without_data_is_refused(tmp_path: Path):
    with pytest.raises(DownhillError, match="holds no data set"):
        load_dataset(tmp_path)
    with pytest.raises(DownhillError, match="nowhere is not a folder"):
        load_dataset(tmp_path / "nowhere")


def test_error_names_the_missing_idx_file_of_a_folder(tiny_folder: Path):
    (tiny_folder / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(DownhillError, match="neither train-labels-idx1-ubyte nor"):
        load_dataset(tiny_folder)


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        (np.zeros((2, 3, 3)), np.zeros(2, np.uint8), "images are float64 .* must be uint8 or float32"),
        (
            np.full((2, 3, 3), np.nan, np.float32),
            np.zeros(2, np.uint8),
            "images contain numbers that are not finite",
        ),
        (np.zeros((2, 9), np.uint8), np.zeros(2, np.uint8), "3 dimension"),
        (np.zeros((2, 3, 3), np.uint8), np.zeros(2, np.int64), "labels are int64"),
        (np.zeros((2, 3, 3), np.uint8), np.zeros(3, np.uint8), "2 images but 3 labels"),
    ],
)
def test_invalid_images_are_refused(images, labels, reason):
    with pytest.raises(DownhillError, match=reason):
        Images(images, labels)


@pytest.mark.parametrize(
    ("targets", "reason"),
    [
        (np.zeros((2, 1)), "targets are float64 of shape .* must be float32 with 2 dim"),
        (np.zeros(2, np.float32), r"targets are float32 of shape \(2,\)"),
        (np.zeros((3, 1), np.float32), "2 images but 3 targets"),
        (np.full((2, 1), np.inf, np.float32), "targets contain numbers that are not finite"),
    ],
)
def test_invalid_targets_are_refused(targets, reason):
    with pytest.raises(DownhillError, match=reason):
        Images.with_targets(np.zeros((2, 3, 3), np.uint8), targets)


@pytest.mark.parametrize(
    ("classes", "targets", "reason"),
    [
        (
            ("x", "y", "z"),
            ((3, 3), None, (3, 3)),
            "training images have targets but the validation images have none",
        ),
        (("x", "y", "z"), (None, None, (3, 3)), "test images have targets but the training images have none"),
        (("y",), ((3, 1), (3, 1), (3, 2)), r"test targets have 2 values per image, .* 1 outputs \(y\);"),
        (
            tuple(map(str, range(256))),
            (None, None, None),
            "256 classes; at most 255 .* the label 255 is reserved",
        ),
        (
            ("a", "b"),
            (None, None, None),
            "largest train label is 2; with 2 classes, labels must be less than 2",
        ),
    ],
)
def test_sets_that_do_not_match_are_refused(classes, targets, reason):
    pixels = np.zeros((3, 1, 1), np.float32)
    parts = [
        Images(pixels, np.array([0, 2, NO_CLASS], np.uint8))
        if shape is None
        else Images.with_targets(pixels, np.zeros(shape, np.float32))
        for shape in targets
    ]
    with pytest.raises(DownhillError, match=reason) as caught:
        Dataset(*parts, classes)
    assert "\n" not in str(caught.value)


def test_largest_number_of_classes_in_the_settings_is_supported():
    from downhill.config.generated import MOST_CLASSES

    labels = np.array([0, MOST_CLASSES - 1, NO_CLASS], np.uint8)
    part = Images(np.zeros((3, 1, 1), np.uint8), labels)
    assert Dataset(part, part, part, tuple(map(str, range(MOST_CLASSES)))).n_classes == NO_CLASS


def test_summary(tmp_path: Path):
    images = np.zeros((4, 2, 3), np.uint8)
    images[0, 0, 0], images[1, 0, 0], images[2, 1, 2] = 9, 1, 255
    train = Images(images, np.array([0, 2, 2, 2], np.uint8))
    dataset = Dataset(train, train.take(slice(0)), train.take(slice(1)), ("a", "b", "c"))
    save_dataset(dataset, tmp_path)
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary == {
        "n_train": 4,
        "n_validation": 0,
        "n_test": 1,
        "height": 2,
        "width": 3,
        "classes": ["a", "b", "c"],
        "class_counts": {"train": [1, 0, 3], "validation": [0, 0, 0], "test": [1, 0, 0]},
        "share_of_zero_pixels": 21 / 24,
        "pixels_never_on": 4,
        "share_of_pixels_never_on": 4 / 6,
        "train_sha256": hashlib.sha256(images.tobytes() + bytes([0, 2, 2, 2])).hexdigest(),
    }


def test_bundled_files_match_their_checksums():
    sources = validated(Datasets, read_yaml(REPOSITORY / "config" / "datasets.yaml"), "datasets.yaml").sources
    for key, name in NAMES.items():
        content = gzip.decompress((BUNDLED / f"{name}.gz").read_bytes())
        file = getattr(sources["mnist"].files, key)
        assert (file.name, file.sha256) == (name, hashlib.sha256(content).hexdigest())
        assert file.sha256 in (BUNDLED / "README.md").read_text()


def test_bundled_files_pass_sha256sum():
    subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=BUNDLED, check=True, capture_output=True
    )
    assert len((BUNDLED / "SHA256SUMS").read_text().splitlines()) == 4


def test_every_downloaded_source_has_checksums_and_mirrors():
    settings = validated(Datasets, read_yaml(REPOSITORY / "config" / "datasets.yaml"), "datasets.yaml")
    assert set(settings.downloaded()) == {"mnist", "fashion-mnist"}
    for source in settings.downloaded().values():
        assert all(getattr(source.files, key).sha256 for key in NAMES)
        assert len(source.mirrors) >= 3
    assert settings.sources["mnist"].mirrors[0] == "resources/bundled/mnist"  # needs no network
    assert {recipe.source for recipe in settings.datasets.values()} == set(settings.sources)
