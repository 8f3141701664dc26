"""Full-batch descent in the family *descent*: with steps proportional to the slope, and of fixed length."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.full_batch import FullBatch, always, in_proportion, steps_kept, walk
from downhill.network.architecture import Weights

Arrays = dict[str, NDArray[Any]]


def proportional_and_fixed(batch: FullBatch, start: Weights, steps: int, rate: float) -> Arrays:
    """Lengths of steps and costs, with steps of rate times the slope, and with steps that all have the same length.

    Steps of fixed length are as long as the first of the proportional steps; or as their mean.

    Parameters
    ----------
    batch
        The cost.
    start
        Initial weights.
    steps
        Number of steps; at least one is taken.
    rate
        The learning rate.

    Returns
    -------
    dict (NaN after a number that is not finite):
        step : int64 (k,), steps after which costs were computed, from 0 to the last
        length : float64 (k − 1,), ‖Δw‖ of the steps that lead there, from step 1 on
        ratio : float64 (), ‖Δw‖ of the last step over the first; NaN if the first has length 0
        cost : float64 (k,)
        back : float64 (), share of the steps in the second half that turn by more than 90°
        fixed_length, fixed_back : float64 (2,), for steps as long as the first, and as the mean
        fixed_cost : float64 (2, k)
        rate : float64 ()
    """
    steps = max(1, steps)
    kept = steps_kept(steps)
    proportional = walk(batch, start, steps, kept, in_proportion(rate))
    first, last = proportional.lengths[[0, -1]]
    lengths = (float(first), float(proportional.lengths.mean()))
    fixed = [walk(batch, start, steps, kept, always(length)) for length in lengths]
    return {
        "step": kept,
        "length": proportional.lengths[kept[1:] - 1],
        "ratio": np.array(last / first if first > 0 else np.nan),
        "cost": proportional.costs,
        "back": np.array(proportional.share_turning_back()),
        "fixed_length": np.array(lengths),
        "fixed_back": np.array([one.share_turning_back() for one in fixed]),
        "fixed_cost": np.array([one.costs for one in fixed]),
        "rate": np.array(rate, np.float64),
    }
