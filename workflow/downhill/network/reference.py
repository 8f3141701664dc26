"""The maths of a multilayer perceptron in float64 NumPy: the reference that the engine is tested against.

Symbols follow Nielsen, *Neural Networks and Deep Learning*, chapter 2, with images as rows: layer l computes
z = a·W + b and a' = σ(z); δ is ∂C/∂z of one image, and y is its target (`network.targets`).
"""

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.network import Network, check_network
from downhill.errors import DownhillError
from downhill.network.architecture import LEAKY_SLOPE, check_shapes, shapes_of
from downhill.network.optimizers import initial_state as initial_state
from downhill.network.optimizers import step as step
from downhill.network.targets import target_rows

Array = NDArray[np.float64]


def scaled(images: ArrayLike) -> Array:
    """Pixels as float64 rows (n, n_pixels): uint8 0…255 is scaled to 0…1; floats are not changed."""
    array = np.asarray(images)
    pixels = array / 255.0 if array.dtype == np.uint8 else array.astype(np.float64)
    return pixels.reshape(len(array), math.prod(array.shape[1:]))  # also without images


def sigmoid(z: Array) -> Array:
    """1 / (1 + e⁻ᶻ), without overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1 / (1 + e), e / (1 + e))


def softmax(z: Array) -> Array:
    """eᶻ / Σ eᶻ over the last axis."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


def activate(name: str, z: Array) -> Array:
    """a = σ(z) for any activation or output function in the settings."""
    if name == "sigmoid":
        return sigmoid(z)
    if name == "tanh":
        return np.tanh(z)
    if name == "relu":
        return np.maximum(z, 0)
    if name == "leaky_relu":
        return np.where(z > 0, z, LEAKY_SLOPE * z)
    if name == "step":
        return (z > 0).astype(np.float64)
    if name == "softmax":
        return softmax(z)
    return z


def slope(name: str, a: Array, straight_through: bool = False) -> Array:
    """σ'(z) of an elementwise activation, computed from its value a = σ(z).

    At z = 0, the slope of ReLU is taken as 0 and that of leaky ReLU as its slope below 0. The slope of a step is 0
    everywhere, or is replaced by 1 with `straight_through` (Bengio, Léonard & Courville 2013, *Estimating or
    propagating gradients through stochastic neurons*, "straight-through estimator").
    """
    if name == "sigmoid":
        return a * (1 - a)
    if name == "tanh":
        return 1 - a**2
    if name == "relu":
        return (a > 0).astype(np.float64)
    if name == "leaky_relu":
        return np.where(a > 0, 1.0, LEAKY_SLOPE)
    if name == "step" and not straight_through:
        return np.zeros_like(a)
    return np.ones_like(a)


def forward(weights: Any, images: ArrayLike, net: Network) -> tuple[list[Array], Array]:
    """Activations of every layer, starting with the (scaled) images, and z of the output layer.

    Shapes: [(n, n_0), (n, n_1), …, (n, n_outputs)] and (n, n_outputs).
    """
    activations, z = [scaled(images)], np.empty(0)
    for layer, (W, b) in enumerate(weights, 1):
        z = activations[-1] @ np.asarray(W, np.float64) + np.asarray(b, np.float64)
        activations.append(activate(net.output if layer == len(weights) else net.activation, z))
    return activations, z


def losses(z: Array, labels: ArrayLike, net: Network) -> Array:
    """Cost of each image (n,), computed from z of the output layer, (n, n_outputs).

    `mse` is ½‖a − y‖². `cross_entropy` over sigmoid outputs is −Σ [y ln a + (1 − y) ln(1 − a)] (Nielsen, eq. 63)
    = Σ [ln(1 + eᶻ) − y z]; over a softmax it is −Σ y ln a = Σy · ln Σ eᶻ − Σ y z, where Σy = 1 for every class. The
    code uses the second forms, which stay exact where a rounds to 0 or 1. `labels` are those of `loss_and_gradient`.
    """
    y = target_rows(labels, net, z.shape[1])
    if net.loss == "mse":
        return np.asarray(0.5 * ((activate(net.output, z) - y) ** 2).sum(axis=1))
    if net.output == "softmax":
        return np.asarray(y.sum(axis=1) * np.logaddexp.reduce(z, axis=1) - (y * z).sum(axis=1))
    return np.asarray((np.logaddexp(0, z) - y * z).sum(axis=1))


def output_delta(outputs: Array, labels: ArrayLike, net: Network) -> Array:
    """δ of the output layer, (n, n_outputs): ∂C/∂z of each image (Nielsen, BP1 and eq. 68)."""
    y = target_rows(labels, net, outputs.shape[1])
    if net.loss == "cross_entropy" and net.output == "softmax":
        return np.asarray(y.sum(axis=1, keepdims=True) * outputs - y)
    error = outputs - y
    if net.loss == "cross_entropy":
        return error  # the slope cancels here too
    if net.output == "softmax":  # ∂aⱼ/∂zₖ = aⱼ(1[j = k] − aₖ)
        return np.asarray(outputs * (error - (error * outputs).sum(axis=1, keepdims=True)))
    return error * slope(net.output, outputs)


def loss_and_gradient(
    weights: Any, images: ArrayLike, labels: ArrayLike, net: Network
) -> tuple[float, list[tuple[Array, Array]]]:
    """Mean cost of a batch of images and its gradient, computed by backpropagation in float64.

    Parameters
    ----------
    weights
        [(W, b), …], W of shape (n_in, n_out).
    images
        uint8 (n, height, width), or floats (n, n_pixels), already scaled.
    labels
        Integers (n,), 0 … n_outputs − 1 or `NO_CLASS`; or targets, floats (n, n_outputs).
    net
        The network; its activation, output, loss and label smoothing are used. Weight decay is part of the update, not
        of the cost.

    Returns
    -------
    loss, gradient
        A float, and [(∂C/∂W, ∂C/∂b), …] with the shapes of `weights` (Nielsen, BP1–BP4, batch mean).

    Raises
    ------
    DownhillError
        If a label has any other value, or the arguments do not match.
    """
    _check_batch(weights, images, labels, net)
    activations, z = forward(weights, images, net)
    n = len(z)
    loss = float(losses(z, labels, net).mean())
    gradient = []
    delta = output_delta(activations[-1], labels, net)
    for layer in reversed(range(len(weights))):
        gradient.append((activations[layer].T @ delta / n, delta.mean(axis=0)))
        if layer > 0:
            W = np.asarray(weights[layer][0], np.float64)
            delta = (delta @ W.T) * slope(net.activation, activations[layer], net.straight_through)
    return loss, gradient[::-1]


def _check_batch(weights: Any, images: ArrayLike, labels: ArrayLike, net: Network) -> None:
    check_network(net)
    widths = [math.prod(b) for _, b in shapes_of(weights)]
    check_shapes(weights, (math.prod(np.shape(images)[1:]), *widths))
    if np.shape(labels)[:1] != np.shape(images)[:1]:
        raise DownhillError(
            f"images of shape {np.shape(images)} need as many labels, not labels of shape {np.shape(labels)}"
        )
