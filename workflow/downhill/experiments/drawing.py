"""Family *drawing*: digits that are drawn."""

import numpy as np
from numpy.typing import NDArray

from downhill.datasets.dataset import Images
from downhill.engine.evaluate import predict
from downhill.errors import DownhillError
from downhill.experiments.inputs import Inputs
from downhill.runs.trained import TrainedNetwork


def answers(seed: int, inputs: Inputs, *, shown: int = 0) -> dict[str, NDArray[np.generic]]:
    """What networks answer to the test images of further data sets, and their accuracy on their own test images.

    Parameters
    ----------
    shown
        At most this many images of each further data set are returned as well, from the first one on.

    Returns
    -------
    dict:
        networks : text (networks,), their names
        accuracy : float64 (networks,), share of right answers to their own test images; NaN if these have no classes
        sets : text (sets,), names of the further data sets
        counts : int64 (sets,), number of test images of each
        labels : uint8 (images of all sets,), by set
        answers : uint8 (networks, images of all sets), the class of the largest output, the first one of equal outputs
        shown : uint8 (sets, k, height, width), the first images of each set

    Raises
    ------
    DownhillError
        If the experiment has no further data sets.
    """
    networks, sets = list(inputs.networks.values()), {name: one.test for name, one in inputs.datasets.items()}
    if not sets:
        raise DownhillError("the experiment shows no images; name further data sets under datasets")
    count = min([shown, *map(len, sets.values())])
    answered = [[_answers(one, seed, images) for images in sets.values()] for one in networks]
    return {
        "networks": np.array([network.name for network in networks], dtype=np.str_),
        "accuracy": np.array([_accuracy(network, seed) for network in networks]),
        "sets": np.array(list(sets), dtype=np.str_),
        "counts": np.array([len(images) for images in sets.values()], np.int64),
        "labels": np.concatenate([images.labels for images in sets.values()]),
        "answers": np.stack([np.concatenate(of_network) for of_network in answered]),
        "shown": np.stack([_pixels(images, count) for images in sets.values()]),
    }


def _accuracy(network: TrainedNetwork, seed: int) -> float:
    images = network.data.test.take(network.data.test.classed)
    return float((_answers(network, seed, images) == images.labels).mean()) if len(images) else np.nan


def _answers(network: TrainedNetwork, seed: int, images: Images) -> NDArray[np.uint8]:
    outputs = predict(network.weights(seed), images.images, network.net)
    return np.asarray(outputs.argmax(axis=1), np.uint8)


def _pixels(images: Images, count: int) -> NDArray[np.uint8]:
    """The first images, with pixels from 0 to 255."""
    first = images.images[:count]
    if first.dtype == np.uint8:
        return first.astype(np.uint8, copy=False)
    return np.asarray(np.rint(np.clip(255 * first, 0, 255)), np.uint8)
