"""Family *cost*: whether the cost is a good measure of how badly a network does, and what its surface looks like."""

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.curvature import Hessian, layers_of
from downhill.analysis.spectrum import highest_eigenvalues
from downhill.analysis.surface import Surface, principal_plane
from downhill.engine.evaluate import evaluate, loss_gradient
from downhill.experiments.cost_segments import LOSSES, costs_along, ends_and_middles, random_weights
from downhill.experiments.inputs import Inputs
from downhill.network.architecture import Weights
from downhill.network.reference import scaled
from downhill.runs.trained import TrainedNetwork

Arrays = dict[str, NDArray[np.generic]]

_MULTIPLES = (0.01, 0.1, 0.5, 1.0, 3.0, 10.0, 30.0)


def costs_of_test_images(seed: int, inputs: Inputs) -> Arrays:
    """Cost, answer and largest output of a trained network for each test image.

    Returns
    -------
    dict:
        cost : float32 (n,)
        largest : float32 (n,), the largest output
        answer : uint8 (n,), the class of the largest output, or the first of several
    """
    network = inputs.network
    found = evaluate(network.weights(seed), network.data.test, network.net)
    return {
        "cost": found.losses.astype(np.float32),
        "largest": found.outputs.max(axis=1),
        "answer": found.outputs.argmax(axis=1).astype(np.uint8),
    }


def costs_of_training_images(seed: int, inputs: Inputs, *, rate: float = 0.1) -> Arrays:
    """Cost of each training image before training, and its change at the end, after one step, and late in training.

    Costs are those of the engine, computed in float32, so changes below about 1e-7 times the cost are lost.

    Parameters
    ----------
    rate
        Learning rate of the full-batch step, which starts from the initial weights and follows the gradient on all
        training images.

    Returns
    -------
    dict:
        start : float32 (n,)
        change_at_the_end, change_after_a_step : float32 (n,), cost minus `start`
        late_change : float32 (n,), cost at the end minus the cost after the first epoch for which the network keeps a
            snapshot; NaN if it keeps none between the start and the end
        late_epoch : int64 (), that epoch; -1 if there is none
    """
    network = inputs.network
    net, images, start = network.net, network.training_images(seed), network.start(seed)
    gradient = loss_gradient(start, images, net)
    stepped: Weights = [
        (W - np.float32(rate) * dW.astype(np.float32), b - np.float32(rate) * db.astype(np.float32))
        for (W, b), (dW, db) in zip(start, gradient, strict=True)
    ]
    before, step, end = (
        evaluate(weights, images, net).losses for weights in (start, stepped, network.weights(seed))
    )
    late = next((epoch for epoch in net.epochs_of_snapshots() if 0 < epoch < net.epochs), -1)
    reference = (
        evaluate(network.snapshot(seed, late), images, net).losses if late > 0 else np.full(len(end), np.nan)
    )
    return {
        "start": before.astype(np.float32),
        "change_at_the_end": (end - before).astype(np.float32),
        "change_after_a_step": (step - before).astype(np.float32),
        "late_change": (end - reference).astype(np.float32),
        "late_epoch": np.array(late, np.int64),
    }


def segments(
    seed: int, inputs: Inputs, *, images: int = 2000, segments: int = 200, curves: int = 3, points: int = 21
) -> Arrays:
    """Cost at the ends and at the midpoint of straight segments, as a function of outputs and of weights, in float64.

    Half of the segments lead from one network with all weights and biases from N(0, 1) to another, half from the
    trained network to such a network. Outputs are sigmoid and both costs are computed, whatever the network was trained
    with, so at least one of the costs is not its own. The midpoint is the mean of the outputs of both ends for each
    image, or the mean of their weights.

    Parameters
    ----------
    images
        Number of training images, from the first one on.
    segments
        Number of segments; both costs are computed on the same ones.
    curves, points
        Number of segments of each kind along which the quadratic cost is computed at that many evenly spaced points:
        those whose cost at the midpoint of the weights is highest above the mean of both ends (or least below it),
        highest first.

    Returns
    -------
    dict, by cost (`LOSSES`), kind (`KINDS`) and segment:
        ends : float64 (2, 2, segments / 2, 2)
        middle_of_outputs, middle_of_weights : float64 (2, 2, segments / 2)
        along_outputs, along_weights : float64 (2, curves, points), by kind, quadratic cost only
        images : int64 ()
    """
    network = inputs.network
    given, trained = network.training_images(seed).take(slice(images)), network.weights(seed)
    pixels, each = scaled(given.images), segments // 2
    nets = [network.net.model_copy(update={"output": "sigmoid", "loss": loss}) for loss in LOSSES]
    random = np.random.default_rng([seed, 1])
    ends, along = np.empty((2, 2, each, 2)), np.empty((2, 2, min(curves, each), points))
    outputs, weights = np.empty((2, 2, 2, each))
    for kind in range(2):
        pairs = [
            (trained if kind else random_weights(random, trained), random_weights(random, trained))
            for _ in range(each)
        ]
        found = ends_and_middles(pairs, pixels, given.wanted, nets)
        ends[:, kind], outputs[:, kind], weights[:, kind] = found
        excess = weights[0, kind] / ends[0, kind].mean(axis=-1)
        highest = [pairs[place] for place in np.argsort(-excess, kind="stable")[:curves]]
        along[:, kind] = costs_along(highest, pixels, given.wanted, nets[0], points)
    return {
        "ends": ends,
        "middle_of_outputs": outputs,
        "middle_of_weights": weights,
        "along_outputs": along[0],
        "along_weights": along[1],
        "images": np.array(len(given)),
    }


def steps(
    seed: int,
    inputs: Inputs,
    *,
    images: int = 2000,
    multiples: tuple[float, ...] = _MULTIPLES,
    tolerance: float = 1e-3,
) -> Arrays:
    """Whether full-batch steps of many sizes lower the cost, from points along the descent of a network, in float64.

    The points are the network's snapshots; without snapshots, the start and the end of training. A step follows the
    gradient of these images with rate c · 2/λ, where λ is the largest eigenvalue of the Hessian before the step: on a
    quadratic bowl, every step with c < 1 lowers the cost. With step units, hidden layers have neither slope nor
    curvature, so λ says nothing about them, and c is the rate itself. The gradient is the true one even if the
    network was trained with a surrogate (`straight_through`).

    Parameters
    ----------
    images
        Number of training images, from the first one on.
    multiples
        The values of c, in any order.
    tolerance
        Relative accuracy of λ.

    Returns
    -------
    dict, by point and multiple:
        epoch : int64 (points,)
        eigenvalue : float64 (points,), λ; NaN with step units, or if Lanczos iteration does not converge
        cost : float64 (points,), before the step
        change : float64 (points, multiples), cost after the step minus the cost before; NaN where λ is not above 0
        multiple : float64 (multiples,), c, in increasing order
        by_rate : bool (), whether c is the rate itself
        activation : text, of the hidden layers
        learning_rate : float64 (), with which the network was trained
        images : int64 ()
    """
    network = inputs.network
    net = network.net.model_copy(update={"straight_through": False})
    given = network.training_images(seed).take(slice(images))
    by_rate, grid = net.activation == "step", sorted(multiples)
    points = _points(network, seed)
    eigenvalues, costs = np.full(len(points), np.nan), np.empty(len(points))
    changes = np.full((len(points), len(grid)), np.nan)
    for place, weights in enumerate(points.values()):
        hessian = Hessian(weights, given.images, given.wanted, net)
        line = Surface(weights, [layers_of(hessian.gradient, weights)], given.images, given.wanted, net)
        costs[place] = line.cost(0)
        if not by_rate:
            (eigenvalues[place],) = highest_eigenvalues(hessian, 1, tolerance)
        unit = 1.0 if by_rate else 2 / eigenvalues[place] if eigenvalues[place] > 0 else np.nan
        if np.isfinite(unit):
            changes[place] = [line.cost(-c * unit) - costs[place] for c in grid]
    return {
        "epoch": np.array(list(points), np.int64),
        "eigenvalue": eigenvalues,
        "cost": costs,
        "change": changes,
        "multiple": np.array(grid, np.float64),
        "by_rate": np.array(by_rate),
        "activation": np.array(str(net.activation)),
        "learning_rate": np.array(net.learning_rate, np.float64),
        "images": np.array(len(given)),
    }


def surface(
    seed: int, inputs: Inputs, *, images: int = 2000, points: int = 31, margin: float = 0.25
) -> Arrays:
    """The cost on the plane through the trained weights that lies closest to the network's descent, in float64.

    Parameters
    ----------
    images
        Number of training images, from the first one on.
    points
        The cost is computed on a grid of points × points.
    margin
        Part of the plane beyond the projected descent, as a share of its extent, on each side.

    Returns
    -------
    dict (NaN where snapshots do not span a plane):
        epoch : int64 (k,), of each snapshot and of the end
        path : float64 (k, 2), coordinates of their projections, in the units of the weights; the end is at (0, 0)
        path_cost : float64 (k,), cost of the weights themselves, which may lie off the plane
        x, y : float64 (points,), coordinates of the grid
        cost : float64 (points, points), by y and x
        share : float64 (), share of the descent's squared distances from the end that lies in the plane
        images : int64 ()
    """
    network = inputs.network
    given = network.training_images(seed).take(slice(images))
    on_given = given.images, given.wanted, network.net
    snapshots, trained = _points(network, seed), network.weights(seed)
    directions, path, share = principal_plane(list(snapshots.values()))
    axes, cost = np.full((2, points), np.nan), np.full((points, points), np.nan)
    if np.isfinite(path).all() and len(directions) == 2:
        low, high = path.min(axis=0), path.max(axis=0)
        room = margin * (high - low)
        axes = np.linspace(low - room, high + room, points, axis=1)
        plane = Surface(trained, [layers_of(one, trained) for one in directions], *on_given)
        cost = np.array([[plane.cost(x, y) for x in axes[0].tolist()] for y in axes[1].tolist()])
    else:
        path = np.full((len(snapshots), 2), np.nan)
    return {
        "epoch": np.array(list(snapshots), np.int64),
        "path": path,
        "path_cost": np.array([Surface(weights, [], *on_given).cost() for weights in snapshots.values()]),
        "x": axes[0],
        "y": axes[1],
        "cost": cost,
        "share": np.array(share),
        "images": np.array(len(given)),
    }


def _points(network: TrainedNetwork, seed: int) -> dict[int, Weights]:
    """Weights along the descent by epoch: the start, the snapshots and the end, each once."""
    found = {0: network.start(seed)}
    found |= {epoch: network.snapshot(seed, epoch) for epoch in network.net.epochs_of_snapshots() if epoch}
    return found | {network.net.epochs: network.weights(seed)}
