"""Downloaded files before any job starts: files without a checksum, and files with another one than was given."""

import copy
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from downhill.config.dataset import IDX_NAMES, Source
from downhill.config.study import Study
from downhill.datasets.copies import is_folder
from downhill.errors import DownhillError
from downhill.orchestration import replaced_files
from downhill.orchestration.stages import STAGES
from downhill.provenance.record import identity, identity_of, read_record
from downhill.storage.file_names import RECORD


def check_sources(study: Study, downloaded: str, home: Path) -> list[str]:
    """Check the downloaded files of a study's sources, and print what has changed or would go unnoticed.

    Parameters
    ----------
    study
        The study; only the sources that it uses count.
    downloaded
        Path of a source's training images, with `{source}` for its name.
    home
        Downhill's own folder.

    Returns
    -------
    Files of which the download must run again.

    Raises
    ------
    DownhillError
        See `check_checksums`, and if a downloaded file has changed.
    """
    check_checksums(study, downloaded)
    again = []
    for name, source in study.sources().items():
        notice, changed = _look_at(name, with_own_folders(source, home), _folder(study, name, downloaded))
        again += [downloaded.replace("{source}", name)] if changed else []
        if notice:
            print(f"Source '{name}': {notice}", file=sys.stderr)
    if notice := notice_of_unguarded(study, downloaded):
        print(notice, file=sys.stderr)
    return again


def with_own_folders(source: Source, home: Path) -> Source:
    """A source whose mirrors in Downhill's own folder are found from any working directory."""
    own = {
        name: str(home / name)
        for name in source.mirrors
        if not Path(name).is_dir() and (home / name).is_dir()
    }
    return source.model_copy(update={"mirrors": tuple(own.get(name, name) for name in source.mirrors)})


def _look_at(name: str, source: Source, folder: Path) -> tuple[str, bool]:
    """What to say about the files of a source, and whether its download must run again."""
    record = _record(folder / RECORD)
    before = copy.deepcopy(record)
    there = [(folder / file).is_file() for file in IDX_NAMES.values()]
    if not record or not any(there):
        return "", False  # nothing has been downloaded, or it was deleted to save space
    if not all(there):
        return "", True
    known = replaced_files.check_kept(name, folder, record)
    changed, problem, same = replaced_files.replaced(name, source, record)
    if changed:
        what = f"{', '.join(changed)} {'have' if len(changed) > 1 else 'has'} changed since the download"
        return f"{what}; whatever needs the source downloads it again and is rebuilt", True
    if known or same:
        replaced_files.update(folder / RECORD, before, record)
    return f"using the files downloaded earlier, because {problem}" if problem else "", False


def check_checksums(study: Study, downloaded: str | None = None) -> None:
    """Check that downloaded files have the checksums that the configuration gives for them.

    A checksum is never a reason for Snakemake to run a job again, since adding the right one changes no file.

    Raises
    ------
    DownhillError
        If a checksum differs from that of the file that was downloaded.
    """
    for name, source in study.sources().items():
        folder = _folder(study, name, downloaded)
        if not all((folder / file).is_file() for file in (*IDX_NAMES.values(), RECORD)):
            continue  # the files will be downloaded, and checked then
        outputs = _record(folder / RECORD).get("outputs", {})
        for role, file in source.files.model_dump().items():
            path = folder / IDX_NAMES[role]
            found = outputs.get(path.name, {}).get("sha256")
            if found and file["sha256"] and file["sha256"] != found:
                raise DownhillError(
                    f"{study.settings.datasets}, sources.{name}.files.{role}.sha256: {path} was downloaded with the "
                    f"SHA-256 {found}, not {file['sha256']}; correct the value, or, to download other files, "
                    "delete that file and run again"
                )


def files_to_replace(study: Study) -> list[str]:
    """Files of sources that are missing and must be downloaded: data sets were made of files with other checksums.

    (As long as the data sets exist, Snakemake itself does not download missing files unless it is forced to: they may
    have been deleted to save space.)
    """
    found: list[str] = []
    for name, source in study.sources().items():
        files = STAGES["download"].files(study, (name,))
        if source.unguarded() or any(Path(file).is_file() for file in files):
            continue
        given = source.files.model_dump().items()
        wanted = identity({"outputs": {IDX_NAMES[role]: file for role, file in given}})
        datasets = [dataset for dataset in study.datasets() if study.recipe(dataset).source == name]
        folders = [Path(STAGES["prepare"].files(study, (dataset,))[0]).parent for dataset in datasets]
        inputs = [entry for folder in folders for entry in _record(folder / RECORD).get("inputs", [])]
        if any(entry["result"] not in (None, wanted) for entry in inputs):
            found += files
    return found


def notice_of_unguarded(study: Study, downloaded: str) -> str:
    """What to know about sources without checksums that may come from the internet; empty if there are none."""
    lines = []
    for name, source in study.sources().items():
        roles = source.unguarded()
        if roles and not all(map(is_folder, source.mirrors)):
            which = "its files" if len(roles) == len(IDX_NAMES) else ", ".join(roles)
            lines.append(
                f"Source '{name}' has no sha256 for {which}, so changes on its mirrors go unnoticed. "
                "To download the files that its mirrors have now, and rebuild everything that depends on them, run "
                f"Snakemake with --forcerun {downloaded.replace('{source}', name)}"
            )
    return "\n".join(lines)


def unguarded_files(source: Source, outputs: Sequence[str], forced: bool) -> list[str]:
    """What identifies the files of a source without checksums, as part of the key of Snakemake's cache.

    It names the project, because files of the same name may differ elsewhere, and what the download takes: sizes and
    times of local files, or what was downloaded from the internet. A new download from there is never in the cache.
    """
    found = [str(Path.cwd())]
    if all(map(is_folder, source.mirrors)):
        copies = [replaced_files.current_copy(source, role) for role in source.unguarded()]
        return found + [f"{copy} {replaced_files.seen(copy)}" for copy in copies if copy]
    record = next(Path(file) for file in outputs if Path(file).name == RECORD)
    if forced or not all(Path(file).exists() for file in outputs):
        return [*found, str(time.time_ns())]
    return [*found, str(identity_of(record))]


def _folder(study: Study, source: str, downloaded: str | None) -> Path:
    """The folder of a source's downloaded files, by default that of the study."""
    pattern = downloaded or STAGES["download"].files(study, ("{source}",))[0]
    return Path(pattern.replace("{source}", source)).parent


def _record(path: Path) -> dict[str, Any]:
    """A record; empty if it is missing, or damaged, which is reported when it is needed."""
    try:
        return read_record(path)
    except DownhillError:
        return {}
