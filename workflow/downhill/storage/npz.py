"""Archives of arrays (`.npz`): the same bytes for the same arrays (below 2 GiB each) in all versions of Python."""

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.storage.atomic import atomic_path
from downhill.storage.problems import cannot_read

_LARGE = 2**31 - 2**16  # bytes; a larger array, together with its own header, may need the long headers

# What NumPy and zipfile raise for a damaged archive (a flipped bit can name a compression method that does not exist).
DAMAGED = (OSError, ValueError, KeyError, EOFError, NotImplementedError, zipfile.BadZipFile)


def read_arrays(
    path: Path | str,
    needed: Iterable[str] = (),
    prefix: str | None = None,
    what: str = "a result of a stage",
) -> dict[str, NDArray[Any]]:
    """Read some arrays of an archive; the others are not read from disk.

    Parameters
    ----------
    path
        The archive.
    needed
        Names of arrays that must be there.
    prefix
        Also read all arrays whose names begin with it.
    what
        What the archive is, such as "a block of trained networks", for the message if it is something else.

    Raises
    ------
    DownhillError
        If the file is missing or damaged, or an array is missing; the message says what to do.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            if not zipfile.is_zipfile(file):
                raise ValueError("it is not an archive of arrays")
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            for name in needed:
                if name not in archive:
                    raise ValueError(f"it holds no {name}")
            further = [name for name in archive if prefix is not None and name.startswith(prefix)]
            return {name: archive[name] for name in dict.fromkeys((*needed, *further))}
    except DAMAGED as error:
        raise cannot_read(path, what, error) from error


def write_arrays(path: Path | str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays by name, uncompressed and without pickles, whole or not at all; `numpy.load` reads them.

    `numpy.savez` writes the same but always asks for the long headers of large files, which Python 3.11.4 and later
    fill in differently. Here, arrays below 2 GiB have short headers, which all versions write in the same way.

    Raises
    ------
    DownhillError
        If the folder cannot be written to.
    ValueError
        If an array holds Python objects.
    """
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy")  # dated 1 January 1980
            with archive.open(member, "w", force_zip64=array.nbytes > _LARGE) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
