"""Which studies were run in this folder last, so that commands find its results.

Snakemake knows the folder of a study's results from its configuration and options; `make` and `downhill show` do not.
So every run notes it in Snakemake's own folder. Several studies may run at a time: a run of `make` recognises its own
study by the environment variable DOWNHILL_RUN, which it sets to something that no other run has.
"""

import os
from contextlib import suppress
from pathlib import Path
from typing import Any

from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.storage.json_files import read_json, write_json
from downhill.storage.locks import SNAKEMAKE

_NOTES = Path(SNAKEMAKE, "downhill-studies.json")
_KEPT = 20
_DEFAULT = Path("results")


def note(study: Study) -> None:
    """Note that a study is run in the current folder; if that is not possible, nothing happens."""
    run = os.environ.get("DOWNHILL_RUN", "")
    others = [one for one in _noted() if one["run"] != run]
    with suppress(DownhillError):
        write_json(_NOTES, [*others[1 - _KEPT :], {"run": run, "results": study.settings.results}])


def latest_results() -> Path:
    """The folder of results of the study that this run of `make`, or anything in this folder, ran last."""
    noted = _noted()
    own = [one for one in noted if one["run"] == os.environ.get("DOWNHILL_RUN")]
    return Path((own or noted)[-1]["results"]) if noted else _DEFAULT


def _noted() -> list[dict[str, Any]]:
    """The notes, the latest last; none if there is no file of them, or it is damaged."""
    try:
        found = read_json(_NOTES)
    except DownhillError:
        return []
    complete = isinstance(found, list) and all(
        isinstance(one, dict) and isinstance(one.get("run"), str) and isinstance(one.get("results"), str)
        for one in found
    )
    return found if complete else []
