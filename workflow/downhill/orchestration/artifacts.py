"""Files of a study that are missing while others from the same job are there."""

import os

from downhill.config.study import Study
from downhill.orchestration.stages import STAGES


def missing_outputs(study: Study) -> list[str]:
    """Files that are missing although the same job made others that are still there.

    Snakemake itself does not notice a missing file that nothing else is made from; but a file that was deleted because
    it was damaged must be made again. (Where all files of a job are missing nothing is listed: weights may be deleted
    to save space.)
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
