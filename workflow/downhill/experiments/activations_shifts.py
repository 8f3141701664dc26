"""The cost of a few images as a function of one bias, in float64."""

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import Images
from downhill.network.architecture import Weights
from downhill.network.reference import activate, forward, losses

Array = NDArray[np.float64]


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
