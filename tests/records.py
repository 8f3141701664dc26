"""Records of files that a test has made itself, as the stages write them."""

from datetime import UTC, datetime
from pathlib import Path

from downhill.provenance.record import record_of, write_provenance
from downhill.storage.file_names import RECORD


def recorded(path: Path, stage: str = "train") -> Path:
    """Record a file, or all files of a folder, as what a stage has made; returns the path."""
    files = [file for file in path.iterdir() if file.is_file()] if path.is_dir() else [path]
    record = path / RECORD if path.is_dir() else record_of(path)
    write_provenance(record, stage, "it", code=(), started=datetime.now(UTC), outputs=files)
    return path
