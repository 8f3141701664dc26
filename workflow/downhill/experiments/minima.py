"""Family *minima*: where descent ends."""

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.barriers import barrier, costs_along
from downhill.analysis.curvature import Hessian, flat
from downhill.analysis.full_batch import FullBatch
from downhill.analysis.matching import matched
from downhill.analysis.spectrum import ends_of_spectrum
from downhill.config.network import Network
from downhill.datasets.dataset import Dataset, Images
from downhill.engine.evaluate import loss_gradient
from downhill.engine.train import Run, train
from downhill.experiments.inputs import Inputs
from downhill.network.architecture import Weights
from downhill.runs.trained import TrainedNetwork

Arrays = dict[str, NDArray[np.generic]]

_OF_THE_FUNCTION = (
    "hidden_layers",
    "activation",
    "straight_through",
    "output",
    "loss",
    "label_smoothing",
    "learning_rate",
)


def barriers(
    pair: tuple[int, int],
    inputs: Inputs,
    *,
    images: int = 10_000,
    points: int = 25,
    same_start: bool = False,
) -> Arrays:
    """The cost along the straight line between the trained networks of two seeds.

    The network of the second seed is taken as it was trained, with its hidden units matched to those of the first by
    reordering them (`matching.matched`), and by reordering them and changing their signs as well. All three are the
    same function.

    Parameters
    ----------
    images
        Number of training images on which the cost is computed, from the first one on; those of the first seed, if
        seeds have their own.
    points
        Number of evenly spaced points on the line, including both ends.
    same_start
        Whether to replace the network of the second seed with one that starts from the weights of the first seed, is
        trained on its images, and sees them in the order of the second seed. This shows what the order alone decides.

    Returns
    -------
    dict:
        share : float64 (points,), of the way from the first network to the second
        trained, matched, signed : float64 (points,), mean cost with units as trained, reordered, and reordered with
            signs; float32 outputs, mean in float64
        barrier : float64 (3,), of these three lines; see `barriers.barrier`
        images : int64 (), number of images
        same_start : bool ()
    """
    network, (first_seed, second_seed) = inputs.network, pair
    net, scored = network.net, network.training_images(first_seed).take(slice(images))
    first = network.weights(first_seed)
    second = _same_start(network, first_seed, second_seed) if same_start else network.weights(second_seed)
    shares = np.linspace(0, 1, points)
    ends = {
        "trained": second,
        "matched": matched(first, second, net.activation),
        "signed": matched(first, second, net.activation, signs=True),
    }
    cost = FullBatch(scored, net, network.layer_sizes).cost_of
    with np.errstate(over="ignore", invalid="ignore"):
        costs = {name: costs_along(cost, first, end, shares) for name, end in ends.items()}
    return {
        "share": shares,
        **costs,
        "barrier": np.array([barrier(line, shares) for line in costs.values()]),
        "images": np.array(len(scored)),
        "same_start": np.array(same_start),
    }


def stationarity(
    seed: int, inputs: Inputs, *, images: int = 2000, further_steps: int = 0, eigenvalues: int = 5
) -> Arrays:
    """How close a network is to a minimum: its gradient, and both ends of the spectrum of the Hessian.

    Parameters
    ----------
    images
        Number of training images for the Hessian, from the first one on.
    further_steps
        Steps of full-batch gradient descent on these images, from the weights at the end of training and with the
        network's own learning rate, before anything is computed. No momentum, schedule or weight decay is used.
    eigenvalues
        Number of eigenvalues at either end.

    Returns
    -------
    dict:
        gradient_all : float64 (), ‖∇C‖ on all training images over that at the start of training
        gradient : float64 (), the same on the images of the Hessian
        lowest, highest : float64 (eigenvalues,) in increasing order; float64 products, see `spectrum.ends_of_spectrum`
        step : int64 (points,), further steps after which the gradient was computed
        path : float64 (points,), ‖∇C‖ on these images after them, over that at the start of training
        images, all_images, further_steps : int64 ()
        epochs, batch_size : int64 (), of the training; a full batch is the number of training images
        A ratio is NaN if the gradient at the start is 0, and all numbers are if the further steps diverge.
    """
    network, every = inputs.network, inputs.network.training_images(seed)
    net, few = network.net, every.take(slice(images))
    steps = np.unique([0, *np.round(np.geomspace(1, max(1, further_steps), 25)), further_steps])
    steps = steps[steps <= further_steps].astype(np.int64)
    by_step = {0: network.weights(seed)}
    diverged = False
    if further_steps:
        run = _further(net, few, network.weights(seed), steps)
        by_step, diverged = run.snapshots, run.diverged
    start = _norm(network.start(seed), few, net)
    path = [
        _ratio(_norm(by_step[step], few, net), start) if step in by_step else np.nan
        for step in steps.tolist()
    ]
    unknown = np.full(eigenvalues, np.nan)
    lowest, highest, on_all = unknown, unknown, np.nan
    if not diverged:
        weights = by_step[further_steps]
        lowest, highest = ends_of_spectrum(Hessian(weights, few.images, few.wanted, net), eigenvalues)
        on_all = _ratio(_norm(weights, every, net), _norm(network.start(seed), every, net))
    return {
        "gradient_all": np.array(on_all),
        "gradient": np.array(np.nan if diverged else path[-1]),
        "lowest": lowest,
        "highest": highest,
        "step": steps,
        "path": np.array(path),
        "images": np.array(len(few)),
        "all_images": np.array(len(every)),
        "further_steps": np.array(further_steps),
        "epochs": np.array(net.epochs),
        "batch_size": np.array(len(every) if net.batch_size == "full" else net.batch_size),
    }


def _same_start(network: TrainedNetwork, first: int, second: int) -> Weights:
    """The network trained from the start of the first seed, on its images, in the order of the second seed."""
    net = network.net.model_copy(
        update={
            "history_every": max(1, network.net.epochs),
            "history_sets": ("test",),
            "snapshot_epochs": (),
            "subset_images": None,  # the images are those of the first seed
            "shuffle_labels": 0.0,
        }
    )
    data = _dataset(network.training_images(first), network.data.classes)
    return train(net, data, second, initial=network.start(first)).weights


def _further(net: Network, images: Images, weights: Weights, steps: NDArray[np.int64]) -> Run:
    """Full-batch gradient descent from these weights, with copies of the weights after some of the steps."""
    count = int(steps[-1])
    descent = Network.model_validate(
        {name: getattr(net, name) for name in _OF_THE_FUNCTION}
        | {
            "batch_size": "full",
            "epochs": count,
            "history_every": count,
            "history_sets": ("test",),
            "snapshot_epochs": tuple(steps.tolist()),
        }
    )
    classes = tuple(map(str, range(len(weights[-1][1]))))
    return train(descent, _dataset(images, classes), initial=weights)


def _dataset(images: Images, classes: tuple[str, ...]) -> Dataset:
    """Images to train on. The history scores only one of them, since scoring more takes time."""
    return Dataset(images, images.take(slice(0)), images.take(slice(1)), classes)


def _norm(weights: Weights, images: Images, net: Network) -> float:
    return float(np.linalg.norm(flat(loss_gradient(weights, images, net))))


def _ratio(end: float, start: float) -> float:
    return end / start if start > 0 else np.nan
