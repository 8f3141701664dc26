"""Central differences of the cost with respect to single weights and biases, to check a gradient with, in float64."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.analysis.curvature import flat
from downhill.config.network import Network
from downhill.network.reference import forward, losses, scaled

Array = NDArray[np.float64]

KINKED = ("relu", "leaky_relu", "step")
"""Activations that are not differentiable at z = 0."""

_NUMBERS_AT_A_TIME = 500_000  # in copies of the parameters


def central_differences(
    weights: Any, images: ArrayLike, labels: ArrayLike, net: Network, places: ArrayLike, step: float
) -> tuple[Array, NDArray[np.bool_]]:
    """(C(w + h) − C(w − h)) / 2h for some parameters w, one at a time, where C is the mean cost of some images.

    Parameters
    ----------
    weights, images, labels, net
        As for `reference.loss_and_gradient`.
    places
        Indices of the parameters in the order of `curvature.flat`, (k,).
    step
        h.

    Returns
    -------
    differences, crosses
        float64 (k,), and whether some unit crosses the kink of its activation for some image between w − h and w + h,
        bool (k,). As long as none does, the z of all units are linear functions of a single w, so that comparing the
        signs at both ends with those at w is enough.
    """
    middle, pixels, chosen = flat(weights), scaled(images), np.asarray(places, np.intp)
    _, signs = _costs_and_signs(middle[None], weights, pixels, labels, net)
    found, crosses = np.empty(len(chosen)), np.zeros(len(chosen), bool)
    at_a_time = max(1, _NUMBERS_AT_A_TIME // len(middle))
    for first in range(0, len(chosen), at_a_time):
        part = slice(first, first + at_a_time)
        costs = []
        for h in (step, -step):
            moved = np.tile(middle, (len(chosen[part]), 1))
            moved[np.arange(len(moved)), chosen[part]] += h
            cost, own_signs = _costs_and_signs(moved, weights, pixels, labels, net)
            costs.append(cost)
            crosses[part] |= (own_signs != signs).any(axis=1)
        found[part] = (costs[0] - costs[1]) / (2 * step)
    return found, crosses


def relative_difference(one: ArrayLike, other: ArrayLike) -> float:
    """‖a − b‖ / (‖a‖ + ‖b‖) of two vectors; 0 if both are zero, NaN if they are empty."""
    a, b = np.ravel(one), np.ravel(other)
    if not a.size:
        return float("nan")
    size = np.linalg.norm(a) + np.linalg.norm(b)
    return float(np.linalg.norm(a - b) / size) if size else 0.0


def _costs_and_signs(
    vectors: Array, like: Any, pixels: Array, labels: ArrayLike, net: Network
) -> tuple[Array, NDArray[np.bool_]]:
    """Mean costs of k networks (k,), and for kinked activations whether each hidden unit is on, (k, images · units)."""
    layers, begin, k = [], 0, len(vectors)
    for W, b in like:
        split, end = begin + np.size(W), begin + np.size(W) + np.size(b)
        layers.append((vectors[:, begin:split].reshape(k, *np.shape(W)), vectors[:, None, split:end]))
        begin = end
    activations, z = forward(layers, pixels, net)
    answers = np.asarray(labels)
    repeated = np.tile(answers, (k,) + (1,) * (answers.ndim - 1))
    costs = losses(z.reshape(-1, z.shape[-1]), repeated, net).reshape(k, -1).mean(axis=1)
    hidden = activations[1:-1] if net.activation in KINKED else []
    on = [np.asarray(a > 0).reshape(k, -1) for a in hidden]
    return costs, np.concatenate(on, axis=1) if on else np.zeros((k, 0), bool)
