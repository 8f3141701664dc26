"""Family *backpropagation*: whether the gradient that it computes is exact, and what it costs."""

import numpy as np
from numpy.typing import NDArray

from downhill.experiments.backpropagation_checks import (
    ACTIVATIONS,
    COSTS,
    N_SMALL_PARAMETERS,
    SmallNetwork,
    by_layer,
    by_nudging,
    drawn_in_each_layer,
)
from downhill.experiments.inputs import Inputs
from downhill.network.operations import Operations, backward_pass, forward_pass
from downhill.network.reference import loss_and_gradient
from downhill.network.tape import Tape, gradient, record_cost

Arrays = dict[str, NDArray[np.generic]]

_STEPS = (1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)
_MOST_NUMBERS = 1_000_000  # products on a tape, which take about a second


def gradient_checks(
    seed: int,
    inputs: Inputs,
    *,
    images: int = 100,
    parameters: int = 500,
    step: float = 1e-5,
    other_steps: tuple[float, ...] = _STEPS,
) -> Arrays:
    """How far gradients by backpropagation are from central differences, and from those of a tape, in float64.

    Gradients are compared layer by layer: the relative difference of g and n is ‖g − n‖ / (‖g‖ + ‖n‖), where n holds
    the central differences (C(w + h) − C(w − h)) / 2h. Each seed has small networks of its own, one for every
    activation and cost, and all of their parameters are checked. Some parameters of the trained network are checked at
    the start and at the end of training: an equal number in each layer, or all of a layer that has fewer. A parameter
    is left out if a unit crosses the kink of its activation between w − h and w + h.

    Parameters
    ----------
    images
        Number of training images for the trained network, from the first one on.
    parameters
        Number of parameters of the trained network to check, drawn at random.
    step
        The h of the verdict.
    other_steps
        Further values of h, for the small networks.

    Returns
    -------
    dict, by h, activation (`ACTIVATIONS`), cost (`COSTS`) and layer:
        step : float64 (), steps : float64 (h,), all values of h in increasing order
        small : float64 (h, 5, 5, 3), relative differences; NaN if all parameters of a layer are left out
        small_left_out : int64 (h, 5, 5), number of parameters
        small_parameters : int64 (), number of parameters of a small network
        tape : float64 (5, 5, 3), relative differences between backpropagation and a tape
        trained : float64 (2, layers), at the start and at the end of training
        trained_left_out : int64 (2,), checked : int64 (layers,), numbers of parameters
        images : int64 ()
    """
    network = inputs.network
    net = network.net.model_copy(update={"straight_through": False})
    grid = sorted({step, *other_steps})
    small = np.empty((len(grid), len(ACTIVATIONS), len(COSTS), SmallNetwork.n_layers))
    left_out, tape = np.zeros(small.shape[:3], np.int64), np.empty(small.shape[1:])
    random = np.random.default_rng([seed, 1])
    for kind in np.ndindex(tape.shape[:2]):
        one = SmallNetwork.drawn(random, ACTIVATIONS[kind[0]], *COSTS[kind[1]])
        tape[kind] = by_layer(*one.gradients())
        for row, h in enumerate(grid):
            small[(row, *kind)], left_out[(row, *kind)] = one.by_nudging(h)
    given = network.training_images(seed).take(slice(images))
    on_given = given.images, given.wanted, net
    chosen = drawn_in_each_layer(np.random.default_rng([seed, 2]), network.start(seed), parameters)
    found = [
        by_nudging(weights, *on_given, chosen, step)
        for weights in (network.start(seed), network.weights(seed))
    ]
    return {
        "step": np.array(step),
        "steps": np.array(grid),
        "small": small,
        "small_left_out": left_out,
        "small_parameters": np.array(N_SMALL_PARAMETERS),
        "tape": tape,
        "trained": np.array([differences for differences, _ in found]),
        "trained_left_out": np.array([crossed for _, crossed in found], np.int64),
        "checked": np.array([len(places) for places in chosen], np.int64),
        "images": np.array(len(given)),
    }


def operations(seed: int, inputs: Inputs, *, images: int = 10) -> Arrays:
    """Multiplications and additions of a forward and of a backward pass of a trained network.

    They are counted one by one on a tape, for one image and for the mean over several, and with the formulas of
    backpropagation for the same numbers of images.

    Parameters
    ----------
    images
        Number of training images, from the first one on; fewer for a large network, so that the tape has at most about
        a million numbers.

    Returns
    -------
    dict, by number of images, pass (forward, backward), and kind (multiplications, additions, other functions):
        images : int64 (2,), one and several
        tape, formulas : int64 (2, 2, 3)
        difference : float64 (2, layers), relative difference between the tape's gradient and backpropagation
        layer_sizes : int64 (layers + 1,)
    """
    network = inputs.network
    net = network.net.model_copy(update={"straight_through": False})
    weights, sizes = network.weights(seed), network.layer_sizes
    most = max(1, _MOST_NUMBERS // max(1, sum(np.size(W) for W, _ in weights)))
    several = min(images, most, len(network.training_images(seed)))
    on_tape, by_formulas, differences = [], [], []
    for count in (1, several):
        given = network.training_images(seed).take(slice(count))
        tape = Tape()
        cost, nodes = record_cost(tape, weights, given.images, given.wanted, net)
        tape.differentiate(cost)
        _, expected = loss_and_gradient(weights, given.images, given.wanted, net)
        differences.append(by_layer(gradient(nodes), expected))
        on_tape.append([_counts(tape.forward), _counts(tape.backward)])
        by_formulas.append([_counts(one(sizes, net, count)) for one in (forward_pass, backward_pass)])
    return {
        "images": np.array([1, several], np.int64),
        "tape": np.array(on_tape, np.int64),
        "formulas": np.array(by_formulas, np.int64),
        "difference": np.array(differences),
        "layer_sizes": np.array(sizes, np.int64),
    }


def _counts(found: Operations) -> list[int]:
    return [found.multiplications, found.additions, found.functions]
