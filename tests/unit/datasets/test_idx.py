"""IDX files are read exactly or refused with a reason."""

import gzip
import struct
import subprocess
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from downhill.config.dataset import Source
from downhill.datasets.idx import parse_idx, read_idx
from downhill.datasets.source_files import read_source
from downhill.errors import DownhillError
from tests.records import recorded

from .tiny import BUNDLED, NAMES, idx_bytes, source_of, write_files

shapes = hnp.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=7)
arrays = hnp.arrays(np.uint8, shapes)


@given(arrays)
def test_written_array_is_read_back(array):
    read = parse_idx(idx_bytes(array), "here")
    assert read.dtype == np.uint8
    assert read.shape == array.shape
    np.testing.assert_array_equal(read, array)


@given(arrays, st.data())
def test_every_truncation_is_refused(array, data):
    content = idx_bytes(array)
    length = data.draw(st.integers(0, len(content) - 1))
    with pytest.raises(DownhillError, match=r"too few|must have"):
        parse_idx(content[:length], "here")


@given(arrays, st.binary(min_size=1, max_size=9))
def test_trailing_bytes_are_refused_with_both_counts(array, extra):
    content = idx_bytes(array)
    with pytest.raises(
        DownhillError, match=rf"{len(content):,} bytes, but has {len(content) + len(extra):,};"
    ):
        parse_idx(content + extra, "here")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"\x00\x01\x08\x01", "not IDX: it starts with the bytes 00 01 08 01"),
        (b"<htm", "not IDX"),
        (b"\x00\x00\x0d\x01", "type code is 0x0d"),
        (b"\x00\x00\x08\x00", "0 dimensions"),
        (b"\x00\x00\x08\x05", "5 dimensions"),
    ],
)
def test_wrong_magic_is_refused(header, reason):
    with pytest.raises(DownhillError, match=rf"digits\.idx is .*{reason}"):
        parse_idx(header + bytes(40), "digits.idx")


def test_impossibly_large_dimensions_are_refused():
    header = struct.pack(">HBB3I", 0, 8, 3, 0, 2**32 - 1, 2**32 - 1)
    with pytest.raises(DownhillError, match="dimensions"):
        parse_idx(header, "here")


@pytest.mark.parametrize("suffix", ["", ".gz", ".data"])
@pytest.mark.parametrize("packed", [False, True])
def test_gzip_is_detected_from_the_content(tmp_path: Path, suffix, packed):
    array = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    path = tmp_path / f"images{suffix}"
    path.write_bytes(gzip.compress(idx_bytes(array)) if packed else idx_bytes(array))
    np.testing.assert_array_equal(read_idx(path), array)


def test_gzip_of_several_members_is_read(tmp_path: Path):
    array = np.arange(200, dtype=np.uint8)
    content = idx_bytes(array)
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(content[:50]) + gzip.compress(content[50:]))
    np.testing.assert_array_equal(read_idx(path), array)


@pytest.mark.parametrize("zeros", [1, 2, 512, 3 << 20])
def test_gzip_that_is_padded_with_zero_bytes_is_read_as_by_the_program_gzip(tmp_path: Path, zeros):
    array = np.arange(200, dtype=np.uint8)
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(idx_bytes(array)) + bytes(zeros))
    subprocess.run(["gzip", "--test", path], check=True)
    np.testing.assert_array_equal(read_idx(path), array)


@pytest.mark.parametrize("rest", [b"\0x", b"some", b"\0\0" + gzip.compress(b"more", mtime=0)])
def test_gzip_with_other_data_at_its_end_is_refused_as_such(tmp_path: Path, rest):
    path = tmp_path / "labels.gz"
    path.write_bytes(gzip.compress(idx_bytes(np.arange(200, dtype=np.uint8))) + rest)
    assert subprocess.run(["gzip", "--test", path], capture_output=True).returncode == 2
    with pytest.raises(DownhillError, match="its gzip stream is followed by other data; replace it"):
        read_idx(path)


@pytest.mark.parametrize("damage", ["cut", "flipped", "followed"])
def test_damaged_gzip_is_refused(tmp_path: Path, damage):
    packed = bytearray(
        gzip.compress(idx_bytes(np.random.default_rng(0).integers(0, 256, 5000, dtype=np.uint8)))
    )
    if damage == "cut":
        packed = packed[: len(packed) // 2]
    elif damage == "flipped":
        packed[len(packed) // 2] ^= 0xFF
    else:
        packed += b"something else"
    path = tmp_path / "labels.gz"
    path.write_bytes(packed)
    with pytest.raises(DownhillError, match=r"labels\.gz cannot be used: its gzip stream"):
        read_idx(path)


def test_error_names_the_missing_file(tmp_path: Path):
    with pytest.raises(DownhillError, match=r"nothing-here does not exist; put the file there$"):
        read_idx(tmp_path / "nothing-here")


def test_source_is_read(tiny_folder: Path, tiny_source: Source):
    train, test = read_source(tiny_folder, tiny_source)
    whole = read_idx(BUNDLED / "train-images-idx3-ubyte.gz")
    assert (len(train), len(test)) == (200, 100)
    np.testing.assert_array_equal(train.images, whole[:200])
    assert train.labels[:5].tolist() == [5, 0, 4, 1, 9]


FAULTS = {
    "flat images": ("train_images", np.zeros((200, 784), np.uint8), "has 2 dimension"),
    "labels in columns": ("train_labels", np.zeros((200, 1), np.uint8), "has 2 dimension"),
    "one label too few": (
        "train_labels",
        np.zeros(199, np.uint8),
        "contains 199 labels, but .* contains 200 images",
    ),
    "other size": ("test_images", np.zeros((100, 28, 27), np.uint8), "28 x 27 pixels; Tiny has 28 x 28"),
    "unknown class": ("test_labels", np.full(100, 10, np.uint8), "label 10; Tiny has 10 classes"),
    "no images": ("train_images", np.zeros((0, 28, 28), np.uint8), "contains no images"),
    "another pixel": (
        "train_images",
        np.zeros((200, 28, 28), np.uint8),
        "does not match its checksum",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_error_in_a_source_names_the_file(tmp_path: Path, tiny_contents, tiny_source: Source, fault):
    key, array, reason = FAULTS[fault]
    folder = write_files(tmp_path / "bad", tiny_contents | {NAMES[key]: idx_bytes(array)})
    with pytest.raises(DownhillError, match=reason) as error:
        read_source(folder, tiny_source)
    assert NAMES[key] in str(error.value)


@pytest.mark.parametrize("state", ["as downloaded", "changed", "not downloaded"])
@pytest.mark.parametrize("fault", ["one label too few", "other size", "unknown class", "no images"])
def test_remedy_for_a_pair_that_does_not_fit_depends_on_where_the_files_came_from(
    tmp_path: Path, tiny_contents, fault, state
):
    """Deleting a file that has not changed since the download would only bring it back."""
    key, array, reason = FAULTS[fault]
    source = source_of(tiny_contents, ("nowhere",), checksums=False)
    folder = write_files(tmp_path / "bad", tiny_contents | {NAMES[key]: idx_bytes(array)})
    if state != "not downloaded":
        recorded(folder, "download")
    if state == "changed":
        (folder / NAMES[key]).write_bytes(tiny_contents[NAMES[key]])
        recorded(folder, "download")
        (folder / NAMES[key]).write_bytes(idx_bytes(array))
    with pytest.raises(DownhillError, match=reason) as error:
        read_source(folder, source)
    names = [NAMES[key]] if fault != "one label too few" else [NAMES["train_images"], NAMES["train_labels"]]
    files = " and ".join(str(folder / name) for name in names)
    remedy = {
        "as downloaded": f"correct the mirrors or the source in datasets.yaml, then delete {files} (unchanged "
        "since the download) and run again",
        "changed": f"delete {folder / NAMES[key]} (changed since the download) and run again",
        "not downloaded": f"replace {files} with the right files, or correct the source in datasets.yaml",
    }[state]
    assert str(error.value).endswith(f"; {remedy}")


def test_source_without_checksums_is_read(tiny_folder: Path, tiny_contents):
    train, _ = read_source(tiny_folder, source_of(tiny_contents, ("nowhere",), checksums=False))
    assert len(train) == 200


def test_error_names_the_missing_file_of_a_source(tiny_folder: Path, tiny_source: Source):
    (tiny_folder / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(DownhillError, match=r"neither t10k-labels-idx1-ubyte nor t10k-labels-idx1-ubyte\.gz"):
        read_source(tiny_folder, tiny_source)
