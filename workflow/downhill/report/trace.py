"""Where the numbers of a claim come from: digests of every result behind it, back to the data and the code."""

import os
from pathlib import Path
from typing import Any

from downhill.errors import DownhillError
from downhill.provenance.lineage import Lineage
from downhill.provenance.record import identity


def trace(evidence_file: Path, results: Path) -> list[dict[str, Any]]:
    """The results behind a claim, from its evidence back to the files that were downloaded.

    Parameters
    ----------
    evidence_file
        The evidence of the claim.
    results
        Folder of the results; paths are given relative to it.

    Returns
    -------
    list of dict: `stage`, `name` (of a network, a data set, …), `seeds` (first and last, or None), `result` (digest of
    what it made), `code` (digest of the code that made it) and `path` (of its record). There is nothing that differs
    between two runs with the same results, such as times or machines. It is empty without records.
    """
    try:
        lineage = Lineage(evidence_file)
    except DownhillError:  # records that are missing or damaged must not stop the page
        return []
    return [
        {
            "stage": record["stage"],
            "name": record["name"],
            "seeds": record.get("seeds"),
            "result": identity(record),
            "code": record["code"]["digest"],
            "path": Path(os.path.relpath(path, results)).as_posix(),
        }
        for path, record in lineage.records.items()
    ]
