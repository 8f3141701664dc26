"""The cost after small moves of the weights, along directions and of single weights, in float64.

Symbols are those of `reference`. Parameters are in the order of `curvature.flat`.
"""

from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.analysis.curvature import layers_of
from downhill.config.network import Network
from downhill.network.architecture import layer_offsets
from downhill.network.reference import activate, losses, scaled
from downhill.network.targets import target_rows

Array = NDArray[np.float64]

_AT_A_TIME = 25  # directions whose products with the images are computed together


class Along:
    """The first layer's z of some images, for moves along some directions.

    It is linear in the weights, so that its product with the images, which takes most of the time, is computed once for
    each direction, whatever the weights that are moved and the lengths of the moves.

    Parameters
    ----------
    directions
        (m, n_parameters).
    like
        Weights [(W, b), …] with the shapes of the network.
    images
        As for `reference.loss_and_gradient`.
    """

    def __init__(self, directions: ArrayLike, like: Any, images: ArrayLike) -> None:
        vectors = np.asarray(directions, np.float64)
        self.layers = [layers_of(vector, like) for vector in vectors]
        pixels = scaled(images)
        lit = pixels.any(axis=0)  # all others contribute nothing
        pixels = pixels[:, lit]
        width = np.shape(like[0][0])[1]
        self.first = np.empty((len(vectors), len(pixels), width))
        for begin in range(0, len(vectors), _AT_A_TIME):
            some = self.layers[begin : begin + _AT_A_TIME]
            columns = np.concatenate([W[lit] for (W, _), *_ in some], axis=1)
            products = (pixels @ columns).reshape(len(pixels), len(some), width)
            self.first[begin : begin + len(some)] = products.transpose(1, 0, 2)
        for z, layers in zip(self.first, self.layers, strict=True):
            z += layers[0][1]

    def __len__(self) -> int:
        return len(self.layers)


class Neighbourhood:
    """The mean cost of some images at some weights, and after moves from there.

    Parameters
    ----------
    weights
        [(W, b), …], W of shape (n_in, n_out).
    images, labels
        As for `reference.loss_and_gradient`.
    net
        The network; weight decay is not part of the cost.
    """

    def __init__(self, weights: Any, images: ArrayLike, labels: ArrayLike, net: Network) -> None:
        self._weights = [(np.asarray(W, np.float64), np.asarray(b, np.float64)) for W, b in weights]
        self._net = net
        self._targets = target_rows(labels, net, len(self._weights[-1][1]))
        self._inputs, self._z = [scaled(images)], list[Array]()
        for W, b in self._weights:
            self._z.append(self._inputs[-1] @ W + b)
            self._inputs.append(activate(net.activation, self._z[-1]))
        widths = [len(self._weights[0][0]), *(len(b) for _, b in self._weights)]
        self._widths, self._offsets = widths, layer_offsets(widths)

    def cost(self) -> float:
        """Mean cost at the weights themselves."""
        return self._mean_cost(self._z[-1])

    def costs_along(self, directions: Along, length: float) -> Array:
        """Mean costs after a move of this length along each of the directions, (m,); directions have length 1."""
        found = np.empty(len(directions))
        for place, (first, layers) in enumerate(zip(directions.first, directions.layers, strict=True)):
            z = self._z[0] + length * first
            for (W, b), (V, v) in zip(self._weights[1:], layers[1:], strict=True):
                z = activate(self._net.activation, z) @ (W + length * V) + (b + length * v)
            found[place] = self._mean_cost(z)
        return found

    def cost_after_nudge(self, parameter: int, size: float) -> float:
        """Mean cost after a single weight or bias is raised by some size."""
        layer = int(np.searchsorted(self._offsets, parameter, side="right")) - 1
        row, column = divmod(int(parameter - self._offsets[layer]), self._widths[layer + 1])
        biases = row == self._widths[layer]
        z = self._z[layer].copy()
        z[:, column] += size if biases else size * self._inputs[layer][:, row]
        if layer == len(self._z) - 1:
            return self._mean_cost(z)
        a = self._inputs[layer + 1].copy()
        a[:, column] = activate(self._net.activation, z[:, column])
        for above, (W, b) in enumerate(self._weights[layer + 1 :], layer + 1):
            z = a @ W + b
            if above < len(self._z) - 1:
                a = activate(self._net.activation, z)
        return self._mean_cost(z)

    def _mean_cost(self, z: Array) -> float:
        with np.errstate(over="ignore", invalid="ignore"):
            return float(losses(z, self._targets, self._net).mean())


def layer_of_each(widths: Any) -> NDArray[np.int64]:
    """The layer, 0, 1, …, of each parameter of a network with these widths, input first."""
    sizes = [(n_in + 1) * n_out for n_in, n_out in pairwise(widths)]
    return np.repeat(np.arange(len(sizes)), sizes)


def can_change(images: ArrayLike, widths: Any) -> NDArray[np.bool_]:
    """Whether each parameter can change the cost of the images: all but the weights from pixels that are never lit."""
    found = np.ones(int(layer_offsets(widths)[-1]), bool)
    lit = scaled(images).any(axis=0)
    found[: widths[0] * widths[1]] = np.repeat(lit, widths[1])
    return found
