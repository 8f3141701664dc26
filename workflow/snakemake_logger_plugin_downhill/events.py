"""Snakemake's events and messages as changes of the run that is shown."""

import logging
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from snakemake_interface_logger_plugins.common import LogEvent

from downhill.compat import snakemake_messages as messages
from downhill.orchestration.signals import INTERRUPTED, ctrl_c
from downhill.orchestration.terminal import adapt_output
from downhill.progress.active import show
from downhill.progress.run import Run
from downhill.progress.screen import Screen

_STOPPING = (
    "Interrupted: stopping the jobs that are running. "
    "Finished results are kept; run the same command again to continue."
)
_BY_CTRL_C = 128 + signal.SIGINT
"""Status of a job that Ctrl-C has ended."""
_PATIENCE = 1.0
"""Seconds within which Ctrl-C then reaches Snakemake as well."""
_FINISHING = "Asked to stop: finishing the jobs that are running. Run the same command again to continue."


def own_output(settings: Any) -> logging.Handler | None:
    """Snakemake's own handler, where its own output is asked for; else None."""
    if not (
        settings.dryrun
        or settings.printshellcmds
        or settings.verbose
        or settings.debug_dag
        or _is_quiet(settings.quiet)
    ):
        return None
    from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter

    shown = (
        settings.quiet,
        settings.debug_dag,
        settings.verbose,
        settings.dryrun,
        settings.printshellcmds,
    )
    return ColorizingTextHandler(  # type: ignore[no-any-return]
        nocolor=settings.nocolor,
        stream=sys.stdout if settings.stdout else sys.stderr,
        filter=DefaultFilter(*shown),
        formatter=DefaultFormatter(settings.quiet, settings.show_failed_logs),
    )


def _is_quiet(quiet: Any) -> bool:
    """Whether Snakemake should be silent about progress. (The profile silences it about the name of the machine.)"""
    return any(choice.name in ("ALL", "PROGRESS", "RULES") for choice in quiet or ())


class Events:
    """What is shown of a run of Snakemake.

    Parameters
    ----------
    colours
        Whether a terminal may get colours.
    """

    def __init__(self, colours: bool) -> None:
        adapt_output()
        ctrl_c.watch()
        self._shown = show(Run(Screen(colours=colours)))
        self._runs_jobs = self._finishing = False
        self._statuses: list[
            tuple[str, int]
        ] = []  # commands that have failed, until their job is known to have

    def show(self, record: logging.LogRecord) -> None:
        """Show a record, or its text alone if that is not possible; what is an error is never lost."""
        if not self._shown.do(lambda run: self._change(run, record)) and record.levelno >= logging.WARNING:
            sys.stderr.write(f"{record.getMessage()}\n")

    def close(self) -> None:
        """Say how it ended."""
        self._shown.end(self._end)
        if ctrl_c.pressed():  # once or twice: nothing that Snakemake reports from here on is of use
            logging.disable()
            signal.signal(signal.SIGINT, signal.SIG_DFL)

    def _end(self, run: Run) -> None:
        if run.has_begun and not run.is_done and ctrl_c.pressed():
            self._interrupted(run)
        run.close(", ".join(map(_relative, messages.full_logs())))

    def _change(self, run: Run, record: logging.LogRecord) -> None:
        event, fields = getattr(record, "event", None), vars(record)
        if event == LogEvent.WORKFLOW_STARTED:
            self._runs_jobs = True
            self._shown.start()
        elif event == LogEvent.RUN_INFO:
            run.planned(fields["stats"])
        elif event == LogEvent.JOB_INFO:
            run.started(fields["jobid"], fields["rule_name"], _texts(fields["wildcards"]), record.created)
        elif event == LogEvent.JOB_FINISHED:
            run.finished(fields["job_id"], record.created)
        elif event == LogEvent.JOB_ERROR:
            status = self._status_of(fields["shellcmd"])
            # The failure of a job may be known before Snakemake says that it was interrupted.
            patience = record.created + _PATIENCE - time.time() if status == _BY_CTRL_C else 0.0
            if ctrl_c.pressed(max(0.0, patience)):
                self._interrupted(run)
            run.failed(fields["jobid"], fields["rule_name"], fields["log"], fields["rule_msg"], status)
        elif event in (None, LogEvent.ERROR):
            self._message(run, record, record.getMessage())

    def _interrupted(self, run: Run) -> None:
        """Say, once, that the user has stopped the run."""
        if not run.is_interrupted:
            run.interrupted(_STOPPING if run.has_begun else INTERRUPTED)

    def _status_of(self, command: str | None) -> int | None:
        """The exit status of a command that has failed; None if it is not known."""
        for place, (text, status) in enumerate(self._statuses):
            if command and command.strip() in text:
                del self._statuses[place]
                return status
        return None

    def _message(self, run: Run, record: logging.LogRecord, text: str) -> None:
        again = messages.job_tried_again(text)
        status = messages.exit_status(text)
        if status is not None:
            self._statuses.append((text, status))
        elif messages.ERROR_BY_CTRL_C in text and ctrl_c.pressed():
            self._interrupted(run)
        elif record.levelno >= logging.WARNING:
            if not (messages.AFTER_FAILURES.match(text) and (run.any_failed or run.is_interrupted)):
                run.say(text, "error" if record.levelno >= logging.ERROR else "")
        elif again is not None:
            if not run.is_interrupted:
                run.say("  It will be tried again.")
        elif text.startswith(messages.INTERRUPTED):
            self._interrupted(run)
        elif text.startswith(messages.FINISHING):
            if not self._finishing:  # Snakemake says so again and again
                run.say(_FINISHING)
            self._finishing = True
        elif text.startswith(messages.NOTHING) or not (self._runs_jobs or messages.NOISE.match(text)):
            run.say(text)


def _texts(wildcards: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): str(value) for name, value in wildcards.items()}


def _relative(path: str) -> str:
    """A path relative to the current folder, if it is in it."""
    return os.path.relpath(path) if Path(path).is_relative_to(Path.cwd()) else path
