"""Snakemake's set of files whose jobs run in any case, which `--forcerun` fills and rules have no way to change."""

from collections.abc import Collection
from typing import Any


def force(workflow: Any, files: Collection[str]) -> None:
    """Make Snakemake run the jobs of these files again, and what depends on them, as `--forcerun` does.

    Call it from an input function: at that time there is a plan, and no job has been compared with its records.
    """
    workflow.dag.forcefiles.update(files)


def is_forced(workflow: Any, rule: str, files: Collection[str]) -> bool:
    """Whether a job runs in any case; call it from a function of a parameter. (A module's rules have a prefix.)"""
    dag = workflow.dag
    return any(forced.name.endswith(rule) for forced in dag.forcerules) or not dag.forcefiles.isdisjoint(
        files
    )
