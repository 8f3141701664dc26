"""Preparing a data set: split, select, shuffle labels, resize, shuffle pixels and add noise, in this order."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from downhill.config.dataset import DatasetRecipe, Source
from downhill.config.generated import GeneratedSource, numbered
from downhill.datasets.dataset import NO_CLASS, Dataset, Images
from downhill.datasets.generate import generate
from downhill.datasets.resize import area_averaged
from downhill.datasets.source_files import read_source
from downhill.datasets.store import save_dataset
from downhill.errors import DownhillError

# Each choice draws from its own random stream, so that changing one never changes another.
# The numbers are part of the results: never reuse or renumber them.
SPLIT_STREAM = 0
SELECTION_STREAM = 1
SHUFFLED_LABELS_STREAM = 2
NOISE_STREAM = 3
GENERATED_TRAINING_STREAM = 4
GENERATED_TEST_STREAM = 5
SHUFFLED_PIXELS_STREAM = 6  # with one branch each for the training, validation and test images


def prepare(
    recipe: DatasetRecipe, source: Source | GeneratedSource, source_folder: Path | str | None = None
) -> Dataset:
    """Prepare a data set according to its recipe.

    Parameters
    ----------
    recipe
        The steps and their settings; see its fields.
    source
        The expected content of the four IDX files, or the data to generate.
    source_folder
        Directory of the four IDX files; None for generated data.

    Returns
    -------
    Dataset. Training and validation images keep the order of the file, and noise images follow the training images.
    Its classes (or outputs) are called "0", "1", …: their names in `source` are display names, and not part of the
    data.

    Raises
    ------
    DownhillError
        If a file is damaged, or the recipe asks for more images than there are or does not suit the source.
    """
    if problem := recipe.misfit(source):
        raise DownhillError(problem)
    everything, test = _source_images(recipe, source, source_folder)
    at_random = recipe.validation_selection == "random"
    train, validation = split(everything, recipe.validation_count(source), recipe.seed, at_random)
    kept = recipe.training_images or len(train)
    if recipe.training_images_limit is not None:
        kept = min(kept, recipe.training_images_limit)
    if kept != len(train):
        train = select(train, kept, recipe.selection == "random", recipe.seed)
    train = with_shuffled_labels(train, recipe.shuffle_labels, recipe.seed)
    if recipe.resize is not None:
        train, validation, test = (_resized(part, recipe.resize) for part in (train, validation, test))
    if recipe.shuffle_pixels:
        train, validation, test = (
            with_shuffled_pixels(part, _stream(recipe.seed, SHUFFLED_PIXELS_STREAM, branch))
            for branch, part in enumerate((train, validation, test))
        )
    if recipe.noise_images > 0:
        train = with_noise(train, recipe.noise_images, recipe.seed)
    return Dataset(train, validation, test, numbered(source.classes))


def write_prepared(
    recipe: DatasetRecipe,
    source: Source | GeneratedSource,
    source_folder: Path | str | None,
    folder: Path | str,
) -> Dataset:
    """Prepare a data set (see `prepare`), write it to `folder` (see `save_dataset`), and return it.

    Its `summary.json` also records the recipe.
    """
    dataset = prepare(recipe, source, source_folder)
    save_dataset(dataset, folder, recipe=recipe.with_defaults_of(source).model_dump(mode="json"))
    return dataset


def _source_images(
    recipe: DatasetRecipe, source: Source | GeneratedSource, source_folder: Path | str | None
) -> tuple[Images, Images]:
    """All images of the source: those for training and validation, and those for testing."""
    if isinstance(source, GeneratedSource):
        if source_folder is not None:
            raise DownhillError(
                f"{source.title} is generated and has no files; leave out the folder {source_folder}"
            )
        streams = (GENERATED_TRAINING_STREAM, GENERATED_TEST_STREAM)
        return generate(source.generate, *(_stream(recipe.seed, stream) for stream in streams))
    if source_folder is None:
        raise DownhillError(
            f"{source.title} is downloaded, not generated; specify the folder of its four IDX files"
        )
    return read_source(source_folder, source)


def split(images: Images, n_validation: int, seed: int, at_random: bool = True) -> tuple[Images, Images]:
    """Training images, and validation images that are drawn at random or are the last ones; both keep their order.

    For a given seed, a smaller validation set is always contained in a larger one.

    Raises
    ------
    DownhillError
        If no training image would be left.
    """
    if n_validation >= len(images):
        raise DownhillError(
            f"validation_images is {n_validation}, but there are {len(images)} training images; "
            f"choose at most {len(images) - 1} so that some are left to train on"
        )
    if not at_random:
        kept = len(images) - n_validation
        return images.take(slice(kept)), images.take(slice(kept, None))
    drawn = np.zeros(len(images), dtype=np.bool_)
    drawn[_stream(seed, SPLIT_STREAM).permutation(len(images))[:n_validation]] = True
    return images.take(~drawn), images.take(drawn)


def select(images: Images, count: int, at_random: bool, seed: int) -> Images:
    """Keep the first `count` images, or random ones; both keep their order.

    Raises
    ------
    DownhillError
        If there are fewer than `count` images.
    """
    if count > len(images):
        raise DownhillError(
            f"training_images is {count}, but {len(images)} images are left for training; "
            f"choose at most {len(images)}"
        )
    if not at_random:
        return images.take(slice(count))
    return images.take(np.sort(_stream(seed, SELECTION_STREAM).permutation(len(images))[:count]))


def with_shuffled_labels(images: Images, share: float, seed: int) -> Images:
    """Permute the labels (or targets) of a random share of the images among themselves; pixels are not changed.

    The frequency of each label stays the same. A share of 1 permutes all labels.
    """
    count = int(share * len(images) + 0.5)
    if count == 0:
        return images
    generator = _stream(seed, SHUFFLED_LABELS_STREAM)
    chosen: npt.NDArray[np.intp] = generator.permutation(len(images))[:count]
    origin = np.arange(len(images))
    origin[chosen] = generator.permutation(chosen)
    targets = None if images.targets is None else images.targets[origin]
    return replace(images, labels=images.labels[origin], targets=targets)


def with_shuffled_pixels(images: Images, generator: np.random.Generator) -> Images:
    """Permute the pixels of each image, in a different order for each image; labels are not changed.

    For a given state of the generator, the result for fewer images is the beginning of the result for more.
    """
    count, height, width = images.images.shape
    pixels = generator.permuted(images.images.reshape(count, height * width), axis=1)
    return replace(images, images=pixels.reshape(count, height, width))


def with_noise(images: Images, count: int, seed: int) -> Images:
    """Append `count` images of uniform noise, with pixels in 0 … 255, that belong to no class.

    For a given seed, fewer noise images are always the beginning of more.
    """
    _, height, width = images.images.shape
    noise = _stream(seed, NOISE_STREAM).integers(0, 256, (count, height, width), dtype=np.uint8)
    return Images(
        np.concatenate([images.images, noise]),
        np.concatenate([images.labels, np.full(count, NO_CLASS, np.uint8)]),
    )


def _resized(images: Images, shape: tuple[int, int]) -> Images:
    pixels = images.images.astype(np.uint8, copy=False)  # images of a source are uint8 already
    return replace(images, images=area_averaged(pixels, shape))


def _stream(seed: int, *stream: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=stream)))
