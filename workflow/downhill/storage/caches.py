"""Where caches go: into the user's own folder, or a temporary one if there is no home or it cannot be written to."""

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path


def cache_folder(name: str, *preferred: Path) -> Path | None:
    """The first folder of this name for a cache that can be written to; it is created if it does not exist.

    Parameters
    ----------
    name
        Of the folder itself.
    preferred
        Places to try first, before the user's cache folder and a folder of temporary files that is private
        to the user.

    Returns
    -------
    The same folder in every process of a user; None if no folder can be written to.
    """
    places = (*preferred, _folder_of_user("XDG_CACHE_HOME", ".cache", "downhill"))
    for place in places:
        if place and _is_writable(place / name):
            return place / name
    private = _temporary()
    return private / name if private and _is_writable(private / name) else None


def give_matplotlib_a_folder() -> None:
    """Set the folder for Matplotlib's settings and its cache of fonts, if it could not write to its usual folders.

    Otherwise it would warn, and search for fonts again in every process. Call this before Matplotlib is imported.
    """
    if "MPLCONFIGDIR" in os.environ:
        return
    usual = (
        _folder_of_user("XDG_CONFIG_HOME", ".config", "matplotlib"),
        _folder_of_user("XDG_CACHE_HOME", ".cache", "matplotlib"),
    )
    if all(folder and _is_writable(folder) for folder in usual):
        return
    if folder := cache_folder("matplotlib"):
        os.environ["MPLCONFIGDIR"] = str(folder)


def _folder_of_user(variable: str, default: str, name: str) -> Path | None:
    """A program's folder inside the one that an environment variable names, or in the home folder if there is one."""
    with suppress(RuntimeError):  # the user has no home folder
        return Path(os.environ.get(variable) or Path.home() / default, name)
    return None


def _is_writable(folder: Path) -> bool:
    """Whether a file can be made in a folder; permissions alone do not show this, for example on a network drive."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False


def _temporary() -> Path | None:
    """A folder among the temporary files into which nobody else can have put anything."""
    try:
        folder = Path(tempfile.gettempdir(), f"downhill-{os.getuid()}")
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
        found = folder.lstat()
    except OSError:
        return None
    private = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o077
    return folder if private else None
