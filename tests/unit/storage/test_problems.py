"""Files that cannot be used: the user is asked to delete only what a stage made and what has changed since."""

import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from downhill.__main__ import main
from downhill.errors import DownhillError
from downhill.provenance.record import read_record
from downhill.storage.atomic import check_writable
from downhill.storage.json_files import read_json, write_json
from downhill.storage.locks import exclusive_writer
from downhill.storage.problems import cannot_read, cannot_write, check_usable
from tests.records import recorded


def said(path: Path) -> str:
    """What is said about a file that should be a measurement."""
    with pytest.raises(DownhillError) as caught:
        read_json(path, "a measurement")
    return str(caught.value)


@pytest.mark.parametrize("in_folder", [True, False])
def test_user_is_asked_to_delete_a_damaged_result(in_folder: bool, tmp_path: Path):
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
def test_file_of_the_user_is_kept(record: str | None, tmp_path: Path):
    """Not even if it lies among results, or their record is damaged."""
    path = tmp_path / "a.json"
    path.write_text("mine")
    if record is not None:
        (tmp_path / "provenance.json").write_text(record)
    assert said(path).endswith("), and no provenance.json says that a stage made it; name another file")
    assert "delete" not in said(path)


def test_user_is_asked_to_delete_a_damaged_record(tmp_path: Path):
    path = tmp_path / "provenance.json"
    path.write_text("{")
    with pytest.raises(DownhillError) as caught:
        read_record(path)
    assert str(caught.value).endswith("; delete it and run again")
    assert said(path).endswith("; name another file")  # where something else was expected


def test_what_the_system_does_not_let_us_read_is_not_damaged(tmp_path: Path):
    assert said(tmp_path) == f"{tmp_path} cannot be read: it is a folder; name a file"
    path = tmp_path / "file"
    path.write_text("")
    assert said(path / "a.json") == f"{path / 'a.json'} cannot be read: {path} is a file; name a folder"
    for number, remedy in ((errno.EACCES, f"make {path} readable"), (errno.EIO, "check the disk")):
        error = OSError(number, os.strerror(number))
        assert str(cannot_read(path, "a measurement", error)) == (
            f"{path} cannot be read: {os.strerror(number)}; {remedy}, then run the same command again"
        )


@pytest.mark.parametrize(
    ("number", "remedy"),
    [
        (errno.EACCES, "make the folder {here} writable, or name another path"),
        (errno.EPERM, "make the folder {here} writable, or name another path"),
        (errno.EROFS, "choose a path on another disk, or remount this one as writable"),
        (errno.ENOSPC, "free some space"),
        (errno.EDQUOT, "delete some of your files on this disk, or ask for a larger quota"),
        (errno.ENAMETOOLONG, "choose shorter names"),
        (errno.EIO, "check the disk"),
        (errno.ETXTBSY, "name another path"),
    ],
)
def test_remedy_for_what_cannot_be_written_depends_on_the_cause(number: int, remedy: str, tmp_path: Path):
    path = tmp_path / "results" / "a.json"
    assert str(cannot_write(path, OSError(number, os.strerror(number)))) == (
        f"cannot write {path}: {os.strerror(number)}; {remedy.format(here=tmp_path)}, then run the same command again"
    )


@contextmanager
def ordinary_user() -> Iterator[Path]:
    """A folder of an ordinary user, because permissions do not apply to root."""
    root = os.geteuid() == 0
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o777)
        if root:
            os.setresuid(65534, 65534, 0)
        try:
            yield Path(folder)
        finally:
            if root:
                os.setresuid(0, 0, 0)
            for path in Path(folder).rglob("*"):
                path.chmod(0o755)


def refusal(path: Path) -> str:
    """What is said if a result cannot be written, in the same words for a whole folder of results and for one file."""
    with pytest.raises(DownhillError) as caught:
        check_writable(path)
    with pytest.raises(DownhillError) as of_file:
        write_json(path / "a.json", 1)
    assert str(of_file.value).replace("/a.json:", ":") == str(caught.value)
    return str(caught.value).partition(": ")[2]


@pytest.mark.parametrize(("mode", "what"), [(0o555, "writable"), (0o666, "accessible (chmod u+x)")])
@pytest.mark.parametrize("below", ["", "new", "new/er"])
def test_message_names_the_folder_with_wrong_permissions_and_changing_them_helps(
    mode: int, what: str, below: str
):
    with ordinary_user() as home:
        (home / "closed").mkdir()
        (home / "closed").chmod(mode)
        said = refusal(home / "closed" / below)
        assert said.startswith(
            f"Permission denied; make the folder {home / 'closed'} {what}, or name another path,"
        )
        (home / "closed").chmod(0o755)
        write_json(home / "closed" / below / "a.json", 1)


@pytest.mark.parametrize("below", ["", "new"])
def test_broken_link_is_named_and_creating_its_target_helps(below: str, tmp_path: Path):
    (tmp_path / "results").symlink_to("../elsewhere")
    target = tmp_path / ".." / "elsewhere"
    assert refusal(tmp_path / "results" / below) == (
        f"the symbolic link {tmp_path / 'results'} points to {target}, which does not exist; create that "
        "folder (or mount its disk), or remove the link, then run the same command again"
    )
    assert "; create that folder (or mount its disk), or remove the link" in said(
        tmp_path / "results" / "a.json"
    )
    target.mkdir()
    write_json(tmp_path / "results" / below / "a.json", 1)
    shutil.rmtree(target)


def test_circle_of_links_is_named_and_removing_it_helps(tmp_path: Path):
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    for problem in (refusal(tmp_path / "a" / "new"), said(tmp_path / "a" / "x.json"), said(tmp_path / "a")):
        assert (
            f"the symbolic link {tmp_path / 'a'} points to {tmp_path / 'b'} (Too many levels of symbolic links); "
            in problem
        )
        assert "; correct or remove it, then run the same command again" in problem
    (tmp_path / "a").unlink()
    write_json(tmp_path / "a" / "new" / "a.json", 1)


def test_names_that_are_too_long_are_reported_as_such(tmp_path: Path):
    for path in (tmp_path / (300 * "a"), tmp_path / (300 * "a") / "b", Path(tmp_path, *30 * [200 * "a"])):
        assert refusal(path) == "File name too long; choose shorter names, then run the same command again"
        with (
            pytest.raises(DownhillError, match="File name too long; choose shorter names"),
            exclusive_writer([path]),
        ):
            write_json(path / "a.json", 1)
        assert "File name too long; choose shorter names" in said(path / "a.json")


def test_command_line_reports_paths_that_the_system_refuses(capsys: pytest.CaptureFixture[str]):
    with ordinary_user() as home:
        (home / "closed").mkdir(mode=0o000)
        for path, problem in (
            (home / "closed" / "here", f"make the folder {home / 'closed'} accessible (chmod u+x)"),
            (home / (300 * "a"), "choose shorter names"),
        ):
            assert main(["provenance", str(path)]) == 1
            assert problem in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["file", "link to a file", "circle of links", "long name", "inside a file"])
def test_folder_that_cannot_be_used_is_refused(kind: str, tmp_path: Path):
    folder = tmp_path / ("x" * 300 if kind == "long name" else "results")
    (tmp_path / "file").write_text("")
    if kind == "file":
        folder.write_text("")
    elif kind == "link to a file":
        folder.symlink_to("file")
    elif kind == "circle of links":
        folder.symlink_to("results")
    elif kind == "inside a file":
        folder = tmp_path / "file" / "results"
    with pytest.raises(DownhillError, match=r"^cannot write .*; "):
        check_usable(folder)


def test_folder_that_exists_or_can_be_made_is_accepted(tmp_path: Path):
    check_usable(tmp_path)
    check_usable(tmp_path / "new" / "results")
    assert list(tmp_path.iterdir()) == []
