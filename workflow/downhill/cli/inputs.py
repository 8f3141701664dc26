"""What a stage reads: results of earlier stages, checked against what is asked of them before they are used."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path

from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration.expected import expected_inputs
from downhill.orchestration.stage import Key
from downhill.orchestration.stages import STAGES
from downhill.provenance.asked import Asked
from downhill.provenance.record import find_record, identity_of, read_record, replaced_inputs

_MOST_NAMED = 3


def check_inputs(arguments: argparse.Namespace, inputs: Iterable[Path], key: Key | None = None) -> None:
    """Make sure that inputs are what the study asks for now, as far as they have records of how they were made.

    Their code is always checked, and so is whether what they were made from has been replaced since. Their names and
    settings are compared with those that the rule passes (`--expected`), or with those of the study.

    Parameters
    ----------
    arguments
        Of the stage's command.
    inputs
        Results that it reads. Those without a record were made by hand, and are accepted.
    key
        The job in the study, if the stage takes its settings from there.

    Raises
    ------
    DownhillError
        If there are inputs that differ; the message names the first of them and how they differ.
    """
    expected, identity = _expected(arguments, key), cache(identity_of)
    found = {path: problems for path in inputs if (problems := _problems(path, expected, identity))}
    if found:
        named = [f"{path} ({'; '.join(problems)})" for path, problems in list(found.items())[:_MOST_NAMED]]
        more = f" and {len(found) - _MOST_NAMED:,} more" if len(found) > _MOST_NAMED else ""
        raise DownhillError(
            f"{', '.join(named)}{more}: not what the stage {arguments.command} needs now; give it other inputs, or "
            "delete these and run again"
        )


def _expected(arguments: argparse.Namespace, key: Key | None) -> Mapping[str, Asked | None]:
    """What the inputs may be; see `expected_inputs`."""
    if getattr(arguments, "expected", None):
        return dict.fromkeys(arguments.expected.split(";"))
    if key is None or getattr(arguments, "settings", None):
        return {}
    study = Study.load(*arguments.config)
    return expected_inputs(study, STAGES[arguments.command].needs(study, key))


def _problems(
    path: Path, expected: Mapping[str, Asked | None], identity: Callable[[Path], str | None]
) -> list[str]:
    """How an input differs from what is expected."""
    try:
        place = find_record(path)
        record = read_record(place) if place else {}
    except DownhillError:  # a damaged record is not a reason for a stage to fail
        return []
    if place is None or record["stage"] not in STAGES:
        return []
    stage, name = STAGES[record["stage"]], f"{record['stage']} {record['name']}"
    known = [text for text in expected if text.startswith(f"{stage.name} ")]
    own = [text for text in known if text.rpartition(" ")[0] == name]
    if known and not own:
        others = ", ".join(text.rpartition(" ")[0] for text in known[:_MOST_NAMED])
        return [f"it is the result of {name}, not of {others}"]
    problems = stage.changes(record, None)
    problems += [f"{source} has been replaced since" for source in replaced_inputs(place, record, identity)]
    # Blocks hold their settings themselves, and all stages that read them compare these.
    if own and f"{name} {record.get('asked')}" not in own and stage.name != "train":
        asked = expected[own[0]]
        problems = ((asked.changes_since(record) if asked else []) or ["other settings"]) + problems
    return problems
