"""Straight segments between two networks, and the costs at their ends, at their midpoints and along them, in float64.

Outputs are sigmoid. Images are given as for `reference.forward`, and answers as for `reference.losses`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.analysis.surface import Surface, cost_between_outputs
from downhill.config.network import Network
from downhill.network.reference import losses

LOSSES = ("mse", "cross_entropy")
"""The two costs of the experiment, in the order of its arrays."""

KINDS = ("between two random networks", "between the trained network and a random one")
"""The two kinds of segments of the experiment, in the order of its arrays."""

Array = NDArray[np.float64]
Pair = tuple[Any, Any]
"""The weights at both ends of a segment, [(W, b), …] each."""


def random_weights(random: np.random.Generator, like: Any) -> list[tuple[Array, Array]]:
    """Weights and biases from N(0, 1), with the shapes of others."""
    return [(random.standard_normal(np.shape(W)), random.standard_normal(np.shape(b))) for W, b in like]


def ends_and_middles(
    pairs: Sequence[Pair], images: ArrayLike, answers: ArrayLike, nets: Sequence[Network]
) -> tuple[Array, Array, Array]:
    """Mean costs at the ends and at the midpoints of segments, for networks that differ in their loss only.

    Returns
    -------
    ends, outputs, weights
        Costs at both ends, (nets, segments, 2), and at the mean of the outputs and of the weights of both ends,
        (nets, segments).
    """
    ends = np.empty((len(nets), len(pairs), 2))
    outputs, weights = np.empty((2, len(nets), len(pairs)))
    for place, pair in enumerate(pairs):
        line = _line(pair, images, answers, nets[0])
        first, middle, last = (line.z(share) for share in (0.0, 0.5, 1.0))
        for row, net in enumerate(nets):
            at = row, place
            ends[at] = [losses(z, answers, net).mean() for z in (first, last)]
            outputs[at] = cost_between_outputs(first, last, 0.5, answers, net)
            weights[at] = losses(middle, answers, net).mean()
    return ends, outputs, weights


def costs_along(
    pairs: Sequence[Pair], images: ArrayLike, answers: ArrayLike, net: Network, points: int
) -> Array:
    """Mean costs at evenly spaced points of segments, between the outputs of both ends and between their weights.

    Returns
    -------
    (2, segments, points)
    """
    shares = np.linspace(0, 1, points).tolist()
    found = np.empty((2, len(pairs), points))
    for place, pair in enumerate(pairs):
        line = _line(pair, images, answers, net)
        first, last = line.z(0.0), line.z(1.0)
        found[0, place] = [cost_between_outputs(first, last, share, answers, net) for share in shares]
        found[1, place] = [line.cost(share) for share in shares]
    return found


def _line(pair: Pair, images: ArrayLike, answers: ArrayLike, net: Network) -> Surface:
    """The cost along the line between the weights of a pair: those at t = 0 and those at t = 1."""
    start, end = pair
    difference = [(W - V, b - c) for (W, b), (V, c) in zip(end, start, strict=True)]
    return Surface(start, [difference], images, answers, net)
