"""How far a network is from the single matrix that it would be if its hidden units were linear, in float64."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import ArrayLike

from downhill.analysis.collapse import collapsed, worst_relative_difference
from downhill.config.network import Network
from downhill.datasets.dataset import Dataset
from downhill.engine.evaluate import evaluate
from downhill.experiments.activations_training import learned
from downhill.network.architecture import initial_parameters, unpack
from downhill.network.reference import forward


def difference_from_matrix(weights: Any, images: ArrayLike, net: Network) -> float:
    """Largest relative difference of the outputs of an image between a network and the product of its layers."""
    alone = net.model_copy(update={"hidden_layers": ()})
    of_matrix = forward(collapsed(weights), images, alone)[0][-1]
    return worst_relative_difference(of_matrix, forward(weights, images, net)[0][-1])


def trained_beside_matrix(net: Network, data: Dataset, seed: int) -> tuple[float, float, float]:
    """Train a network; the difference over all test images, its test accuracy, and that of the matrix.

    All are NaN if training diverged.
    """
    found = learned(net, data, seed)
    if found.diverged:
        return float("nan"), float("nan"), float("nan")
    matrix, alone = collapsed(found.weights), net.model_copy(update={"hidden_layers": ()})
    return (
        difference_from_matrix(found.weights, data.test.images, net),
        found.accuracy,
        evaluate(matrix, data.test, alone).accuracy,  # type: ignore[arg-type]
    )


def untrained_differences(
    net: Network, data: Dataset, images: ArrayLike, depths: Sequence[int], seed: int
) -> list[float]:
    """As above, for untrained networks of these depths whose hidden layers are as wide as the first one of `net`."""
    found = []
    for depth in depths:
        deep = net.model_copy(update={"hidden_layers": net.hidden_layers[:1] * depth})
        sizes = deep.layer_sizes(data.n_inputs, data.n_outputs)
        found.append(
            difference_from_matrix(unpack(initial_parameters(deep, sizes, seed), sizes), images, deep)
        )
    return found
