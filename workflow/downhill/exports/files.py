"""The files of exported networks: one ONNX model and one archive for each seed, and a table of all of them."""

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from downhill.errors import DownhillError
from downhill.exports.arrays import write_npz
from downhill.exports.exported import Exported
from downhill.exports.finished import Finished, Seeds
from downhill.exports.onnx_model import write_onnx
from downhill.network.architecture import count_parameters
from downhill.storage.atomic import atomic_path, remove_leftovers

WRITERS = {".onnx": write_onnx, ".npz": write_npz}
"""The function that writes each format, by the suffix of the file."""

COLUMNS = ("network", "seed", "layers", "parameters", "data_set", "test_accuracy", "onnx", "npz")


@dataclass(frozen=True)
class Written:
    """Files that an export wrote, and the folders of results that it read."""

    files: list[Path]
    read: list[Path]


def export_file(network: Finished, seeds: Seeds, path: Path) -> Written:
    """Export one seed as a single file, in the format that its suffix names.

    Raises
    ------
    DownhillError
        If there is no such seed, it diverged, or the file cannot be written.
    """
    chosen = network.chosen(seeds)
    if not chosen:
        raise DownhillError(
            f"network '{network.name}': the training of all of its seeds diverged, so there are no weights to export"
        )
    if len(chosen) > 1:
        raise DownhillError(
            f"cannot write {path}: it holds one seed, and network '{network.name}' has {len(chosen)}; name one of them "
            "with --seed, or write a table, such as exports.csv, with the files of all seeds in a folder next to it"
        )
    ((exported, block),) = network.exported(chosen)
    WRITERS[path.suffix](path, exported)
    return Written([path], [network.evaluated.folder, block, network.data])


def export_all(networks: Sequence[Finished], seeds: Seeds, table: Path) -> Written:
    """Export networks in all formats, and write a table of the files.

    The files of the table `exports.csv` are `exports/{network}/seed-{seed}.onnx` and `.npz`. Networks whose seeds all
    diverged are left out. Files of these networks that an earlier export wrote, and this one does not, are removed.

    Raises
    ------
    DownhillError
        If results are missing or damaged, or the files cannot be written.
    """
    rows: list[dict[str, Any]] = []
    files: list[Path] = []
    blocks: dict[Path, None] = {}
    data: dict[Path, None] = {}
    for network in networks:
        folder = table.with_suffix("") / network.name
        remove_leftovers(folder)
        written: list[Path] = []
        for exported, block in network.exported(network.chosen(seeds)):
            paths = {suffix: folder / f"seed-{exported.seed}{suffix}" for suffix in WRITERS}
            for suffix, write in WRITERS.items():
                write(paths[suffix], exported)
            written += paths.values()
            rows.append(
                _row(exported, {suffix: path.relative_to(table.parent) for suffix, path in paths.items()})
            )
            blocks[block], data[network.data] = None, None
        _remove_others(folder, written)
        files += written
    with atomic_path(table) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    # Each result before those that it was made from, and also the evaluations that say that all seeds diverged.
    return Written([table, *files], [*(network.evaluated.folder for network in networks), *blocks, *data])


def _row(exported: Exported, paths: Mapping[str, Path]) -> dict[str, Any]:
    return {
        "network": exported.network,
        "seed": exported.seed,
        "layers": "-".join(map(str, exported.layer_sizes)),
        "parameters": count_parameters(exported.layer_sizes),
        "data_set": exported.training["data_set"],
        "test_accuracy": exported.training.get("test_accuracy"),
        "onnx": paths[".onnx"].as_posix(),
        "npz": paths[".npz"].as_posix(),
    }


def _remove_others(folder: Path, written: Sequence[Path]) -> None:
    """Remove exports of other seeds, which would be mistaken for current ones."""
    found = {path for path in folder.glob("seed-*") if re.fullmatch(r"seed-\d+\.(onnx|npz)", path.name)}
    for path in found.difference(written):
        path.unlink(missing_ok=True)
