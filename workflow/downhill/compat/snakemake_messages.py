"""Messages that Snakemake logs without saying what kind they are, recognised by their text; the paths of its logs."""

import logging
import re

NOISE = re.compile(
    r"Config file .* is extended by additional config|Assuming unrestricted shared filesystem usage"
    r"|Adding .* \(.*\)\.$|Loading (script|wrapper) code for rule "
)
"""Messages outside a run of jobs that say nothing about it."""

NOTHING = "Nothing to be done"
"""How the message begins if everything is up to date."""

INTERRUPTED = "Terminating processes on user request"
"""After Ctrl-C."""

ERROR_BY_CTRL_C = "KeyboardInterrupt"
"""In the error that Snakemake reports instead, if Ctrl-C arrives while it evaluates the resources of a job."""

FINISHING = "Will exit after finishing currently running jobs"
"""After SIGTERM."""

AFTER_FAILURES = re.compile(
    r"Exiting because a job execution failed|WorkflowError:\nAt least one job did not complete"
)
"""Errors that only say that there were others."""

_COMMAND = re.compile(
    r"RuleException:\nCalledProcessError .*(?:returned non-zero exit status (\d+)|died with <Signals\.\w+: (\d+)>)",
    re.DOTALL,
)
_AGAIN = re.compile(r"Trying to restart job (\d+)\.")


def job_tried_again(message: str) -> int | None:
    """The number of a job that has failed and is started again."""
    found = _AGAIN.match(message)
    return int(found[1]) if found else None


def full_logs() -> list[str]:
    """The paths of Snakemake's logs of the current run."""
    handlers = logging.getLogger("snakemake.logging").handlers
    return [handler.baseFilename for handler in handlers if isinstance(handler, logging.FileHandler)]


def exit_status(message: str) -> int | None:
    """The exit status of a job's command, in the message that precedes the event of its failure."""
    found = _COMMAND.match(message)
    if not found:
        return None
    return int(found[1]) if found[1] else 128 + int(found[2])  # as a shell reports a signal
