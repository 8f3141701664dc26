"""The training images of a single run, for networks that use a subset of the images or shuffled labels.

Both are drawn from the run's branch of the seed tree (`network.randomness`), so that different seeds are independent
replicates of these choices too. `datasets.prepare`, in contrast, shuffles or selects once for all runs on a data set.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import Images
from downhill.errors import DownhillError
from downhill.network.randomness import LABELS, SUBSET, generator


def has_own_images(net: Network) -> bool:
    """Whether the training images or labels of a network differ between seeds."""
    return net.subset_images is not None or net.shuffle_labels > 0


def training_images_of(images: Images, net: Network, seed: int) -> Images:
    """The images that a run is trained on, with their labels or targets.

    First a subset is drawn, then its labels are shuffled. With the same seed and `subset_images`, networks with true
    and with shuffled labels are trained on the same images.

    Parameters
    ----------
    images
        Training images of the data set.
    net
        The network; its `subset_images` and `shuffle_labels` are used.
    seed
        The run's seed, 0 or greater.

    Returns
    -------
    Images. If the network uses neither option, this is `images` itself; without a subset, the array of pixels is shared
    with `images`.

    Raises
    ------
    DownhillError
        If `subset_images` is larger than the number of images.
    """
    if net.subset_images is not None:
        images = _subset(images, net.subset_images, seed)
    return _with_shuffled_labels(images, net.shuffle_labels, seed) if net.shuffle_labels > 0 else images


def _subset(images: Images, count: int, seed: int) -> Images:
    """Random images, in the order of the data set; for a given seed, smaller subsets are contained in larger ones."""
    if count > len(images):
        raise DownhillError(
            f"subset_images is {count}, but the data set has only {len(images)} training images; "
            f"choose at most {len(images)}"
        )
    return images.take(np.sort(generator(seed, SUBSET).permutation(len(images))[:count]))


def _with_shuffled_labels(images: Images, share: float, seed: int) -> Images:
    """Permute the labels (or targets) of a random share of the images among themselves.

    Images of no class have no label to shuffle, so they are not included.
    """
    regression = images.targets is not None
    labelled = np.arange(len(images)) if regression else np.flatnonzero(images.classed)
    random = generator(seed, LABELS)
    chosen: NDArray[np.intp] = random.permutation(labelled)[: int(share * len(labelled) + 0.5)]
    source = np.arange(len(images))
    source[chosen] = random.permutation(chosen)
    targets = None if images.targets is None else images.targets[source]
    return replace(images, labels=images.labels[source], targets=targets)
