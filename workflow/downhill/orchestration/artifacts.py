"""Files of a study that are missing although others from the same job exist."""

import os

from downhill.config.study import Study
from downhill.orchestration.stages import STAGES


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
