"""Locks: who holds one, who waits and for how long, and what a kill leaves behind."""

import errno
import fcntl
import logging
import os
import re
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from downhill import DownhillError
from downhill.storage import locks
from downhill.storage.atomic import atomic_path, check_writable, remove_leftovers
from downhill.storage.locks import LOCKS, exclusive_writer, single_snakemake

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


@pytest.fixture(autouse=True)
def no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLURM_JOB_ID", "SLURM_JOB_END_TIME", "DOWNHILL_JOB_END_TIME"):
        monkeypatch.delenv(name, raising=False)


@contextmanager
def other_process(code: str, *words: object) -> Iterator[subprocess.Popen[str]]:
    """Another process, as soon as it has printed a line; killed when the block ends."""
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


def test_writer_waits_for_one_that_is_still_writing_and_names_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    caplog.set_level(logging.INFO, "downhill")
    monkeypatch.setattr(locks, "_REMINDER", 0.2)
    monkeypatch.setenv("SLURM_JOB_ID", "77")
    folder = tmp_path / "result"
    with other_process(WRITE, folder, 2) as writer, exclusive_writer([folder]):
        # It has renamed its file, so that all that is left for it is to end.
        assert names(folder) == ["weights.npz"]
        assert writer.wait() == 0
    first, reminder = caplog.messages[:2]
    waiting = rf"{folder}: waiting for another job that is writing it"
    holder = rf"\(process {writer.pid} on \S+ since [-\d]+ [:\d]+, SLURM job 77\)"
    assert re.fullmatch(rf"{waiting} {holder}", first)
    assert re.fullmatch(rf"{waiting}, for \d s so far {holder}", reminder)


def test_writers_of_other_results_do_not_wait(tmp_path: Path):
    with other_process(WRITE, tmp_path / "one", 60) as writer, exclusive_writer([tmp_path / "other"]):
        assert writer.poll() is None


def test_writers_wait_in_the_order_in_which_they_came(tmp_path: Path):
    """The last one's settings are the newest: what it writes must not be replaced by a job that waited before it."""
    code = """if True:
        import logging, sys
        from pathlib import Path
        from downhill.storage.locks import exclusive_writer
        logging.basicConfig(stream=sys.stdout, level=logging.INFO)
        with exclusive_writer([Path(sys.argv[1])]), Path(sys.argv[1] + ".order").open("a") as file:
            file.write(sys.argv[2])
    """
    with ExitStack() as stack:
        holder = stack.enter_context(other_process(WRITE, tmp_path / "result", 60))
        waiting = []
        for number in range(6):
            waiting.append(stack.enter_context(other_process(code, tmp_path / "result", number)))
            time.sleep(0.2)
        holder.kill()
        assert [process.wait() for process in waiting] == [0] * 6
    assert (tmp_path / "result.order").read_text() == "012345"


@pytest.mark.parametrize("name", ["SLURM_JOB_END_TIME", "DOWNHILL_JOB_END_TIME"])
def test_job_ends_with_a_reason_before_its_time_limit_is_reached(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "result"
    with other_process(WRITE, folder, 60) as writer:
        monkeypatch.setenv(name, str(time.time() + 61.5))  # it leaves itself a minute
        began = time.monotonic()
        with pytest.raises(DownhillError) as caught, exclusive_writer([folder]):
            pytest.fail("two writers at a time")
        assert 0.5 < time.monotonic() - began < 20
        assert re.fullmatch(
            rf"{folder}: waited \d s for another job that is writing it \(process {writer.pid} on \S+ since .*\), "
            r"and this job is about to reach its time limit; wait for the other job to finish, .*, then run .*",
            str(caught.value),
        )


@pytest.mark.parametrize("end", ["", "UNLIMITED", "nan", "0", "1700000000"])
def test_time_limit_that_is_unknown_or_was_extended_ends_no_job(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("SLURM_JOB_END_TIME", end)
    with other_process(WRITE, tmp_path / "result", 0.3), exclusive_writer([tmp_path / "result"]):
        pass


def test_killed_writer_holds_no_lock_and_the_next_removes_what_it_left(tmp_path: Path):
    folder = tmp_path / "result"
    with other_process(WRITE, folder, 60) as writer:
        writer.kill()
        writer.wait()
        (leftover,) = names(folder)
        assert leftover.startswith(".writing-")
        with exclusive_writer([folder]):
            assert names(folder) == []
    assert folder.exists()  # it was there before


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_work_continues_where_the_disk_has_no_locks(
    number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def flock(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    with other_process(WRITE, tmp_path / "result", 60):
        monkeypatch.setattr(fcntl, "flock", flock)
        for _ in range(2):
            with exclusive_writer([tmp_path / "result"]):
                pass
            single_snakemake("results", tmp_path)


def test_crowd_of_writers_write_one_after_the_other(tmp_path: Path):
    """Each makes the folder, or finds that of another; none writes while another does."""
    code = """if True:
        import sys
        from pathlib import Path
        from downhill.storage import locks
        print("ready", flush=True)
        for turn in range(200):
            with locks.exclusive_writer([Path(sys.argv[1], "result")]):
                marks = Path(sys.argv[1], "marks")
                with marks.open("x"):
                    pass
                marks.unlink()
    """
    with ExitStack() as stack:
        crowd = [stack.enter_context(other_process(code, tmp_path)) for _ in range(4)]
        assert [writer.wait() for writer in crowd] == [0] * 4
    assert names(tmp_path) == [LOCKS]


@pytest.mark.parametrize(
    "folders",
    [["runs/one/seeds-0-9"] * 4, ["claims", "claims/one", "claims/two", "claims/two/three"]],
    ids=["one result", "one in the other"],
)
def test_crowd_of_writers_that_fail_and_remove_their_folders(folders: list[str], tmp_path: Path):
    """`Path.mkdir` fails if the folder that it finds is removed before it looks again, here a moment later."""
    code = """if True:
        import os, sys, time
        from pathlib import Path
        from downhill.storage import locks
        from downhill.storage.atomic import atomic_path
        mkdir, folder = os.mkdir, Path(sys.argv[1])

        def slow_mkdir(*words):
            try:
                mkdir(*words)
            except FileExistsError:
                time.sleep(0.001)
                raise

        os.mkdir = slow_mkdir
        print("ready", flush=True)
        for turn in range(300):
            try:
                with locks.exclusive_writer([folder]), atomic_path(folder / "weights.npz"):
                    raise KeyError("this stage fails")
            except KeyError:
                pass
    """
    with ExitStack() as stack:
        crowd = [stack.enter_context(other_process(code, tmp_path / folder)) for folder in folders]
        assert [writer.wait() for writer in crowd] == [0] * 4
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and LOCKS not in path.parts]


def test_folder_that_is_removed_while_it_is_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    mkdir, folder = os.mkdir, tmp_path / "result"
    folder.mkdir()

    def unlucky_mkdir(path: Path, *words: int) -> None:
        if Path(path) == folder and folder.exists():
            monkeypatch.setattr(os, "mkdir", mkdir)
            folder.rmdir()  # by another process, just after this one has found it
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        mkdir(path, *words)

    monkeypatch.setattr(os, "mkdir", unlucky_mkdir)
    with exclusive_writer([folder]), atomic_path(folder / "weights.npz") as path:
        path.touch()
    assert names(folder) == ["weights.npz"]


@pytest.mark.parametrize("kept", [[], ["history.parquet"]])
def test_failed_stage_leaves_no_empty_folder_but_keeps_what_it_wrote(kept: list[str], tmp_path: Path):
    folder = tmp_path / "result"

    def fail() -> None:
        with exclusive_writer([folder]), atomic_path(folder / "weights.npz"):
            for name in kept:
                (folder / name).touch()
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert names(tmp_path) == [LOCKS, *(["result"] if kept else [])]
    assert not kept or names(folder) == kept


def test_leftovers_of_single_files_are_known_by_name(tmp_path: Path):
    others = {".writing-abcdefgh-b-a.json", ".writing-abcdefgh-a.json.gz", "a.json"}
    for name in {".writing-abcdefgh-a.json", *others}:
        (tmp_path / name).touch()
    with exclusive_writer([tmp_path / "a"], [tmp_path / "a.json"]):
        assert {path.name for path in tmp_path.iterdir()} == others | {LOCKS}
    with atomic_path(tmp_path / "a.json") as path:
        remove_leftovers(tmp_path, "a.json")
        assert not path.exists()  # the pattern fits what is drawn for a file that is being written
        path.touch()


def test_lock_files_lie_in_one_folder_however_a_result_is_spelled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    project = tmp_path / "project"
    (project / ".snakemake").mkdir(parents=True)
    (project / "link").symlink_to("results")
    monkeypatch.chdir(project)
    spellings = [
        Path("results/runs/a"),
        Path("./results/x/../runs/a"),
        project / "results/runs/a",
        Path("link/runs/a"),
    ]
    with exclusive_writer([*spellings, Path("single"), Path("results/runs/" + 90 * "ü")]):
        pass
    long, one = names(project / "results" / LOCKS)
    assert one == "runs%2Fa"
    assert re.fullmatch(r"runs%2F(%C3%BC)+.*-[0-9a-f]{64}", long)
    assert names(project / LOCKS) == ["single"]
    monkeypatch.chdir("results")
    with exclusive_writer([Path("runs/a")]):
        pass
    assert names(project / "results") == [LOCKS]
    with exclusive_writer([tmp_path / "elsewhere" / "mine"]):  # in no project
        pass
    assert names(tmp_path / "elsewhere" / LOCKS) == ["mine"]


def test_lock_files_are_for_all_who_may_write_beside_them(tmp_path: Path):
    tmp_path.chmod(0o1777)  # as `/tmp`
    with exclusive_writer([tmp_path / "mine"]):
        assert stat.S_IMODE((tmp_path / LOCKS).stat().st_mode) == 0o1777


def test_second_snakemake_names_the_first_until_that_is_killed(tmp_path: Path):
    with other_process(WORK, tmp_path) as first:
        with pytest.raises(DownhillError) as caught:
            single_snakemake("results/mine", tmp_path)
        assert re.fullmatch(
            rf"another Snakemake is at work on results/mine \(process {first.pid} on \S+ since [-\d]+ [:\d]+\), "
            "and this one has changed nothing; .* run the same command again",
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
    with pytest.raises(DownhillError, match=r"^cannot write .*file: .*file is a file; name a folder$"):
        check_writable(tmp_path / "file")
    with (
        pytest.raises(
            DownhillError, match=r"^cannot write to the folder .*file/result: .*/file is a file; name a"
        ),
        exclusive_writer([tmp_path / "file" / "result"]),
    ):
        pass
