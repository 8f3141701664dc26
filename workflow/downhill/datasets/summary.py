"""Summary statistics of a data set, for readers and for the report."""

import hashlib
from typing import Any

import numpy as np
import numpy.typing as npt

from downhill.datasets.dataset import Dataset, Pixels


def summarise(dataset: Dataset) -> dict[str, Any]:
    """Summarise a data set.

    Returns
    -------
    dict, ready for JSON:
        n_train, n_validation, n_test : int, number of images
        height, width : int, pixels
        classes : list of str
        class_counts : dict by set (train, validation, test) of lists of int, images per class
        no_class_counts : dict by set of int, images of no class; omitted if there are none
        outputs, target_range : list of str, and the smallest and largest target of the training images; for
            regression, instead of the classes and their counts
        share_of_zero_pixels : float, among all pixels of the training images
        pixels_never_on, share_of_pixels_never_on : int and float; positions that are zero in every training image
        input_range : the smallest and largest number in the training images; for float images, instead of the
            statistics of zero pixels
        train_sha256 : str, of the bytes of the training images, followed by the training labels and, if there are
            any, the training targets
    """
    train = dataset.train
    height, width = dataset.image_shape
    digest = hashlib.sha256(np.ascontiguousarray(train.images).data)
    digest.update(np.ascontiguousarray(train.labels).data)
    if train.targets is not None:
        digest.update(np.ascontiguousarray(train.targets).data)
    return {
        **{f"n_{name}": len(part) for name, part in dataset.parts().items()},
        "height": height,
        "width": width,
        **_classes(dataset),
        **_inputs(train.images),
        "train_sha256": digest.hexdigest(),
    }


def _classes(dataset: Dataset) -> dict[str, Any]:
    """Statistics of labels or targets."""
    if dataset.train.targets is not None:
        return {"outputs": list(dataset.classes), "target_range": _range(dataset.train.targets)}
    no_class = {name: int(np.count_nonzero(~part.classed)) for name, part in dataset.parts().items()}
    return {
        "classes": list(dataset.classes),
        "class_counts": {
            name: np.bincount(part.labels[part.classed], minlength=dataset.n_classes).tolist()
            for name, part in dataset.parts().items()
        },
        **({"no_class_counts": no_class} if any(no_class.values()) else {}),
    }


def _inputs(images: Pixels) -> dict[str, Any]:
    """Statistics of the images."""
    if images.dtype == np.float32:
        return {"input_range": _range(images)}
    never_on = int(np.count_nonzero(~images.any(axis=0)))
    return {
        "share_of_zero_pixels": 1 - np.count_nonzero(images) / max(1, images.size),
        "pixels_never_on": never_on,
        "share_of_pixels_never_on": never_on / max(1, images.shape[1] * images.shape[2]),
    }


def _range(numbers: npt.NDArray[Any]) -> list[float]:
    return [float(numbers.min()), float(numbers.max())] if numbers.size else []
