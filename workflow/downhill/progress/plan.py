"""The jobs that Snakemake is about to run, with the times that the cost model expects."""

from typing import Any

from downhill.compat.snakemake_jobs import planned_jobs, slots
from downhill.config.study import Study
from downhill.orchestration.stages import STAGES
from downhill.planning.forecast import CLUSTER, HERE, Forecaster
from downhill.progress.time_left import PlannedJob, TimeLeft

_ORDER = {name: place for place, name in enumerate(STAGES)}


def time_left(study: Study, workflow: Any) -> TimeLeft:
    """The jobs of a study that Snakemake's object `workflow` has planned."""
    where = slots(workflow)
    overheads = HERE if where.here else CLUSTER
    forecaster = Forecaster(study, overheads)
    found = {}
    planned = sorted(planned_jobs(workflow), key=lambda job: (_ORDER.get(job.rule, len(_ORDER)), job.number))
    for job in planned:
        stage = STAGES.get(job.rule)
        # A rule that is not a stage, such as `all`, only gathers files.
        seconds = 0.0
        if stage is not None:
            key = tuple(job.wildcards[name] for name in stage.wildcards)
            seconds = forecaster.seconds(stage.name, key, job.threads)
        modelled = stage is not None and stage.seconds is None and stage.name != "compile"
        found[job.number] = PlannedJob(job.rule, seconds, job.threads, job.needs, modelled)
    # On a cluster, the number of cores is not known, only that of jobs.
    cores = where.cores if where.here and where.cores else sum(job.cores for job in found.values())
    return TimeLeft(
        found, max(cores, 1), most=where.most, dispatch=overheads.dispatch, notice=overheads.notice
    )
