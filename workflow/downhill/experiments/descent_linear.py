"""A linear model in the family *descent*: its solution, and the walk towards it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.full_batch import steps_kept
from downhill.analysis.ridge import LinearModel

Arrays = dict[str, NDArray[Any]]


def solved_and_walked(
    model: LinearModel, start: NDArray[np.float64], tolerance: float, most_steps: int, points: int
) -> Arrays:
    """The cost of the solution, and of descent from a start.

    Parameters
    ----------
    model
        The linear model.
    start
        Initial weights.
    tolerance, most_steps
        When descent stops; see `LinearModel.descend`.
    points
        Number of steps after which the cost is computed.

    Returns
    -------
    dict:
        solution, descent : float64 (), cost of the solution, and where descent ended
        steps : int64 ()
        settled : bool (), whether the gradient became short enough
        step : int64 (k,)
        excess : float64 (k,), cost after so many steps minus that of the solution; NaN beyond the last step
        curvature : float64 (2,), the lowest and the highest
        parameters : int64 ()
    """
    kept = steps_kept(most_steps, points)
    walk = model.descend(start, tolerance, most_steps, kept)
    solution, excess = model.cost(model.solution()), np.full(len(kept), np.nan)
    excess[: len(walk.step)] = walk.cost - solution
    return {
        "solution": np.array(solution),
        "descent": np.array(model.cost(walk.weights)),
        "steps": np.array(walk.steps),
        "settled": np.array(walk.settled),
        "step": kept,
        "excess": excess,
        "curvature": model.curvatures[[0, -1]],
        "parameters": np.array(start.size),
    }
