"""What a stage writes: its results, next to them the record of how they were made, and a line in the log."""

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from downhill.errors import DownhillError
from downhill.orchestration.stage import Stage
from downhill.orchestration.stages import STAGES
from downhill.provenance.asked import Asked
from downhill.provenance.record import record_of, write_provenance
from downhill.storage.file_names import RECORD


def directories(arguments: argparse.Namespace) -> tuple[list[Path], list[Path]]:
    """Where a stage writes: the folders of its results and records, and results and records that are single files.

    Raises
    ------
    DownhillError
        If the name of a single file has no suffix, so that its record would need a folder of the same name.
    """
    stage = STAGES.get(arguments.command)
    if stage is None or not stage.outputs:
        return [], []
    records = _records(stage, arguments)
    for path in [] if stage.in_folder else [file for files in records.values() for file in files]:
        if path == record_of(path).parent:
            suffix = Path(next(iter(stage.outputs.values()))).suffix
            raise DownhillError(
                f"cannot write {path}: the name needs a suffix; write for instance {path}{suffix}"
            )
    folders = [path.parent for path in records]
    return folders, [] if stage.in_folder else [
        *(file for files in records.values() for file in files),
        *records,
    ]


def record(arguments: argparse.Namespace, asked: Asked, further: Sequence[Path] = (), **details: Any) -> None:
    """Record next to the results of a stage how they were made.

    Parameters
    ----------
    arguments
        Of the stage's command.
    asked
        What was asked of the job; its settings are compared with those asked for later.
    further
        Results besides those that the table of stages names.
    details
        For the record, such as inputs.
    """
    stage = STAGES[arguments.command]
    if asked.settings is not None:
        details["settings"] = asked.settings
    for path, outputs in _records(stage, arguments).items():
        write_provenance(
            path,
            stage.name,
            getattr(arguments, "name", None) or stage.name,
            started=arguments.started,
            code=stage.modules(asked.family, asked.function),
            outputs=[*outputs, *further],
            asked=asked.digest(),
            **details,
        )


def log(message: str) -> None:
    """Log what a stage did."""
    logging.getLogger("downhill").info(message)


def _records(stage: Stage, arguments: argparse.Namespace) -> dict[Path, list[Path]]:
    """The records of a stage, each with the results that it describes."""
    roles = [role for role in stage.outputs if role != "provenance"]
    if stage.in_folder:
        folder = arguments.output
        return {folder / RECORD: [folder / Path(stage.outputs[role]).name for role in roles]}
    if not hasattr(arguments, "output"):  # an argument for each result, which share a record
        files = [getattr(arguments, role) for role in roles]
        return {record_of(files[0]): files}
    records: dict[Path, list[Path]] = {}
    for file in arguments.output if isinstance(arguments.output, list) else [arguments.output]:
        records.setdefault(record_of(file), []).append(file)
    return records
