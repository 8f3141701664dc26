"""Histories: the scores of a network on each set of images, one row for each epoch that is recorded."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from downhill.config.cells import IMAGE_SETS
from downhill.config.network import Network
from downhill.datasets.dataset import Dataset
from downhill.engine.evaluate import Score, class_labels
from downhill.engine.images import Examples, examples
from downhill.engine.layout import Layout

HISTORY_COLUMNS = ("epoch", *(f"{name}_{number}" for name in IMAGE_SETS for number in Score._fields))
"""`epoch`, then `train_loss`, `train_accuracy`, `validation_loss`, … `test_accuracy`."""

LabelledExamples = tuple[Examples, NDArray[np.uint8]]
"""Images with their targets, and the class labels to compare answers with."""

_NOT_SCORED = Score(float("nan"), float("nan"))


def shared_sets(net: Network, data: Dataset, layout: Layout) -> dict[str, LabelledExamples]:
    """The validation and test images by name, as far as the history scores them and there are any.

    All seeds share them, unlike their training images.
    """
    return {
        name: (examples(images, net, layout), class_labels(images))
        for name, images in data.parts().items()
        if name != "train" and name in net.history_sets and len(images)
    }


def history_row(epoch: int, scores: Mapping[str, Score]) -> tuple[float, ...]:
    """The values of `HISTORY_COLUMNS` after an epoch; NaN for sets without a score."""
    return (epoch, *(number for name in IMAGE_SETS for number in scores.get(name, _NOT_SCORED)))
