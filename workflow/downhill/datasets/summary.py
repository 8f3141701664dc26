"""A data set in a few numbers, for people and for the report."""

import hashlib
from typing import Any

import numpy as np

from downhill.datasets.dataset import Dataset


def summarise(dataset: Dataset) -> dict[str, Any]:
    """Describe a data set.

    Returns
    -------
    dict, ready for JSON:
        n_train, n_validation, n_test : int, images
        height, width : int, pixels
        classes : list of str
        class_counts : dict by set (train, validation, test) of lists of int, images per class
        no_class_counts : dict by set of int, images of no class; left out where there are none
        share_of_zero_pixels : float, among all pixels of the training images
        pixels_never_on, share_of_pixels_never_on : int and float; positions that are zero in
            every training image
        train_sha256 : str, of the bytes of the training images, then of the training labels, then of
            the training targets where there are any
    """
    train = dataset.train
    height, width = dataset.image_shape
    never_on = int(np.count_nonzero(~train.images.any(axis=0)))
    digest = hashlib.sha256(np.ascontiguousarray(train.images).data)
    digest.update(np.ascontiguousarray(train.labels).data)
    if train.targets is not None:
        digest.update(np.ascontiguousarray(train.targets).data)
    no_class = {name: int(np.count_nonzero(~part.classed)) for name, part in dataset.parts().items()}
    return {
        **{f"n_{name}": len(part) for name, part in dataset.parts().items()},
        "height": height,
        "width": width,
        "classes": list(dataset.classes),
        "class_counts": {
            name: np.bincount(part.labels[part.classed], minlength=dataset.n_classes).tolist()
            for name, part in dataset.parts().items()
        },
        **({"no_class_counts": no_class} if any(no_class.values()) else {}),
        "share_of_zero_pixels": 1 - np.count_nonzero(train.images) / max(1, train.images.size),
        "pixels_never_on": never_on,
        "share_of_pixels_never_on": never_on / dataset.n_inputs,
        "train_sha256": digest.hexdigest(),
    }
