"""Networks whose gradients are checked in the family *backpropagation*, and the comparison layer by layer."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.analysis.curvature import flat
from downhill.analysis.differences import central_differences, relative_difference
from downhill.config.network import Activation, Loss, Network, Output
from downhill.network.architecture import count_parameters
from downhill.network.reference import loss_and_gradient
from downhill.network.tape import Tape, gradient, record_cost

Array = NDArray[np.float64]
Layers = list[tuple[Array, Array]]

ACTIVATIONS: tuple[Activation, ...] = ("sigmoid", "tanh", "linear", "relu", "leaky_relu")
"""The activations of the small networks, smooth ones first; a step has no slope to check."""

COSTS: tuple[tuple[Output, Loss], ...] = (
    ("sigmoid", "mse"),
    ("sigmoid", "cross_entropy"),
    ("softmax", "mse"),
    ("softmax", "cross_entropy"),
    ("linear", "mse"),
)
"""All outputs and costs that a network can have."""

_SIZES, _IMAGES = (6, 5, 4, 3), 10
N_SMALL_PARAMETERS = count_parameters(_SIZES)


@dataclass(frozen=True)
class SmallNetwork:
    """A network of few units with random weights and images."""

    net: Network
    weights: Layers
    images: Array
    labels: NDArray[np.int64]

    n_layers: ClassVar[int] = len(_SIZES) - 1

    @classmethod
    def drawn(
        cls, random: np.random.Generator, activation: Activation, output: Output, loss: Loss
    ) -> "SmallNetwork":
        """Weights from N(0, 1/√inputs), biases from N(0, 1), pixels uniform from 0 to 1, and random classes."""
        weights = [
            (random.standard_normal((n_in, n_out)) / np.sqrt(n_in), random.standard_normal(n_out))
            for n_in, n_out in pairwise(_SIZES)
        ]
        images = random.uniform(size=(_IMAGES, _SIZES[0]))
        labels = random.integers(_SIZES[-1], size=_IMAGES)
        net = Network(hidden_layers=_SIZES[1:-1], activation=activation, output=output, loss=loss)
        return cls(net, weights, images, labels)

    def gradients(self) -> tuple[Layers, Layers]:
        """The gradient by a tape, and by backpropagation."""
        tape = Tape()
        cost, nodes = record_cost(tape, self.weights, self.images, self.labels, self.net)
        tape.differentiate(cost)
        return gradient(nodes), loss_and_gradient(self.weights, self.images, self.labels, self.net)[1]

    def by_nudging(self, step: float) -> tuple[list[float], int]:
        """As `by_nudging`, for all parameters."""
        places = _places_by_layer(self.weights)
        return by_nudging(self.weights, self.images, self.labels, self.net, places, step)


def by_nudging(
    weights: Any,
    images: ArrayLike,
    labels: ArrayLike,
    net: Network,
    places: Sequence[NDArray[np.intp]],
    step: float,
) -> tuple[list[float], int]:
    """Relative differences between backpropagation and central differences, by layer, and the number left out.

    Parameters
    ----------
    weights, images, labels, net
        As for `reference.loss_and_gradient`.
    places
        For each layer, the parameters to check, as indices in the order of `curvature.flat`.
    step
        h of the differences. Parameters whose nudge takes a unit across a kink are left out.
    """
    analytic = flat(loss_and_gradient(weights, images, labels, net)[1])
    nudged, crosses = central_differences(weights, images, labels, net, np.concatenate(places), step)
    ends = np.cumsum([len(one) for one in places])[:-1]
    found = [
        relative_difference(analytic[of_layer[~left_out]], differences[~left_out])
        for of_layer, differences, left_out in zip(
            places, np.split(nudged, ends), np.split(crosses, ends), strict=True
        )
    ]
    return found, int(crosses.sum())


def by_layer(one: Any, other: Any) -> list[float]:
    """Relative differences between two gradients [(∂C/∂W, ∂C/∂b), …], layer by layer."""
    return [relative_difference(flat([a]), flat([b])) for a, b in zip(one, other, strict=True)]


def drawn_in_each_layer(random: np.random.Generator, weights: Any, count: int) -> list[NDArray[np.intp]]:
    """Indices of `count` parameters drawn at random, equally many in each layer, or all of a layer that has fewer."""
    layers = _places_by_layer(weights)
    shares = [count // len(layers) + (layer < count % len(layers)) for layer in range(len(layers))]
    return [
        np.sort(random.choice(places, min(share, len(places)), replace=False))
        for places, share in zip(layers, shares, strict=True)
    ]


def _places_by_layer(weights: Any) -> list[NDArray[np.intp]]:
    """The indices of the parameters of each layer, in the order of `curvature.flat`."""
    ends = np.cumsum([np.size(W) + np.size(b) for W, b in weights])
    return np.split(np.arange(ends[-1]), ends[:-1])
