"""An error in what is shown never disturbs the run, and hides nothing that is an error of the run."""

import logging

import pytest
from snakemake_interface_logger_plugins.common import LogEvent

from downhill.progress import active
from downhill.progress.active import Shown
from downhill.progress.run import Run
from downhill.progress.screen import Screen
from snakemake_logger_plugin_downhill.events import Events


def record(text: str | None, level: int = logging.INFO, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("snakemake", level, "", 0, text, None, None)
    vars(made).update(fields)
    return made


def test_after_an_error_it_is_silent():
    calls = []

    def broken(run: Run) -> None:
        calls.append(run)
        raise ZeroDivisionError

    shown = Shown(Run(Screen()))
    assert not shown.do(broken)
    assert not shown.do(broken)
    assert len(calls) == 1
    shown.end(Run.close)


def test_jobs_that_cannot_be_predicted_are_shown_without_the_time_left(capsys: pytest.CaptureFixture[str]):
    shown = active.show(Run(Screen()))
    active.expect(None, None)  # type: ignore[arg-type]
    assert shown.do(lambda run: run.say("It goes on."))
    assert capsys.readouterr().err == "It goes on.\n"


def test_errors_of_the_run_are_shown_even_then(capsys: pytest.CaptureFixture[str]):
    events = Events(colours=False)
    events.show(record("Job stats", event=LogEvent.RUN_INFO, stats={"train": 1, "total": 1}))
    events.show(
        record("", event=LogEvent.JOB_FINISHED)
    )  # as from another version: without the number of the job
    events.show(record("", event=LogEvent.JOB_FINISHED, job_id=1))
    events.show(record("It is broken.", logging.ERROR))
    events.close()
    assert capsys.readouterr().err == "1 job to run: 1 train\nIt is broken.\n"


def test_messages_about_nothing_are_hidden_and_all_others_shown(capsys: pytest.CaptureFixture[str]):
    events = Events(colours=False)
    for text in ("Assuming unrestricted shared filesystem usage.", "Congratulations, no problems!"):
        events.show(record(text))
    events.show(record("Workflow has started!", event=LogEvent.WORKFLOW_STARTED))
    for text in ("Building DAG of jobs...", "Nothing to be done (all files are up to date)."):
        events.show(record(text))
    events.show(record("Beware.", logging.WARNING))
    events.close()
    shown = ["Congratulations, no problems!", "Nothing to be done (all files are up to date).", "Beware."]
    assert capsys.readouterr().err.splitlines() == shown
