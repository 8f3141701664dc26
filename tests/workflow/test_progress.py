"""What `make` and `snakemake --logger=downhill` show of real runs: in a terminal, in a file, and when jobs fail."""

import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import psutil
import pytest
from test_make import lay_out, make

from tests.faults.small import lay_out_small, started, training, wait_for

COLUMNS = 100
STUDY = ("--configfile", "out.yaml")
SNAKEMAKE = [sys.executable, "-m", "snakemake", "--cores", "2"]
WITHOUT_STYLE = re.compile(r"\x1b\[\d*m")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A study of one network that `make` has run with its output in a pipe, and what it printed."""
    project = lay_out(tmp_path_factory.mktemp("progress") / "project")
    return project, make(project, "ARGS=--configfile out.yaml")


@pytest.fixture
def project(finished: tuple[Path, str], tmp_path: Path) -> Path:
    copy = tmp_path / "project"
    shutil.copytree(finished[0], copy, symlinks=True)
    (copy / ".venv" / "installed").write_text(f"{copy}\n")
    return copy


def snakemake(project: Path, *options: str) -> subprocess.CompletedProcess[str]:
    command = [*SNAKEMAKE, *options, *STUDY]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=300)


def in_terminal(project: Path, *command: str, interrupt_when: str = "", **env: str) -> tuple[int, str]:
    """Run a command in a terminal, with Ctrl-C as soon as it shows something; returns its status and output."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(project)
        os.environ.update({"TERM": "xterm"} | env)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        os.execvp(command[0], command)
    written = b""
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux raises an error where other systems report the end
            data = b""
        if not data:
            break
        written += data
        if interrupt_when and re.search(interrupt_when.encode(), written):
            os.write(terminal, b"\x03")
            interrupt_when = ""
    os.close(terminal)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), written.decode()


def test_make_in_a_pipe_prints_a_few_whole_lines(finished: tuple[Path, str]):
    project, printed = finished
    before_verdicts = printed.partition("✔")[0].splitlines()
    assert len(before_verdicts) <= 16
    assert not re.search(r"[\r\x1b]", printed)
    planned = next(line for line in before_verdicts if " jobs to run: " in line)
    total = int(planned.split()[0])
    done = [line for line in before_verdicts if re.match(rf"\d:\d\d:\d\d  \d+ of {total} jobs done, ", line)]
    assert done
    assert re.search(rf"^All {total} jobs done in \d+ s\.$", printed, flags=re.MULTILINE)
    for listing in ("rule train:", "reason:", "Select jobs", "Building DAG"):
        assert listing not in printed
    assert re.search(r"^1 claim: 1 supported$", printed, flags=re.MULTILINE)
    log = re.search(r"^Snakemake's full log: (.*)$", printed, flags=re.MULTILINE)
    assert log is not None
    full = (project / log[1]).read_text(encoding="utf-8")
    assert "rule train:" in full
    assert "reason:" in full
    assert f"{total} of {total} steps (100%) done" in full


def test_terminal_has_a_bar_that_is_removed_at_the_end(project: Path):
    status, written = in_terminal(project, *SNAKEMAKE, "--logger=downhill", "-R", "evaluate", *STUDY)
    assert status == 0
    shown = WITHOUT_STYLE.sub("", written)
    bars = re.findall(r"(?:^|\x1b\[2K|\n)([█░]+ [^\r\n]*)", shown)
    assert max(map(len, bars)) < COLUMNS
    assert any(re.match(r"█*░+ \d+ of \d+ jobs done · \d running · .* left · \w+", bar) for bar in bars)
    # On the screen, each line is what follows the last return; the bar leaves nothing behind.
    lines = [re.split(r"\r\x1b\[2K", line.rstrip("\r"))[-1] for line in shown.split("\n")]
    assert re.match(r"\d+ jobs to run: 1 evaluate, 1 export, 1 measure", lines[1])
    assert not [line for line in lines if "█" in line or "░" in line or " running" in line]
    assert re.match(r"All \d+ jobs done in \d+ s\.", lines[-3])


def test_ctrl_c_stops_the_run_and_reports_no_failures(tmp_path: Path):
    project = lay_out_small(tmp_path / "small")
    command = (*SNAKEMAKE, "--logger=downhill")
    status, written = in_terminal(project, *command, interrupt_when="· training slow")
    assert status == 1
    assert "Interrupted: stopping the jobs that are running." in written
    assert "ailed" not in written
    assert re.search(r"Stopped after \d+ s: \d+ of \d+ jobs done\.\r\nSnakemake's full log: ", written)


def test_dry_run_is_that_of_snakemake(project: Path):
    options = ("--dry-run", "--forceall", "--quiet", "host")
    theirs, ours = snakemake(project, *options), snakemake(project, *options, "--logger=downhill")
    stamp = re.compile(r"^\[.*\]$", flags=re.MULTILINE)

    def blocks(printed: str) -> list[str]:  # Snakemake lists jobs in a different order each time
        return sorted(re.split(r"\n+", stamp.sub("", printed)))

    assert (ours.returncode, ours.stderr) == (0, theirs.stderr)
    assert len(ours.stdout.splitlines()) == len(theirs.stdout.splitlines())
    assert {line for line in blocks(ours.stdout) if "output:" in line} == {
        line for line in blocks(theirs.stdout) if "output:" in line
    }


def test_verbose_make_shows_jobs_and_reasons(project: Path):
    (project / "out" / "claims.csv").unlink()
    printed = make(project, "VERBOSE=1", "ARGS=--configfile out.yaml")
    assert "rule summarise:" in printed
    assert "reason: Missing output files: out/claims.csv" in printed
    assert " jobs to run: " not in printed


def test_arguments_may_begin_with_a_file(project: Path):
    (project / "out" / "networks.csv").unlink()
    printed = make(project, "ARGS=out/networks.csv --configfile out.yaml")
    assert "1 job to run: 1 tabulate" in printed


def test_failed_job_is_shown_with_the_end_of_its_log(project: Path):
    weights = next((project / "out" / "runs").rglob("weights.npz"))
    os.truncate(weights, 1000)
    done = snakemake(project, "--logger=downhill", "-R", "evaluate")
    assert done.returncode == 1
    failed = done.stderr[done.stderr.index("Failed: ") :].splitlines()
    assert failed[0] == "Failed: evaluating plain (rule evaluate)"
    assert failed[1].startswith(f"  | error: {weights.relative_to(project)} is damaged (")
    assert failed[2] == "  Log: out/logs/evaluate/plain.log"
    assert re.fullmatch(r"  \d+ jobs need its results\.", failed[3])
    assert failed[4] == "Jobs that failed (1 in all):"
    assert failed[5].startswith("  evaluate: out/evaluation/plain/index.json (tries: 1, log: ")
    assert re.fullmatch(r"Ended after \d+ s: \d+ of \d+ jobs done, 1 failed\.", failed[-2])
    # Snakemake's own words, such as the command, are in its log only.
    assert "python -m downhill" not in done.stderr
    assert "WorkflowError" not in done.stderr
    full = Path(project, failed[-1].removeprefix("Snakemake's full log: ")).read_text(encoding="utf-8")
    assert "python -m downhill evaluate" in full


def test_killed_job_is_reported_as_such_and_tried_again(tmp_path: Path):
    project = lay_out_small(tmp_path / "small")
    with started(
        project, "--logger=downhill", "--retries", "1", "results/evaluation/slow/index.json"
    ) as head:
        wait_for(lambda: training(project, "slow"), "a block that is training")
        job = next(job for job in head.jobs() if "train" in job.cmdline() and "slow" in job.cmdline())
        job.kill()
        wait_for(lambda: "It will be tried again." in head.printed, "the second attempt")
        assert re.search(
            r"^Failed: training slow, seeds \d to \d \(rule train\)\n"
            r"  Its process was killed, perhaps because memory ran out \(exit status 137\)\.\n"
            r"(  .*\n)*  It will be tried again\.$",
            head.printed,
            flags=re.MULTILINE,
        )
        head.group(signal.SIGINT)
        time.sleep(0.1)
        head.end(ok=False)
        assert not [child for child in head.jobs() if child.status() != psutil.STATUS_ZOMBIE]


def test_error_before_any_job_is_shown_as_without_progress(project: Path):
    theirs, ours = (snakemake(project, *options, "nothing.csv") for options in ((), ("--logger=downhill",)))
    assert ours.returncode == theirs.returncode == 1
    message = theirs.stderr[theirs.stderr.index("MissingRuleException") :]
    assert ours.stderr.endswith(message)
