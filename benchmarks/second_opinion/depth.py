"""Family *depth*: gradients of deep networks."""

from typing import Any

import numpy as np

from benchmarks.second_opinion.rules import Opinion, of_mean, of_samples
from benchmarks.second_opinion.study import Evidence, Images, Study

_NETWORKS = 5
_WIDTH, _DEPTHS = 30, range(2, 9)
_IMAGES, _TRAINING_IMAGES = 1000, 10_000
_RECIPE = {"epochs": 10, "rate": 0.1, "batch": 10}


def vanishing_gradient(study: Study, ours: Evidence) -> list[Opinion]:
    """Factor between layers by PyTorch's autograd, and accuracies of networks that PyTorch trains."""
    first = study.train.first(_IMAGES)
    steps = np.concatenate([log_factors(first, depth, 77 + depth) for depth in _DEPTHS], axis=1)
    factors = np.exp(steps.mean(axis=1))
    shallow, deep = (accuracies(study, depth, 177 + depth) for depth in (_DEPTHS[0], _DEPTHS[-1]))
    return [
        of_samples([factors], lambda values, axis: np.exp(np.log(values).mean(axis=axis)), trained=True),
        of_mean(shallow - deep, trained=True),
    ]


def _starts(depth: int, n_inputs: int, seed: int) -> tuple[Any, Any]:
    """Networks with weights from N(0, 1/√n) and biases of zero, and the generator for the rest."""
    import torch

    from benchmarks.second_opinion import training

    random = torch.Generator().manual_seed(seed)
    return training.starts((n_inputs, *(_WIDTH,) * depth, 10), _NETWORKS, random, variance=1), random


def log_factors(images: Images, depth: int, seed: int) -> np.ndarray:
    """Logarithm of the factor between the norms of the gradients of neighbouring hidden layers, (networks, depth − 1).

    The gradient is that of the biases of untrained networks.
    """
    import torch

    from benchmarks.second_opinion import networks, training

    layers, _ = _starts(depth, images.pixels.shape[1], seed)
    pixels, labels = training.for_each(images, _NETWORKS)
    z = networks.weighted_sums(layers, pixels)[-1]
    total = networks.costs(z, labels, networks.CROSS_ENTROPY).mean(dim=1).sum()
    gradients = torch.autograd.grad(total, [b for _, b in layers[:-1]])
    norms = torch.stack([gradient[:, 0].norm(dim=1) for gradient in gradients], dim=1)
    return norms.log().diff(dim=1).double().numpy()


def accuracies(study: Study, depth: int, seed: int) -> np.ndarray:
    """Test accuracy of networks of one depth after training, (networks,)."""
    from benchmarks.second_opinion import networks, training

    some = study.train.first(_TRAINING_IMAGES)
    layers, random = _starts(depth, some.pixels.shape[1], seed)
    pixels, labels = training.for_each(some, _NETWORKS)
    training.train(layers, pixels, labels, random, **_RECIPE, cost=networks.CROSS_ENTROPY)
    tests = training.for_each(study.test, _NETWORKS)
    return training.scores(layers, *tests, cost=networks.CROSS_ENTROPY)[1]
