"""Symmetries of a network's hidden units, and matching the units of two networks.

Reordering the hidden units of a layer, together with the weights into and out of them, does not change a network's
outputs. Two networks may therefore differ by nothing but the order of their units. Git Re-Basin (Ainsworth, Hayase &
Srinivasa 2022, arXiv 2209.04836, algorithm 1, *weight matching*) reorders the units of one network so that its weights
and biases are as close as possible to those of another: layer by layer, it solves a linear assignment problem with the
Hungarian algorithm, until no layer changes.

Some units have a second symmetry. A tanh unit may change its sign, since tanh(−z) = −tanh(z). So may a sigmoid unit,
since σ(−z) = 1 − σ(z): its weights and bias and the weights out of it change their signs, and each bias of the next
layer grows by the weight that it had from the unit. Git Re-Basin leaves this symmetry out; `matched` with `signs` uses
it. In a ReLU network, units may be rescaled instead, which neither method does.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Layers = list[tuple[Array, Array]]

CENTRES = {"sigmoid": 0.5, "tanh": 0.0, "linear": 0.0}
"""The value about which an activation function is odd: σ(z) − c = −(σ(−z) − c). Others have no such value."""

_GAIN = 1e-12  # relative; smaller ones are rounding errors


def matched(target: Any, other: Any, activation: str, signs: bool = False) -> Layers:
    """The network `other` with its hidden units in the order that brings its weights closest to those of `target`.

    The layers are visited in a fixed order, from the input on, and units start in their present order, so the same
    networks always give the same result. It is a local optimum: no reordering of a single layer brings the weights
    closer.

    Parameters
    ----------
    target, other
        Two networks of the same shape, [(W, b), …].
    activation
        The activation function of their hidden units.
    signs
        Whether units may also change their signs, where the activation function allows it (see `CENTRES`).

    Returns
    -------
    [(W, b), …] in float64; the same function as `other`, up to rounding. Layers next to numbers that are not finite
    keep their order.
    """
    centre = CENTRES.get(activation) if signs else None
    shift = centre or 0.0
    first, second = _shifted(_float64(target), shift), _shifted(_float64(other), shift)
    orders = [np.arange(len(b)) for _, b in second[:-1]]
    flips = [np.ones(len(b)) for _, b in second[:-1]]
    improved = True
    while improved:
        improved = False
        for layer in range(len(orders)):
            found = _best(first, second, orders, flips, layer, centre is not None)
            if found is not None:
                orders[layer], flips[layer] = found
                improved = True
    return _shifted(_rearranged(second, orders, flips), -shift)


def _best(
    first: Layers,
    second: Layers,
    orders: list[NDArray[np.intp]],
    flips: list[Array],
    layer: int,
    signs: bool,
) -> tuple[NDArray[np.intp], Array] | None:
    """The best order and signs of one hidden layer, given those of the others; None if they are no better."""
    from scipy.optimize import linear_sum_assignment  # importing it takes longer than most experiments

    units = len(orders[layer])
    as_it_was = [np.arange(units) if at == layer else order for at, order in enumerate(orders)]
    unchanged = [np.ones(units) if at == layer else flip for at, flip in enumerate(flips)]
    (V, c), (U, _) = _rearranged(second, as_it_was, unchanged)[layer : layer + 2]
    (W, b), (X, _) = first[layer : layer + 2]
    # The inner product of the two vectors of parameters is a sum over units; entry (i, j) is for unit j in place i.
    with np.errstate(invalid="ignore", over="ignore"):
        similarity = W.T @ V + np.outer(b, c) + X @ U.T
    if not np.isfinite(similarity).all():
        return None
    score = np.abs(similarity) if signs else similarity
    _, best = linear_sum_assignment(score, maximize=True)
    places = np.arange(units)
    now = float((similarity[places, orders[layer]] * flips[layer]).sum())
    if not score[places, best].sum() - now > _GAIN * np.abs(similarity).sum():
        return None
    return best, np.where(similarity[places, best] < 0, -1.0, 1.0) if signs else np.ones(units)


def _rearranged(weights: Layers, orders: Sequence[NDArray[np.intp]], flips: Sequence[Array]) -> Layers:
    """Units in another order, and then multiplied by −1 or 1, with the weights into and out of them."""
    found: Layers = []
    for layer, (W, b) in enumerate(weights):
        if layer > 0:
            W = W[orders[layer - 1]] * flips[layer - 1][:, None]
        if layer < len(orders):
            W, b = W[:, orders[layer]] * flips[layer], b[orders[layer]] * flips[layer]
        found.append((W, b))
    return found


def _shifted(weights: Layers, centre: float) -> Layers:
    """The biases of a network whose hidden units give σ(z) − centre instead of σ(z)."""
    return [(W, b + centre * W.sum(axis=0) if layer else b) for layer, (W, b) in enumerate(weights)]


def _float64(weights: Any) -> Layers:
    return [(np.asarray(W, np.float64), np.asarray(b, np.float64)) for W, b in weights]
