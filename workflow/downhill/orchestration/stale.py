"""Results that are not what the study asks for now: which are made again and why, and which must not be used.

Snakemake compares settings and code only with its own records in `.snakemake`. Results that were copied without them,
or that `--touch` marked as current, are compared here with the record next to each result. To keep this cheap for ten
thousand blocks, all records are read for results that Snakemake does not compare; for the others, only the record of
the first job of each network, data set, experiment, claim or figure.
"""

import os
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from downhill.compat.snakemake_records import has_record, recorded_params
from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration.stage import Key, Stage
from downhill.orchestration.stages import STAGES
from downhill.provenance.asked import Asked
from downhill.provenance.record import identity_of, own_version, read_record, replaced_inputs
from downhill.storage.file_names import RECORD

_MOST_LISTED = 10


@dataclass(frozen=True)
class Change:
    """A job whose result is not what is asked for: how it differs, and whether Snakemake makes it again."""

    stage: Stage
    key: Key
    files: list[str]
    differences: tuple[str, ...]
    made_by: str | None
    made_again: bool


def changes(study: Study, settings_compared: bool = True) -> Iterator[Change]:
    """Results that are not what the study asks for now (see the module).

    Parameters
    ----------
    study
        The study.
    settings_compared
        Whether Snakemake compares settings and code with its records. If not, no result is made again for them, and
        all records are read.
    """
    identity = cache(identity_of)
    for stage in STAGES.values():
        seen: set[str] = set()
        for key in stage.jobs(study) if stage.outputs else ():
            files = stage.files(study, key)
            record = next(file for file in files if file.endswith("/" + RECORD))
            if not os.path.exists(record):  # noqa: PTH110  # a Path is slower
                continue
            known = settings_compared and all(map(has_record, files))
            unit = key[0] if key else ""
            if known and unit in seen:
                continue
            try:
                content = read_record(Path(record))
                asked = stage.asks(study, key)
                found = stage.changes(content, asked)
            except (DownhillError, KeyError):  # damaged, or not a record: reported when it is needed
                continue
            if not known:
                replaced = replaced_inputs(Path(record), content, identity)
                found += [f"{path} has been replaced since" for path in replaced]
            missing = bool(found) and not all(map(os.path.exists, files))
            again = missing or (known and bool(found) and _made_again(stage, asked, record))
            if again or not found:
                seen.add(unit)
            if found:
                made_by = content.get("versions", {}).get("downhill")
                yield Change(stage, key, files, tuple(found), made_by, again)


def _made_again(stage: Stage, asked: Asked, record: str) -> bool:
    """Whether Snakemake makes a result again, because it recorded other settings or code."""
    recorded = recorded_params(record)
    return recorded is None or not set(map(repr, stage.compared(asked))) <= recorded


def check_results(study: Study, settings_compared: bool = True) -> str:
    """Make sure that no result that differs from what the study asks for is used.

    Returns
    -------
    What Snakemake will make again because its settings or code have changed, as text for people; empty if nothing.

    Raises
    ------
    DownhillError
        If there are results that Snakemake would use although they are not what is asked for.
    """
    found = list(changes(study, settings_compared))
    if stale := [change for change in found if not change.made_again]:
        raise DownhillError(_refusal(stale, settings_compared))
    return _notice(found)


def _refusal(stale: list[Change], settings_compared: bool) -> str:
    why = (
        "and Snakemake would keep them, because its own records of them are missing or wrong"
        if settings_compared
        else "and Snakemake would keep them (--touch, --rerun-triggers)"
    )
    how = "Delete them" if settings_compared else "Leave out this option to make them again, or delete them"
    lines = [f"  {change.files[0]}: {'; '.join(change.differences)}" for change in stale[:_MOST_LISTED]]
    more = [f"  … and {len(stale) - _MOST_LISTED:,} more"] if len(stale) > _MOST_LISTED else []
    return "\n".join(
        [
            f"Some results are not what the study asks for now, {why}:",
            *lines,
            *more,
            f"{how}, then run the same command again. To delete them: "
            f"rm -r {' '.join(map(shlex.quote, _to_delete(stale)))}",
        ]
    )


def _to_delete(stale: list[Change]) -> list[str]:
    """The folders and files of results; if there are many, the folders that hold them."""
    found: dict[str, None] = {}
    for change in stale:
        folder = next(str(Path(file).parent) for file in change.files if file.endswith("/" + RECORD))
        found |= dict.fromkeys(
            [folder, *(file for file in change.files if not file.startswith(folder + "/"))]
        )
    while len(found) > 2 * _MOST_LISTED:
        above = dict.fromkeys(str(Path(path).parent) for path in found)
        if len(above) == len(found) or "." in above:
            break
        found = above
    return list(found)


def _notice(found: list[Change]) -> str:
    """The changes as text, with jobs that changed in the same way in one line."""
    grouped: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for change in found:
        name = change.key[0] if change.key else ""
        grouped.setdefault((change.stage.name, change.differences), []).append(name)
    lines = [
        f"  {stage} {_listed(names)}: {'; '.join(differences)}".replace(" :", ":")
        for (stage, differences), names in grouped.items()
    ]
    others = sorted({str(change.made_by) for change in found if change.made_by not in (None, own_version())})
    by = f" by Downhill {', '.join(others)} (this is {own_version()})" if others else ""
    return "\n".join([f"Changed since the results were made{by}:", *lines]) if lines else ""


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_LISTED:,} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more
