"""Family *activations*: what hidden units of several kinds can learn, and why they are continuous.

Most networks of this family are trained in the experiments: they are many and small, so jobs of their own would take
longer to start than to run.
"""

import numpy as np
from numpy.typing import NDArray

from downhill.errors import DownhillError
from downhill.experiments.activations_costs import COSTS, accuracy_by_epoch
from downhill.experiments.activations_gradients import costs_by_shift, largest_hidden, norms_by_units
from downhill.experiments.activations_matrix import trained_beside_matrix, untrained_differences
from downhill.experiments.activations_regions import extent_of, points_of, side_by_side
from downhill.experiments.activations_tasks import solve
from downhill.experiments.activations_training import network, to_learn
from downhill.experiments.inputs import Inputs

Arrays = dict[str, NDArray[np.generic]]


def gradients_of_units(
    seed: int,
    inputs: Inputs,
    *,
    images: int = 2000,
    few: int = 10,
    reach: float = 6.0,
    points: int = 601,
) -> Arrays:
    """Gradient of each layer with a network's hidden units and with others in their place; the cost by one bias.

    Gradients are those of the training kernels. `start` compares units with the same initial weights; `largest` is
    about the network as it is.

    Parameters
    ----------
    images
        Number of training images, from the first one on.
    few, reach, points
        The bias of the first unit of the last hidden layer is shifted from its initial value by −`reach` to `reach`, in
        `points` steps; the cost is the mean over the first `few` images, in float64.

    Returns
    -------
    dict:
        largest : float64 (2,), largest absolute component of the gradient of all hidden weights and biases, before and
            after training; NaN without hidden layers
        start : float64 (units, layers), norm of the gradient of each layer before training, by `UNITS`
        shift : float64 (points,)
        cost : float64 (2, points), cost by shift with step units and with sigmoid units; NaN without hidden layers
        images, few : int64 (), numbers of images
    """
    trained = inputs.network
    net, start = trained.net, trained.start(seed)
    given = trained.training_images(seed).take(slice(images))
    shift, first = np.linspace(-reach, reach, points), given.take(slice(few))
    cost = [
        costs_by_shift(start, shift, first, net.model_copy(update={"activation": kind}))
        for kind in ("step", "sigmoid")
    ]
    return {
        "largest": np.array([largest_hidden(one, given, net) for one in (start, trained.weights(seed))]),
        "start": np.array(norms_by_units(start, given, net)),
        "shift": shift,
        "cost": np.array(cost),
        "images": np.array(len(given)),
        "few": np.array(len(first)),
    }


def accuracies(
    seed: int,
    inputs: Inputs,
    *,
    activations: tuple[str, ...],
    initializations: tuple[str, ...],
    quadratic_rates: tuple[float, ...],
    cross_entropy_rates: tuple[float, ...],
    hidden_layers: tuple[int, ...] = (16, 16),
    batch: int = 10,
    epochs: int = 8,
) -> Arrays:
    """Test accuracy by epoch of networks, trained here, with several kinds of hidden units and two costs.

    The costs are the quadratic one with sigmoid outputs, and cross-entropy with softmax outputs. Networks are trained
    with plain gradient descent on the training images of the data set; its validation images are left out.

    Parameters
    ----------
    activations, initializations, quadratic_rates, cross_entropy_rates
        Kinds of hidden units, with their initial weights and their learning rates for each cost; all of the same
        length.
    hidden_layers, batch, epochs
        Widths of the hidden layers, images per step, and passes over the training images.

    Returns
    -------
    dict, by cost (`COSTS`), kind of units and epoch:
        activation, initialization : text (kinds,)
        rate : float64 (2, kinds)
        accuracy : float64 (2, kinds, epochs), on the test images after each epoch; NaN from the epoch on in which a
            network diverged
        stuck : bool (2, kinds), whether a network never recognises one of the classes of the test images at the end
        hidden_layers : text ()
        training_images : int64 ()

    Raises
    ------
    DownhillError
        If the lists differ in length.
    """
    rates = (quadratic_rates, cross_entropy_rates)
    if len({len(one) for one in (activations, initializations, *rates)}) != 1:
        raise DownhillError(
            "activations, initializations, quadratic_rates and cross_entropy_rates must have the same length"
        )
    data = inputs.once("data", lambda: to_learn(inputs.dataset))
    found = np.empty((len(COSTS), len(activations), epochs))
    stuck = np.empty((len(COSTS), len(activations)), bool)
    for row, cost in enumerate(COSTS):
        for column, kind in enumerate(zip(activations, initializations, rates[row], strict=True)):
            found[row, column], stuck[row, column] = accuracy_by_epoch(
                data, seed, cost, kind, hidden_layers, batch, epochs
            )
    return {
        "activation": np.array(activations, dtype=np.str_),
        "initialization": np.array(initializations, dtype=np.str_),
        "rate": np.array(rates, np.float64),
        "accuracy": found,
        "stuck": stuck,
        "hidden_layers": np.array("-".join(map(str, hidden_layers)) or "none", dtype=np.str_),
        "training_images": np.array(len(data.train)),
    }


def matrices(
    seed: int,
    inputs: Inputs,
    *,
    activations: tuple[str, ...] = ("linear", "relu"),
    hidden_layers: tuple[int, ...] = (16, 16),
    rate: float = 0.01,
    batch: int = 10,
    epochs: int = 5,
    depths: tuple[int, ...] = (1, 2, 4, 8),
    images: int = 1000,
) -> Arrays:
    """How far the outputs of networks, trained here, are from those of a single matrix, the product of their layers.

    Networks have softmax outputs, cross-entropy, weights from N(0, 1/√inputs) and plain gradient descent. The
    difference is computed in float64: ‖a − b‖ / ‖b‖ for the outputs b of an image and the outputs a of the matrix, as
    if hidden units were linear; the largest of all images counts.

    Parameters
    ----------
    activations
        Kinds of hidden units; the claim is about the first.
    hidden_layers, rate, batch, epochs
        Widths of the hidden layers, learning rate, images per step, and passes over the training images.
    depths, images
        The difference is also computed for untrained networks with these numbers of hidden layers, all as wide as the
        first of `hidden_layers`, on this number of test images, from the first one on.

    Returns
    -------
    dict, by kind of hidden units:
        activation : text (kinds,)
        difference : float64 (kinds,), of trained networks, over all test images; NaN for a network that diverged
        accuracy, matrix_accuracy : float64 (kinds,), of the trained network and of the matrix on the test images
        depth : int64 (depths,), ascending
        by_depth : float64 (kinds, depths), difference of untrained networks
        hidden_layers : text ()
        images : int64 (2,), numbers of test images, for trained and for untrained networks
    """
    data, grid = inputs.once("data", lambda: to_learn(inputs.dataset)), sorted(set(depths))
    few = data.test.take(slice(images))
    difference, accuracy, of_matrix = np.empty((3, len(activations)))
    by_depth = np.empty((len(activations), len(grid)))
    for place, activation in enumerate(activations):
        net = network(
            activation, "lecun", rate, hidden_layers, batch, epochs, loss="cross_entropy", output="softmax"
        )
        difference[place], accuracy[place], of_matrix[place] = trained_beside_matrix(net, data, seed)
        by_depth[place] = untrained_differences(net, data, few.images, grid, seed)
    return {
        "activation": np.array(activations, dtype=np.str_),
        "difference": difference,
        "accuracy": accuracy,
        "matrix_accuracy": of_matrix,
        "depth": np.array(grid, np.int64),
        "by_depth": by_depth,
        "hidden_layers": np.array("-".join(map(str, hidden_layers)) or "none", dtype=np.str_),
        "images": np.array([len(data.test), len(few)]),
    }


def hard_tasks(
    seed: int,
    inputs: Inputs,
    *,
    units: int = 16,
    widths: tuple[int, ...] = (1, 2, 3, 4, 8),
    rate: float = 0.1,
    batch: int = 10,
    epochs: int = 30,
    points: int = 101,
    shown: int = 200,
) -> Arrays:
    """Test accuracy of small networks, trained here, on each of the further data sets, with linear and with tanh units.

    Networks have one hidden layer, weights from N(0, 1/√inputs), sigmoid outputs, cross-entropy and plain gradient
    descent.

    Parameters
    ----------
    units, widths
        Number of hidden units, and further numbers to try with tanh units.
    rate, batch, epochs
        Learning rate, images per step, and passes over the training images.
    points, shown
        If the data has two numbers per point, answers are computed on a grid of points × points, and the first `shown`
        test points are returned as well.

    Returns
    -------
    dict, by data set in the order of their names:
        task : text (tasks,)
        accuracy : float64 (tasks, 2), with linear and with tanh units; NaN for a network that diverged, and without
            test points of a class
        width : int64 (widths,), ascending, `units` among them
        by_width : float64 (tasks, widths), with tanh units
        axis : float32 (tasks, points), coordinates of the grid in both directions
        regions : uint8 (tasks, 2, points, points), answers by y and x; no points if some data has another shape
        place : float32 (tasks, shown, 2) and label : uint8 (tasks, shown), some test points
        units : int64 ()
    """
    names, grid = sorted(inputs.datasets), sorted({units, *widths})
    tasks = [inputs.once(name, lambda name=name: to_learn(inputs.datasets[name])) for name in names]  # type: ignore[misc]
    found, by_width, regions = np.empty((len(names), 2)), np.empty((len(names), len(grid))), []
    for place, data in enumerate(tasks):
        solved = solve(data, seed, units, grid, points, rate=rate, batch=batch, epochs=epochs)
        found[place], by_width[place] = solved.accuracy, solved.by_width
        regions.append(solved.regions)
    fewest = min((len(data.test) for data in tasks), default=0)
    some = [points_of(data.test, min(shown, fewest)) for data in tasks]
    return {
        "task": np.array(names, dtype=np.str_),
        "accuracy": found,
        "width": np.array(grid, np.int64),
        "by_width": by_width,
        "axis": side_by_side([extent_of(data, points) for data in tasks], np.float32),
        "regions": side_by_side(regions, np.uint8),
        "place": side_by_side([place for place, _ in some], np.float32),
        "label": side_by_side([label for _, label in some], np.uint8),
        "units": np.array(units),
    }
