"""What the kernels need to know of a network, and its parameters as they want them.

The engine pads the outputs of every layer to a multiple of the SIMD width, with weights and biases of zero,
so that all of its loops are in whole vectors. Nothing outside the engine sees the padding.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.engine.simd import WIDTH
from downhill.network.architecture import Weights

SIGMOID, TANH, RELU, LINEAR, SOFTMAX = range(5)
MSE, CROSS_ENTROPY = range(2)
_CODES = {"sigmoid": SIGMOID, "tanh": TANH, "relu": RELU, "linear": LINEAR, "softmax": SOFTMAX}
_LOSS_CODES = {"mse": MSE, "cross_entropy": CROSS_ENTROPY}


class Layout(NamedTuple):
    """Shape of a network in the form that the kernels take.

    Layers are numbered from 0, the first behind the input. Layer l has sizes[l] inputs and sizes[l + 1]
    outputs, padded to widths[l]. Its weights begin at offsets[l] of the parameter vector, row by row, one row
    an input; its biases follow them. Its activations and deltas begin at places[l] of an image's workspace.
    """

    sizes: NDArray[np.int64]
    widths: NDArray[np.int64]
    offsets: NDArray[np.int64]
    places: NDArray[np.int64]
    every: NDArray[np.int32]
    hidden: int
    output: int
    loss: int

    @classmethod
    def of(cls, net: Network, layer_sizes: Sequence[int]) -> "Layout":
        """Layout of a network with the given layer widths, input first."""
        widths = [-(-n_out // WIDTH) * WIDTH for n_out in layer_sizes[1:]]
        lengths = [(n_in + 1) * width for n_in, width in zip(layer_sizes, widths, strict=False)]
        return cls(
            sizes=np.array(layer_sizes, dtype=np.int64),
            widths=np.array(widths, dtype=np.int64),
            offsets=np.cumsum([0, *lengths], dtype=np.int64),
            places=np.cumsum([0, *widths], dtype=np.int64),
            every=np.arange(max(layer_sizes), dtype=np.int32),
            hidden=_CODES[net.activation],
            output=_CODES[net.output],
            loss=_LOSS_CODES[net.loss],
        )


def aligned_zeros(length: int) -> NDArray[np.float32]:
    """Zeros, float32 (length,), beginning on a cache line: a vector that straddles two costs twice."""
    line = 64
    memory = np.zeros(length * 4 + line, np.uint8)
    start = -memory.ctypes.data % line
    return memory[start : start + length * 4].view(np.float32)


def padded(weights: Weights, layout: Layout) -> NDArray[np.float32]:
    """The engine's parameter vector of some weights; a copy."""
    parameters = aligned_zeros(int(layout.offsets[-1]))
    for (W, b), (own_W, own_b) in zip(weights, unpadded(parameters, layout), strict=True):
        own_W[:], own_b[:] = W, b
    return parameters


def unpadded(parameters: NDArray[np.float32], layout: Layout) -> Weights:
    """[(W, b), …] as views into the engine's parameter vector."""
    weights: Weights = []
    for layer, (n_in, n_out) in enumerate(pairwise(layout.sizes)):
        part = parameters[layout.offsets[layer] : layout.offsets[layer + 1]].reshape(-1, layout.widths[layer])
        weights.append((part[:n_in, :n_out], part[n_in, :n_out]))
    return weights
