"""Targets: the values that a network is trained to output, one row per image."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import NO_CLASS, Images
from downhill.errors import DownhillError


def class_rows(n_classes: int, label_smoothing: float) -> NDArray[np.float64]:
    """Targets of every class, followed by the target of images of no class: float64 (n_classes + 1, n_classes).

    The target of a class is y = (1 − ε) · one-hot + ε / n_classes (label smoothing; Szegedy et al. 2016, *Rethinking
    the Inception architecture*, section 7). The target of images of no class is zero.
    """
    rows = np.zeros((n_classes + 1, n_classes))
    rows[:n_classes] = (1 - label_smoothing) * np.eye(n_classes) + label_smoothing / n_classes
    return rows


def row_of_each(labels: ArrayLike, n_classes: int) -> NDArray[np.int32]:
    """Row of `class_rows` for each label: the label itself, or n_classes for `NO_CLASS`; int32 (n,).

    Raises
    ------
    DownhillError
        If a label is neither in 0 … n_classes − 1 nor `NO_CLASS`.
    """
    array = np.asarray(labels, dtype=np.int64)
    classed = array[array != NO_CLASS]
    if classed.size and not 0 <= classed.min() <= classed.max() < n_classes:
        raise DownhillError(
            f"labels must be in 0 … {n_classes - 1} (or {NO_CLASS} for images of no class); "
            f"found {classed.min()} … {classed.max()}"
        )
    return np.where(array == NO_CLASS, n_classes, array).astype(np.int32)


def target_rows(labels: ArrayLike, net: Network, n_outputs: int) -> NDArray[np.float64]:
    """Targets y of a batch, float64 (n, n_outputs).

    `labels` are either integers (n,), which `class_rows` converts to targets (raising DownhillError like
    `row_of_each`), or the targets themselves, floats (n, n_outputs), to which label smoothing does not apply.
    """
    array = np.asarray(labels)
    if array.ndim == 2:
        return array.astype(np.float64)
    return class_rows(n_outputs, net.label_smoothing)[row_of_each(array, n_outputs)]


def target_table(
    images: Images, net: Network, n_outputs: int
) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
    """Targets of a set of images, with equal ones stored once: the target of image i is `table[index[i]]`.

    Parameters
    ----------
    images
        A set of images. Targets are computed from the labels (see `class_rows`), unless there are regression targets.
    net
        The network; its label smoothing is used. Its output and loss must be compatible with the targets.
    n_outputs
        Number of outputs of the network: the number of classes, or of values in a regression target.

    Returns
    -------
    table, index
        float32 (m, n_outputs) and int32 (n,). With labels, the table has one row per class and, at the end, a row of
        zeros for images of no class; with regression targets, it has one row per image.

    Raises
    ------
    DownhillError
        If labels or targets do not match the outputs, or are incompatible with the network: label smoothing,
        cross-entropy or softmax outputs with regression targets; softmax outputs with images of no class.
    """
    if images.targets is not None:
        _check_regression(net, images.targets.shape[1], n_outputs)
        return images.targets, np.arange(len(images), dtype=np.int32)
    index = row_of_each(images.labels, n_outputs)
    if net.output == "softmax" and not images.classed.all():
        raise DownhillError(
            f"{np.count_nonzero(~images.classed)} images belong to no class and have a target of zero in every "
            "output, but the outputs of a softmax sum to 1 and cannot all be 0; use output 'sigmoid' or 'linear'"
        )
    return class_rows(n_outputs, net.label_smoothing).astype(np.float32), index


def _check_regression(net: Network, width: int, n_outputs: int) -> None:
    if width != n_outputs:
        raise DownhillError(
            f"the targets have {width} values per image, but the network has {n_outputs} outputs; "
            "the two numbers must be equal"
        )
    if net.output == "softmax":
        raise DownhillError(
            "output 'softmax' gives class probabilities, but the data set has regression targets; "
            "use output 'linear' or 'sigmoid'"
        )
    if net.loss == "cross_entropy":
        raise DownhillError(
            "loss 'cross_entropy' is for classification, but the data set has regression targets; use loss 'mse'"
        )
    if net.label_smoothing > 0:
        raise DownhillError(
            f"label_smoothing is {net.label_smoothing}, but the data set has regression targets and no labels; "
            "remove label_smoothing"
        )
