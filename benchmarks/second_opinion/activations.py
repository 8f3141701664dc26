"""Family *activations*: step units and linear units."""

import numpy as np

from benchmarks.second_opinion.rules import Opinion, of_all, of_mean
from benchmarks.second_opinion.study import LESSON, Evidence, Images, Study, Weights

_STEP, _FROZEN = "step", "step-frozen"
_NUDGE, _NUDGED, _IMAGES = 1e-9, 50, 2000
_LINEAR_NETWORKS, _LAYER_SIZES = 5, (784, 16, 16, 10)
_RECIPE = {"epochs": 5, "rate": 0.01, "batch": 10}


def binary_defeats_descent(study: Study, ours: Evidence) -> list[Opinion]:
    """Slope along hidden weights by central differences; differences of test accuracies: NumPy, float64."""
    seeds = study.seeds(_STEP)[: ours.parts[1]["n"]]
    slopes = [largest_slope(study.weights(_STEP, seed), study.train.first(_IMAGES), seed) for seed in seeds]
    step, frozen, lesson = (
        np.array([accuracy(study.weights(name, seed), study.test, name != LESSON) for seed in seeds])
        for name in (_STEP, _FROZEN, LESSON)
    )
    beyond, lead = step - frozen, lesson - step
    return [
        of_all(slopes, len(seeds)),
        of_all(beyond, len(seeds), determined=True),
        of_mean(lead, determined=True),
    ]


def outputs(weights: Weights, pixels: np.ndarray, steps: bool) -> np.ndarray:
    """Sigmoid outputs of a network whose hidden units are steps or sigmoids."""
    a = pixels.astype(np.float64)
    for place, (W, b) in enumerate(weights):
        z = a @ W + b
        is_step = steps and place < len(weights) - 1
        a = np.heaviside(z, 0.0) if is_step else np.exp(-np.logaddexp(0, -z))
    return a


def accuracy(weights: Weights, images: Images, steps: bool) -> float:
    """Share of images whose largest output is that of their class."""
    return float((outputs(weights, images.pixels, steps).argmax(axis=1) == images.labels).mean())


def largest_slope(weights: Weights, images: Images, seed: int, steps: bool = True) -> float:
    """Largest slope of the quadratic cost along some hidden weights and biases, by tiny central differences."""
    random = np.random.default_rng([seed, 75])
    wanted = np.eye(weights[-1][0].shape[1])[images.labels]

    def cost() -> float:
        return float(0.5 * ((outputs(weights, images.pixels, steps) - wanted) ** 2).sum(axis=1).mean())

    slopes = []
    for _ in range(_NUDGED):
        part = weights[random.integers(len(weights) - 1)][random.integers(2)]
        place = np.unravel_index(random.integers(part.size), part.shape)
        before, found = part[place], []
        for sign in (1, -1):
            part[place] = before + sign * _NUDGE
            found.append(cost())
        part[place] = before
        slopes.append(abs(found[0] - found[1]) / (2 * _NUDGE))
    return max(slopes)


def linear_without_activation(study: Study, ours: Evidence) -> list[Opinion]:
    """Relative difference of a linear network and the product of its matrices: trained by PyTorch, float64."""
    import torch

    from benchmarks.second_opinion import networks, training

    m, random = _LINEAR_NETWORKS, torch.Generator().manual_seed(76)
    layers = training.starts(_LAYER_SIZES, m, random, variance=1)
    pixels, labels = training.for_each(study.train, m)
    training.train(layers, pixels, labels, random, **_RECIPE, hidden=networks.LINEAR, cost=networks.SOFTMAX)
    trained = [
        [(W[place].detach().double().numpy(), b[place, 0].detach().double().numpy()) for W, b in layers]
        for place in range(m)
    ]
    return [of_all([difference(weights, study.test.pixels) for weights in trained], m)]


def difference(weights: Weights, pixels: np.ndarray) -> float:
    """Largest relative difference of softmax outputs, layer by layer and from one matrix, over all images."""
    z = pixels.astype(np.float64)
    for W, b in weights:
        z = z @ W + b
    # One matrix for pixels and a constant 1, of matrices that keep the 1.
    product = np.eye(pixels.shape[1] + 1)
    for W, b in weights:
        product = product @ np.block([[W, np.zeros((len(W), 1))], [b[None], np.ones((1, 1))]])
    flat = (np.hstack([pixels, np.ones((len(pixels), 1))]) @ product)[:, :-1]
    one, other = (softmax(sums) for sums in (flat, z))
    return float((np.linalg.norm(one - other, axis=1) / np.linalg.norm(other, axis=1)).max())


def softmax(z: np.ndarray) -> np.ndarray:
    """eᶻ / Σ eᶻ over the last axis."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)
