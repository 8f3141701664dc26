"""Family *noise*: confident nonsense."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.confidence import thinned
from downhill.datasets import Dataset
from downhill.engine.evaluate import predict
from downhill.errors import DownhillError
from downhill.experiments.inputs import Inputs
from downhill.network.recipe import short_recipe
from downhill.runs.trained import TrainedNetwork

_PIXELS_STREAM = 1  # of the fixed seed that decides which pixels are kept


def answers(
    seed: int,
    inputs: Inputs,
    *,
    images: int = 10_000,
    shown: int = 0,
    thin: str = "",
    shares: tuple[float, ...] = (),
    thin_images: int = 1000,
) -> dict[str, NDArray[np.generic]]:
    """What networks answer when they are shown their test images, and the test images of further data sets.

    Parameters
    ----------
    images
        At most this many images of each set, from the first one on.
    shown
        At most this many images of each set are returned as well, from the first one on.
    thin
        Name of a data set whose images are also shown with only a share of their pixels; empty for none.
    shares
        The shares of pixels that are kept. Which pixels are kept is the same for all seeds and networks, and the
        pixels of a smaller share are among those of a larger one.
    thin_images
        Number of images that are thinned, from the first one on.

    Returns
    -------
    dict:
        networks, hidden_layers, activation, output, recipe : text (networks,), names and settings
        trained : bool (networks,), whether there was any training
        classes : int64 (networks,), number of outputs
        sets : text (sets,), names of the sets: empty for a network's own test images, then the further data sets
        images : int64 (networks, sets), number of images
        largest : float32 (images of all networks and sets,), largest output of each image, by network and then by set
        answer : uint8, likewise: the class of that output, the first one of several equal outputs
        shown : uint8, or float32 if some set is, (sets, k, height, width): images of each set with pixels from 0 to
            255; those of the set "" are the test images of the first network
        thinned : text (), the option `thin`; empty if no images are thinned
        shares : float64 (shares,), ascending
        thin : float32 (networks, shares, images), largest output of each image of which a share is kept
    """
    networks = list(inputs.networks.values())
    further = {name: data.test.images[:images] for name, data in inputs.datasets.items()}
    kept = sorted(shares)
    sparse = inputs.once(
        f"{thin} {kept} {thin_images}", lambda: _thinned(inputs.datasets, thin, kept, thin_images)
    )
    counts, largest, answer, thin_largest = [], [], [], []
    for network in networks:
        weights = network.weights(seed)
        sets = [network.data.test.images[:images], *further.values()]
        outputs = [predict(weights, one, network.net) for one in sets]
        counts.append([len(one) for one in outputs])
        largest += [one.max(axis=1) for one in outputs]
        answer += [one.argmax(axis=1).astype(np.uint8) for one in outputs]
        thin_largest += [predict(weights, one, network.net).max(axis=1) for one in sparse]
    width = len(sparse[0]) if sparse else 0
    return {
        **_about(networks),
        "sets": np.array(["", *further], dtype=np.str_),
        "images": np.array(counts, np.int64),
        "largest": np.concatenate(largest),
        "answer": np.concatenate(answer),
        "shown": _first(networks, further, shown),
        "thinned": np.array(thin if sparse else "", dtype=np.str_),
        "shares": np.array(kept if sparse else (), np.float64),
        "thin": np.array(thin_largest, np.float32).reshape(len(networks), len(sparse), width),
    }


def _about(networks: list[TrainedNetwork]) -> dict[str, NDArray[Any]]:
    """Names and settings of the networks."""
    nets = [network.net for network in networks]
    return {
        "networks": np.array([network.name for network in networks], dtype=np.str_),
        "hidden_layers": np.array(["-".join(map(str, net.hidden_layers)) for net in nets], dtype=np.str_),
        "activation": np.array([net.activation if net.hidden_layers else "" for net in nets], dtype=np.str_),
        "output": np.array([net.output for net in nets], dtype=np.str_),
        "recipe": np.array([short_recipe(net) for net in nets], dtype=np.str_),
        "trained": np.array([net.epochs > 0 for net in nets]),
        "classes": np.array([network.layer_sizes[-1] for network in networks], np.int64),
    }


def _first(networks: list[TrainedNetwork], further: Mapping[str, Any], count: int) -> NDArray[Any]:
    """The first images of every set, equally many of each, all in the units of uint8."""
    sets = [networks[0].data.test.images, *further.values()]
    count = min(count, *map(len, sets))
    first = [one[:count] for one in sets]
    if any(one.dtype != np.uint8 for one in first):
        first = [one.astype(np.float32) * (1 if one.dtype == np.uint8 else 255) for one in first]
    return np.stack(first)


def _thinned(
    datasets: Mapping[str, Dataset], name: str, shares: Sequence[float], count: int
) -> list[NDArray[Any]]:
    """The first test images of a data set with each of these shares of their pixels."""
    if not name or not shares:
        return []
    if name not in datasets:
        raise DownhillError(
            f"thin: '{name}' is not one of the experiment's further data sets "
            f"({', '.join(datasets) or 'it has none'}); add it to datasets, or name one of them"
        )
    images = datasets[name].test.images[:count]
    ranks = np.random.default_rng([0, _PIXELS_STREAM]).random(images.shape)
    return [thinned(images, share, ranks) for share in shares]
