"""Family *descent*: what a step of gradient descent does."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis import two_inputs
from downhill.analysis.full_batch import FullBatch
from downhill.analysis.moves import Along, can_change, layer_of_each
from downhill.analysis.ridge import LinearModel
from downhill.config.network import Network
from downhill.experiments.descent_linear import solved_and_walked
from downhill.experiments.descent_moves import (
    Point,
    along_directions,
    batches_of,
    by_nudging,
    concentration,
    points_of,
    unit,
)
from downhill.experiments.descent_search import costs_of_random_networks, descent_for
from downhill.experiments.descent_steps import proportional_and_fixed
from downhill.experiments.descent_toys import hops_of, paths_on_a_bowl
from downhill.experiments.inputs import Inputs
from downhill.network.targets import target_rows

Arrays = dict[str, NDArray[Any]]


def small_moves(
    seed: int,
    inputs: Inputs,
    *,
    images: int = 500,
    length: float = 1e-6,
    directions: int = 200,
    nudged: int = 500,
    nudges: tuple[float, ...] = (0.01, 1.0, 10.0),
    points: int = 51,
) -> Arrays:
    """How the cost changes with small moves of the weights: at the start of training, early, and at the end; float64.

    Moves of the same Euclidean length are made against the gradient, against its sign (all weights by the same amount),
    along its largest coordinate, along a momentum, and in random directions, which are uniformly distributed and the
    same at all points. The momentum is the running mean, with μ = 0.9, of the gradients of 20 batches of these images
    at the same weights. The batches have the size of those of the training. (In a real run, these gradients come from
    earlier weights.)

    Then single weights and biases are raised by some sizes (nudged). They are drawn at random, without the weights of
    pixels that are dark in all images, since these cannot change the cost.

    Parameters
    ----------
    images
        Number of training images, from the first one on.
    length
        Euclidean length of all moves.
    directions
        Number of random directions; there is at least one.
    nudged
        Number of weights and biases that are nudged; all of them if there are fewer.
    nudges
        Sizes of the nudges, in the units of the weights: all of them at the start of training, the first elsewhere.
    points
        Number of points of a Lorenz curve.

    Returns
    -------
    dict: the arrays of `along_directions`, `by_nudging` and `concentration` of `descent_moves`, with k points of the
    training along their first axis, and
        epoch : int64 (k,)
        layer : int64 (nudged,), the layers 0, 1, … of the weights that are nudged; −1 beyond their number
        nudge : float64 (sizes,)
        length : float64 ()
        parameters : int64 (layers,), number of weights and biases, without those of dark pixels
        all_parameters, images : int64 ()
    """
    network = inputs.network
    net = network.net.model_copy(update={"straight_through": False})
    given, widths = network.training_images(seed).take(slice(images)), network.layer_sizes
    layers, moving = layer_of_each(widths), can_change(given.images, widths)
    of_layers = [moving & (layers == layer) for layer in range(len(widths) - 1)]
    random = np.random.default_rng([seed, 1])
    drawn = random.standard_normal((max(1, directions), len(layers)))
    along_drawn = Along([unit(vector) for vector in drawn], network.start(seed), given.images)
    chosen = random.permutation(np.flatnonzero(moving))[:nudged]
    batches, found = batches_of(given, net, random), list[Arrays]()
    of_epochs = points_of(network, seed)
    for place, weights in enumerate(of_epochs.values()):
        point, sizes = Point(weights, given, net), nudges[: None if place == 0 else 1]
        found.append(
            along_directions(point, batches, along_drawn, length)
            | by_nudging(point, chosen, nudged, sizes, len(nudges))
            | concentration(point, of_layers, points)
        )
    shown = np.full(nudged, -1, np.int64)
    shown[: len(chosen)] = layers[chosen]
    return {name: np.stack([at_point[name] for at_point in found]) for name in found[0]} | {
        "epoch": np.array(list(of_epochs), np.int64),
        "layer": shown,
        "nudge": np.array(nudges, np.float64),
        "length": np.array(length),
        "parameters": np.array([one.sum() for one in of_layers], np.int64),
        "all_parameters": np.array(len(layers)),
        "images": np.array(len(given)),
    }


def steps(seed: int, inputs: Inputs, *, images: int = 1000, steps: int = 1000) -> Arrays:
    """Full-batch descent from the start of a network: with steps proportional to the slope, and of fixed length.

    The rate is the network's own learning rate, without momentum, schedule or weight decay. Steps of fixed length are
    as long as the first of the proportional steps; or as their mean, so that both paths have the same length.

    Parameters
    ----------
    images
        Number of training images, from the first one on.
    steps
        Number of steps.

    Returns
    -------
    dict: the arrays of `descent_steps.proportional_and_fixed`, and
        images : int64 ()
    """
    network = inputs.network
    given = network.training_images(seed).take(slice(images))
    batch = FullBatch(given, network.net, network.layer_sizes)
    found = proportional_and_fixed(batch, network.start(seed), steps, network.net.learning_rate)
    return found | {"images": np.array(len(given))}


def search(seed: int, inputs: Inputs, *, images: int = 200, evaluations: int = 10_000) -> Arrays:
    """The lowest training cost among random networks, and that of descent after as many evaluations of the cost.

    Random networks have all weights and biases from N(0, 1). Descent takes full-batch steps on the same images, from
    the network's start and with its own learning rate; a gradient counts as three evaluations.

    Parameters
    ----------
    images
        Number of training images, from the first one on.
    evaluations
        Number of evaluations of the cost, at least one. Descent takes at least one step, even with fewer than three.

    Returns
    -------
    dict: the arrays of `descent_search.descent_for`, and
        drawn : float32 (evaluations,), the cost of each random network
        best : float64 (k,), the lowest cost of as many random networks as there are evaluations
        epoch : int64 (), the first epoch for which the network keeps a snapshot, or else the last one
        trained : float64 (), the cost of the network after that epoch of its own training, on the same images
        images, all_images : int64 ()
    """
    network = inputs.network
    every, evaluations = network.training_images(seed), max(1, evaluations)
    given = every.take(slice(images))
    batch = FullBatch(given, network.net, network.layer_sizes)
    descent = descent_for(evaluations, batch, network.start(seed), network.net.learning_rate)
    random = np.random.default_rng([seed, 1])
    drawn = costs_of_random_networks(evaluations, given, network.net, network.layer_sizes, random)
    epoch, trained = list(points_of(network, seed).items())[:2][-1]
    return descent | {
        "drawn": drawn.astype(np.float32),
        "best": np.minimum.accumulate(drawn)[descent["evaluations"] - 1],
        "epoch": np.array(epoch),
        "trained": np.array(batch.cost_of(trained)),
        "images": np.array(len(given)),
        "all_images": np.array(len(every)),
    }


def linear_model(
    seed: int,
    inputs: Inputs,
    *,
    images: int = 2000,
    ridge: float = 1e-3,
    tolerance: float = 3e-7,
    most_steps: int = 1_000_000,
    points: int = 60,
) -> Arrays:
    """A linear model with a ridge penalty: its minimum from the normal equations, and descent from a random start.

    Parameters
    ----------
    images
        Number of training images, from the first one on.
    ridge
        Factor of the penalty ½ ‖W‖², which leaves out biases.
    tolerance
        Descent stops when the gradient is shorter than this share of that at the start. This does not depend on the
        solution.
    most_steps
        Descent stops after that many steps in any case.
    points
        Number of steps after which the cost is computed.

    Returns
    -------
    dict: the arrays of `descent_linear.solved_and_walked`, and
        images : int64 ()
    """
    data = inputs.dataset
    given = data.train.take(slice(images))
    model = LinearModel(given.images, target_rows(given.wanted, Network(), data.n_outputs), ridge)
    start = np.random.default_rng([seed, 1]).standard_normal(model.shape)
    found = solved_and_walked(model, start, tolerance, most_steps, points)
    return found | {"images": np.array(len(given))}


def toys(
    seed: int,
    inputs: Inputs,
    *,
    start: float = 10.0,
    lengths: tuple[float, ...] = (1.0, 5.0, 11.0),
    moves: int = 1000,
    nudges: tuple[float, ...] = (1e-6, 1e-3, 0.01, 0.1, 1.0),
    multiples: tuple[float, ...] = (0.05, 0.6, 0.95, 1.03),
    bowl_steps: int = 40,
) -> Arrays:
    """Descent on functions of one and two variables, where the right answers are known; the same for all seeds.

    Parameters
    ----------
    start, lengths, moves
        Where descent in one dimension starts, the lengths of its steps on |x| (and its rates on x²), and the largest
        number of moves.
    nudges
        Sizes by which one of the two inputs of x³ + ½ y² is raised at (1, 1), where the gradient is (3, 1).
    multiples, bowl_steps
        Rates of descent on the bowl as multiples of 2/λmax, and its number of steps.

    Returns
    -------
    dict: the arrays of `hops_of` and `paths_on_a_bowl` of `descent_toys`, and
        nudge : float64 (m,)
        change : float64 (m, 2), of the cost, with x or y raised
    """
    return (
        hops_of(start, lengths, moves)
        | paths_on_a_bowl(multiples, bowl_steps)
        | {
            "nudge": np.array(nudges, np.float64),
            "change": np.array([two_inputs.changes(nudge) for nudge in nudges]),
        }
    )
