"""Small separate disks that tests can fill or make read-only: tmpfs, which only root can mount."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


class Disk:
    """A disk mounted on a folder."""

    def __init__(self, folder: Path):
        self.folder = folder

    def change(self, option: str) -> None:
        """Remount the disk with an option: `size=64m`, `ro` or `rw`."""
        _run("mount", "-o", f"remount,{option}", str(self.folder))


@contextmanager
def mounted(folder: Path, size: str) -> Iterator[Disk]:
    """Mount a disk of the given size on a folder, which is created if necessary."""
    folder.mkdir(parents=True, exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={size}", "downhill-tests", str(folder))
    try:
        yield Disk(folder)
    finally:
        _run("umount", "--lazy", str(folder))


def need_disks() -> None:
    """Skip a test if nothing can be mounted, or fail it if DOWNHILL_NEEDS_MOUNT is set."""
    try:
        with mounted(Path(tempfile.mkdtemp(prefix="downhill-disk-")), "64k"):
            return
    except (OSError, subprocess.CalledProcessError) as error:
        why = getattr(error, "stderr", None) or str(error)
        asked = os.environ.get("DOWNHILL_NEEDS_MOUNT")
        (pytest.fail if asked else pytest.skip)(f"no small disk can be mounted here: {why.strip()}")


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True, timeout=600)
