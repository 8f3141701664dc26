"""Snakemake's messages and planned jobs, as far as progress relies on them."""

import inspect
import subprocess
import sys
from pathlib import Path

from snakemake.scheduling import job_scheduler

from downhill.compat import snakemake_messages as messages

SNAKEFILE = """
from downhill.compat.snakemake_jobs import planned_jobs, slots

onstart:
    with open("planned.txt", "w") as file:
        for job in sorted(planned_jobs(workflow), key=lambda job: (job.rule, job.number)):
            print(job.rule, job.wildcards, job.threads, len(job.needs), file=file)
        print(*slots(workflow), file=file)


rule last:
    input:
        "a-7.txt",
        "old.txt",
    output:
        "last.txt",
    shell:
        "{config[command]}"

rule one:
    output:
        "a-{n}.txt",
    threads: 2
    shell:
        "touch {output}"

rule old:
    output:
        "old.txt",
    shell:
        "touch {output}"
"""
RUN = [sys.executable, "-m", "snakemake", "--cores", "2"]


def run(folder: Path, *words: str, command: str = "touch {output}") -> str:
    done = subprocess.run(
        [*RUN, *words, "--config", f"command={command}"], cwd=folder, capture_output=True, text=True
    )
    return done.stderr


def messages_of(printed: str) -> list[str]:
    """Each line with all that follow, as a message begins at some line."""
    lines = printed.splitlines()
    return ["\n".join(lines[place:]) for place in range(len(lines))]


def test_planned_jobs_are_those_that_run(tmp_path: Path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE, encoding="utf-8")
    run(tmp_path, "old.txt")
    run(tmp_path, command="touch last.txt")
    assert (tmp_path / "planned.txt").read_text().splitlines() == [
        "last {} 1 1",  # it also needs `old`, which is finished
        "one {'n': '7'} 2 0",
        "2 None True",
    ]


def test_messages_about_a_run_are_recognised(tmp_path: Path):
    (tmp_path / "Snakefile").write_text(SNAKEFILE, encoding="utf-8")
    printed = messages_of(run(tmp_path, "--retries", "1", command="exit 3"))
    assert [job for job in map(messages.job_tried_again, printed) if job is not None] == [0]
    # (Snakemake raises the error itself; each text begins with its first line.)
    assert {messages.exit_status(text) for text in printed} == {None, 3}
    assert sum(bool(messages.AFTER_FAILURES.match(text)) for text in printed) == 2
    assert {messages.exit_status(text) for text in messages_of(run(tmp_path, command="kill -9 $$"))} == {
        None,
        137,
    }
    run(tmp_path, command="touch last.txt")
    nothing = messages_of(run(tmp_path, command="touch last.txt"))
    assert any(text.startswith(messages.NOTHING) for text in nothing)
    assert any(messages.NOISE.match(text) for text in nothing)


def test_messages_about_signals_exist():
    source = inspect.getsource(job_scheduler)
    assert f'"{messages.INTERRUPTED}' in source
    assert f'"{messages.FINISHING}' in source
