"""Downloaded files before any job starts: files without a checksum, and files with another one than was given."""

import sys
from pathlib import Path
from typing import Any

from downhill.config.dataset import IDX_NAMES
from downhill.config.study import Study
from downhill.errors import DownhillError
from downhill.orchestration.stages import STAGES
from downhill.provenance.record import identity, read_record
from downhill.storage.file_names import RECORD


def check_sources(study: Study, downloaded: str) -> None:
    """Check the downloaded files of a study's sources, and print what Snakemake would not notice about them.

    Parameters
    ----------
    study
        The study; only the sources that it uses count.
    downloaded
        Path of a source's training images, with `{source}` for its name.

    Raises
    ------
    DownhillError
        See `check_checksums`.
    """
    check_checksums(study, downloaded)
    if notice := notice_of_unguarded(study, downloaded):
        print(notice, file=sys.stderr)


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
                    f"delete that file and run Snakemake with --forcerun {path}"
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
    """What to know about sources without checksums, as text to print; empty if all files have one."""
    lines = []
    for name, source in study.sources().items():
        if roles := source.unguarded():
            which = "its files" if len(roles) == len(IDX_NAMES) else ", ".join(roles)
            lines.append(
                f"Source '{name}' has no sha256 for {which}, so it goes unnoticed if they are replaced. To download "
                "the files that its mirrors have now, and rebuild everything that depends on them, run Snakemake "
                f"with --forcerun {downloaded.replace('{source}', name)}"
            )
    return "\n".join(lines)


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
