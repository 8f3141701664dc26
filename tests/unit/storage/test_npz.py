"""Archives of arrays: what `numpy.load` reads from them, and the same bytes in every version of Python."""

import gc
import hashlib
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays_of

from downhill import DownhillError
from downhill.storage.npz import read_arrays, write_arrays
from tests.records import recorded

REFERENCE = "212881a301f01743d74ce2815325548dbe80a56c7aaa853c5e79bfd1a606ea80"

ARRAYS = {
    "probes/epochs": np.array([0, 1], np.int64),
    "parameters": np.linspace(-1, 1, 6, dtype=np.float32).reshape(2, 3),
    "classes": np.array(["zero", "one"]),
    "none": np.zeros((0, 4), np.uint8),
}


@settings(deadline=None)
@given(
    st.dictionaries(
        st.from_regex(r"[a-z]{1,9}(/[a-z]{1,9})?", fullmatch=True),
        st.sampled_from([np.uint8, np.int64, np.float32, np.float64, bool]).flatmap(
            lambda kind: arrays_of.arrays(
                kind,
                arrays_of.array_shapes(min_dims=0, min_side=0),
                elements={"allow_nan": True} if kind in (np.float32, np.float64) else None,
            )
        ),
    )
)
def test_numpy_reads_what_was_written(tmp_path_factory: pytest.TempPathFactory, arrays):
    path = tmp_path_factory.mktemp("arrays") / "arrays.npz"
    write_arrays(path, arrays)
    with np.load(path, allow_pickle=False) as archive:
        assert list(archive) == list(arrays)
        for name, values in arrays.items():
            assert archive[name].dtype == values.dtype
            np.testing.assert_array_equal(archive[name], values)


def test_bytes_are_those_that_every_python_writes(tmp_path: Path):
    """Reference: written by Python 3.11.2, 3.11.7, 3.12.1 and 3.13.0; the long headers of the first are different."""
    path = tmp_path / "arrays.npz"
    write_arrays(path, ARRAYS)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == REFERENCE
    with zipfile.ZipFile(path) as archive:
        assert {member.extract_version for member in archive.infolist()} == {zipfile.DEFAULT_VERSION}


def test_large_arrays_are_read_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("downhill.storage.npz._LARGE", -1)
    write_arrays(tmp_path / "arrays.npz", ARRAYS)
    with np.load(tmp_path / "arrays.npz") as archive:
        for name, values in ARRAYS.items():
            np.testing.assert_array_equal(archive[name], values)


@pytest.mark.parametrize("values", [np.asfortranarray(ARRAYS["parameters"]), np.arange(9)[::-2], np.array(7)])
def test_order_in_memory_does_not_matter(values: np.ndarray, tmp_path: Path):
    write_arrays(tmp_path / "arrays.npz", {"values": values})
    with np.load(tmp_path / "arrays.npz") as archive:
        np.testing.assert_array_equal(archive["values"], values)


def test_arrays_of_objects_are_refused_and_nothing_is_left(tmp_path: Path):
    with pytest.raises(ValueError, match="allow_pickle"):
        write_arrays(tmp_path / "arrays.npz", {"fine": np.zeros(3), "objects": np.array([{}, None])})
    assert list(tmp_path.iterdir()) == []


def test_folder_that_cannot_be_written_to(tmp_path: Path):
    (tmp_path / "file").touch()
    with pytest.raises(DownhillError, match=r"^cannot write "):
        write_arrays(tmp_path / "file" / "arrays.npz", ARRAYS)


def test_only_what_is_asked_for_is_read(tmp_path: Path):
    write_arrays(tmp_path / "arrays.npz", ARRAYS)
    assert list(read_arrays(tmp_path / "arrays.npz", ["classes"])) == ["classes"]
    assert list(read_arrays(tmp_path / "arrays.npz", ["none"], "probes/")) == ["none", "probes/epochs"]
    assert list(read_arrays(tmp_path / "arrays.npz", ["none"], "")) == [
        "none",
        "probes/epochs",
        "parameters",
        "classes",
    ]
    assert read_arrays(tmp_path / "arrays.npz") == {}


@pytest.mark.filterwarnings("error")  # a file left open causes one
def test_damaged_archives_are_reported_and_closed(tmp_path: Path):
    path = tmp_path / "arrays.npz"
    write_arrays(path, ARRAYS)
    recorded(path, "experiment")
    with pytest.raises(DownhillError) as caught:
        read_arrays(path, ["parameters", "colour"], what="a block")
    assert str(caught.value) == (
        f"{path} is not a block (it holds no colour), but what the stage 'experiment' made; name another file, or, if "
        "it was made by another version or with other settings, delete it and run again"
    )
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(DownhillError, match=r"arrays\.npz is damaged \(.*\); delete it and run again$"):
        read_arrays(path, ["parameters"])
    gc.collect()
    path.unlink()
    with pytest.raises(DownhillError) as caught:
        read_arrays(path)
    assert str(caught.value) == f"{path} does not exist; run the stage that makes it first"
