"""Networks with one hidden layer that learn a task: with linear units, and with several numbers of tanh units."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import Dataset
from downhill.experiments.activations_regions import regions_of
from downhill.experiments.activations_training import Learned, learned, network


class Solved(NamedTuple):
    """What networks that learned a task can do.

    `accuracy` on the test points is that with linear and with tanh units, (2,); `by_width` that by number of tanh
    units; NaN for a network that diverged. `regions` are the answers of the first two, see `regions_of`.
    """

    accuracy: tuple[float, float]
    by_width: list[float]
    regions: NDArray[np.uint8]


def solve(
    data: Dataset,
    seed: int,
    units: int,
    widths: Sequence[int],
    points: int,
    *,
    rate: float,
    batch: int,
    epochs: int,
) -> Solved:
    """Train networks on a task.

    Parameters
    ----------
    data, seed
        The task, and the seed of all networks.
    units, widths
        Number of hidden units, and all numbers of tanh units, `units` among them.
    points
        Of the grid on which answers are computed, in each direction.
    rate, batch, epochs
        As for `activations.hard_tasks`.
    """

    def of(activation: str, width: int) -> tuple[Network, Learned]:
        net = network(activation, "lecun", rate, (width,), batch, epochs, loss="cross_entropy")
        return net, learned(net, data, seed)

    linear, tanh = of("linear", units), {width: of("tanh", width) for width in widths}
    both = (linear, tanh[units])
    return Solved(
        accuracy=(linear[1].accuracy, tanh[units][1].accuracy),
        by_width=[tanh[width][1].accuracy for width in widths],
        regions=regions_of([(net, run.weights) for net, run in both], data, points),
    )
