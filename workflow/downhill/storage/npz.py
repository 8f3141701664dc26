"""Archives of arrays (`.npz`), the same bytes for the same arrays (below 2 GiB each) whatever Python writes them."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.storage.atomic import atomic_path

_LARGE = 2**31 - 2**16  # bytes; with its own header an array that is larger may need the longer ones


def write_arrays(path: Path | str, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write arrays by name, uncompressed and without pickles, whole or not at all; `numpy.load` reads them.

    `numpy.savez` writes the same but asks for the long headers of large files always, which Python 3.11.4 began to
    fill in otherwise than those before it. Here arrays below 2 GiB have short headers, which all versions write alike.

    Raises
    ------
    DownhillError
        If the folder cannot be written to.
    ValueError
        If an array holds Python objects.
    """
    with atomic_path(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for name, array in arrays.items():
            member = zipfile.ZipInfo(f"{name}.npy")  # of 1 January 1980
            with archive.open(member, "w", force_zip64=array.nbytes > _LARGE) as file:
                np.lib.format.write_array(file, array, allow_pickle=False)
