"""Family *network*: what the function is."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.experiments.inputs import Inputs
from downhill.network import reference

Array = NDArray[np.float64]


def weights_and_biases(seed: int, inputs: Inputs, *, images: int = 1000) -> dict[str, NDArray[np.generic]]:
    """What each weight and each bias does to the unit that it belongs to.

    Parameters
    ----------
    images
        Number of test images over which means are taken, from the first one on.

    Returns
    -------
    dict:
        weight : float32 (weights,), all weights, layer by layer, by input and then by unit
        change : float32 (weights,), mean absolute change of the receiving unit's activation when that weight alone is
            set to zero
        input : float32 (weights,), mean absolute activation of the weight's input
        weight_layer : int8 (weights,), the layer of each weight, from 0
        bias : float32 (units,), the biases of all hidden units, layer by layer
        activation : float32 (units,), mean activation of these units
        bias_layer : int8 (units,), the hidden layer of each unit, from 0
        images : int64 (), number of images over which means were taken
    """
    network = inputs.network
    net, weights = network.net, network.weights(seed)
    tests = network.data.test.images[:images]
    activations, _ = reference.forward(weights, tests, net)
    change, active = [], []
    for layer, (W, b) in enumerate(weights):
        below = activations[layer]
        change.append(
            _changes(np.asarray(W, np.float64), np.asarray(b, np.float64), below, _kind(net, layer))
        )
        active.append(np.repeat(np.abs(below).mean(axis=0), W.shape[1]))
    hidden = range(len(net.hidden_layers))
    return {
        "weight": np.concatenate([W.ravel() for W, _ in weights]),
        "change": _joined(change),
        "input": _joined(active),
        "weight_layer": np.repeat(np.arange(len(weights), dtype=np.int8), [W.size for W, _ in weights]),
        "bias": _joined([weights[layer][1] for layer in hidden]),
        "activation": _joined([activations[layer + 1].mean(axis=0) for layer in hidden]),
        "bias_layer": np.repeat(np.arange(len(hidden), dtype=np.int8), net.hidden_layers),
        "images": np.array(len(tests)),
    }


def _kind(net: Network, layer: int) -> str:
    """The activation function of a layer."""
    return net.activation if layer < len(net.hidden_layers) else net.output


def _changes(W: Array, b: Array, below: Array, kind: str) -> Array:
    """Mean absolute change of each unit's activation when one of its weights is zero, (inputs · units,)."""
    z = below @ W + b
    if (
        kind == "softmax"
    ):  # as a function of its own z alone, a softmax output is a sigmoid: zⱼ − ln Σ exp of the others
        others = [np.logaddexp.reduce(np.delete(z, unit, axis=1), axis=1) for unit in range(z.shape[1])]
        z, kind = z - np.stack(others, axis=1), "sigmoid"
    changes = np.empty(W.shape)
    # A weight whose input is zero, such as that of a dark pixel, changes nothing.
    images, inputs = np.nonzero(below)
    active = below[images, inputs]
    for unit in range(W.shape[1]):
        without = z[images, unit] - active * W[inputs, unit]
        changed = reference.activate(kind, without) - reference.activate(kind, z[:, unit])[images]
        changes[:, unit] = np.bincount(inputs, np.abs(changed), len(W))
    return (changes / len(below)).ravel()


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[np.float32]:
    return np.concatenate([np.zeros(0), *parts]).astype(np.float32)
