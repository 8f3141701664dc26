"""Snakemake's set of files whose jobs always run: `--forcerun` fills it, and rules have no other way to change it."""

from collections.abc import Collection
from typing import Any


def force(workflow: Any, files: Collection[str]) -> None:
    """Make Snakemake run the jobs of these files again, and what depends on them, as `--forcerun` does.

    Call it from an input function: by then the DAG exists, and no job has been compared with its records yet.
    """
    workflow.dag.forcefiles.update(files)


def is_forced(workflow: Any, rule: str, files: Collection[str]) -> bool:
    """Whether a job is forced to run; call it from a function of a parameter. (A module's rules have a prefix.)"""
    dag = workflow.dag
    names = [forced.name for forced in dag.forcerules]
    by_name = any(name == rule or name.endswith(f"_{rule}") for name in names)
    return by_name or not dag.forcefiles.isdisjoint(files)
