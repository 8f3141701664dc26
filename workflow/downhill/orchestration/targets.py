"""Files requested on Snakemake's command line: a mistyped name is reported with the closest known name."""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from downhill.config.band import SINGLE_RUN
from downhill.config.reading import did_you_mean
from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration.stage import Key, Stage
from downhill.orchestration.stages import STAGES

_CALLED = {"unit": "experiment", "dataset": "data set"}
"""Wildcards that are called something else in messages."""

_WHY_NOT = {
    "assemble": "the setting playground names no table, or none of its networks are in the study",
    "compare": f"none of its claims has the band '{SINGLE_RUN}'",
    "export": "the setting exports is none",
}
"""Why a study may have no job for a stage."""


def check_targets(study: Study, words: Iterable[str]) -> None:
    """Check that every file on a command line that looks like a result belongs to something that the study has.

    Raises
    ------
    DownhillError
        For the first one with an unknown name.
    """
    for word in words:
        if problem := _problem(study, _plain(word)):
            raise DownhillError(f"{word}: {problem}")


def _plain(word: str) -> str:
    """A path as stages spell it: relative to the working directory, without `..`."""
    path = os.path.normpath(word)
    return os.path.relpath(path) if Path(path).is_relative_to(Path.cwd()) else path


def _problem(study: Study, path: str) -> str | None:
    """What is wrong with a path that looks like a result; a path may look like a result of several stages."""
    problems = []
    for stage in STAGES.values():
        if not stage.wildcards:
            if path in stage.files(study, ()):
                return None if list(stage.jobs(study)) else _without_jobs(stage)
            continue
        for name, *seeds in _keys(study, stage, path):
            if stage.name == "download" and name in study.tables.sources.keys() - study.tables.downloaded():
                problems.append(f"source '{name}' is generated from a seed, so it has no files to download")
                continue
            jobs = list(_possible(study, stage))
            if (name, *seeds) in jobs:
                return None
            what, known = _CALLED.get(stage.wildcards[0], stage.wildcards[0]), [job[0] for job in jobs]
            if name not in known:
                problems.append(
                    f"this study has no {what} '{name}'; {did_you_mean(name, dict.fromkeys(known))}"
                )
                continue
            blocks = ["-".join(job[1:]) for job in jobs if job[0] == name]
            block = "-".join(seeds)
            problems.append(
                f"{what} '{name}' has no job for the seeds {block}; {did_you_mean(block, blocks)}"
            )
    return problems[0] if problems else None


def _without_jobs(stage: Stage) -> str:
    """Why a study does not make the files of a stage that it has no job for."""
    return f"this study has nothing to {stage.name}, since {_WHY_NOT[stage.name]}"


def _possible(study: Study, stage: Stage) -> Iterable[Key]:
    """The jobs of a stage, including those that the study itself does not need."""
    whole: dict[str, Iterable[str]] = {
        "download": study.tables.downloaded(),
        "prepare": study.tables.datasets,
    }
    return ((name,) for name in whole[stage.name]) if stage.name in whole else stage.jobs(study)


def _keys(study: Study, stage: Stage, path: str) -> Iterator[Key]:
    """The values of a stage's wildcards in a path, for each output of the stage that the path matches."""
    parts = {"results": re.escape(study.settings.results), "resources": re.escape(study.settings.resources)}
    parts |= dict.fromkeys(stage.wildcards, "([^/]+)") | {stage.wildcards[0]: "(.+)"}
    for pattern in stage.outputs.values():
        if match := re.fullmatch(pattern.format_map(parts), path):
            yield match.groups()
