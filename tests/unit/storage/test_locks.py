"""Taking turns: who holds a lock, who waits, and what a kill leaves behind."""

import errno
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from downhill import DownhillError
from downhill.storage.atomic import atomic_path, check_writable, remove_leftovers
from downhill.storage.locks import LOCK, exclusive_writer, single_snakemake

WRITE = """\
import sys, time
from pathlib import Path
from downhill.storage.atomic import atomic_path
from downhill.storage.locks import exclusive_writer
with exclusive_writer([Path(sys.argv[1])]), atomic_path(Path(sys.argv[1], "weights.npz")):
    print("writing", flush=True)
    time.sleep(float(sys.argv[2]))
"""
WORK = """\
import sys, time
from pathlib import Path
from downhill.storage.locks import single_snakemake
single_snakemake("results/mine", Path(sys.argv[1]))
print("working", flush=True)
time.sleep(60)
"""


@contextmanager
def other_process(code: str, *words: object) -> Iterator[subprocess.Popen[str]]:
    """Another process, as soon as it has said its word; killed when the block ends."""
    command = [sys.executable, "-c", code, *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert process.stdout.readline()
        try:
            yield process
        finally:
            process.kill()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_writer_waits_for_one_that_is_still_writing(tmp_path: Path):
    with other_process(WRITE, tmp_path, 0.5) as writer, exclusive_writer([tmp_path]):
        # It has renamed its file, so that all that is left for it is to end.
        assert names(tmp_path) == [LOCK, "weights.npz"]
        assert writer.wait() == 0


def test_writers_of_other_results_do_not_wait(tmp_path: Path):
    with other_process(WRITE, tmp_path / "one", 60) as writer, exclusive_writer([tmp_path / "other"]):
        assert writer.poll() is None


def test_leftovers_of_killed_writers_are_removed_by_the_next(tmp_path: Path):
    with other_process(WRITE, tmp_path, 60) as writer:
        writer.kill()
        writer.wait()
    lock, leftover = names(tmp_path)
    assert lock == LOCK
    assert leftover.startswith(".writing-")
    with exclusive_writer([tmp_path]):
        assert names(tmp_path) == [LOCK]
    assert names(tmp_path) == []


def test_crowd_of_writers_takes_turns(tmp_path: Path):
    """Each makes the folder and its lock anew, or finds those of another; none writes beside another."""
    code = """if True:
        import sys
        from pathlib import Path
        from downhill.storage.locks import exclusive_writer
        print("ready", flush=True)
        for turn in range(200):
            with exclusive_writer([Path(sys.argv[1], "result")]):
                marks = Path(sys.argv[1], "marks")
                with marks.open("x"):
                    pass
                marks.unlink()
    """
    with ExitStack() as stack:
        crowd = [stack.enter_context(other_process(code, tmp_path)) for _ in range(4)]
        assert [writer.wait() for writer in crowd] == [0] * 4
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


def test_folder_that_is_removed_while_it_is_made_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """`Path.mkdir` finds that it exists, and then that it is no folder."""
    make, tries = Path.mkdir, []

    def removed_meanwhile(path: Path, *arguments: object, **options: object) -> None:
        tries.append(path)
        if len(tries) == 1:
            raise FileExistsError(errno.EEXIST, "File exists", str(path))
        make(path, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", removed_meanwhile)
    with exclusive_writer([tmp_path / "result"]):
        assert names(tmp_path / "result") == [LOCK]
    assert tries == [tmp_path / "result"] * 2


@pytest.mark.parametrize("make", [Path.touch, lambda path: path.symlink_to("nowhere")])
def test_what_stands_in_place_of_the_folder_is_reported(make: Callable[[Path], None], tmp_path: Path):
    make(tmp_path / "result")
    with (
        pytest.raises(DownhillError, match=r"^cannot write .*result: "),
        exclusive_writer([tmp_path / "result"]),
    ):
        pass


def test_leftovers_of_single_files_are_told_by_name(tmp_path: Path):
    others = {".writing-abcdefgh-b-a.json", ".writing-abcdefgh-a.json.gz", "a.json"}
    for name in {".writing-abcdefgh-a.json", *others}:
        (tmp_path / name).touch()
    with exclusive_writer([tmp_path / "a"], [tmp_path / "a.json"]):
        assert {path.name for path in tmp_path.iterdir()} == others | {"a"}
    with atomic_path(tmp_path / "a.json") as path:
        remove_leftovers(tmp_path, "a.json")
        assert not path.exists()  # the pattern fits what is drawn for a file that is being written
        path.touch()


def test_second_snakemake_is_told_of_the_first_until_that_is_killed(tmp_path: Path):
    with other_process(WORK, tmp_path) as first:
        with pytest.raises(DownhillError) as caught:
            single_snakemake("results/mine", tmp_path)
        assert re.fullmatch(
            rf"another Snakemake is at work on results/mine \(process {first.pid} on \S+ since [-\d]+ [:\d]+\), "
            "and this one has changed nothing; .* type the same command again",
            str(caught.value),
        )
        with pytest.raises(DownhillError, match=r"at work on \./results/\.\./results/mine"):
            single_snakemake("./results/../results/mine", tmp_path)
        single_snakemake("results/yours", tmp_path)  # another study's
        single_snakemake("results-mine", tmp_path)
        first.kill()
        first.wait()
    single_snakemake("results/mine", tmp_path)


def test_folder_that_cannot_be_written_to(tmp_path: Path):
    check_writable(tmp_path / "results")
    assert list((tmp_path / "results").iterdir()) == []
    (tmp_path / "file").touch()
    with pytest.raises(
        DownhillError, match=r"^cannot write .*file: File exists; make its folder writable, then"
    ):
        check_writable(tmp_path / "file")
