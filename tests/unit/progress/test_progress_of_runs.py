"""What a run shows, from constructed events."""

import io
import re
import time
from itertools import pairwise
from pathlib import Path

import pytest

from downhill.progress import wording
from downhill.progress.run import Run
from downhill.progress.screen import Screen
from downhill.progress.time_left import PlannedJob, TimeLeft


class Terminal(io.StringIO):
    """A terminal of 80 columns."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


COUNTS = {"train": 20, "all": 1, "total": 21}


def a_run(stream: io.StringIO, clock: Clock) -> Run:
    run = Run(Screen(stream), clock)
    run.planned(COUNTS)
    jobs = {key: PlannedJob("train", 60.0) for key in range(20)}
    run.expect(TimeLeft(jobs | {20: PlannedJob("all", 0.0, needs=tuple(range(20)))}, cores=1), cores=1)
    return run


def train(run: Run, clock: Clock, job: int, seconds: float = 60.0) -> None:
    run.started(job, "train", {"network": "lesson", "first": "0", "last": "9"}, clock.now)
    for _ in range(int(2 * seconds)):
        clock.now += 0.5
        run.tick()
    run.finished(job, clock.now)


def test_file_gets_a_line_each_half_minute_or_tenth():
    stream, clock = io.StringIO(), Clock()
    run = a_run(stream, clock)
    for job in range(20):
        train(run, clock, job)
    run.started(20, "all", {}, clock.now)
    run.finished(20, clock.now)
    run.close("a.log")
    lines = stream.getvalue().splitlines()
    assert lines[:2] == ["21 jobs to run: 20 train, 1 all", "Expected time on 1 core: about 20 min"]
    assert lines[-2:] == ["All 21 jobs done in 20 min 0 s.", "Snakemake's full log: a.log"]
    assert lines[2] == (
        "0:00:30  0 of 21 jobs done, 1 running, 20 to go, about 20 min left, training lesson, seeds 0 to 9"
    )
    times = [60 * int(line[2:4]) + int(line[5:7]) for line in lines[2:-2]]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) <= 30
    assert len(lines) < 20 * 60 / 30 + 10 + 5
    assert not re.search(r"[\r\x1b]", stream.getvalue())


def test_many_short_jobs_give_a_file_few_lines():
    stream, clock = io.StringIO(), Clock()
    run = Run(Screen(stream), clock)
    run.planned({"judge": 1000, "total": 1000})
    for job in range(1000):
        run.started(job, "judge", {"claim": "c"}, clock.now)
        clock.now += 0.1
        run.finished(job, clock.now)
    progress = [line for line in stream.getvalue().splitlines() if line.startswith("0:")]
    done = [int(line.split()[1].replace(",", "")) for line in progress]
    assert done == [100 * tenth for tenth in range(1, 11)]


def test_estimate_that_takes_long_is_made_seldom():
    class Slow(TimeLeft):
        estimates = 0

        def seconds(self, now: float) -> float:
            self.estimates += 1
            time.sleep(0.02)
            return super().seconds(now)

    clock, left = Clock(), Slow({0: PlannedJob("train", 60.0), 1: PlannedJob("train", 60.0)}, cores=1)
    run = Run(Screen(Terminal()), clock)
    run.planned({"train": 2, "total": 2})
    run.expect(left, cores=1)
    run.started(0, "train", {}, clock.now)
    for _ in range(100):  # of a second
        clock.now += 0.01
        run.tick()
    assert 2 <= left.estimates <= 4


def test_only_job_is_not_all_of_several():
    stream, clock = io.StringIO(), Clock()
    run = Run(Screen(stream), clock)
    run.planned({"train": 1, "total": 1})
    run.started(0, "train", {}, clock.now)
    run.finished(0, clock.now)
    run.close()
    assert stream.getvalue().splitlines()[-1] == "1 job done in 0 s."


def test_terminal_has_one_line_that_is_replaced_and_removed(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream, clock = Terminal(), Clock()
    run = a_run(stream, clock)
    train(run, clock, 0)
    train(run, clock, 1)
    run.say("A message.")
    run.close()
    written = stream.getvalue()
    assert written.count("\n") == 4  # what is to run, the expected time, the message, and how it ended
    frames = re.split(r"\r\x1b\[2K|\n", re.sub(r"\x1b\[\d*m", "", written))
    bars = [frame for frame in frames if re.match("[█░]{10} ", frame)]
    assert "░░░░░░░░░░ 1 of 21 jobs done · 1 running · 19 to go · about 19 min left" in [
        bar[:71] for bar in bars
    ]
    assert max(map(len, bars)) < 80
    full = [bar.count("█") for bar in bars]
    assert full == sorted(full)
    assert "\x1b[32m" in written
    assert frames[-2:] == ["Ended after 2 min 0 s: 2 of 21 jobs done.", ""]


@pytest.mark.parametrize(("variable", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colours_where_they_are_not_wanted(variable: str, value: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv(variable, value)
    stream, clock = Terminal(), Clock()
    run = a_run(stream, clock)
    train(run, clock, 0)
    run.failed(1, "train", [], None)
    assert "\x1b[3" not in stream.getvalue()
    assert ("\r" in stream.getvalue()) is (variable == "NO_COLOR")  # a dumb terminal cannot replace a line


def test_bar_is_ascii_where_nothing_else_can_be_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(Terminal, "encoding", "latin-1")
    monkeypatch.setenv("NO_COLOR", "1")
    stream, clock = Terminal(), Clock()
    run = a_run(stream, clock)
    for job in range(4):
        train(run, clock, job)
    assert stream.getvalue().isascii()
    assert "#......... 3 of 21 jobs done - 1 running" in stream.getvalue()


@pytest.mark.parametrize("columns", [5, 20, 40, 60, 79, 80, 120, 200])
def test_line_is_never_longer_than_the_terminal(columns: int, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(Screen, "_width", lambda self: columns)
    stream, clock = Terminal(), Clock()
    run = a_run(stream, clock)
    for job in range(20):
        train(run, clock, job)
    shown = re.sub(r"\x1b\[\d*m", "", stream.getvalue())
    frames = [frame for frame in re.split(r"\r\x1b\[2K", shown) if "\n" not in frame]
    assert len(frames) >= (1 if columns == 5 else 20)
    assert max(map(len, frames)) < columns


def test_failure_is_shown_at_once_with_the_end_of_its_log(tmp_path: Path):
    log = tmp_path / "train.log"
    log.write_text("".join(f"line {n}\n\n" for n in range(100)) + "error: no\x1b[2J\n", encoding="utf-8")
    stream, clock = io.StringIO(), Clock()
    run = a_run(stream, clock)
    run.started(3, "train", {"network": "lesson", "first": "0", "last": "9"}, clock.now)
    run.failed(3, "train", [str(log)], None)
    shown = stream.getvalue().splitlines()[2:]
    assert shown[0] == "Failed: training lesson, seeds 0 to 9 (rule train)"
    assert shown[1:3] == ["  | …", "  | line 86"]
    assert shown[-3:] == ["  | error: no [2J", f"  Log: {log}", "  1 job needs its results."]
    assert len(shown) == 1 + 1 + 15 + 2
    run.close()
    assert stream.getvalue().endswith("Ended after 0 s: 0 of 21 jobs done, 1 failed.\n")


@pytest.mark.parametrize(("status", "says"), [(137, "memory"), (143, "another program"), (3, "status is 3")])
def test_job_without_a_log_says_how_it_ended(status: int, says: str, tmp_path: Path):
    (tmp_path / "empty.log").touch()
    shown = wording.failure("train", "training x", [str(tmp_path / "empty.log")], None, status, 0)
    assert says in shown
    assert "Log (empty)" in shown


@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_jobs_stopped_by_the_user_are_no_failures(stream: io.StringIO):
    clock = Clock()
    run = a_run(stream, clock)
    run.started(3, "train", {}, clock.now)
    run.interrupted("Interrupted.")
    run.failed(3, "train", [], None)
    run.tick()
    run.close()
    assert "ailed" not in stream.getvalue()
    assert "Interrupted.\n" in stream.getvalue()
    assert stream.getvalue().endswith("Stopped after 0 s: 0 of 21 jobs done.\n")


def test_run_that_starts_no_job_shows_nothing_at_its_end():
    stream = io.StringIO()
    run = a_run(stream, Clock())
    before = stream.getvalue()
    run.close()
    assert stream.getvalue() == before


@pytest.mark.parametrize(
    ("seconds", "estimate", "measured"),
    [
        (0.2, "5 s", "0 s"),
        (42, "40 s", "42 s"),
        (58, "1 min", "58 s"),
        (200, "3 min", "3 min 20 s"),
        (3599, "1 h", "59 min 59 s"),
        (3600 * 2 + 11 * 60, "2 h 10 min", "2 h 11 min"),
        (86400 * 3, "3.0 days", "72 h 0 min"),
    ],
)
def test_durations(seconds: float, estimate: str, measured: str):
    assert wording.rounded(seconds) == estimate
    assert wording.exact(seconds) == measured


def test_jobs_of_rules_that_are_not_stages_have_names_too():
    assert wording.doing("plot", {"x": "1"}) == "plot 1"
    assert wording.doing("train", {}) == "train"
