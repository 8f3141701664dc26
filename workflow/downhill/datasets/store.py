"""Data sets on disk: written once by the preprocessing stage, and loaded by all later stages."""

from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from downhill.config.calls import check, whole_number
from downhill.config.dataset import SourceFiles
from downhill.datasets.dataset import Dataset, Images
from downhill.datasets.source_files import find_file, read_pair
from downhill.datasets.summary import summarise
from downhill.errors import DownhillError
from downhill.storage.file_names import DATASET, SUMMARY
from downhill.storage.json_files import write_json
from downhill.storage.npz import write_arrays
from downhill.storage.problems import cannot_read

_BUNDLED = Path(__file__).parents[3] / "resources" / "bundled"  # only in a checkout


def save_dataset(dataset: Dataset, folder: Path | str, **about: Any) -> None:
    """Write `dataset.npz` and `summary.json` to `folder`, each of them completely or not at all.

    The archive is uncompressed. It contains {train,validation,test}_{images,labels} (uint8; images may be float32),
    {train,validation,test}_targets (float32) for regression, and `classes` (strings). The same data set always gives
    the same bytes. `about` is added to the summary.

    Raises
    ------
    DownhillError
        If the folder is not writable.
    """
    folder = Path(folder)
    arrays: dict[str, npt.NDArray[Any]] = {"classes": np.array(dataset.classes, dtype=np.str_)}
    for name, part in dataset.parts().items():
        arrays[f"{name}_images"] = part.images
        arrays[f"{name}_labels"] = part.labels
        if part.targets is not None:
            arrays[f"{name}_targets"] = part.targets
    write_arrays(folder / DATASET, arrays)
    write_json(folder / SUMMARY, summarise(dataset) | about)


def load_dataset(path: Path | str, n_train: int | None = None) -> Dataset:
    """Load a prepared data set, or four IDX files without preparation.

    Parameters
    ----------
    path
        Either a folder that contains `dataset.npz`, or a folder of four IDX files with MNIST's names, raw or with
        `.gz`. For IDX files, the whole training file becomes the training images, the validation set is empty, with
        shape (0, height, width), and the classes are "0" up to the highest label. "mnist" is the bundled data of
        Downhill's checkout, `resources/bundled/mnist`, unless the working directory has something of that name.
    n_train
        Number of training images to keep, from the start; None keeps all.

    Returns
    -------
    Dataset; for IDX files, all arrays are uint8. The classes of a prepared data set are called "0", "1", … as well;
    their names in `datasets.yaml` are not stored with it.

    Raises
    ------
    DownhillError
        If there is no data set at `path`, a file is damaged, or there are fewer than `n_train` training images.
    """
    check(path, (str, PathLike), "path", "the path of a folder")
    path = Path(path)
    if not path.exists() and len(path.parts) == 1 and (_BUNDLED / path).is_dir():
        path = _BUNDLED / path
    if not path.is_dir():
        raise DownhillError(f"{path} is not a folder; name one with a {DATASET} or with four IDX files")
    prepared = path / DATASET
    dataset = _load_prepared(prepared) if prepared.exists() else _load_idx_folder(path)
    if n_train is None:
        return dataset
    n_train = whole_number(n_train, "n_train")
    if not 1 <= n_train <= len(dataset.train):
        raise DownhillError(
            f"n_train is {n_train}, but {path} has {len(dataset.train)} training images; "
            f"choose from 1 to {len(dataset.train)}"
        )
    return Dataset(dataset.train.take(slice(n_train)), dataset.validation, dataset.test, dataset.classes)


def _load_prepared(path: Path) -> Dataset:
    try:
        with np.load(path, allow_pickle=False) as archive:
            parts = {
                name: Images(
                    archive[f"{name}_images"],
                    archive[f"{name}_labels"],
                    archive[key] if (key := f"{name}_targets") in archive else None,
                )
                for name in ("train", "validation", "test")
            }
            classes = tuple(str(name) for name in archive["classes"])
        return Dataset(parts["train"], parts["validation"], parts["test"], classes)
    except Exception as error:  # damage to zip, zlib, array headers or text raises too many types to list
        raise cannot_read(path, "a prepared data set", error) from error


def _load_idx_folder(folder: Path) -> Dataset:
    files = SourceFiles()
    if not any((folder / f"{files.train_images.name}{suffix}").is_file() for suffix in ("", ".gz")):
        raise DownhillError(
            f"{folder} holds no data set: neither {DATASET} nor {files.train_images.name}, raw or with .gz"
        )
    train = read_pair(find_file(folder, files.train_images.name), find_file(folder, files.train_labels.name))
    test = read_pair(find_file(folder, files.test_images.name), find_file(folder, files.test_labels.name))
    highest = max(int(train.labels.max()), int(test.labels.max()))
    return Dataset(train, train.take(slice(0)), test, tuple(str(label) for label in range(highest + 1)))
