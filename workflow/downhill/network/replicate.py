"""A run's own training images: what a seed learns of a data set if its network asks for a subset or shuffled labels.

Both are drawn from the run's branch of the seed tree (`network.randomness`), so that seeds are independent replicates
of them too. `datasets.prepare` instead shuffles or selects once, for all runs on a data set.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import Images
from downhill.errors import DownhillError
from downhill.network.randomness import LABELS, SUBSET, generator


def has_own_images(net: Network) -> bool:
    """Whether each seed of a network has training images or labels of its own."""
    return net.subset_images is not None or net.shuffle_labels > 0


def training_images_of(images: Images, net: Network, seed: int) -> Images:
    """The images that one run is trained on, with the labels or targets that it is trained to give.

    First a subset is drawn, then its labels are shuffled. With the same seed and `subset_images`, networks with true
    and with shuffled labels learn the same images.

    Parameters
    ----------
    images
        Training images of the data set.
    net
        Gives `subset_images` and `shuffle_labels`.
    seed
        The run's seed, 0 or greater.

    Returns
    -------
    Images; `images` itself for a network that asks for neither, and with the very same array of pixels for one that
    asks for no subset.

    Raises
    ------
    DownhillError
        If `subset_images` is more than there are.
    """
    if net.subset_images is not None:
        images = _subset(images, net.subset_images, seed)
    return _with_shuffled_labels(images, net.shuffle_labels, seed) if net.shuffle_labels > 0 else images


def _subset(images: Images, count: int, seed: int) -> Images:
    """Random images, in the order of the data set; with one seed, fewer are always part of more."""
    if count > len(images):
        raise DownhillError(
            f"subset_images is {count}, but the data set has {len(images)} training images; choose at most that"
        )
    return images.take(np.sort(generator(seed, SUBSET).permutation(len(images))[:count]))


def _with_shuffled_labels(images: Images, share: float, seed: int) -> Images:
    """Permute the labels (or targets) of a random share of the images among themselves.

    Images of no class have no label to shuffle, so they are left out.
    """
    regression = images.targets is not None
    labelled = np.arange(len(images)) if regression else np.flatnonzero(images.classed)
    random = generator(seed, LABELS)
    chosen: NDArray[np.intp] = random.permutation(labelled)[: int(share * len(labelled) + 0.5)]
    source = np.arange(len(images))
    source[chosen] = random.permutation(chosen)
    targets = None if images.targets is None else images.targets[source]
    return replace(images, labels=images.labels[source], targets=targets)
