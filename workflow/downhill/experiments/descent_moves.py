"""Small moves from one point of a network's training, in the family *descent*, in float64."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.concentration import gini, lorenz_curve, share_of_largest
from downhill.analysis.curvature import Hessian
from downhill.analysis.moves import Along, Neighbourhood
from downhill.config.network import Network
from downhill.datasets.dataset import Images
from downhill.network.architecture import Weights
from downhill.runs.trained import TrainedNetwork

Array = NDArray[np.float64]
Arrays = dict[str, NDArray[Any]]

OTHERS = ("sign of the gradient", "largest coordinate", "momentum")
"""The directions that −∇ is compared with besides random ones, in the order of the arrays."""

_MOMENTUM, _BATCHES = 0.9, 20
_LOST = 1e-10  # of the cost: a smaller change is lost in rounding
_TENTH = 0.1


@dataclass(frozen=True)
class Point:
    """Weights of a network with the images on which its cost is computed."""

    weights: Weights
    images: Images
    net: Network

    @cached_property
    def near(self) -> Neighbourhood:
        """The cost after moves from here."""
        return Neighbourhood(self.weights, self.images.images, self.images.wanted, self.net)

    @cached_property
    def gradient(self) -> Array:
        """∇C on all images, float64 (n_parameters,)."""
        return self.gradient_of(self.images)

    def gradient_of(self, some: Images) -> Array:
        """∇C on some other images."""
        return Hessian(self.weights, some.images, some.wanted, self.net).gradient


def points_of(network: TrainedNetwork, seed: int) -> dict[int, Weights]:
    """Weights by epoch: at the start, at the first snapshot between start and end if there is one, and at the end."""
    net = network.net
    between = [epoch for epoch in net.epochs_of_snapshots() if 0 < epoch < net.epochs][:1]
    found = {0: network.start(seed)} | {epoch: network.snapshot(seed, epoch) for epoch in between}
    return found | {net.epochs: network.weights(seed)}


def batches_of(images: Images, net: Network, random: np.random.Generator) -> list[NDArray[np.intp]]:
    """Places of the images of 20 random batches, of the size with which the network was trained."""
    size = len(images) if net.batch_size == "full" else net.batch_size
    return [random.permutation(len(images))[:size] for _ in range(_BATCHES)]


def along_directions(point: Point, batches: list[NDArray[np.intp]], drawn: Along, length: float) -> Arrays:
    """How far the cost falls with moves of the same Euclidean length.

    Returns
    -------
    dict:
        gradient : float64 (), ‖∇C‖
        slope : float64 (), central difference of the cost along the gradient; NaN where it is lost in rounding
        cost : float64 ()
        steepest : float64 (), fall of the cost after the move along −∇
        others : float64 (3,), after those along `OTHERS`
        random : float64 (m,), after those along directions that were drawn
        greatest, total : float64 (4,), the largest change of a weight, and the sum of all changes, over the length of
            the move: for −∇ and `OTHERS`
    """
    gradient, near = point.gradient, point.near
    running = np.zeros_like(gradient)
    for batch in batches:
        running = _MOMENTUM * running + point.gradient_of(point.images.take(batch))
    largest = np.zeros_like(gradient)
    largest[np.abs(gradient).argmax()] = gradient[np.abs(gradient).argmax()]
    named = np.array([-unit(vector) for vector in (gradient, np.sign(gradient), largest, running)])
    before, against = near.cost(), Along(named, point.weights, point.images.images)
    after = near.costs_along(against, length)
    (uphill,) = near.costs_along(Along(-named[:1], point.weights, point.images.images), length)
    steepness = float(np.linalg.norm(gradient))
    lost = steepness * length < _LOST * before
    return {
        "gradient": np.array(steepness),
        "slope": np.array(np.nan if lost else (uphill - after[0]) / (2 * length)),
        "cost": np.array(before),
        "steepest": before - after[0],
        "others": before - after[1:],
        "random": before - near.costs_along(drawn, length),
        "greatest": np.abs(named).max(axis=1),
        "total": np.abs(named).sum(axis=1),
    }


def by_nudging(
    point: Point, chosen: NDArray[np.intp], room: int, sizes: tuple[float, ...], all_sizes: int
) -> Arrays:
    """How much the cost changes if single weights or biases are raised by some sizes.

    Returns
    -------
    dict:
        component : float64 (room,), |∂C/∂w| of these parameters; NaN beyond their number
        change : float64 (all_sizes, room), |change of the cost|; NaN where a size is not tried
    """
    near = point.near
    before = near.cost()
    component, change = np.full(room, np.nan), np.full((all_sizes, room), np.nan)
    component[: len(chosen)] = np.abs(point.gradient[chosen])
    for row, size in enumerate(sizes):
        after = [near.cost_after_nudge(parameter, size) for parameter in chosen.tolist()]
        change[row, : len(chosen)] = np.abs(np.array(after) - before)
    return {"component": component, "change": change}


def concentration(point: Point, of_layers: list[NDArray[np.bool_]], points: int) -> Arrays:
    """How unequal the sizes |∂C/∂w| of the components of the gradient are in each layer.

    Returns
    -------
    dict:
        lorenz : float64 (layers, points), Lorenz curve
        gini, tenth : float64 (layers,), Gini index, and the share of the total that the largest tenth holds
    """
    sizes = np.abs(point.gradient)
    return {
        "lorenz": np.array([lorenz_curve(sizes[layer], points) for layer in of_layers]),
        "gini": np.array([gini(sizes[layer]) for layer in of_layers]),
        "tenth": np.array([share_of_largest(sizes[layer], _TENTH) for layer in of_layers]),
    }


def unit(vector: Array) -> Array:
    """A vector with length 1; zeros if it is zero."""
    length = np.linalg.norm(vector)
    return vector / length if length > 0 else np.zeros_like(vector)
