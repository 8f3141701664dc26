"""Family *depth*: what happens to the gradient in deep networks."""

import numpy as np
from numpy.typing import NDArray

from downhill.config.network import Network
from downhill.datasets.dataset import Dataset, Images
from downhill.engine.evaluate import loss_gradient
from downhill.engine.train import train
from downhill.errors import DownhillError
from downhill.experiments.activations_training import TEST_ACCURACY, network, to_learn
from downhill.experiments.inputs import Inputs
from downhill.network.architecture import Weights, initial_parameters, unpack

Arrays = dict[str, NDArray[np.generic]]


def gradients_by_layer(
    seed: int,
    inputs: Inputs,
    *,
    activations: tuple[str, ...] = ("sigmoid",),
    initializations: tuple[str, ...] = ("lecun",),
    depths: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8),
    width: int = 30,
    images: int = 1000,
    training_images: int = 60_000,
    epochs: int = 10,
    rate: float = 0.1,
    batch: int = 10,
    kept: tuple[int, ...] = (0, 1, 3, 10),
    scales: tuple[float, ...] = (),
) -> Arrays:
    """Gradient of the biases of each hidden layer before and during training, and test accuracy, by depth.

    Networks of every depth are trained here, with sigmoid outputs, cross-entropy and plain gradient descent (as in
    Nielsen, chapter 5, whose hidden layers also have 30 units). Gradients are those of the training kernels.

    Parameters
    ----------
    activations, initializations
        Hidden units and initial weights, in pairs; both of the same length.
    depths, width
        Numbers of hidden layers, and units in each of them.
    images
        Number of training images of the gradient, from the first one on.
    training_images, epochs, rate, batch
        How networks are trained: number of training images (from the first one on), passes over them, learning rate,
        and images per step.
    kept
        Epochs after which the gradient is computed; 0 is the start. Numbers beyond the last epoch stand for the last.
    scales
        The gradient of the deepest untrained network of the first kind is also computed with all weights multiplied by
        each of these factors.

    Returns
    -------
    dict, by kind (a pair of units and initial weights), depth, epoch and hidden layer (input side first):
        activation, initialization : text (kinds,)
        depth : int64 (depths,), ascending
        epoch : int64 (epochs,), ascending
        norm : float64 (kinds, depths, epochs, deepest), norm of the mean gradient of the biases of a hidden layer; NaN
            where a network has no such layer, or has diverged
        accuracy : float64 (kinds, depths), on test images at the end of training; NaN if it diverged
        scale : float64 (scales,), ascending
        norm_by_scale : float64 (scales, deepest)
        images, training_images, epochs : int64 ()

    Raises
    ------
    DownhillError
        If there are not as many kinds of units as of initial weights.
    """
    if len(activations) != len(initializations):
        raise DownhillError(
            f"activations and initializations are pairs, but there are {len(activations)} and "
            f"{len(initializations)}; give the same number of both"
        )
    data = inputs.once("data", lambda: to_learn(inputs.dataset, training_images))
    given = data.train.take(slice(images))
    grid, after = sorted(set(depths)), sorted({min(one, epochs) for one in kept})

    def of_depth(activation: str, initialization: str, depth: int) -> Network:
        layers, more = (width,) * depth, {"loss": "cross_entropy", "snapshot_epochs": tuple(after)}
        return network(activation, initialization, rate, layers, batch, epochs, **more)

    norms = np.full((len(activations), len(grid), len(after), grid[-1]), np.nan)
    accuracy = np.full((len(activations), len(grid)), np.nan)
    for kind, (activation, initialization) in enumerate(zip(activations, initializations, strict=True)):
        for place, depth in enumerate(grid):
            net = of_depth(activation, initialization, depth)
            run = train(net, data, seed)
            if len(run.rows) and not run.diverged:
                accuracy[kind, place] = run.rows[-1, TEST_ACCURACY]
            for row, epoch in enumerate(after):
                if epoch in run.snapshots:
                    norms[kind, place, row, :depth] = bias_norms(run.snapshots[epoch], given, net)
    deepest = of_depth(activations[0], initializations[0], grid[-1])
    return {
        "activation": np.array(activations, dtype=np.str_),
        "initialization": np.array(initializations, dtype=np.str_),
        "depth": np.array(grid, np.int64),
        "epoch": np.array(after, np.int64),
        "norm": norms,
        "accuracy": accuracy,
        "scale": np.array(sorted(scales), np.float64),
        "norm_by_scale": _norms_by_scale(deepest, sorted(scales), data, given, seed),
        "images": np.array(len(given)),
        "training_images": np.array(len(data.train)),
        "epochs": np.array(epochs),
    }


def bias_norms(weights: Weights, images: Images, net: Network) -> list[float]:
    """Norm of the mean gradient of the biases of each hidden layer, input side first."""
    return [float(np.linalg.norm(db)) for _, db in loss_gradient(weights, images, net)[:-1]]


def _norms_by_scale(
    net: Network, scales: list[float], data: Dataset, images: Images, seed: int
) -> NDArray[np.float64]:
    """Norms of an untrained network whose weights are multiplied by each of the scales, (scales, hidden layers)."""
    sizes = net.layer_sizes(data.n_inputs, data.n_outputs)
    start = unpack(initial_parameters(net, sizes, seed), sizes)
    found = np.empty((len(scales), len(net.hidden_layers)))
    for row, scale in enumerate(scales):
        found[row] = bias_norms([(np.float32(scale) * W, b) for W, b in start], images, net)
    return found
