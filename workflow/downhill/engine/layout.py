"""The layout of a network and its parameters in the form that the kernels use.

The engine pads the inputs and outputs of every layer to a multiple of the SIMD width, with zero weights and biases, so
that all loops run over whole vectors. The padding stays zero throughout training and is not visible outside the engine.
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

# Rows whose distance is a large power of two compete for the same cache sets; rows an odd number of vectors
# apart do not.
_WIDE = 256

LAYER = np.dtype(
    [
        (name, np.int64)
        for name in ("n_out", "rows", "width", "stride", "weights", "biases", "units", "activation")
    ]
)


class Layout(NamedTuple):
    """Shape of a network in the form that the kernels use.

    `layers` has one record per layer, starting with the one after the input:

    - `n_out`: number of outputs.
    - `rows`, `width`: number of inputs and of outputs, with padding.
    - `stride`: distance between two rows of its weights (one per input), and of its units (one per image).
    - `weights`, `biases`: offsets into the parameter vector.
    - `units`: offset of its units if there were only one image, with all layers one after another.
    - `activation`: code of its activation.
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
        offset = units = 0
        for layer, (n_in, n_out) in zip(layers, pairwise(layer_sizes), strict=True):
            rows, width = _whole(n_in), _whole(n_out)
            stride = width + WIDTH if width >= _WIDE and width // WIDTH % 2 == 0 else width
            biases = offset + rows * stride
            layer["n_out"], layer["rows"], layer["width"], layer["stride"] = n_out, rows, width, stride
            layer["weights"], layer["biases"], layer["units"] = offset, biases, units
            offset, units = biases + width, units + stride
        layers["activation"] = STRAIGHT_THROUGH if net.straight_through else _ACTIVATIONS[net.activation]
        layers["activation"][-1] = _ACTIVATIONS[net.output]
        return cls(layers, _LOSSES[net.loss], tuple(layer_sizes), offset, units)


def _whole(size: int) -> int:
    return -(-size // WIDTH) * WIDTH


def aligned_zeros(length: int) -> NDArray[np.float32]:
    """Zeros, float32 (length,), starting on a cache line; a vector that crosses two lines takes twice as long."""
    line = 64
    memory = np.zeros(length * 4 + line, np.uint8)
    start = -memory.ctypes.data % line
    return memory[start : start + length * 4].view(np.float32)


def padded(weights: Weights, layout: Layout) -> NDArray[np.float32]:
    """Copy weights into a new parameter vector of the engine."""
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
