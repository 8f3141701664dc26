"""Images that make an output of a network as large as possible, found by climbing along the gradient in the pixels."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.network import Network
from downhill.network.reference import activate, slope

Array = NDArray[np.float64]

SMOOTHING = 0.01
"""Its square is added under the root of the total variation, which then has a gradient where an image is flat."""


def weighted_sums(weights: Any, images: Array, outputs: ArrayLike, net: Network) -> tuple[Array, Array]:
    """The weighted sum z of one output for each image, and its gradient in the pixels.

    Parameters
    ----------
    weights
        [(W, b), …], W of shape (n_in, n_out).
    images
        Pixels, float64 (n, pixels); they are not scaled.
    outputs
        The index of the output for each image, integers (n,).
    net
        Its activation is used. The gradient of step units is 0, unless the network uses a straight-through gradient.

    Returns
    -------
    float64 (n,) and (n, pixels).
    """
    below, slopes = images, []
    for W, b in weights[:-1]:
        below = activate(net.activation, below @ W + b)
        slopes.append(slope(net.activation, below, net.straight_through))
    W, b = weights[-1]
    chosen = np.asarray(outputs)
    z = np.einsum("nu,un->n", below, W[:, chosen]) + b[chosen]
    gradient = np.asarray(W, np.float64).T[chosen]
    for (V, _), sloped in zip(reversed(weights[:-1]), reversed(slopes), strict=True):
        gradient = (gradient * sloped) @ np.asarray(V, np.float64).T
    return z, gradient


def total_variation(images: Array) -> tuple[Array, Array]:
    """The total variation of each image, and its gradient in the pixels.

    It is Σ √(dx² + dy² + ε²), with the differences dx and dy from each pixel to its right and lower neighbour (0 at the
    edge) and ε = `SMOOTHING` (Rudin, Osher & Fatemi 1992, *Physica D* 60:259).

    Parameters
    ----------
    images
        float64 (n, height, width).

    Returns
    -------
    float64 (n,) and (n, height, width).
    """
    right, down = np.zeros_like(images), np.zeros_like(images)
    right[:, :, :-1] = images[:, :, 1:] - images[:, :, :-1]
    down[:, :-1] = images[:, 1:] - images[:, :-1]
    length = np.sqrt(right**2 + down**2 + SMOOTHING**2)
    right, down = right / length, down / length
    gradient = -right - down
    gradient[:, :, 1:] += right[:, :, :-1]
    gradient[:, 1:] += down[:, :-1]
    return length.sum(axis=(1, 2)), gradient


@dataclass(frozen=True)
class Climb:
    """Projected gradient ascent inside the cube of all images, [0, 1] in each pixel.

    Each step goes `step` along the gradient divided by its Euclidean length, and then sets pixels beyond 0 or 1 to the
    nearest of the two. An image whose gradient is zero stays as it is.

    Attributes
    ----------
    weights, net
        As for `weighted_sums`.
    step, steps
        Length of a step in units of a pixel's full brightness, and the number of steps.
    """

    weights: Any
    net: Network
    step: float
    steps: int

    def images(self, starts: ArrayLike, outputs: ArrayLike, smoothness: ArrayLike = 0.0) -> Array:
        """Climb from each start.

        Parameters
        ----------
        starts
            Pixels from 0 to 1, (n, height, width).
        outputs
            The output whose z should become large, for each start, (n,).
        smoothness
            Weight of the total variation, which is subtracted from z, for each start (n,) or one for all.

        Returns
        -------
        float64 (n, height, width).
        """
        x = np.array(starts, np.float64)
        weight = np.broadcast_to(np.asarray(smoothness, np.float64), len(x))
        smoothed = np.flatnonzero(weight)
        weights = [(np.asarray(W, np.float64), np.asarray(b, np.float64)) for W, b in self.weights]
        for _ in range(self.steps):
            _, gradient = weighted_sums(weights, x.reshape(len(x), -1), outputs, self.net)
            gradient = gradient.reshape(x.shape)
            if len(smoothed):
                _, rough = total_variation(x[smoothed])
                gradient[smoothed] -= weight[smoothed, None, None] * rough
            x = np.clip(x + self.step * _of_length_one(gradient), 0, 1)
        return x


def _of_length_one(gradient: Array) -> Array:
    """Each gradient (n, height, width) divided by its Euclidean length; zero where it is zero."""
    largest = np.abs(gradient).max(axis=(1, 2), keepdims=True, initial=0)
    scaled = np.divide(
        gradient, largest, out=np.zeros_like(gradient), where=largest > 0
    )  # squares do not underflow
    length = np.sqrt((scaled**2).sum(axis=(1, 2), keepdims=True))
    return np.asarray(np.divide(scaled, length, out=np.zeros_like(scaled), where=length > 0))
