"""The images in the page: test images, among them mistakes, and the training images of twins."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.datasets.dataset import Images
from downhill.playground.encoding import encoded
from downhill.runs.evaluation import EvaluatedNetwork

RIGHT_OF_EACH_CLASS, MISSED_BY_SOME, MISSED_BY_ALL = 12, 100, 80
"""How many test images of each kind the page holds at most."""

TWIN_IMAGES = 100

Counts = NDArray[np.intp]


def chosen_images(network: EvaluatedNetwork, seeds: Sequence[int]) -> tuple[Counts, Counts]:
    """Test images for the page: indices of all of them, in order, and of those that all of some seeds miss.

    There are images that all seeds get right, equally many of each class; images that some of them miss, from those
    that one misses to those that nearly all miss; and images that all miss.
    """
    labels = network.predictions["labels"]
    rows = [network.seeds.index(seed) for seed in seeds]
    misses = (network.predictions["predicted"][rows] != labels).sum(axis=0)
    all_miss = np.flatnonzero(misses == len(rows))[:MISSED_BY_ALL]
    some = np.flatnonzero((misses > 0) & (misses < len(rows)))
    some = some[np.argsort(misses[some], kind="stable")]
    some = some[np.unique(np.linspace(0, len(some) - 1, min(len(some), MISSED_BY_SOME)).astype(int))]
    right = [
        np.flatnonzero((labels == label) & (misses == 0))[:RIGHT_OF_EACH_CLASS] for label in np.unique(labels)
    ]
    return np.sort(np.concatenate([*right, some, all_miss])), all_miss


def as_data(images: Images, chosen: Counts, all_miss: Counts) -> dict[str, Any]:
    """Test images as the page holds them; `missed_by_all` counts within them."""
    return {
        "count": len(chosen),
        "pixels": encoded(images.images[chosen]),
        "labels": images.labels[chosen].tolist(),
        "numbers": chosen.tolist(),
        "missed_by_all": np.flatnonzero(np.isin(chosen, all_miss)).tolist(),
    }


def twins(
    first: EvaluatedNetwork, second: EvaluatedNetwork, seeds: Sequence[int], others: Sequence[int]
) -> dict[str, Any] | None:
    """The first training images of one seed that two networks share, with the labels that each of them learned.

    Parameters
    ----------
    first, second
        The networks.
    seeds, others
        The seeds of the first and of the second network that the page holds.

    Returns
    -------
    dict: names `a` and `b`, `seed`, `count`, `pixels`, `labels` and `shuffled` (those of `b`), and `known`, the shares
    of all its training images for which each network gives the label that it learned. None if the page holds no seed of
    both of them, or their images differ.
    """
    seed = next((seed for seed in seeds if seed in others), None)
    if seed is None:
        return None
    one, other = first.training_images(seed), second.training_images(seed)
    if not np.array_equal(one.images[:TWIN_IMAGES], other.images[:TWIN_IMAGES]):
        return None
    kept = np.flatnonzero(one.classed & other.classed)[:TWIN_IMAGES]
    return {
        "a": first.name,
        "b": second.name,
        "seed": seed,
        "count": len(kept),
        "pixels": encoded(one.images[kept]),
        "labels": one.labels[kept].tolist(),
        "shuffled": other.labels[kept].tolist(),
        "known": [float(network.scores("train").accuracy[seed]) for network in (first, second)],
    }
