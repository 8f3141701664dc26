"""Training images in the engine's format: one set for all seeds of a network, or one per seed."""

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import Images
from downhill.engine.evaluate import class_labels
from downhill.engine.images import Examples, engine_images, examples
from downhill.engine.layout import Layout
from downhill.network.replicate import has_own_images, training_images_of


class TrainingImages:
    """The training images of each seed of a network; images that seeds share are converted only once.

    Seeds share all images and labels unless the network uses a subset or shuffled labels per seed
    (`network.replicate`). If only labels are shuffled, seeds still share the pixels.

    Parameters
    ----------
    images
        Training images of the data set.
    net, layout
        The network and its layout.

    Raises
    ------
    DownhillError
        If labels or targets do not match the network (see `network.targets.target_table`).
    """

    def __init__(self, images: Images, net: Network, layout: Layout) -> None:
        self._images, self._net, self._layout = images, net, layout
        self._pixels = engine_images(images.images) if net.subset_images is None else None
        self._shared = None if has_own_images(net) else self._converted(images)

    def of(self, seed: int) -> tuple[Examples, NDArray[np.uint8]]:
        """Images and targets of one seed, and class labels uint8 (n,) to compare answers with.

        Raises
        ------
        DownhillError
            If the network's subset is larger than the data set.
        """
        if self._shared is not None:
            return self._shared
        return self._converted(training_images_of(self._images, self._net, seed))

    def _converted(self, images: Images) -> tuple[Examples, NDArray[np.uint8]]:
        return examples(images, self._net, self._layout, self._pixels), class_labels(images)
