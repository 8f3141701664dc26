"""Files of a source: images with their labels, checked against each other and against the source."""

import hashlib
import os
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from downhill.config.dataset import IDX_NAMES, Source
from downhill.datasets.dataset import Images
from downhill.datasets.idx import UNSIGNED_BYTE, UnusableError, read_idx
from downhill.errors import DownhillError
from downhill.storage.problems import checksum, made_by


def find_file(folder: Path, name: str) -> Path:
    """Path of `name` in `folder`, or of `name`.gz if there is no such file.

    Raises
    ------
    DownhillError
        If neither exists.
    """
    for path in (folder / name, folder / f"{name}.gz"):
        if os.path.isfile(path):  # noqa: PTH113  # raises no errors
            return path
    raise DownhillError(f"{folder} has neither {name} nor {name}.gz; put one of them there")


def read_pair(images_path: Path, labels_path: Path) -> Images:
    """Read a file of images and the corresponding file of labels.

    Raises
    ------
    DownhillError
        If either file is damaged, has the wrong number of dimensions or is empty, or if their lengths differ.
    """
    images, labels = read_idx(images_path), read_idx(labels_path)
    for path, array, what, dimensions in (
        (images_path, images, "images", 3),
        (labels_path, labels, "labels", 1),
    ):
        if array.ndim != dimensions:
            raise UnusableError(f"{path} has {array.ndim} dimension(s); {what} have {dimensions}", [path])
    if images.size == 0:
        size = " x ".join(map(str, images.shape[1:]))
        problem = "no images; at least one is needed" if len(images) == 0 else f"images of {size} pixels"
        raise UnusableError(f"{images_path} contains {problem}", [images_path])
    if len(images) != len(labels):
        problem = (
            f"{labels_path} contains {len(labels)} labels, but {images_path} contains {len(images)} images"
        )
        raise UnusableError(
            problem, [images_path, labels_path], "replace one of the files so that they match"
        )
    return Images(images, labels)


def read_source(folder: Path | str, source: Source) -> tuple[Images, Images]:
    """Read and check the four files of a source, raw or gzipped.

    Returns
    -------
    Training images and test images, in file order.

    Raises
    ------
    DownhillError
        If a file is missing, damaged, or does not match `source` in its image shape, number of classes or checksum. The
        message names the file.
    """
    folder = Path(folder)
    return _read_checked(folder, "train", source), _read_checked(folder, "test", source)


def _read_checked(folder: Path, part: str, source: Source) -> Images:
    images_path = find_file(folder, IDX_NAMES[f"{part}_images"])
    labels_path = find_file(folder, IDX_NAMES[f"{part}_labels"])
    try:
        pair = read_pair(images_path, labels_path)
        _check_content(pair, images_path, labels_path, part, source)
    except UnusableError as error:
        remedy = _remedy((images_path, labels_path), error.files)
        raise DownhillError(f"{error.problem}; {remedy}") from error
    return pair


def _check_content(pair: Images, images_path: Path, labels_path: Path, part: str, source: Source) -> None:
    """Check a pair of files against their source."""
    if pair.images.shape[1:] != source.image_shape:
        found, wanted = (" x ".join(map(str, shape)) for shape in (pair.images.shape[1:], source.image_shape))
        problem = f"{images_path} has images of {found} pixels; {source.title} has {wanted}"
        raise UnusableError(problem, [images_path])
    if (highest := int(pair.labels.max())) >= len(source.classes):
        raise UnusableError(
            f"{labels_path} has the label {highest}; {source.title} has {len(source.classes)} classes, "
            f"so labels must be from 0 to {len(source.classes) - 1}",
            [labels_path],
        )
    for path, file, array in (
        (images_path, getattr(source.files, f"{part}_images"), pair.images),
        (labels_path, getattr(source.files, f"{part}_labels"), pair.labels),
    ):
        # The file was valid when it was downloaded; IDX has no checksum that would reveal later damage.
        if file.sha256 is not None and _checksum(array) != file.sha256:
            raise UnusableError(f"{path} does not match its checksum", [path])


def _remedy(paths: Iterable[Path], concerned: Sequence[Path]) -> str:
    """What helps against a problem with some of the files: deleting them only if others would be downloaded."""
    made = {path: record for path in paths if (record := made_by(path))}
    changed = [path for path, record in made.items() if checksum(path) != record["sha256"]]
    if changed:
        return f"delete {_listed(changed)} (changed since the download) and run again"
    if not made:
        return f"replace {_listed(concerned)} with the right files, or correct the source in datasets.yaml"
    origins = [record["origin"] or "the mirrors" for path, record in made.items() if path in concerned]
    return (
        f"correct {_listed(dict.fromkeys(origins))} or the source in datasets.yaml, then delete {_listed(concerned)} "
        "(unchanged since the download) and run again"
    )


def _listed(paths: Iterable[Path | str]) -> str:
    return " and ".join(map(str, paths))


def _checksum(array: npt.NDArray[np.generic]) -> str:
    header = struct.pack(f">HBB{array.ndim}I", 0, UNSIGNED_BYTE, array.ndim, *array.shape)
    digest = hashlib.sha256(header)
    digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()
