"""The jobs that Snakemake is about to run, read from its object `workflow` once they are planned."""

from collections.abc import Iterator
from typing import Any, NamedTuple


class SnakemakeJob(NamedTuple):
    """A job: its number, rule, wildcards, threads, and the numbers of the jobs that it needs and that run as well."""

    number: int
    rule: str
    wildcards: dict[str, str]
    threads: int
    needs: tuple[int, ...]


class Slots(NamedTuple):
    """Where jobs run: cores (None if unknown), maximum number of jobs (None: no limit), and whether it is here."""

    cores: int | None
    most: int | None
    here: bool


def planned_jobs(workflow: Any) -> Iterator[SnakemakeJob]:
    """The jobs that are to run, in no particular order."""
    dag = workflow.dag
    to_run = set(dag.needrun_jobs())
    for job in to_run:
        needs = tuple(sorted(dag.jobid(other) for other in dag.job_dependencies(job) if other in to_run))
        wildcards = {str(name): str(value) for name, value in job.wildcards_dict.items()}
        yield SnakemakeJob(dag.jobid(job), job.rule.name, wildcards, int(job.threads), needs)


def slots(workflow: Any) -> Slots:
    """How many jobs may run at a time, and on how many cores."""
    resources = workflow.resource_settings
    return Slots(resources.cores, None if workflow.local_exec else resources.nodes, bool(workflow.local_exec))
