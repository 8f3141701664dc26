"""The lineage of a result: how it was made, how its inputs were made, and so on back to the checksummed download.

It reads the `provenance.json` of every result (see `downhill.provenance.record`) and writes nothing.
"""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from downhill.errors import DownhillError
from downhill.provenance.asked import flat, shown
from downhill.provenance.record import find_record, identity, inputs_of, read_record, record_of, sha256
from downhill.storage.file_names import RECORD

_MOST_LISTED = 12  # inputs of the same kind, such as blocks of seeds, that are listed one by one

_LONGEST = 100  # characters of a setting
# Settings that are rows of text for readers; the lists of their names are shown.
_TEXTS = ("contradictions.", "reading.", "families.")


class Lineage:
    """The records behind a result, nearest first; each is listed once, even if several paths lead to it."""

    def __init__(self, result: Path) -> None:
        """Follow the records back from a result.

        Raises
        ------
        DownhillError
            If `result` does not exist, or no stage of the workflow made it.
        """
        if not result.exists():
            raise DownhillError(f"{result} does not exist; name a result, such as results/claims.csv")
        record = find_record(result)
        if record is None:
            raise DownhillError(
                f"{result} is not the result of a stage: no {RECORD} records how it was made; "
                "name a file or folder that the workflow wrote"
            )
        self.result = result
        self.first = record
        self.records: dict[Path, dict[str, Any]] = {record: read_record(record)}
        self.damaged: dict[Path, str] = {}
        waiting = [record]
        for path in waiting:
            for _, found in self.inputs(path):
                if found and found not in self.records | self.damaged:
                    try:
                        self.records[found] = read_record(found)
                        waiting.append(found)
                    except DownhillError as error:
                        self.damaged[found] = str(error)

    def inputs(self, record: Path) -> list[tuple[Path, Path | None]]:
        """The inputs that a record names, each with its own record if it has one."""
        return [(path, _record(path)) for path, _ in inputs_of(record, self.records[record])]

    def count_files(self) -> int:
        """How many files the records describe."""
        return sum(len(record["outputs"]) for record in self.records.values())

    def count_missing(self) -> int:
        """How many inputs are missing together with their records, such as weights that were deleted to save space."""
        return sum(
            not found and not source.exists() for path in self.records for source, found in self.inputs(path)
        )

    def problems(self) -> Iterator[str]:
        """Inconsistencies: inputs that have been made again since, and files that have changed since they were made."""
        yield from self.damaged.values()
        for path, record in self.records.items():
            for source, used in inputs_of(path, record):
                found = _record(source)
                if found in self.records and used and identity(self.records[found]) != used:
                    yield f"{source} has been replaced since {record['stage']} {record['name']} used it"
                if used and not found and source.exists():
                    yield f"{source} has lost the {RECORD} that recorded how it was made"
            for name, made in record["outputs"].items():
                file = _at(path, name)
                if not file.is_file():
                    yield f"{file} is missing"
                elif file.stat().st_size != made["bytes"] or sha256(file) != made["sha256"]:
                    yield f"{file} is not the file that was made: its checksum differs"

    def as_json(self) -> dict[str, Any]:
        """All records, with paths relative to the working directory."""
        chain = [
            record
            | {
                "record": path.as_posix(),
                "inputs": [
                    entry | {"path": source.as_posix(), "record": found.as_posix() if found else None}
                    for entry, (source, found) in zip(record["inputs"], self.inputs(path), strict=True)
                ],
                "outputs": {_at(path, name).as_posix(): made for name, made in record["outputs"].items()},
            }
            for path, record in self.records.items()
        ]
        return {"result": self.result.as_posix(), "chain": chain}

    def as_text(self) -> str:
        """The lineage as indented text, each input below the result that was made from it."""
        shown: set[Path | str] = {self.first}
        lines = [str(self.result), *_details(self.records[self.first], "  ", shown, everything=True)]
        lines += self._branches(self.first, "  ", shown)
        return "\n".join(lines)

    def _branches(self, record: Path, indent: str, shown: set[Path | str]) -> list[str]:
        lines: list[str] = []
        inputs = self.inputs(record)
        for place, (source, found) in enumerate(inputs):
            if place == _MOST_LISTED and len(inputs) > _MOST_LISTED + 1:
                seconds = sum(
                    self.records[other]["wall_seconds"]
                    for _, other in inputs[place:]
                    if other in self.records
                )
                lines.append(f"{indent}← … and {len(inputs) - place:,} more, made in {seconds:,.0f} s in all")
                break
            if found is None:
                why = "not made by the workflow" if source.exists() else "missing"
                lines.append(f"{indent}← {source} ({why})")
            elif found in self.damaged:
                lines.append(f"{indent}← {source} (its {RECORD} is damaged)")
            elif found in shown:
                lines.append(f"{indent}← {source} (see above)")
            else:
                shown.add(found)
                lines.append(f"{indent}← {source}")
                lines += _details(self.records[found], indent + "    ", shown)
                lines += self._branches(found, indent + "    ", shown)
        return lines


def _details(
    record: dict[str, Any], indent: str, shown: set[Path | str], everything: bool = False
) -> list[str]:
    """The lines of one record; settings that have been shown already (evaluation and training) are left out."""
    code = record["code"]
    seeds = record.get("seeds")
    lines = [
        f"{record['stage']} {record['name']}"
        + (f", seeds {seeds[0]} to {seeds[1]}" if seeds else "")
        + (f", {record['threads']} thread(s)" if "threads" in record else ""),
        f"{_time(record['started'])} to {_time(record['finished'])} ({record['wall_seconds']:,.1f} s) "
        f"on {record['host']}, {record['processor']}",
        f"code of {', '.join(code['modules'])}: {code['digest']}; "
        f"downhill {record['versions']['downhill'] or 'not installed'}, Python {record['python']}",
    ]
    if everything:
        found = {name: number for name, number in record["versions"].items() if name != "downhill" and number}
        lines.append(
            ", ".join(f"{name} {number}" for name, number in found.items()) + f"; {record['system']}"
        )
    settings = _settings(record)
    if settings and settings not in shown:
        lines.append(settings)
        shown.add(settings)
    if record["stage"] == "download" or everything:
        checked = record.get("checked_against", {})
        lines += [
            f"sha256 {made['sha256']}  {Path(name).name}" + (" (as expected)" if name in checked else "")
            for name, made in record["outputs"].items()
        ]
    return [indent + line for line in lines]


def _settings(record: dict[str, Any]) -> str:
    """Settings in one line, without what is empty or switched off; long ones are shortened."""
    settings = record.get("settings", {})
    if record["stage"] == "download":
        return f"mirrors: {', '.join(settings['mirrors'])}"
    return ", ".join(
        f"{key} {_shortened(shown(key, value))}"
        for key, value in flat(settings).items()
        if value not in (None, False, [], "") and key != "seeds" and not key.startswith(_TEXTS)
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _time(text: str) -> str:
    return datetime.fromisoformat(text).strftime("%Y-%m-%d %H:%M:%S UTC")


def _record(path: Path) -> Path | None:
    """The record of an input, even if it is damaged."""
    try:
        return find_record(path)
    except DownhillError:
        return record_of(path)


def _at(record: Path, name: str) -> Path:
    """A path of a record, relative to the working directory."""
    return Path(os.path.normpath(record.parent / name))
