"""Curvature of the cost in float64: its gradient, and exact products of its Hessian with a vector.

The product is the derivative of the gradient along a direction, computed in one forward and one backward pass (the
R-operator of Pearlmutter 1994, *Fast exact multiplication by the Hessian*, *Neural Computation* 6:147). In symbols,
R{f}(w) is the derivative of f(w + r·v) with respect to r at r = 0. Other symbols are those of `reference`.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.network import Network
from downhill.network.reference import forward, output_delta, scaled, slope
from downhill.network.targets import target_rows

Array = NDArray[np.float64]
Layers = list[tuple[Array, Array]]


def flat(layers: Any) -> Array:
    """[(W, b), …] as one vector, float64 (n_parameters,), in the order of `architecture`."""
    return np.concatenate([np.asarray(part, np.float64).ravel() for layer in layers for part in layer])


def layers_of(vector: ArrayLike, like: Any) -> Layers:
    """A vector (n_parameters,) as [(W, b), …] with the shapes of the layers `like`; the inverse of `flat`."""
    sizes = [np.size(part) for layer in like for part in layer]
    parts = iter(np.split(np.asarray(vector, np.float64).ravel(), np.cumsum(sizes)[:-1]))
    return [(next(parts).reshape(np.shape(W)), next(parts)) for W, _ in like]


def bend(name: str, a: Array) -> Array:
    """σ''(z) of an elementwise activation, computed from its value a = σ(z); 0 if it is piecewise linear."""
    if name == "sigmoid":
        return a * (1 - a) * (1 - 2 * a)
    if name == "tanh":
        return -2 * a * (1 - a**2)
    return np.zeros_like(a)


@dataclass(frozen=True)
class Hessian:
    """The Hessian of the mean cost of some images at some weights.

    Attributes
    ----------
    weights
        [(W, b), …], W of shape (n_in, n_out).
    images, labels
        As for `reference.loss_and_gradient`.
    net
        The network; weight decay is not part of the cost. Kinks of ReLU are ignored.
    """

    weights: Any
    images: ArrayLike
    labels: ArrayLike
    net: Network

    def product(self, vector: ArrayLike) -> Array:
        """The Hessian times a vector, float64 (n_parameters,); both have the order of `flat`."""
        weights, activations, deltas = self._passes
        n, net, directions = len(activations[0]), self.net, self._on_lit(layers_of(vector, self.weights))
        # Forwards: R{z} = R{a}·W + a·V + v with the direction (V, v), and R{a'} = σ'(z) R{z}; images do not move.
        Rz, Ra = [], [np.zeros(0)]
        for layer, ((W, _), (V, v)) in enumerate(zip(weights, directions, strict=True)):
            Rz.append(activations[layer] @ V + v + (Ra[layer] @ W if layer else 0))
            Ra.append(self._slopes[layer] * Rz[layer] if layer < len(self._slopes) else np.zeros(0))
        # Backwards: the gradient of W is aᵀ·δ, and δ = (δ'·W'ᵀ) σ'(z) with δ' and W' of the layer above.
        found: Layers = []
        Rdelta = moved_output_delta(activations[-1], Rz[-1], self.labels, net)
        for layer in reversed(range(len(weights))):
            delta, W, V = deltas[layer], weights[layer][0], directions[layer][0]
            product = activations[layer].T @ Rdelta
            if layer:
                product += Ra[layer].T @ delta
            found.insert(0, (product / n, Rdelta.mean(axis=0)))
            if layer:
                bent = bend(net.activation, activations[layer]) * Rz[layer - 1]
                Rdelta = (Rdelta @ W.T + delta @ V.T) * self._slopes[layer - 1] + (delta @ W.T) * bent
        return flat(self._on_all(found))

    @cached_property
    def gradient(self) -> Array:
        """The gradient of the mean cost, float64 (n_parameters,)."""
        _, activations, deltas = self._passes
        n = len(activations[0])
        found = [(a.T @ delta / n, delta.mean(axis=0)) for a, delta in zip(activations, deltas, strict=False)]
        return flat(self._on_all(found))

    @cached_property
    def _passes(self) -> tuple[Layers, list[Array], list[Array]]:
        """The weights in float64, the activations of every layer from the lit pixels on, and δ of every layer."""
        weights = self._on_lit(
            [(np.asarray(W, np.float64), np.asarray(b, np.float64)) for W, b in self.weights]
        )
        activations, _ = forward(weights, scaled(self.images)[:, self._lit], self.net)
        deltas = [output_delta(activations[-1], self.labels, self.net)]
        for layer in range(len(weights) - 1, 0, -1):
            sloped = slope(self.net.activation, activations[layer], self.net.straight_through)
            deltas.insert(0, (deltas[0] @ weights[layer][0].T) * sloped)
        return weights, activations, deltas

    @cached_property
    def _lit(self) -> NDArray[np.bool_]:
        """The pixels that are lit in some image; leaving out the others, which contribute nothing, saves time."""
        return np.asarray(scaled(self.images).any(axis=0))

    def _on_lit(self, layers: Layers) -> Layers:
        """Layers without the first layer's weights from pixels that are never lit."""
        (W, b), *others = layers
        return [(W[self._lit], b), *others]

    def _on_all(self, layers: Layers) -> Layers:
        """Layers with zeros for the first layer's weights from pixels that are never lit."""
        (W, b), *others = layers
        whole = np.zeros((len(self._lit), W.shape[1]))
        whole[self._lit] = W
        return [(whole, b), *others]

    @cached_property
    def _slopes(self) -> list[Array]:
        """σ'(z) of the hidden layers."""
        _, activations, _ = self._passes
        return [slope(self.net.activation, a, self.net.straight_through) for a in activations[1:-1]]


def moved_output_delta(outputs: Array, Rz: Array, labels: ArrayLike, net: Network) -> Array:
    """R{δ} of the output layer, (n, n_outputs): the derivative of `reference.output_delta` along R{z}."""
    y = target_rows(labels, net, outputs.shape[1])
    if net.output == "softmax":  # R{aⱼ} = aⱼ (R{zⱼ} − Σ aₖ R{zₖ})
        Ra = outputs * (Rz - (outputs * Rz).sum(axis=1, keepdims=True))
        if net.loss == "cross_entropy":
            return np.asarray(y.sum(axis=1, keepdims=True) * Ra)
        error = outputs - y
        inner = (error * outputs).sum(axis=1, keepdims=True)
        Rinner = (Ra * outputs + error * Ra).sum(axis=1, keepdims=True)
        return np.asarray(Ra * (error - inner) + outputs * (Ra - Rinner))
    sloped = slope(net.output, outputs)
    if net.loss == "cross_entropy":
        return sloped * Rz
    return (sloped**2 + (outputs - y) * bend(net.output, outputs)) * Rz
