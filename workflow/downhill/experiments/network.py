"""Family *network*: what the function is."""

import numpy as np
from numpy.typing import NDArray

from downhill.experiments.inputs import Inputs
from downhill.network import reference

_SHIFTS = np.linspace(-4, 4, 17)  # of a bias, in units of its weighted sum


def bias_curves(seed: int, inputs: Inputs, *, images: int = 1000) -> dict[str, NDArray[np.generic]]:
    """Mean activation of every hidden unit as its bias is shifted.

    Parameters
    ----------
    images
        Number of test images over which the mean is taken, from the first one on.

    Returns
    -------
    dict:
        curves : float64 (units, 17), mean activation by shift; the units of all hidden layers, input side first
        layer : int64 (units,), the hidden layer of each unit, from 0
        shifts : float64 (17,), what is added to the bias, in units of the weighted sum
        images : int64 (), number of images over which the mean was taken
    """
    network = inputs.network
    net, weights = network.net, network.weights(seed)
    tests = network.data.test.images[:images]
    activations, _ = reference.forward(weights, tests, net)
    curves, layers = [np.empty((0, len(_SHIFTS)))], [np.empty(0, np.int64)]
    for layer in range(len(net.hidden_layers)):
        W, b = (np.asarray(part, np.float64) for part in weights[layer])
        z = activations[layer] @ W + b
        means = [reference.activate(net.activation, z + shift).mean(axis=0) for shift in _SHIFTS]
        curves.append(np.stack(means, axis=1))
        layers.append(np.full(len(b), layer))
    return {
        "curves": np.concatenate(curves),
        "layer": np.concatenate(layers),
        "shifts": _SHIFTS,
        "images": np.array(len(tests)),
    }
