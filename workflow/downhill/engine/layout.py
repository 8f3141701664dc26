"""What the kernels need to know of a network, and its parameters as they want them.

The engine pads the inputs and outputs of every layer to a multiple of the SIMD width, with weights and biases of
zero, so that all of its loops are in whole vectors. The padding stays zero through all of training. Nothing
outside the engine sees it.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.engine.constants import WIDTH
from downhill.network.architecture import Weights

SIGMOID, TANH, RELU, LEAKY_RELU, LINEAR, STEP, STRAIGHT_THROUGH, SOFTMAX = range(8)
_ACTIVATIONS = {
    "sigmoid": SIGMOID,
    "tanh": TANH,
    "relu": RELU,
    "leaky_relu": LEAKY_RELU,
    "linear": LINEAR,
    "step": STEP,
    "softmax": SOFTMAX,
}
MSE, CROSS_ENTROPY = range(2)
_LOSSES = {"mse": MSE, "cross_entropy": CROSS_ENTROPY}

# Rows that begin a large power of two apart fight for the same places of a cache; an odd number of vectors
# apart they do not.
_WIDE = 256

LAYER = np.dtype(
    [
        (name, np.int64)
        for name in ("n_out", "rows", "width", "stride", "weights", "biases", "units", "activation")
    ]
)


class Layout(NamedTuple):
    """Shape of a network in the form that the kernels take.

    `layers` has one record a layer, the first behind the input: its outputs `n_out`; inputs and outputs with
    padding, `rows` and `width`; where its weights begin in the parameter vector, one row an input, and where its
    biases; `stride`, how far apart these rows are, and those of its units, one row an image; `units`, where
    those would begin if there were one image, all layers one after another; and the code of its activation.
    """

    layers: NDArray[np.void]
    loss: int
    sizes: tuple[int, ...]
    n_parameters: int
    n_units: int

    @classmethod
    def of(cls, net: Network, layer_sizes: Sequence[int]) -> "Layout":
        """Layout of a network with the given layer widths, input first."""
        layers = np.zeros(len(layer_sizes) - 1, LAYER)
        place = units = 0
        for layer, (n_in, n_out) in zip(layers, pairwise(layer_sizes), strict=True):
            rows, width = _whole(n_in), _whole(n_out)
            stride = width + WIDTH if width >= _WIDE and width // WIDTH % 2 == 0 else width
            biases = place + rows * stride
            layer["n_out"], layer["rows"], layer["width"], layer["stride"] = n_out, rows, width, stride
            layer["weights"], layer["biases"], layer["units"] = place, biases, units
            place, units = biases + width, units + stride
        layers["activation"] = STRAIGHT_THROUGH if net.straight_through else _ACTIVATIONS[net.activation]
        layers["activation"][-1] = _ACTIVATIONS[net.output]
        return cls(layers, _LOSSES[net.loss], tuple(layer_sizes), place, units)


def _whole(size: int) -> int:
    return -(-size // WIDTH) * WIDTH


def aligned_zeros(length: int) -> NDArray[np.float32]:
    """Zeros, float32 (length,), beginning on a cache line: a vector that straddles two costs twice."""
    line = 64
    memory = np.zeros(length * 4 + line, np.uint8)
    start = -memory.ctypes.data % line
    return memory[start : start + length * 4].view(np.float32)


def padded(weights: Weights, layout: Layout) -> NDArray[np.float32]:
    """The engine's parameter vector of some weights; a copy."""
    parameters = aligned_zeros(layout.n_parameters)
    for (W, b), (own_W, own_b) in zip(weights, unpadded(parameters, layout), strict=True):
        own_W[:], own_b[:] = W, b
    return parameters


def unpadded(parameters: NDArray[Any], layout: Layout) -> Weights:
    """[(W, b), …] as views into the engine's parameter vector."""
    weights: Weights = []
    for layer, (n_in, n_out) in zip(layout.layers, pairwise(layout.sizes), strict=True):
        begin, end = layer["weights"], layer["biases"]
        W = parameters[begin:end].reshape(-1, layer["stride"])
        weights.append((W[:n_in, :n_out], parameters[end : end + n_out]))
    return weights
