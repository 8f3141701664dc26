"""Outputs, costs and gradients of a trained (or untrained) network, at the engine's speed."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.network import Network
from downhill.engine import kernels
from downhill.engine.layout import Layout, aligned_zeros, padded, unpadded
from downhill.engine.sparse import SparseImages, sparse
from downhill.errors import DownhillError
from downhill.network.architecture import Weights, pack, unpack

_NO_LABELS = np.empty(0, np.uint8)


class Score(NamedTuple):
    """How a network does on a set of images: mean cost and share of right answers (NaN without images)."""

    loss: float
    accuracy: float


def outputs_and_losses(
    parameters: NDArray[np.float32], layout: Layout, images: SparseImages, labels: NDArray[np.uint8]
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Outputs (n, n_classes) and costs (n,) of all images; without labels the costs are NaN."""
    if parameters.shape != (layout.offsets[-1],) or images.n_pixels != layout.sizes[0]:  # no kernel checks
        raise ValueError(f"{parameters.shape} parameters and {images.n_pixels} pixels do not fit {layout}")
    outputs = np.empty((len(images), layout.sizes[-1]), np.float32)
    losses = np.full(len(images), np.nan)
    units = aligned_zeros(int(layout.places[-1]))
    kernels.forward_all(images, labels, layout, parameters, units, outputs, losses)
    return outputs, losses


def score(
    parameters: NDArray[np.float32], layout: Layout, images: SparseImages, labels: NDArray[np.uint8]
) -> Score:
    """Mean cost and accuracy; the answer is the brightest output, the first one where two are equal."""
    if len(images) == 0:
        return Score(np.nan, np.nan)
    outputs, losses = outputs_and_losses(parameters, layout, images, labels)
    return Score(float(losses.mean()), float((outputs.argmax(axis=1) == labels).mean()))


def _prepared(
    weights: Weights, images: ArrayLike, net: Network
) -> tuple[NDArray[np.float32], Layout, SparseImages]:
    rows = sparse(images)
    sizes = net.layer_sizes(rows.n_pixels, np.shape(weights[-1][1])[0])
    layout = Layout.of(net, sizes)
    return padded(unpack(pack(weights, sizes), sizes), layout), layout, rows


def predict(weights: Weights, images: ArrayLike, net: Network) -> NDArray[np.float32]:
    """Outputs of a network, float32 (n, n_classes).

    Parameters
    ----------
    weights
        [(W, b), …], W of shape (n_in, n_out), as `Run.weights`.
    images
        uint8 (n, height, width), 0…255, or floats (n, n_pixels), already scaled.
    net
        The network; its layers must be those of the weights.

    Raises
    ------
    DownhillError
        If weights, images and network do not fit together.
    """
    parameters, layout, rows = _prepared(weights, images, net)
    return outputs_and_losses(parameters, layout, rows, _NO_LABELS)[0]


def loss_and_gradient(
    weights: Weights, images: ArrayLike, labels: ArrayLike, net: Network
) -> tuple[float, Weights]:
    """Mean cost of a batch and its gradient [(∂C/∂W, ∂C/∂b), …] in float32, by the training kernels.

    Arguments as `network.reference.loss_and_gradient`, which it is tested against.
    """
    parameters, layout, rows = _prepared(weights, images, net)
    label_array = checked_labels(labels, len(rows), int(layout.sizes[-1]))
    n = len(rows)
    gradient, workspace = np.zeros_like(parameters), n * int(layout.places[-1])
    units, deltas = aligned_zeros(workspace), aligned_zeros(workspace)
    scale = np.float32(1 / n)
    kernels.add_gradients(
        np.arange(n), 0, n, rows, label_array, layout, parameters, units, deltas, scale, gradient
    )
    return float(outputs_and_losses(parameters, layout, rows, label_array)[1].mean()), unpadded(
        gradient, layout
    )


def checked_labels(labels: ArrayLike, n_images: int, n_classes: int) -> NDArray[np.uint8]:
    """Labels as contiguous uint8 (n,); DownhillError unless there is one in 0 … n_classes − 1 per image."""
    array = np.asarray(labels)
    if array.shape != (n_images,):
        raise DownhillError(f"{n_images} images need labels of shape ({n_images},), not {array.shape}")
    if n_images and not (array.min() >= 0 and array.max() < n_classes):
        raise DownhillError(f"labels must lie in 0 … {n_classes - 1}; found {array.min()} … {array.max()}")
    return np.array(array, dtype=np.uint8)  # a copy: read-only arrays would be compiled for again
