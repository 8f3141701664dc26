"""Family *descent*: what a step of gradient descent does."""

from typing import Any

import numpy as np

from benchmarks.second_opinion.rules import Opinion, of_all, of_mean
from benchmarks.second_opinion.study import LESSON, Evidence, Images, Study, Weights

_FEW_IMAGES, _LENGTH, _DIRECTIONS = 500, 1e-6, 200
_MOMENTUM, _BATCHES, _BATCH = 0.9, 20, 10
_EPOCHS = (0, 1, 30)  # of the snapshots
_STEP_IMAGES, _STEPS, _RATE = 1000, 1000, 3.0


def steepest(study: Study, ours: Evidence) -> list[Opinion]:
    """Lead of −∇ over other directions, its own random ones among them, and error of the slope: PyTorch, float64."""
    seeds = study.seeds(LESSON)[: ours.n_seeds(LESSON, 5)]
    images = study.train.first(_FEW_IMAGES)
    found = [
        lead_and_error(weights, images, np.random.default_rng([seed, epoch, 73]))
        for seed in seeds
        for epoch, weights in study.snapshots(LESSON, seed).items()
        if epoch in _EPOCHS
    ]
    leads, errors = zip(*found, strict=True)
    return [of_all(leads, len(found)), of_all(errors, len(found))]


def lead_and_error(weights: Weights, images: Images, random: np.random.Generator) -> tuple[float, float]:
    """The lead of −∇ over the best other direction, over length · ‖∇C‖; and |slope − ‖∇C‖| / ‖∇C‖."""
    from benchmarks.second_opinion import networks

    surface, start = networks.Surface(weights, images), networks.flat(weights)
    gradient = surface.gradient(start)
    steepness = np.linalg.norm(gradient)
    running = np.zeros_like(gradient)
    for _ in range(_BATCHES):
        some = random.choice(len(images.labels), _BATCH, replace=False)
        batch = networks.Surface(weights, Images(images.pixels[some], images.labels[some]))
        running = _MOMENTUM * running + batch.gradient(start)
    largest = np.where(np.arange(len(gradient)) == np.abs(gradient).argmax(), gradient, 0)
    others: list[Any] = [-np.sign(gradient), -largest, -running]
    others += list(random.standard_normal((_DIRECTIONS, len(gradient))))

    def cost(direction: np.ndarray) -> float:
        return surface.cost(start + _LENGTH * direction / np.linalg.norm(direction))

    downhill, uphill, before = cost(-gradient), cost(gradient), surface.cost(start)
    best = max(before - cost(direction) for direction in others)
    lead = ((before - downhill) - best) / (_LENGTH * steepness)
    slope = (uphill - downhill) / (2 * _LENGTH)
    return float(lead), float(abs(slope - steepness) / steepness)


def steps_shrink(study: Study, ours: Evidence) -> list[Opinion]:
    """Length of the last of 1,000 full-batch steps over the first: PyTorch, float64."""
    seeds = study.seeds(LESSON)[: ours.parts[0]["n"]]
    images = study.train.first(_STEP_IMAGES)
    ratios = [last_over_first(study.snapshots(LESSON, seed)[0], images, _STEPS) for seed in seeds]
    return [of_mean(ratios, determined=True)]


def last_over_first(start: Weights, images: Images, steps: int) -> float:
    """Length of the last step of gradient descent over that of the first."""
    from benchmarks.second_opinion import networks

    surface, at, lengths = networks.Surface(start, images), networks.flat(start), []
    for _ in range(steps):
        step = _RATE * surface.gradient(at)
        lengths.append(np.linalg.norm(step))
        at = at - step
    return float(lengths[-1] / lengths[0])
