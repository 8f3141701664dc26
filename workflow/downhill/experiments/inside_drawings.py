"""Drawings of the family *inside*: where they start, their class by nearest neighbours, and real images."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.nearest import NearestNeighbours
from downhill.datasets.dataset import Images
from downhill.network import reference
from downhill.runs.trained import TrainedNetwork

Array = NDArray[np.float64]

STARTS = ("from grey", "from noise", "from blank")
"""Where drawings without a penalty start, in the order of the arrays."""

JUDGES = ("distance", "correlation")
"""By what the nearest training images are found, in the order of the arrays."""

NO_ANSWER = -1
"""In place of a class where there is no image to compare with."""

_JUDGED = 500  # test images on which nearest neighbours are checked
_AT_A_TIME = 5000  # images


def starts_of_ascent(settings: int, n_classes: int, shape: tuple[int, int], seed: int) -> Array:
    """Where the drawing of each class starts, (settings, classes, height, width): `STARTS`, and grey for the others."""
    starts = np.full((settings, n_classes, *shape), 0.5)
    starts[STARTS.index("from noise")] = np.random.default_rng([seed, 1]).uniform(size=starts[1].shape)
    starts[STARTS.index("from blank")] = 0
    return starts


def two_judges(known: Images) -> list[NearestNeighbours]:
    """Nearest neighbours among training images by distance, and by correlation: distance of standardised images."""
    rows = np.zeros((len(known), known.images[0].size if len(known) else 0), np.float32)
    for start in range(0, len(known), _AT_A_TIME):  # float64 rows of all images would take much memory
        part = slice(start, start + _AT_A_TIME)
        rows[part] = standardised_rows(reference.scaled(known.images[part]))
    return [NearestNeighbours(known.images, known.labels), NearestNeighbours(rows, known.labels)]


def standardised_rows(rows: Array) -> NDArray[np.float32]:
    """Images (n, pixels) with mean 0 and length 1, so that distance follows from correlation; 0 if pixels are alike."""
    centred = (rows - rows.mean(axis=1, keepdims=True)).astype(np.float32)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return np.asarray(np.divide(centred, length, out=np.zeros_like(centred), where=length > 1e-6))


def classes_called(judges: list[NearestNeighbours], rows: Array, neighbours: int) -> NDArray[np.int64]:
    """The class of the nearest training images of each image (n, pixels) by judge, (2, n); `NO_ANSWER` without any.

    Pixels are from 0 to 1, as `reference.scaled` gives them.
    """
    if not len(judges[0].labels):
        return np.full((len(judges), len(rows)), NO_ANSWER, np.int64)
    brightest = 255 if np.asarray(judges[0].images).dtype == np.uint8 else 1
    asked: tuple[Array, Any] = (brightest * rows, standardised_rows(rows))
    found = [judge.classes(images, neighbours) for judge, images in zip(judges, asked, strict=True)]
    return np.stack(found).astype(np.int64)


def share_right(judges: list[NearestNeighbours], tests: Images, neighbours: int) -> Array:
    """The share of test images whose class the nearest training images give, by judge, (2,); NaN without any."""
    some = tests.take(tests.classed).take(slice(_JUDGED))
    if not len(some) or not len(judges[0].labels):
        return np.full(len(judges), np.nan)
    called = classes_called(judges, reference.scaled(some.images), neighbours)
    return np.asarray((called == some.labels).mean(axis=1))


def z_of_real_images(network: TrainedNetwork, seed: int) -> Array:
    """Mean z of the output of each class on its own test images, (classes,); NaN without any."""
    tests = network.data.test.take(network.data.test.classed)
    found = np.full(network.data.n_classes, np.nan)
    if len(tests):
        z = reference.forward(network.weights(seed), tests.images, network.net)[1]
        for label in np.unique(tests.labels):
            found[label] = z[tests.labels == label, label].mean()
    return found


def typical_images(known: Images, n_classes: int) -> NDArray[np.float32]:
    """The training image of each class that is nearest to their mean, from 0 to 1; NaN for a class without any."""
    found = np.full((n_classes, *known.images.shape[1:]), np.nan, np.float32)
    for label in np.unique(known.labels):
        images = known.images[known.labels == label]
        mean = images.mean(axis=0, dtype=np.float64)
        chosen = images[((images - mean) ** 2).sum(axis=(1, 2)).argmin()]
        found[label] = reference.scaled(chosen[None]).reshape(chosen.shape)
    return found
