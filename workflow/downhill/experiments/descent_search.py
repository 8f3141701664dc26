"""Random search and descent at the same price, in the family *descent*."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.full_batch import FullBatch, in_proportion, steps_kept, walk
from downhill.config.network import Network
from downhill.datasets.dataset import Images
from downhill.network.architecture import Weights
from downhill.network.reference import activate, losses, scaled
from downhill.network.targets import target_rows

Arrays = dict[str, NDArray[Any]]

EVALUATIONS_OF_A_GRADIENT = 3
"""A gradient counts as three evaluations of the cost: a backward pass takes about as long as two forward passes."""

_AT_A_TIME = 50  # networks


def costs_of_random_networks(
    count: int, images: Images, net: Network, widths: Sequence[int], random: np.random.Generator
) -> NDArray[np.float64]:
    """Mean costs of networks with all weights and biases from N(0, 1), (count,).

    Weights of pixels that are dark in all images change nothing and are not drawn. Weights and activations are float32.

    Parameters
    ----------
    count
        Number of networks.
    images
        The images, with labels or targets.
    net, widths
        The network, and the widths of its layers, input first.
    random
        Draws the weights.
    """
    pixels = scaled(images.images)
    pixels = pixels[:, pixels.any(axis=0)].astype(np.float32)
    n, targets = len(pixels), target_rows(images.wanted, net, widths[-1])
    found = np.empty(count)
    for begin in range(0, count, _AT_A_TIME):
        some = min(_AT_A_TIME, count - begin)
        first = random.standard_normal((pixels.shape[1], some * widths[1]), np.float32)
        z: Any = (pixels @ first).reshape(n, some, widths[1]).transpose(1, 0, 2)
        z = z + random.standard_normal((some, 1, widths[1]), np.float32)
        for n_in, n_out in pairwise(widths[1:]):
            a = activate(net.activation, z).astype(np.float32, copy=False)
            z = a @ random.standard_normal((some, n_in, n_out), np.float32)
            z += random.standard_normal((some, 1, n_out), np.float32)
        each = losses(z.reshape(some * n, widths[-1]), np.tile(targets, (some, 1)), net)
        found[begin : begin + some] = each.reshape(some, n).mean(axis=1)
    return found


def descent_for(evaluations: int, batch: FullBatch, start: Weights, rate: float) -> Arrays:
    """The cost of full-batch descent by number of evaluations of the cost; it takes at least one step.

    Returns
    -------
    dict:
        evaluations : int64 (k,), some numbers of evaluations, up to all of them
        descent : float64 (k,), the cost after as many evaluations
        start : float64 (), the cost before the first step
    """
    kept = steps_kept(max(1, evaluations // EVALUATIONS_OF_A_GRADIENT))
    costs = walk(batch, start, int(kept[-1]), kept, in_proportion(rate)).costs
    return {
        "evaluations": np.append(EVALUATIONS_OF_A_GRADIENT * kept[1:-1], evaluations),
        "descent": costs[1:],
        "start": costs[0],
    }
