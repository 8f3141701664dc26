"""Gradients of a network with its own hidden units and with others in their place, and its cost along one bias."""

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import Images
from downhill.engine.evaluate import loss_gradient
from downhill.network.architecture import Weights
from downhill.network.reference import activate, forward, losses

Array = NDArray[np.float64]

UNITS = ("own", "sigmoid", "straight-through")
"""The kinds of hidden units whose gradients are compared, in the order of the arrays: those that the network has;
sigmoid units; and step units whose slope backpropagation takes as 1."""


def norms_by_units(weights: Weights, images: Images, net: Network) -> list[list[float]]:
    """Norm of the gradient of each layer at the same weights, (units, layers), by `UNITS`."""
    kinds = (
        net,
        net.model_copy(update={"activation": "sigmoid", "straight_through": False}),
        net.model_copy(update={"activation": "step", "straight_through": True}),
    )
    return [
        [float(np.sqrt((dW**2).sum() + (db**2).sum())) for dW, db in loss_gradient(weights, images, kind)]
        for kind in kinds
    ]


def largest_hidden(weights: Weights, images: Images, net: Network) -> float:
    """Largest absolute component of the gradient of all hidden weights and biases; NaN without hidden layers."""
    hidden = loss_gradient(weights, images, net)[:-1]
    return max((float(np.abs(part).max()) for layer in hidden for part in layer), default=float("nan"))


def costs_by_shift(weights: Weights, shifts: Array, images: Images, net: Network) -> Array:
    """Mean cost when the bias of the first unit of the last hidden layer is shifted by each of `shifts`, (n,).

    NaN without hidden layers, since then there is no such unit, or without images.
    """
    if not net.hidden_layers or not len(images):
        return np.full(len(shifts), np.nan)
    activations, _ = forward(weights, images.images, net)
    (V, c), (W, b) = ((np.asarray(V, np.float64), np.asarray(c, np.float64)) for V, c in weights[-2:])
    z = activations[-3] @ V + c
    first = np.eye(z.shape[1])[0]
    return np.array(
        [
            losses(activate(net.activation, z + shift * first) @ W + b, images.wanted, net).mean()
            for shift in shifts
        ]
    )
