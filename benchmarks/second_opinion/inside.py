"""Family *inside*: what the hidden layers look like."""

from typing import Any

import numpy as np
from scipy.ndimage import correlate
from scipy.optimize import differential_evolution
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from benchmarks.second_opinion.rules import Opinion, of_mean
from benchmarks.second_opinion.study import LESSON, Evidence, Images, Study, Weights

_LIT = 0.05  # share of training images in which a pixel must be lit
_EDGE_SEEDS = 5
_RUNS = 2  # of the search for the best-fitting Gabor function, which one run may miss
_PERMUTATIONS = 1000
_NEIGHBOURS = np.array([[[0, 1, 0], [1, 0, 1], [0, 1, 0]]])
_WITH_A_LOOP = (0, 6, 8, 9)
_STEP, _STEPS = 0.1, 500


def lit(images: Images) -> np.ndarray:
    """Which pixels are lit in at least 5 % of images, bool (height, width) of square images."""
    side = round(images.pixels.shape[1] ** 0.5)
    return ((images.pixels > 0).mean(axis=0) >= _LIT).reshape(side, side)


def _maps(study: Study, seed: int) -> np.ndarray:
    """Weight images of the units of the first layer, (units, height, width)."""
    W, _ = study.weights(LESSON, seed)[0]
    return W.T.reshape(W.shape[1], *lit(study.train).shape)


def no_edges(study: Study, ours: Evidence) -> list[Opinion]:
    """Variance of weight images explained by a Gabor function, median over units: SciPy's differential evolution."""
    used, seeds = lit(study.train), study.seeds(LESSON)[: min(ours.parts[0]["n"], _EDGE_SEEDS)]
    medians = [np.median([best_gabor(image, used) for image in _maps(study, seed)]) for seed in seeds]
    return [of_mean(medians)]


def best_gabor(image: np.ndarray, used: np.ndarray) -> float:
    """The share of variance of the used pixels explained by the best-fitting Gabor function.

    Centre, direction, two widths and frequency are found by differential evolution; amplitude, phase and offset by
    least squares.
    """
    height, width = image.shape
    y, x = (places[used] for places in np.indices(image.shape))
    values = image[used] - image[used].mean()
    total = values @ values

    def unexplained(parameters: np.ndarray) -> np.ndarray:
        x0, y0, angle, along, across, frequency = parameters[..., None]
        right, down = x - x0, y - y0
        u, v = right * np.cos(angle) + down * np.sin(angle), down * np.cos(angle) - right * np.sin(angle)
        envelope = np.exp(-0.5 * ((u / along) ** 2 + (v / across) ** 2))
        phase = 2 * np.pi * frequency * u
        waves = np.stack([envelope * np.cos(phase), envelope * np.sin(phase)], axis=-2)
        waves = waves - waves.mean(axis=-1, keepdims=True)  # the offset
        products = waves @ waves.swapaxes(-1, -2) + 1e-9 * np.eye(2)
        right_sides = (waves @ values)[..., None]
        explained = (right_sides * np.linalg.solve(products, right_sides)).sum(axis=(-2, -1))
        return 1 - explained / total

    bounds = [(0, width - 1), (0, height - 1), (0, np.pi), (0.7, width / 2), (0.7, height / 2), (0, 0.5)]
    found = [
        differential_evolution(
            unexplained,
            bounds,
            maxiter=150,
            rng=run,
            vectorized=True,
            updating="deferred",
            polish=False,
            tol=1e-4,
        ).fun
        for run in range(_RUNS)
    ]
    return float(1 - min(found))


def almost_random(study: Study, ours: Evidence) -> list[Opinion]:
    """Share of weight images with a Moran's I beyond the 99th percentile of permuted ones: SciPy's `ndimage`."""
    used, seeds = lit(study.train), study.seeds(LESSON)[: ours.parts[0]["n"]]
    return [of_mean([share_patterned(_maps(study, seed), used, seed) for seed in seeds])]


def share_patterned(maps: np.ndarray, used: np.ndarray, seed: int) -> float:
    """Share of maps whose Moran's I exceeds the 99th percentile of that of 1,000 permutations of their used pixels."""
    random, beyond = np.random.default_rng([seed, 75]), []
    for image in maps:
        values = random.permuted(np.tile(image[used], (_PERMUTATIONS, 1)), axis=1)
        permuted = np.zeros((_PERMUTATIONS, *image.shape))
        permuted[:, used] = values
        beyond.append(moran(image[None], used)[0] > np.percentile(moran(permuted, used), 99))
    return float(np.mean(beyond))


def moran(images: np.ndarray, used: np.ndarray) -> np.ndarray:
    """Moran's I of the used pixels of images (n, height, width), with pixels that share an edge as neighbours (n,)."""
    deviations = np.where(used, images - images[:, used].mean(axis=1)[:, None, None], 0)
    around = correlate(deviations, _NEIGHBOURS, mode="constant")
    pairs = correlate(used[None].astype(int), _NEIGHBOURS, mode="constant")[0][used].sum()
    products = (deviations * around).sum(axis=(1, 2)) / pairs
    return products / ((deviations**2).sum(axis=(1, 2)) / used.sum())


def second_layer_no_loops(study: Study, ours: Evidence) -> list[Opinion]:
    """Accuracy of a probe for loops, layer 2 minus random features of layer 1: scikit-learn."""
    from benchmarks.second_opinion import networks

    loops = np.isin(study.test.labels, _WITH_A_LOOP)
    differences = []
    for seed in study.seeds(LESSON)[: ours.parts[0]["n"]]:
        first, second, _ = networks.activations(study.weights(LESSON, seed), study.test.pixels)
        random = np.random.default_rng([seed, 76])
        n_in, n_out = first.shape[1], second.shape[1]
        z = first @ random.standard_normal((n_in, n_out)) + random.standard_normal(n_out)
        differences.append(probed(second, loops) - probed(1 / (1 + np.exp(-z)), loops))
    return [of_mean(differences)]


def probed(features: np.ndarray, labels: np.ndarray) -> float:
    """Accuracy of logistic regression on standardised features, in 5-fold cross-validation."""
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=2000))
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    return float(cross_val_score(probe, features, labels, cv=folds).mean())


def cannot_draw(study: Study, ours: Evidence) -> list[Opinion]:
    """Share of outputs whose ideal image nearest neighbours take for its digit: PyTorch's autograd, scikit-learn."""
    judge = KNeighborsClassifier(3).fit(study.train.pixels, study.train.labels)
    seeds = study.seeds(LESSON)[: ours.parts[0]["n"]]
    drawn: list[Any] = []
    for seed in seeds:
        images = ideal_images(study.weights(LESSON, seed), study.train.pixels.shape[1])
        drawn.append((judge.predict(images) == np.arange(len(images))).mean())
    return [of_mean(drawn)]


def ideal_images(weights: Weights, n_pixels: int) -> np.ndarray:
    """For each output the image that maximises its weighted sum, float32 (n_outputs, n_pixels).

    Ascent from grey with normalised gradients; after each step, pixels are clipped to 0 … 1.
    """
    import torch

    from benchmarks.second_opinion import networks

    layers = networks.tensors(weights, torch.float64)
    images = torch.full((len(weights[-1][1]), n_pixels), 0.5, dtype=torch.float64, requires_grad=True)
    for _ in range(_STEPS):
        own = networks.weighted_sums(layers, images)[-1].diagonal().sum()  # each image has its own output
        (gradient,) = torch.autograd.grad(own, images)
        with torch.no_grad():
            images += _STEP * gradient / gradient.norm(dim=1, keepdim=True).clamp_min(1e-300)
            images.clamp_(0, 1)
    return images.detach().numpy().astype(np.float32)
