"""Family *learning*: does it learn, and how well."""

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.nearest import NearestNeighbours
from downhill.datasets.dataset import NO_CLASS, Images
from downhill.experiments.inputs import Inputs


def nearest_neighbours(seed: int, inputs: Inputs, *, neighbours: int = 9) -> dict[str, NDArray[np.generic]]:
    """The classes of the training images that are closest to each test image.

    Distances are Euclidean, over all pixels (`analysis.nearest`). Nothing is random: all seeds give the same result.

    Parameters
    ----------
    neighbours
        Number of neighbours of each test image. Training images of no class are not among them.

    Returns
    -------
    dict:
        nearest : uint8 (n_test, neighbours), their classes, the closest first; `NO_CLASS` where there are no more
        labels : uint8 (n_test,), the classes of the test images themselves
    """
    data = inputs.dataset
    return {
        "nearest": inputs.once("nearest", lambda: _nearest(data.train, data.test, neighbours)),
        "labels": data.test.labels,
    }


def _nearest(train: Images, test: Images, neighbours: int) -> NDArray[np.uint8]:
    known = train.take(train.classed)
    found = np.full((len(test), neighbours), NO_CLASS, np.uint8)
    places = NearestNeighbours(known.images, known.labels).nearest(test.images, neighbours)
    found[:, : places.shape[1]] = known.labels[places]
    return found
