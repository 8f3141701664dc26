"""Outputs, costs and gradients of a trained (or untrained) network, at the engine's speed."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.calls import check
from downhill.config.network import Network, check_network
from downhill.datasets.dataset import NO_CLASS, Images
from downhill.engine import kernels
from downhill.engine.images import Examples, engine_images, examples
from downhill.engine.layout import Layout, padded, unpadded
from downhill.engine.optimizers import NOT_MOVING, State
from downhill.engine.workspace import Workspace
from downhill.errors import DownhillError
from downhill.network.architecture import Weights, pack, shapes_of, unpack

_CHUNK = 128  # images at a time, few enough that their activations stay in the cache
_SET_OF_IMAGES = "a set of Images, such as data.test"
_NO_TARGETS, _NO_LOSSES = np.zeros(0, np.float32), np.zeros(0)


class Score(NamedTuple):
    """Mean cost of a network on a set of images, and its accuracy on those that belong to a class."""

    loss: float
    accuracy: float


@dataclass(frozen=True)
class Evaluation:
    """The outputs of a network on a set of images, with costs and counts.

    Attributes
    ----------
    outputs
        float32 (n, n_outputs).
    losses
        Cost of each image, float64 (n,).
    loss, accuracy, confidence
        Mean cost; among the images that belong to a class, the share whose largest output is that of their class;
        mean largest output. NaN if there are no such images.
    confusion
        Number of images by class (rows) and answer (columns), int64 (n_outputs, n_outputs).
    """

    outputs: NDArray[np.float32]
    losses: NDArray[np.float64]
    loss: float
    accuracy: float
    confidence: float
    confusion: NDArray[np.int64]


def outputs_and_losses(
    parameters: NDArray[np.float32], layout: Layout, data: Examples
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Outputs (n, n_outputs) and costs (n,) of all images."""
    losses = np.empty(data.images.n_images)
    return _outputs(parameters, layout, data, losses), losses


def _outputs(
    parameters: NDArray[np.float32], layout: Layout, data: Examples, losses: NDArray[np.float64]
) -> NDArray[np.float32]:
    images = data.images
    if parameters.shape != (layout.n_parameters,) or images.n_pixels != layout.sizes[0]:  # not checked later
        raise ValueError(f"{parameters.shape} parameters and {images.n_pixels} pixels do not fit {layout}")
    outputs = np.empty((images.n_images, layout.sizes[-1]), np.float32)
    work = Workspace.of(layout, images, _CHUNK, sort=False)
    order = np.arange(images.n_images)
    kernels.infer(order, data, layout.layers, layout.loss, parameters, work, None, outputs, losses)
    return outputs


def score(
    parameters: NDArray[np.float32], layout: Layout, data: Examples, labels: NDArray[np.uint8]
) -> Score:
    """Mean cost and accuracy; the answer is the largest output, or the first of several equal ones."""
    outputs, losses = outputs_and_losses(parameters, layout, data)
    return Score(mean(losses), accuracy(outputs.argmax(axis=1), labels))


def class_labels(images: Images) -> NDArray[np.uint8]:
    """Labels uint8 (n,) to compare answers with; all `NO_CLASS` if the images have targets for regression."""
    return images.labels if images.targets is None else np.full(len(images), NO_CLASS, np.uint8)


def accuracy(answers: NDArray[np.integer], labels: NDArray[np.uint8]) -> float:
    """Share of correct answers among the images that belong to a class; NaN if there are none."""
    classed = labels != NO_CLASS
    return mean((answers == labels)[classed])


def confusion(answers: NDArray[np.integer], labels: NDArray[np.uint8], n_classes: int) -> NDArray[np.int64]:
    """Number of images by class (rows) and answer (columns), int64 (n_classes, n_classes)."""
    classed = labels != NO_CLASS
    cells = labels[classed].astype(np.int64) * n_classes + answers[classed]
    return np.bincount(cells, minlength=n_classes**2).reshape(n_classes, n_classes)


def mean(numbers: NDArray[np.generic]) -> float:
    """Mean in float64; NaN for an empty array."""
    return float(numbers.mean(dtype=np.float64)) if len(numbers) else float("nan")


def evaluate(weights: Weights, images: Images, net: Network) -> Evaluation:
    """Outputs, costs, confusion and confidence of a network on any set of images.

    Arguments and errors are those of `predict`, except that the images come with labels or targets.
    """
    check(images, Images, "images", _SET_OF_IMAGES)
    layout, parameters = _network(weights, net, int(np.prod(images.images.shape[1:])))
    outputs, losses = outputs_and_losses(parameters, layout, examples(images, net, layout))
    answers, labels = outputs.argmax(axis=1), class_labels(images)
    return Evaluation(
        outputs=outputs,
        losses=losses,
        loss=mean(losses),
        accuracy=accuracy(answers, labels),
        confidence=mean(outputs.max(axis=1)),
        confusion=confusion(answers, labels, layout.sizes[-1]),
    )


def predict(weights: Weights, images: ArrayLike, net: Network) -> NDArray[np.float32]:
    """Outputs of a network, float32 (n, n_outputs).

    Parameters
    ----------
    weights
        [(W, b), …], W of shape (n_in, n_out), like `Run.weights`.
    images
        uint8 (n, height, width), 0…255, or floats (n, n_pixels), already scaled.
    net
        The network; its layers must match the weights.

    Raises
    ------
    DownhillError
        If weights, images and network do not match.
    """
    pixels = engine_images(images)
    layout, parameters = _network(weights, net, pixels.n_pixels)
    data = Examples(pixels, np.zeros(0, np.int32), _NO_TARGETS)
    return _outputs(parameters, layout, data, _NO_LOSSES)


def _network(weights: Weights, net: Network, n_pixels: int) -> tuple[Layout, NDArray[np.float32]]:
    check_network(net)
    _, biases = shapes_of(weights)[-1]
    sizes = net.layer_sizes(n_pixels, math.prod(biases))
    layout = Layout.of(net, sizes)
    return layout, padded(unpack(pack(weights, sizes), sizes), layout)


def gradient(parameters: NDArray[np.float32], layout: Layout, data: Examples) -> NDArray[np.float64]:
    """Gradient of the mean cost of all images, with the layout of the parameter vector.

    The kernels sum over chunks of images in float32; the sums of the chunks are added in float64.
    """
    n, total = data.images.n_images, np.zeros(layout.n_parameters)
    work = Workspace.of(layout, data.images, _CHUNK)
    state = State.of(NOT_MOVING, layout.n_parameters, plain=False)
    for first in range(0, n, _CHUNK):
        order = np.arange(first, min(first + _CHUNK, n))
        kernels.train_epoch(
            *(order, _CHUNK, data, layout.layers, layout.loss, parameters, state, np.zeros(1)),
            *(NOT_MOVING, 0, work, None),
        )
        total += state.gradient.astype(np.float64) * (len(order) / n)
        state.gradient[:] = 0
    return total


def loss_gradient(weights: Weights, images: Images, net: Network) -> Weights:
    """Gradient of the mean cost of a set of images, computed by the training kernels.

    Parameters
    ----------
    weights
        [(W, b), …], W of shape (n_in, n_out), like `Run.weights` or one of `Run.snapshots`.
    images
        At least one image, with labels or targets.
    net
        The network; its layers must match the weights. Weight decay is not part of the cost.

    Returns
    -------
    [(∂C/∂W, ∂C/∂b), …], float64 arrays with the shapes of `weights`.

    Raises
    ------
    DownhillError
        If weights, images and network do not match, or there are no images.
    """
    check(images, Images, "images", _SET_OF_IMAGES)
    if len(images) == 0:
        raise DownhillError("there are no images to compute a gradient from; pass at least one")
    layout, parameters = _network(weights, net, int(np.prod(images.images.shape[1:])))
    return unpadded(gradient(parameters, layout, examples(images, net, layout)), layout)


def loss_and_gradient(
    weights: Weights, images: ArrayLike, labels: ArrayLike, net: Network
) -> tuple[float, Weights]:
    """Mean cost of a batch and its gradient [(∂C/∂W, ∂C/∂b), …] in float64, computed by the training kernels.

    The arguments are those of `network.reference.loss_and_gradient`, against which this function is tested.
    """
    data = labelled(images, labels)
    layout, parameters = _network(weights, net, int(np.prod(data.images.shape[1:])))
    batch = examples(data, net, layout)
    _, losses = outputs_and_losses(parameters, layout, batch)
    return mean(losses), unpadded(gradient(parameters, layout, batch), layout)


def labelled(images: ArrayLike, labels: ArrayLike) -> Images:
    """Build a set of images from arrays of the form that `reference.loss_and_gradient` takes."""
    pixels, wanted = np.asarray(images), np.asarray(labels)
    if pixels.dtype != np.uint8:
        pixels = pixels.astype(np.float32)
    if pixels.ndim == 2:
        pixels = pixels[:, None, :]
    if wanted.ndim == 2:
        return Images.with_targets(pixels, wanted.astype(np.float32))
    if wanted.size and not 0 <= wanted.min() <= wanted.max() <= NO_CLASS:
        raise DownhillError(f"labels must be in 0 … {NO_CLASS}; found {wanted.min()} … {wanted.max()}")
    return Images(pixels, wanted.astype(np.uint8))
