"""Family *minima*: where training ends."""

from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.second_opinion.rules import Opinion, of_samples, of_share
from benchmarks.second_opinion.study import LESSON, Evidence, Images, Study, Weights

_HIGH_BARRIER = 0.1  # of the mean cost of both ends
_POINTS = 25
_BARRIER_IMAGES = 10_000
_SMALL = 0.01  # gradient over that at the start, and negative curvature over the largest
_CURVATURE_IMAGES = 2000
_WIDTHS, _EQUAL_SEEDS = (25, 500), 8


def start_decides(study: Study, ours: Evidence) -> list[Opinion]:
    """Share of pairs of seeds with a barrier after matching their hidden units: PyTorch, SciPy's assignment."""
    images, high = study.train.first(_BARRIER_IMAGES), []
    for pair in range(ours.parts[0]["n"]):
        one, other = (study.weights(LESSON, seed) for seed in (2 * pair, 2 * pair + 1))
        high.append(barrier(one, matched(other, one), images) > _HIGH_BARRIER)
    return [of_share(high)]


def barrier(one: Weights, other: Weights, images: Images) -> float:
    """The largest excess of the cost over its chord along the straight line, divided by the mean cost of both ends."""
    from benchmarks.second_opinion import networks

    surface, a, b = networks.Surface(one, images), networks.flat(one), networks.flat(other)
    t = np.linspace(0, 1, _POINTS)
    costs = np.array([surface.cost((1 - share) * a + share * b) for share in t])
    chord = (1 - t) * costs[0] + t * costs[-1]
    return float((costs - chord).max() / ((costs[0] + costs[-1]) / 2))


def matched(weights: Weights, target: Weights) -> Weights:
    """A network with its hidden units permuted to match those of another one, with the same outputs.

    The units of one layer after the other are assigned such that the sum of products of incoming weights, biases and
    outgoing weights is largest, until nothing changes (Ainsworth et al. 2022, *Git Re-Basin*, algorithm 1).
    """
    layers = [(W.copy(), b.copy()) for W, b in weights]
    changed = True
    while changed:
        changed = False
        for layer in range(len(layers) - 1):
            (W, b), (V, c) = layers[layer], layers[layer + 1]
            (W0, b0), (V0, _) = target[layer], target[layer + 1]
            similarity = W0.T @ W + np.outer(b0, b) + V0 @ V.T
            order = linear_sum_assignment(similarity, maximize=True)[1]
            gain = similarity[np.arange(len(order)), order].sum() - np.trace(similarity)
            if gain > 1e-9:
                layers[layer], layers[layer + 1], changed = (W[:, order], b[order]), (V[order], c), True
    return layers


def reaches_minimum(study: Study, ours: Evidence) -> list[Opinion]:
    """Share of seeds that end with a small gradient and no negative curvature: PyTorch, SciPy's `eigsh`."""
    seeds = study.seeds(LESSON)[: ours.parts[0]["n"]]
    return [of_share([is_at_minimum(study, seed) for seed in seeds])]


def is_at_minimum(study: Study, seed: int) -> bool:
    """Whether the gradient is below 1 % of that at the start, and the smallest eigenvalue above −1 % of the largest."""
    from benchmarks.second_opinion import networks

    end, start = study.weights(LESSON, seed), study.snapshots(LESSON, seed)[0]
    slope = networks.Surface(end, study.train)
    at_end, at_start = (np.linalg.norm(slope.gradient(networks.flat(weights))) for weights in (end, start))
    if at_end >= _SMALL * at_start:
        return False
    curvature = networks.Surface(end, study.train.first(_CURVATURE_IMAGES))
    smallest, largest = (curvature.eigenvalue(networks.flat(end), which) for which in ("SA", "LA"))
    return bool(smallest >= -_SMALL * largest)


def equal_minima(study: Study, ours: Evidence) -> list[Opinion]:
    """Standard deviation of the final test cost with 500 units over that with 25: trained by PyTorch, 8 seeds each."""
    costs = {width: test_costs(study, width, _EQUAL_SEEDS) for width in _WIDTHS}
    few, many = costs.values()

    def ratio(few: Any, many: Any, axis: int) -> Any:
        return np.std(many, axis=axis, ddof=1) / np.std(few, axis=axis, ddof=1)

    return [of_samples([few, many], ratio, trained=True)]


def test_costs(study: Study, width: int, seeds: int) -> np.ndarray:
    """Final test cost of networks with one hidden layer of ReLU units on images of 10 × 10 pixels."""
    import torch

    from benchmarks.second_opinion import networks, training

    random = torch.Generator().manual_seed(1000 + width)
    pixels, labels = training.for_each(_small(study.train.first(20_000)), seeds)
    layers = training.starts((100, width, 10), seeds, random, variance=2)
    recipe = {"hidden": networks.RELU, "cost": networks.SOFTMAX}
    training.train(layers, pixels, labels, random, epochs=20, rate=0.1, batch=100, **recipe)
    return training.scores(layers, *training.for_each(_small(study.test), seeds), **recipe)[0]


def _small(images: Images) -> Images:
    """The same images with 10 × 10 pixels."""
    return Images(area_averaged(images.pixels, 10).astype(np.float32), images.labels)


def area_averaged(pixels: np.ndarray, side: int) -> np.ndarray:
    """Square images (n, n_pixels) resized to side × side pixels; each is the mean of the area that it covers."""
    old = round(pixels.shape[1] ** 0.5)
    edges = np.linspace(0, old, side + 1)
    covered = np.clip(edges[1:, None] - np.arange(old), 0, 1) - np.clip(
        edges[:-1, None] - np.arange(old), 0, 1
    )
    share = covered / covered.sum(axis=1, keepdims=True)
    return (share @ pixels.reshape(-1, old, old) @ share.T).reshape(len(pixels), -1)
