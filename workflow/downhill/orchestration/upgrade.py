"""Results of another version of Downhill: which of them are made again, and why."""

from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from urllib.parse import quote

from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration.stages import STAGES, Stage
from downhill.provenance.code_digest import source_digest
from downhill.provenance.record import read_record
from downhill.storage.atomic import atomic_path
from downhill.storage.file_names import RECORD
from downhill.storage.locks import SNAKEMAKE

_KEPT_WITH_OTHER_CODE = ("download",)  # downloaded files do not depend on the code


@dataclass
class _Found:
    """What the records of a study's results say: jobs by stage, and the versions that made them."""

    again: Counter[str] = field(default_factory=Counter)
    kept: Counter[str] = field(default_factory=Counter)
    versions: set[str] = field(default_factory=set)


def upgrade_notice(study: Study) -> str:
    """What a run on the results of another version will make again, and why; empty if there is nothing to report.

    The records are only read if the results were last used by another version.
    """
    results = Path(study.settings.results)
    if not results.is_dir() or _version_of(results) == _own_version():
        return ""
    found = _Found()
    for stage in STAGES.values():
        if stage.outputs:
            _look_at(stage, study, found)
    others = sorted(found.versions - {_own_version()})
    if not others or not found.again:
        return ""
    lines = [
        f"{results} contains results from Downhill {', '.join(others)}, but this is Downhill {_own_version()}.",
        f"To be made again, because the code that makes them has changed: {_listed(found.again)}.",
    ]
    if found.kept:
        lines.append(f"To be kept, unless something they are made from changes: {_listed(found.kept)}.")
    lines.append(
        "Results of the two versions are not mixed: everything that depends on a changed result is made again."
    )
    return "\n".join(lines)


def mark_version(study: Study) -> None:
    """Note that the results are those of this version."""
    results = Path(study.settings.results)
    if _version_of(results) != _own_version():
        with atomic_path(_mark_of(results)) as path:
            path.write_text(_own_version() + "\n", encoding="utf-8")


def _mark_of(results: Path) -> Path:
    """The file with the version that used the results last, among Snakemake's own records."""
    return Path(SNAKEMAKE) / f"downhill-version-of-{quote(results.as_posix(), safe='')}"


def _look_at(stage: Stage, study: Study, found: _Found) -> None:
    for key in stage.jobs(study):
        records = [Path(file) for file in stage.files(study, key) if file.endswith("/" + RECORD)]
        for record in filter(Path.is_file, records):
            try:
                content = read_record(record)
                code, made_by = content["code"], content["versions"]["downhill"] or "of an unknown version"
            except (DownhillError, KeyError):  # damaged or not a record: reported when it is needed
                continue
            found.versions.add(str(made_by))
            try:
                same = source_digest(*code["modules"]) == code["digest"] and content["stage"] == stage.name
            except (OSError, KeyError):  # modules that this version does not have
                same = False
            kept = same or stage.name in _KEPT_WITH_OTHER_CODE
            (found.kept if kept else found.again)[stage.name] += 1


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count:,} × {stage}" for stage, count in counts.items())


def _version_of(results: Path) -> str:
    try:
        return _mark_of(results).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _own_version() -> str:
    try:
        return version("downhill")
    except PackageNotFoundError:  # the package is on PYTHONPATH but not installed
        return "of an unknown version"
