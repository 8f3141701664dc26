"""What the Snakefile needs around its rules: settings of the process, and checks before the first job."""

import atexit
import gc
import logging
import os
import shlex
import sys
from collections.abc import Collection, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from downhill.compat.snakemake_configuration import configuration
from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration import signals
from downhill.orchestration.checks import check_study
from downhill.orchestration.stale import check_results
from downhill.orchestration.terminal import adapt_output
from downhill.storage.atomic import check_writable
from downhill.storage.locks import single_snakemake
from downhill.storage.problems import check_usable

# For the Python of jobs: it imports nothing from the working directory, where a file of the user's such as `secrets.py`
# would shadow a module of the standard library; it keeps docstrings; and file names, arguments and logs are UTF-8.
_PYTHON = "export PYTHONSAFEPATH=1 PYTHONUTF8=1; unset PYTHONOPTIMIZE PYTHONIOENCODING; "


def read_study(workflow: Any, config: dict[str, Any], is_module: bool) -> Study:
    """Read and check the study that Snakemake's configuration describes.

    Parameters
    ----------
    workflow
        The `workflow` object. Its configuration files are read again: Snakemake silently uses the last of several equal
        keys, and may replace expressions in them.
    config
        The configuration as Snakemake read it, or as it was given to the module.
    is_module
        Whether another workflow uses these rules, and chooses their configuration.

    Raises
    ------
    DownhillError
        At the first error.
    """
    if is_module:
        study = Study.from_values(config, "config")
    else:
        files, further = configuration(workflow)
        study = Study.load(*files, further=further)
    check_study(study)
    for folder in (study.settings.results, study.settings.resources):
        check_usable(Path(folder))
    return study


def set_up_process() -> None:
    """Change process-wide settings, which only the top-level workflow may do."""
    adapt_output()
    sys.excepthook = signals.interrupted
    signals.ctrl_c.watch()
    os.environ["PYTHONSAFEPATH"] = "1"  # for the Snakemake of each job on a cluster; see `shell_prefix`
    logging.raiseExceptions = False  # a log that cannot be written is reported once, not for every line
    # For ten thousand jobs, Snakemake keeps a million objects until it exits. Searching them for garbage again and
    # again, and freeing them one by one at exit, would take a fifth of the planning time. Garbage collection is
    # enabled again when jobs start.
    gc.disable()
    atexit.register(gc.freeze)


def shell_prefix(is_module: bool) -> str:
    """The commands that each job's shell runs first.

    Jobs use the Python that runs Snakemake, whether or not its environment is active. Ctrl-C is left to that Python,
    which handles it as soon as it has started (`downhill.__main__`); with the shell there would be a stack trace.
    The settings of another workflow that uses these rules as a module are left to it: its rules get the same prefix.
    """
    prefix = f"set -euo pipefail; export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH; "
    return prefix + ("" if is_module else f"{_PYTHON}trap '' INT; ")


def cache_mode() -> str | bool:
    """How slow stages use Snakemake's between-workflow cache (`--cache`).

    If there is no folder for the cache, Snakemake would print in every run that the cache could be used.
    """
    return "omit-software" if "SNAKEMAKE_OUTPUT_CACHE" in os.environ else False


def report_changes(study: Study) -> None:
    """Print why Snakemake will make results again, by the setting or module that changed.

    Raises
    ------
    DownhillError
        If Snakemake would use results that are not what the study asks for.
    """
    if notice := check_results(study, settings_compared=not keeps_other_settings(sys.argv[1:])):
        print(notice, file=sys.stderr)


def keeps_other_settings(words: Sequence[str]) -> bool:
    """Whether a command line keeps Snakemake from comparing settings: `--touch`, or triggers without `params`.

    Those of a profile are not seen here, but by `check_without_records`.
    """
    if {"--touch", "-t"} & set(words):
        return True
    for place, word in enumerate(words):
        option, _, value = word.partition("=")
        if option in ("--rerun-triggers", "--rerun-trigger"):
            given = (
                [value] if value else takewhile(lambda other: not other.startswith("-"), words[place + 1 :])
            )
            return "params" not in given
    return False


def check_without_records(study: Study, triggers: Collection[Any], touch: bool) -> None:
    """Refuse results that are not what the study asks for, if its options keep Snakemake from comparing settings.

    Parameters
    ----------
    study
        The study.
    triggers
        What Snakemake regards as a reason to make a result again.
    touch
        Whether it only marks results as current.

    Raises
    ------
    DownhillError
        If there are such results.
    """
    if touch or "PARAMS" not in {trigger.name for trigger in triggers}:
        check_results(study, settings_compared=False)


def begin(study: Study) -> None:
    """Make sure, before any job starts, that this Snakemake can write the results and is the only one that does.

    Raises
    ------
    DownhillError
        If it cannot, or another Snakemake is writing them.
    """
    single_snakemake(study.settings.results)
    if problem := trouble_with_disks(study):
        raise DownhillError(problem)
    signals.end_when_asked()
    gc.freeze()
    gc.enable()


def trouble_with_disks(study: Study) -> str:
    """Why results, or Snakemake's records of them, cannot be written; empty if they can."""
    try:
        for folder in (study.settings.results, ".snakemake"):
            check_writable(folder)
    except DownhillError as error:
        return str(error)
    return ""
