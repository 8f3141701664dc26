"""Data sets come back from disk as they went there, and what was bundled is what it should be."""

import gzip
import hashlib
import json
import subprocess
import zipfile
from pathlib import Path

import numpy as np
import pytest

from downhill.config import Datasets
from downhill.config.reading import read_yaml, validated
from downhill.datasets import Dataset, Images, load_dataset
from downhill.datasets.store import save_dataset
from downhill.errors import DownhillError

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


def test_saved_is_loaded(tmp_path: Path):
    dataset = small_dataset()
    save_dataset(dataset, tmp_path / "new" / "folder")
    loaded = load_dataset(tmp_path / "new" / "folder")
    assert_same(dataset, loaded)
    assert (loaded.image_shape, loaded.n_inputs, loaded.n_classes) == ((4, 6), 24, 3)
    assert sorted(path.name for path in (tmp_path / "new" / "folder").iterdir()) == [
        "dataset.npz",
        "summary.json",
    ]


def test_archive_is_plain_and_the_same_bytes_every_time(tmp_path: Path):
    for folder in ("one", "two"):
        save_dataset(small_dataset(), tmp_path / folder)
    for name in ("dataset.npz", "summary.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    with zipfile.ZipFile(tmp_path / "one" / "dataset.npz") as archive:
        assert len(archive.infolist()) == 7
        # A date of the run would make other bytes in the next second.
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {member.compress_type for member in archive.infolist()} == {zipfile.ZIP_STORED}


def test_n_train_keeps_the_first(tmp_path: Path):
    dataset = small_dataset()
    save_dataset(dataset, tmp_path)
    loaded = load_dataset(tmp_path, n_train=7)
    np.testing.assert_array_equal(loaded.train.images, dataset.train.images[:7])
    np.testing.assert_array_equal(loaded.train.labels, dataset.train.labels[:7])
    assert len(loaded.test) == 5


@pytest.mark.parametrize("n_train", [-1, 0, 13])
def test_impossible_n_train_is_refused(tmp_path: Path, n_train):
    save_dataset(small_dataset(), tmp_path)
    with pytest.raises(DownhillError, match=f"n_train is {n_train}, .* choose from 1 to 12"):
        load_dataset(tmp_path, n_train)


def test_every_truncation_of_the_archive_is_refused(tmp_path: Path):
    save_dataset(small_dataset(), tmp_path)
    archive = tmp_path / "dataset.npz"
    content = archive.read_bytes()
    for length in range(0, len(content), 53):
        archive.write_bytes(content[:length])
        with pytest.raises(DownhillError, match="delete it and run again"):
            load_dataset(tmp_path)


def test_no_flipped_byte_goes_unseen(tmp_path: Path):
    dataset = small_dataset()
    save_dataset(dataset, tmp_path)
    archive = tmp_path / "dataset.npz"
    content = archive.read_bytes()
    refused = 0
    for place in range(0, len(content), 7):
        archive.write_bytes(content[:place] + bytes([content[place] ^ 0x55]) + content[place + 1 :])
        try:
            loaded = load_dataset(tmp_path)
        except DownhillError as error:
            assert "delete it and run again" in str(error)  # noqa: PT017
            refused += 1
        else:
            assert_same(dataset, loaded)  # the byte said something that does not matter, such as a date
    assert refused > len(content) / 7 / 2


def test_pickles_are_refused(tmp_path: Path):
    save_dataset(small_dataset(), tmp_path)
    with np.load(tmp_path / "dataset.npz") as archive:
        arrays = dict(archive)
    arrays["classes"] = np.array(["zero", "eins", "δύο"], dtype=object)  # right but for being pickled
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


def test_folder_with_one_idx_file_missing_names_it(tiny_folder: Path):
    (tiny_folder / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(DownhillError, match="neither train-labels-idx1-ubyte nor"):
        load_dataset(tiny_folder)


@pytest.mark.parametrize(
    ("images", "labels", "reason"),
    [
        (np.zeros((2, 3, 3)), np.zeros(2, np.uint8), "images are float64"),
        (np.zeros((2, 9), np.uint8), np.zeros(2, np.uint8), "3 dimension"),
        (np.zeros((2, 3, 3), np.uint8), np.zeros(2, np.int64), "labels are int64"),
        (np.zeros((2, 3, 3), np.uint8), np.zeros(3, np.uint8), "2 images but 3 labels"),
    ],
)
def test_images_of_another_kind_are_refused(images, labels, reason):
    with pytest.raises(DownhillError, match=reason):
        Images(images, labels)


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


def test_bundled_files_are_the_ones_that_the_checksums_promise():
    sources = validated(Datasets, read_yaml(REPOSITORY / "config" / "datasets.yaml"), "datasets.yaml").sources
    for key, name in NAMES.items():
        content = gzip.decompress((BUNDLED / f"{name}.gz").read_bytes())
        file = getattr(sources["mnist"].files, key)
        assert (file.name, file.sha256) == (name, hashlib.sha256(content).hexdigest())
        assert file.sha256 in (BUNDLED / "README.md").read_text()


def test_bundled_sums_pass_sha256sum():
    subprocess.run(
        ["sha256sum", "--strict", "-c", "SHA256SUMS"], cwd=BUNDLED, check=True, capture_output=True
    )
    assert len((BUNDLED / "SHA256SUMS").read_text().splitlines()) == 4


def test_every_source_has_checksums_and_every_dataset_its_mirrors():
    settings = validated(Datasets, read_yaml(REPOSITORY / "config" / "datasets.yaml"), "datasets.yaml")
    for source in settings.sources.values():
        assert all(getattr(source.files, key).sha256 for key in NAMES)
        assert len(source.mirrors) >= 3
    assert settings.sources["mnist"].mirrors[0] == "resources/bundled/mnist"  # needs no network
    assert {recipe.source for recipe in settings.datasets.values()} == set(settings.sources)
