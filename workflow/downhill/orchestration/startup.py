"""What the Snakefile needs around its rules: settings of the process, and checks before the first job."""

import atexit
import gc
import logging
import os
import shlex
import sys
from pathlib import Path
from typing import Any

from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration import signals
from downhill.orchestration.checks import check_study
from downhill.orchestration.upgrade import upgrade_notice
from downhill.storage.atomic import check_writable
from downhill.storage.locks import single_snakemake


def read_study(config: dict[str, Any], files: list[Any]) -> Study:
    """Read and check the study that Snakemake's configuration describes; DownhillError at the first mistake."""
    study = Study.from_values(config, " + ".join(map(str, files)) or "config")
    check_study(study)
    return study


def set_up_process() -> None:
    """Settings of the whole process, which only the top-level workflow changes."""
    sys.excepthook = signals.interrupted
    logging.raiseExceptions = False  # a log that cannot be written is reported once, not for every line
    # For ten thousand jobs Snakemake keeps a million objects until it ends. To search them for garbage again and
    # again, and to free them one by one at the end, would take a fifth of the time that planning takes. Garbage
    # collection is on again when jobs start.
    gc.disable()
    atexit.register(gc.freeze)


def shell_prefix(is_module: bool) -> str:
    """What each job's shell does first.

    Jobs use the Python that runs Snakemake, whether or not its environment is active. Ctrl-C is left to that Python,
    which handles it as soon as it has started (`downhill.__main__`): the shell would answer with a stack trace.
    """
    prefix = f"set -euo pipefail; export PATH={shlex.quote(str(Path(sys.executable).parent))}:$PATH; "
    return prefix + ("" if is_module else "trap '' INT; ")


def cache_mode() -> str | bool:
    """How the stages that take long use Snakemake's cache between workflows (`--cache`).

    Without a folder for the cache, Snakemake would warn in every run that it could be used.
    """
    return "omit-software" if "SNAKEMAKE_OUTPUT_CACHE" in os.environ else False


def begin(study: Study) -> None:
    """Make sure, before any job starts, that this Snakemake may write the results, and is the only one.

    Raises
    ------
    DownhillError
        If not.
    """
    single_snakemake(study.settings.results)
    if problem := trouble_with_disks(study):
        raise DownhillError(problem)
    if notice := upgrade_notice(study):
        print(notice, file=sys.stderr)
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
