"""Files that cannot be used: only what a stage has made, and has changed since, is to be deleted."""

import errno
import os
from pathlib import Path

import pytest

from downhill.errors import DownhillError
from downhill.storage.atomic import read_json, write_json
from downhill.storage.problems import cannot_read, cannot_write
from tests.records import recorded


def said(path: Path) -> str:
    """What is said about a file that should be a measurement."""
    with pytest.raises(DownhillError) as caught:
        read_json(path, "a measurement")
    return str(caught.value)


@pytest.mark.parametrize("in_folder", [True, False])
def test_damaged_result_is_to_be_deleted(in_folder: bool, tmp_path: Path):
    path = tmp_path / "a.json"
    write_json(path, 1)
    recorded(tmp_path if in_folder else path)
    path.write_text("{")
    assert said(path).startswith(f"{path} is damaged (")
    assert said(path).endswith("); delete it and run again")


def test_result_that_is_as_it_was_made_is_only_the_wrong_one(tmp_path: Path):
    path = tmp_path / "table.csv"
    path.write_text("a,b\n")
    recorded(path, "summarise")
    assert said(path).startswith(f"{path} is not a measurement (Expecting value")
    assert ", but what the stage 'summarise' made; name another file, or, if " in said(path)


@pytest.mark.parametrize("record", [None, "{", "[]", '{"outputs": {}}', '{"outputs": {"a.json": 3}}'])
def test_file_of_the_user_is_not_to_be_deleted(record: str | None, tmp_path: Path):
    """Not even if it lies among results, or their record is damaged."""
    path = tmp_path / "a.json"
    path.write_text("mine")
    if record is not None:
        (tmp_path / "provenance.json").write_text(record)
    assert said(path).endswith("), and no provenance.json says that a stage made it; name another file")
    assert "delete" not in said(path)


def test_damaged_record_is_to_be_deleted(tmp_path: Path):
    path = tmp_path / "provenance.json"
    path.write_text("{")
    assert said(path).endswith("; delete it and run again")


def test_what_the_system_does_not_let_us_read_is_not_damaged(tmp_path: Path):
    assert said(tmp_path) == f"{tmp_path} cannot be read: it is a folder; name a file"
    path = tmp_path / "file"
    path.write_text("")
    assert said(path / "a.json") == f"{path / 'a.json'} cannot be read: {path} is a file; name a folder"
    for number, remedy in ((errno.EACCES, "make it readable"), (errno.EIO, "check the disk")):
        error = OSError(number, os.strerror(number))
        assert str(cannot_read(path, "a measurement", error)) == (
            f"{path} cannot be read: {os.strerror(number)}; {remedy}, then run the same command again"
        )


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EACCES, "make its folder writable"),
        (errno.EROFS, "make its folder writable"),
        (errno.ENOSPC, "free some space"),
        (errno.ENAMETOOLONG, "name another path"),
    ],
)
def test_remedy_for_what_cannot_be_written_depends_on_the_cause(number: int, remedy: str):
    path = Path("results/a.json")
    assert str(cannot_write(path, OSError(number, os.strerror(number)))) == (
        f"cannot write {path}: {os.strerror(number)}; {remedy}, then run the same command again"
    )
