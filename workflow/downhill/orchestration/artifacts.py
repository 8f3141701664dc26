"""Files of a study that are missing although others from the same job exist."""

import os
from pathlib import Path

from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration.stages import STAGES
from downhill.provenance.record import read_record


def missing_outputs(study: Study) -> list[str]:
    """Files that are missing although the same job made others that still exist.

    Snakemake itself does not notice that a file is missing if nothing else is made from it, but a file that was deleted
    because it was damaged must be made again. (If all files of a job are missing, nothing is listed: weights may be
    deleted to save space.)
    """
    found: list[str] = []
    for stage in STAGES.values():
        if not stage.outputs:
            continue
        for key in stage.jobs(study):
            files = stage.files(study, key)
            missing = [file for file in files if not os.path.exists(file)]  # noqa: PTH110  # a Path is slower
            found += missing if len(missing) < len(files) else []
    return found


def incomplete_exports(study: Study) -> list[str]:
    """The table of exported networks, if one of the files that were written with it is missing.

    Which files there are depends on which seeds diverged, so that neither Snakemake nor the table of stages knows them.
    """
    stage = STAGES["export"]
    found: list[str] = []
    for key in stage.jobs(study):
        table, record = stage.files(study, key)
        try:
            files = [Path(record).parent / name for name in read_record(Path(record))["outputs"]]
        except (
            DownhillError
        ):  # missing, so that everything is made anyway, or damaged, which is reported elsewhere
            continue
        found += [] if all(map(os.path.exists, files)) else [table]
    return found
