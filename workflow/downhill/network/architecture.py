"""Layer sizes, the parameter vector, and initial weights.

All weights and biases of a network are stored in one float32 vector, layer after layer: first the weights W of a layer,
of shape (n_in, n_out), row by row, then its n_out biases. Row i of W holds the weights of input i, so that the weights
of a pixel are contiguous in memory.
"""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from downhill.config.calls import described
from downhill.config.network import Initialization, Network
from downhill.errors import DownhillError
from downhill.network.randomness import INITIALIZATION, generator

LEAKY_SLOPE = 0.01
"""Slope of `leaky_relu` below 0 (Maas, Hannun & Ng 2013, *Rectifier nonlinearities*, section 2)."""

Weights = list[tuple[NDArray[np.float32], NDArray[np.float32]]]
"""[(W, b), …] from input to output; W of shape (n_in, n_out), b of shape (n_out,)."""


def count_parameters(layer_sizes: Sequence[int]) -> int:
    """Number of weights and biases, e.g. 13,002 for (784, 16, 16, 10)."""
    return sum((n_in + 1) * n_out for n_in, n_out in pairwise(layer_sizes))


def layer_offsets(layer_sizes: Sequence[int]) -> NDArray[np.int64]:
    """Offsets of each layer's weights in the parameter vector, followed by its length: int64 (n_layers + 1,)."""
    lengths = [(n_in + 1) * n_out for n_in, n_out in pairwise(layer_sizes)]
    return np.cumsum([0, *lengths], dtype=np.int64)


def unpack(parameters: NDArray[np.float32], layer_sizes: Sequence[int]) -> Weights:
    """[(W, b), …] as views into the parameter vector."""
    weights: Weights = []
    for (n_in, n_out), start in zip(pairwise(layer_sizes), layer_offsets(layer_sizes), strict=False):
        split = start + n_in * n_out
        weights.append((parameters[start:split].reshape(n_in, n_out), parameters[split : split + n_out]))
    return weights


def shapes_of(weights: Weights, name: str = "weights") -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Shapes of W and b of each layer, at least one; DownhillError if the weights are not pairs (W, b)."""
    try:
        shapes = [(np.shape(W), np.shape(b)) for W, b in weights]
    except (TypeError, ValueError):
        shapes = []
    if not shapes:
        found = "" if isinstance(weights, list | tuple) else f", not {described(weights)}"
        raise DownhillError(
            f"{name} must be a list of pairs (W, b), one for each layer, such as run.weights{found}"
        )
    return shapes


def check_shapes(weights: Weights, layer_sizes: Sequence[int], name: str = "weights") -> None:
    """Check that weights are pairs (W, b) with the shapes of a network's layers; DownhillError if they are not."""
    expected = [((n_in, n_out), (n_out,)) for n_in, n_out in pairwise(layer_sizes)]
    found = shapes_of(weights, name)
    if found != expected:
        raise DownhillError(
            f"{name} with shapes {found} do not match the layer sizes {tuple(layer_sizes)}; expected {expected}"
        )


def pack(weights: Weights, layer_sizes: Sequence[int], name: str = "weights") -> NDArray[np.float32]:
    """Copy [(W, b), …] into a parameter vector, float32 (n_parameters,); errors call the weights `name`.

    Raises
    ------
    DownhillError
        If they are not pairs (W, b), or the shapes do not match the layer sizes.
    """
    check_shapes(weights, layer_sizes, name)
    parts = [np.asarray(part, dtype=np.float32).ravel() for layer in weights for part in layer]
    return np.concatenate(parts)


def initial_parameters(net: Network, layer_sizes: Sequence[int], seed: int) -> NDArray[np.float32]:
    """Random initial parameter vector, float32 (n_parameters,).

    N(0, σ) is the normal distribution with mean 0 and standard deviation σ.

    - `normal`: weights and biases from N(0, 1) (Nielsen, chapter 1).
    - `nielsen`: weights from N(0, 1/√n_in), biases from N(0, 1) (Nielsen, chapter 3, "Weight initialization").
    - `lecun`: weights from N(0, 1/√n_in) (LeCun et al. 1998, *Efficient BackProp*, eq. 16).
    - `he`: weights from N(0, √(2/n_in)) (He et al. 2015, *Delving deep into rectifiers*, eq. 10).
    - `glorot`: weights uniform on ±√(6/(n_in + n_out)) (Glorot & Bengio 2010, eq. 16).
    - `zeros`: all weights are zero.

    All except `normal` and `nielsen` set the biases to zero. Numbers are drawn in float64 and rounded once. `normal`,
    `nielsen`, `lecun` and `he` scale the same draws.
    """
    random = generator(seed, INITIALIZATION)
    parts = []
    for n_in, n_out in pairwise(layer_sizes):
        W, b = _initial_layer(net.initialization, random, n_in, n_out)
        parts += [W.ravel(), b]
    return np.concatenate(parts).astype(np.float32)


def _initial_layer(
    name: Initialization, random: np.random.Generator, n_in: int, n_out: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    zeros = np.zeros(n_out)
    if name == "zeros":
        return np.zeros((n_in, n_out)), zeros
    if name == "glorot":
        bound = np.sqrt(6 / (n_in + n_out))
        return random.uniform(-bound, bound, (n_in, n_out)), zeros
    W = random.standard_normal((n_in, n_out))
    b = random.standard_normal(n_out)  # drawn even if unused, so that the next layer's draws do not change
    if name in ("lecun", "nielsen"):
        return W / np.sqrt(n_in), b if name == "nielsen" else zeros
    if name == "he":
        return W * np.sqrt(2 / n_in), zeros
    return W, b
