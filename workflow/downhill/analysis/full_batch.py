"""Full-batch gradient descent of a network, step by step, with the engine's costs and gradients in float32."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import Images
from downhill.engine.evaluate import gradient, mean, outputs_and_losses
from downhill.engine.images import examples
from downhill.engine.layout import Layout, padded
from downhill.network.architecture import Weights

Array = NDArray[np.float64]
Parameters = NDArray[np.float32]


class FullBatch:
    """The mean cost of some images as a function of the engine's parameter vector, and its gradient.

    The images are converted once for the engine, so that many costs and gradients are cheap.

    Parameters
    ----------
    images
        At least one image, with labels or targets.
    net
        The network; weight decay is not part of the cost.
    layer_sizes
        Widths of all layers, input first.
    """

    def __init__(self, images: Images, net: Network, layer_sizes: tuple[int, ...]) -> None:
        self._layout = Layout.of(net, layer_sizes)
        self._images = examples(images, net, self._layout)

    def parameters(self, weights: Weights) -> Parameters:
        """Weights as a new parameter vector."""
        return padded(weights, self._layout)

    def cost(self, parameters: Parameters) -> float:
        """Mean cost; NaN or infinite where a number overflows."""
        with np.errstate(over="ignore", invalid="ignore"):
            return mean(outputs_and_losses(parameters, self._layout, self._images)[1])

    def cost_of(self, weights: Weights) -> float:
        """Mean cost of weights [(W, b), …]."""
        return self.cost(self.parameters(weights))

    def gradient(self, parameters: Parameters) -> Array:
        """Gradient of the mean cost, float64, with the layout of the parameter vector."""
        return gradient(parameters, self._layout, self._images)


@dataclass(frozen=True)
class Walk:
    """What a walk recorded.

    Attributes
    ----------
    lengths
        Length of each step, float64 (steps,).
    turns
        Cosine of the angle between each step and the one before, float64 (steps,); NaN where there is none.
    costs
        Mean cost after some of the steps, float64 (k,).
    """

    lengths: Array
    turns: Array
    costs: Array

    def share_turning_back(self) -> float:
        """The share of the steps in the second half that turn by more than 90°; NaN if there are none."""
        turns = self.turns[len(self.turns) // 2 :]
        known = turns[np.isfinite(turns)]
        return float((known < 0).mean()) if len(known) else float("nan")


def in_proportion(rate: float) -> Callable[[float], float]:
    """Length of a step in proportion to that of the gradient, for `walk`."""
    return lambda steepness: rate * steepness


def always(length: float) -> Callable[[float], float]:
    """The same length for all steps, for `walk`."""
    return lambda steepness: length


def walk(
    batch: FullBatch, start: Weights, steps: int, kept: NDArray[np.int64], length: Callable[[float], float]
) -> Walk:
    """Full-batch descent along minus the gradient.

    Parameters
    ----------
    batch
        The cost.
    start
        Initial weights.
    steps
        Number of steps.
    kept
        Steps after which the cost is computed, in increasing order; 0 is the start.
    length
        Length of a step, from that of the gradient. A gradient of 0 gives a step of length 0.

    Returns
    -------
    Walk. Positions are kept in float64, and rounded to the engine's precision for costs and gradients. After a gradient
    that is not finite, everything is NaN.
    """
    parameters = batch.parameters(start)
    at, before = parameters.astype(np.float64), np.zeros(len(parameters))
    lengths, turns = np.full((2, steps), np.nan)
    costs = dict.fromkeys(kept.tolist(), np.nan)
    with np.errstate(over="ignore", invalid="ignore"):
        for step in range(steps + 1):
            parameters[:] = at
            if step in costs:
                costs[step] = batch.cost(parameters)
            if step == steps:
                break
            slope = batch.gradient(parameters)
            steepness = float(np.linalg.norm(slope))
            if not np.isfinite(steepness):
                break
            direction = slope / steepness if steepness > 0 else np.zeros_like(slope)
            lengths[step] = length(steepness) if steepness > 0 else 0.0
            turns[step] = direction @ before if direction.any() and before.any() else np.nan
            at -= lengths[step] * direction
            before = direction
    return Walk(lengths, turns, np.array(list(costs.values())))


def steps_kept(steps: int, count: int = 60) -> NDArray[np.int64]:
    """About `count` steps from 0 to the last, evenly spaced on a logarithmic scale."""
    spaced = np.round(np.geomspace(1, max(1, steps), count)).astype(np.int64)
    found = np.unique(np.concatenate([[0], spaced, [steps]]))
    return found[found <= steps]
