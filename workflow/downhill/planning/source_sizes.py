"""How many images a source has, for planning: read from the headers of its files if they can be read already."""

import os
from functools import cache
from pathlib import Path

from downhill.config.dataset import IDX_NAMES, Source
from downhill.config.generated import GeneratedSource
from downhill.config.study import Study
from downhill.datasets.copies import copies_in, is_folder
from downhill.datasets.idx import read_shape
from downhill.errors import DownhillError

# Assumed for files that have not been downloaded yet: the size of MNIST.
TRAINING_IMAGES, TEST_IMAGES = 60_000, 10_000


def source_size(study: Study, name: str) -> tuple[int, int]:
    """Number of training images and of test images of a source, before any recipe is applied.

    Files that have been downloaded count first, then copies in folders among the mirrors. They are read once per
    process.
    """
    source = study.tables.sources[name]
    if isinstance(source, GeneratedSource):
        return source.generate.training, source.generate.test
    return _size_of_files(source, os.path.abspath(f"{study.settings.resources}/{name}"))  # noqa: PTH100  # fast


@cache
def _size_of_files(source: Source, folder: str) -> tuple[int, int]:
    return (
        _count(source, "train_images", folder) or TRAINING_IMAGES,
        _count(source, "test_images", folder) or TEST_IMAGES,
    )


def _count(source: Source, role: str, folder: str) -> int | None:
    """How many images the first readable copy of a file declares; None if there is none."""
    name = getattr(source.files, role).name
    copies = [Path(folder, IDX_NAMES[role])]
    copies += [copy for mirror in filter(is_folder, source.mirrors) for copy in copies_in(mirror, name)]
    for copy in copies:
        try:
            shape = read_shape(copy)
        except DownhillError:  # missing or damaged
            continue
        if shape[1:] == source.image_shape:
            return shape[0]
    return None
