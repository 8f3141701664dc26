"""Ctrl-C is shown as an interruption, at whatever moment it reaches Snakemake and its jobs."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SNAKEFILE = """
import os, signal, sys, time

from downhill.orchestration import signals

sys.excepthook = signals.interrupted


def memory(wildcards):
    if {when}:
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(30)
    return 1


rule last:
    input: "first.txt", "other.txt"
    output: "last.txt"
    resources: mem_mb=memory
    shell: "touch {{output}}"


rule other:
    output: "other.txt"
    shell: "sleep 4; touch {{output}}"


rule first:
    output: "first.txt"
    resources: mem_mb=memory
    shell: r'''{command}'''
"""


def ctrl_c_as_in_a_terminal() -> None:
    """Otherwise, it would be ignored if the tests run in the background of a script."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(folder: Path, command: str = "touch {output}", when: str = "False") -> str:
    """What is shown when a job runs `command`, and Ctrl-C is pressed while memory is computed if `when` holds."""
    (folder / "Snakefile").write_text(SNAKEFILE.format(command=command, when=when), encoding="utf-8")
    snakemake = [sys.executable, "-m", "snakemake", "--cores", "2", "--keep-going", "--logger=downhill"]
    done = subprocess.run(
        snakemake,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        start_new_session=True,
        preexec_fn=ctrl_c_as_in_a_terminal,
    )
    assert done.returncode
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.mark.parametrize(
    "case",
    [
        # Snakemake reports an error in the function `memory`.
        {"when": "os.path.exists('first.txt')"},
        # The job ends before Snakemake is interrupted.
        {"command": "(sleep 0.1; kill -INT $PPID) & exit 130"},
        {"command": "kill -INT 0"},
        {"command": "trap '' INT; kill -INT 0; sleep 1; exit 1"},
    ],
)
def test_jobs_that_it_ends_have_not_failed(case: dict[str, str], tmp_path: Path):
    shown = run(tmp_path, **case)
    assert shown.count("Interrupted") == 1
    assert "Interrupted: stopping the jobs that are running." in shown
    assert "ailed" not in shown
    assert "Error" not in shown
    stopped = re.search(
        r"\nStopped after \d+ s: [012] of 3 jobs done\.\nSnakemake's full log: (.*)\n$", shown
    )
    assert stopped is not None
    assert (tmp_path / stopped[1]).is_file()


def test_job_interrupted_alone_has_failed(tmp_path: Path):
    shown = run(tmp_path, command="exit 130")
    assert "Failed: first" in shown
    assert "Its exit status is 130." in shown
    assert re.search(r"Ended after \d+ s: 1 of 3 jobs done, 1 failed\.", shown)


def test_while_memory_is_computed_before_the_first_job(tmp_path: Path):
    shown = run(tmp_path, when="True")
    assert shown.count("Interrupted") == 1
    assert "Error" not in shown


def test_pressed_twice(tmp_path: Path):
    shown = run(tmp_path, command="trap '' INT; kill -INT 0; sleep 1; kill -INT 0; sleep 1")
    assert "Interrupted: stopping the jobs that are running." in shown
    assert "ailed" not in shown
    assert re.search(r"Stopped after \d+ s: . of 3 jobs done\.\nSnakemake's full log: ", shown)


def test_jobs_that_failed_before_have_failed(tmp_path: Path):
    shown = run(tmp_path, command="(sleep 2; kill -INT 0) & exit 1")
    assert shown.count("Failed: ") == 1
    assert "Failed: first" in shown
    assert re.search(r"\nStopped after \d+ s: 0 of 3 jobs done, 1 failed\.\n", shown)
