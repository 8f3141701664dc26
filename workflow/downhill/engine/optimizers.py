"""One optimiser step along the mean gradient of a batch: the arithmetic of `network.optimizers` in SIMD registers."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.engine import simd
from downhill.engine.compiling import compiled
from downhill.engine.layout import aligned_zeros
from downhill.engine.sharing import numbers, wait

NO_STEP, SGD, MOMENTUM, NESTEROV, ADAM = range(5)
_OPTIMIZERS = {"sgd": SGD, "momentum": MOMENTUM, "nesterov": NESTEROV, "adam": ADAM}
ONE = np.float32(1)


class Recipe(NamedTuple):
    """The constants of a step: `keep` is the momentum or β₁, `keep_square` is β₂; layers before `first` are frozen."""

    optimizer: int
    keep: float
    keep_square: float
    epsilon: float
    weight_decay: float
    first: int

    @classmethod
    def of(cls, net: Network) -> "Recipe":
        """The constants of a network's optimiser."""
        keep = net.beta1 if net.optimizer == "adam" else net.momentum
        constants = (keep, net.beta2, net.epsilon, net.weight_decay)
        return cls(_OPTIMIZERS[net.optimizer], *map(float, constants), net.first_trained_layer)


NOT_MOVING = Recipe(NO_STEP, 0.0, 0.0, 0.0, 0.0, 0)
"""Only accumulates the gradient, of all layers."""


class State(NamedTuple):
    """What a step needs besides the parameters: arrays of the same length as the parameters, or empty ones.

    `gradient` is zero between steps. `mean` is the velocity, or Adam's mean of gradients m; `square` is Adam's mean of
    squared gradients v.
    """

    gradient: NDArray[np.float32]
    mean: NDArray[np.float32]
    square: NDArray[np.float32]

    @classmethod
    def of(cls, recipe: Recipe, n_parameters: int, plain: bool) -> "State":
        """Zeros; `plain` descent updates the parameters directly and needs no arrays."""

        def zeros(needed: bool) -> NDArray[np.float32]:
            return aligned_zeros(n_parameters if needed else 0)

        return cls(zeros(not plain), zeros(recipe.optimizer >= MOMENTUM), zeros(recipe.optimizer == ADAM))


@compiled
def shrink(layers, first, parameters, portion, share):
    """Shrink all weights from layer `first` on by a portion of themselves: the weight decay of plain descent."""
    if portion == 0:
        return
    vector = simd.splat(np.float32(-portion))
    for layer in range(first, layers.shape[0]):
        begin, end = numbers(share, layers[layer].weights, layers[layer].biases)
        for k in range(begin, end, 16):
            w = simd.load(parameters, k)
            simd.store(parameters, k, simd.fma(vector, w, w))
    wait(share)


@compiled
def take_step(layers, parameters, gradient, mean, square, rate, recipe, time, share):
    """Take step number `time` (counted from 1) and reset the gradient to zero."""
    for layer in range(recipe.first, layers.shape[0]):
        begin, biases = layers[layer].weights, layers[layer].biases
        own, end = numbers(share, begin, biases)
        _move(parameters, gradient, mean, square, own, end, rate, recipe, recipe.weight_decay, time)
        own, end = numbers(share, biases, biases + layers[layer].width)
        _move(parameters, gradient, mean, square, own, end, rate, recipe, 0.0, time)


@compiled
def _move(parameters, gradient, mean, square, begin, end, rate, recipe, weight_decay, time):
    optimizer = recipe.optimizer
    keep, keep_square = simd.splat(np.float32(recipe.keep)), simd.splat(np.float32(recipe.keep_square))
    add, add_square = simd.splat(np.float32(1 - recipe.keep)), simd.splat(np.float32(1 - recipe.keep_square))
    decay, epsilon = simd.splat(np.float32(weight_decay)), simd.splat(np.float32(recipe.epsilon))
    down = simd.splat(np.float32(-rate))
    unbias = simd.splat(np.float32(1 / (1 - recipe.keep**time)))
    unbias_square = simd.splat(np.float32(1 / (1 - recipe.keep_square**time)))
    for k in range(begin, end, 16):
        w, g = simd.load(parameters, k), simd.load(gradient, k)
        if optimizer == ADAM:
            m = simd.fma(keep, simd.load(mean, k), simd.multiply(add, g))
            v = simd.fma(keep_square, simd.load(square, k), simd.multiply(add_square, simd.multiply(g, g)))
            simd.store(mean, k, m)
            simd.store(square, k, v)
            size = simd.add(simd.square_root(simd.multiply(unbias_square, v)), epsilon)
            move = simd.divide(simd.multiply(unbias, m), size)
            w = simd.fma(down, simd.fma(decay, w, move), w)
        else:
            g = simd.multiply(down, simd.fma(decay, w, g))
            if optimizer != SGD:
                v = simd.fma(keep, simd.load(mean, k), g)
                simd.store(mean, k, v)
                g = v if optimizer == MOMENTUM else simd.fma(keep, v, g)
            w = simd.add(w, g)
        simd.store(parameters, k, w)
        simd.store(gradient, k, simd.zeros())
