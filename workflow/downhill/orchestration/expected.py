"""What a job may expect of its inputs: what the study asks of the jobs that make them."""

from collections.abc import Iterable

from downhill.config.study import Study
from downhill.orchestration.stage import Job
from downhill.orchestration.stages import STAGES
from downhill.provenance.asked import Asked


def expected_inputs(study: Study, jobs: Iterable[Job]) -> dict[str, Asked]:
    """What is asked of the jobs that another job needs: by stage, name and digest of the settings, as in records."""
    found: dict[str, Asked] = {}
    for stage, subject in dict.fromkeys((stage, key[:1]) for stage, key in jobs if STAGES[stage].outputs):
        asked = STAGES[stage].asks(study, subject)
        name = subject[0].partition("/")[0] if subject else stage  # of an experiment, not of what it runs on
        if stage == "draw":  # whose command is given the function, not the figure
            name = asked.function
        found[f"{stage} {name} {asked.digest()}"] = asked
    return found
