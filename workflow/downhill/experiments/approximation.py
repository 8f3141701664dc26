"""Family *approximation*: how well networks with one hidden layer fit a function."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.function_fits import cost_and_error, fit, recipe
from downhill.analysis.staircase import staircase
from downhill.datasets.dataset import Images
from downhill.experiments.inputs import Inputs
from downhill.network.reference import forward, scaled

Arrays = dict[str, NDArray[np.generic]]


def fits(
    seed: int,
    inputs: Inputs,
    *,
    widths: tuple[int, ...] = (4, 16, 64, 256),
    restarts: int = 5,
    epochs: int = 5000,
    rate: float = 0.01,
) -> Arrays:
    """Networks of several widths that learn a function, each from several random starts.

    A network has one hidden layer of tanh units and a linear output. It is trained on all training points at once (see
    `function_fits.recipe`). Of the restarts, the one with the lowest cost on the training points is the fit; the test
    points play no part in the choice. For a function of one number, networks of the same widths are also written by
    hand (`analysis.staircase`).

    Parameters
    ----------
    widths
        Numbers of hidden units.
    restarts
        Number of starts. Each has a seed of its own: seed · restarts, seed · restarts + 1, …
    epochs, rate
        Number of steps, and the learning rate of the first.

    Returns
    -------
    dict, by width and restart (NaN where data has no single target per point or no points, or a network diverged):
        width : int64 (w,), in increasing order
        cost, error : float64 (w, restarts), mean cost on the training points, largest absolute error on the test points
        output : float32 (w, n), of the fit at the test points
        by_hand : float64 (w,), largest absolute error; NaN unless inputs are single numbers
        by_hand_output : float32 (w, n)
        point : float32 (n, inputs), target : float32 (n,), the test points
        n_train, epochs : int64 ()
    """
    data, order = inputs.dataset, sorted(set(widths))
    train, tests = data.train, data.test
    learns = data.is_regression and data.n_outputs == 1 and len(train) > 0 and len(tests) > 0
    cost, error = np.full((2, len(order), restarts), np.nan)
    output, by_hand_output = np.full((2, len(order), len(tests)), np.nan, np.float32)
    for row, width in enumerate(order) if learns else ():
        net = recipe(width, epochs, rate)
        found = fit(net, train, range(seed * restarts, (seed + 1) * restarts))
        scored = [cost_and_error(weights, net, train, tests) for weights in found]
        cost[row], error[row] = [one[0] for one in scored], [one[1] for one in scored]
        if np.isfinite(cost[row]).any():
            output[row] = scored[int(np.nanargmin(cost[row]))][2]
        if data.n_inputs == 1:
            by_hand_output[row] = _by_hand(width, tests, net)
    targets = np.full(len(tests), np.nan, np.float32) if not learns else np.asarray(tests.targets)[:, 0]
    by_hand = np.fmax.reduce(abs(by_hand_output.astype(np.float64) - targets), axis=1, initial=np.nan)
    return {
        "width": np.array(order, np.int64),
        "cost": cost,
        "error": error,
        "output": output,
        "by_hand": by_hand,
        "by_hand_output": by_hand_output,
        "point": scaled(tests.images).astype(np.float32),
        "target": targets.astype(np.float32),
        "n_train": np.array(len(train), np.int64),
        "epochs": np.array(epochs, np.int64),
    }


def _by_hand(width: int, tests: Images, net: Any) -> NDArray[np.float64]:
    """Outputs at the test points of the staircase through them; NaN with fewer than two different points."""
    x, targets = scaled(tests.images)[:, 0], np.asarray(tests.targets, np.float64)[:, 0]
    points, first = np.unique(x, return_index=True)
    if len(points) < 2:
        return np.full(len(x), np.nan)
    return forward(staircase(points, targets[first], width), x[:, None], net)[1][:, 0]
