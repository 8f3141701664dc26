"""Names of the copies of a file on a mirror, and which mirrors are folders. Imports little, so planning stays fast."""

from pathlib import Path

SUFFIXES = (".gz", "")
"""A mirror may have a file gzipped or raw; they are tried in this order."""


def is_folder(mirror: str) -> bool:
    """Whether a mirror is a folder, and not an address such as https://…"""
    return "://" not in mirror


def copies_in(mirror: str, name: str) -> list[Path]:
    """Where the folder of a mirror may have a file; none without a home directory for its `~`."""
    try:
        folder = Path(mirror).expanduser()
    except RuntimeError:
        return []
    return [folder / f"{name}{suffix}" for suffix in SUFFIXES]
