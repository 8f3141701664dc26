"""Family *noise*: confident nonsense."""

import numpy as np

from benchmarks.second_opinion.rules import Opinion, of_mean
from benchmarks.second_opinion.study import LESSON, Evidence, Study, Weights

DOUBT = "doubt"
_CONFIDENT = 0.9
_IMAGES = 10_000


def uniform_noise(seed: int, n_pixels: int) -> np.ndarray:
    """Images of fresh uniform noise, float32 (10,000, n_pixels); pixels are 0 to 255 before scaling."""
    random = np.random.default_rng([seed, 73])
    return random.integers(0, 256, (_IMAGES, n_pixels)).astype(np.float32) / 255


def confident_nonsense(study: Study, ours: Evidence) -> list[Opinion]:
    """Share of fresh noise images with a largest output above 0.9: PyTorch."""
    noise, seeds = uniform_noise(0, study.test.pixels.shape[1]), study.seeds(LESSON)[: ours.parts[0]["n"]]
    return [of_mean([share_confident(study.weights(LESSON, seed), noise) for seed in seeds])]


def share_confident(weights: Weights, images: np.ndarray) -> float:
    """Share of images with a largest output above 0.9."""
    from benchmarks.second_opinion import networks

    return float((networks.outputs(weights, images).max(axis=1) > _CONFIDENT).mean())


def sure_as_a_real_five(study: Study, ours: Evidence) -> list[Opinion]:
    """Median largest output on fresh noise minus that on test images of the same answer: PyTorch."""
    from benchmarks.second_opinion import networks

    noise = uniform_noise(1, study.test.pixels.shape[1])
    seeds = study.seeds(LESSON)[: ours.n_seeds(LESSON, ours.parts[0]["n"])]
    differences = []
    for seed in seeds:
        weights = study.weights(LESSON, seed)
        differences.append(
            surer_of_noise(networks.outputs(weights, noise), networks.outputs(weights, study.test.pixels))
        )
    return [of_mean([one for one in differences if not np.isnan(one)])]


def surer_of_noise(on_noise: np.ndarray, on_digits: np.ndarray) -> float:
    """Median largest output on noise minus that on digits, both where the answer is the most frequent one to noise.

    NaN if it is the answer to no image.
    """
    answer = np.bincount(on_noise.argmax(axis=1)).argmax()
    of_noise, of_digits = (
        found.max(axis=1)[found.argmax(axis=1) == answer] for found in (on_noise, on_digits)
    )
    return float(np.median(of_noise) - np.median(of_digits)) if len(of_digits) else np.nan


def no_incentive_for_doubt(study: Study, ours: Evidence) -> list[Opinion]:
    """Median largest output on fresh noise, and the loss of test accuracy, after training with noise: PyTorch."""
    from benchmarks.second_opinion import networks

    noise = uniform_noise(2, study.test.pixels.shape[1])
    seeds = study.seeds(DOUBT)[: ours.parts[0]["n"]]
    doubting = [study.weights(DOUBT, seed) for seed in seeds]
    sure = [np.median(networks.outputs(weights, noise).max(axis=1)) for weights in doubting]
    losses = []
    for seed, weights in zip(seeds, doubting, strict=True):
        before = networks.is_wrong(study.weights(LESSON, seed), study.test).mean()
        losses.append(networks.is_wrong(weights, study.test).mean() - before)
    return [of_mean(sure), of_mean(losses, determined=True)]
