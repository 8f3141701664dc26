"""Family *cost*: whether the cost is a good measure of how badly a network does."""

from typing import Any

import numpy as np
from scipy import stats
from sklearn.metrics import roc_auc_score

from benchmarks.second_opinion.rules import Opinion, of_all, of_mean, of_samples
from benchmarks.second_opinion.study import LESSON, Evidence, Images, Study, Weights

SHAPES = (
    LESSON,
    "equal-16",
    "equal-16-8",
    "equal-16-16-16",
    "equal-15-40",
    "equal-15-25-25",
    "equal-14-80",
    "equal-12-140",
)
"""The eight shapes of about 13,002 parameters."""

FEW_IMAGES = 2000
SEGMENTS = 200
_SEEDS_WITH_DRAWS = 5
_NAMES = {"mse": "quadratic", "cross_entropy": "entropy"}  # of costs, in the names of parts
_SHARES_OF_THE_LIMIT = (0.01, 0.03, 0.1, 0.3, 0.5)  # rates as multiples of 2/λ
# Three standard deviations of the difference of two shares of 200 segments.
_APART = 3 * (2 * 0.25 / SEGMENTS) ** 0.5


def cost_tracks_error(study: Study, ours: Evidence) -> list[Opinion]:
    """AUROC of the cost of a test image as a detector of errors, per seed: PyTorch, scikit-learn."""
    seeds = study.seeds(LESSON)[: ours.parts[0]["n"]]
    return [of_mean([auroc(study.weights(LESSON, seed), study.test) for seed in seeds], determined=True)]


def auroc(weights: Weights, images: Images) -> float:
    """AUROC of the cost of an image as a detector of wrong answers."""
    from benchmarks.second_opinion import networks

    wrong = networks.is_wrong(weights, images)
    return float(roc_auc_score(wrong, networks.image_costs(weights, images)))


def lower_cost_better_net(study: Study, ours: Evidence) -> list[Opinion]:
    """Spearman correlation of mean test cost and test accuracy over the networks of eight shapes: PyTorch, SciPy."""
    pairs = np.array(
        [
            cost_and_accuracy(study.weights(shape, seed), study.test)
            for shape in SHAPES
            for seed in study.seeds(shape)
        ]
    )
    places = np.arange(len(pairs), dtype=float)

    def correlation(sample: Any, axis: int) -> Any:
        return np.apply_along_axis(
            lambda rows: stats.spearmanr(pairs[rows.astype(int)]).statistic, axis, sample
        )

    return [of_samples([places], correlation, determined=True)]


def cost_and_accuracy(weights: Weights, images: Images) -> tuple[float, float]:
    """Mean cost and accuracy."""
    from benchmarks.second_opinion import networks

    wrong = networks.is_wrong(weights, images)
    return float(networks.image_costs(weights, images).mean()), float(1 - wrong.mean())


def better_on_all(study: Study, ours: Evidence) -> list[Opinion]:
    """Share of all training images whose own cost is lower after training than before it: PyTorch."""
    seeds = study.seeds(LESSON)[: ours.n_seeds(LESSON, 5)]
    shares = [
        share_improved(study.snapshots(LESSON, seed)[0], study.weights(LESSON, seed), study.train)
        for seed in seeds
    ]
    return [of_all(shares, len(seeds), determined=True)]


def share_improved(before: Weights, after: Weights, images: Images) -> float:
    """Share of images whose cost is lower after than before."""
    from benchmarks.second_opinion import networks

    return float((networks.image_costs(after, images) < networks.image_costs(before, images)).mean())


def mostly_convex(study: Study, ours: Evidence) -> list[Opinion]:
    """Share of segments whose midpoint is not above the mean of both ends, with its own draws: PyTorch, float64."""
    from benchmarks.second_opinion import networks

    images = study.train.first(FEW_IMAGES)
    seeds = study.seeds(LESSON)[:_SEEDS_WITH_DRAWS]
    kinds = (networks.QUADRATIC, networks.CROSS_ENTROPY)
    shares = {
        (kind, "outputs"): [share_convex_in_outputs(np.random.default_rng(72), 10, kind)] for kind in kinds
    }
    for seed in seeds:
        like = study.weights(LESSON, seed)
        ends = np.random.default_rng([seed, 71]).standard_normal((SEGMENTS, 2, networks.flat(like).size))
        # Between two draws, then between the trained network and a draw.
        for first in (None, networks.flat(like)):
            if first is not None:
                ends[:, 0] = first
            for kind, share in zip(kinds, shares_convex(ends, like, images, kinds), strict=True):
                shares.setdefault((kind, "weights"), []).append(share)
    return [of_all(sets_of_part(shares, part["name"]), len(seeds), _APART) for part in ours.parts]


def sets_of_part(shares: dict[tuple[str, str], list[float]], name: str) -> list[float]:
    """The shares that a part is about, by the words in its name; all of them if it names neither cost nor space."""
    words = name.lower()
    chosen = [
        values
        for (kind, space), values in shares.items()
        if (space.rstrip("s") in words or not ("output" in words or "weight" in words))
        and (_NAMES[kind] in words or not ("quadratic" in words or "entropy" in words))
    ]
    return [share for values in chosen for share in values]


def shares_convex(ends: np.ndarray, like: Weights, images: Images, kinds: tuple[str, ...]) -> np.ndarray:
    """For each kind of cost, the share of segments (n, 2, n_parameters) with C(middle) ≤ ½ (C(a) + C(b))."""
    from benchmarks.second_opinion import networks

    surface = networks.Surface(like, images)

    def cost(vector: np.ndarray) -> np.ndarray:
        return np.array(surface.costs_of_kinds(vector, kinds))

    return np.mean([cost((a + b) / 2) <= (cost(a) + cost(b)) / 2 for a, b in ends], axis=0)


def share_convex_in_outputs(random: np.random.Generator, n_outputs: int, kind: str) -> float:
    """The same in the space of output activations, between uniform draws, for a random class."""
    import torch

    from benchmarks.second_opinion import networks

    a, b = torch.from_numpy(random.uniform(size=(2, SEGMENTS, n_outputs)))
    labels = torch.from_numpy(random.integers(n_outputs, size=SEGMENTS))
    at_middle, at_a, at_b = (networks.costs(torch.logit(ends), labels, kind) for ends in ((a + b) / 2, a, b))
    rounding = 1e-12  # the activations come from their weighted sums
    return float((at_middle <= (at_a + at_b) / 2 + rounding).double().mean())


def smooth_cost(study: Study, ours: Evidence) -> list[Opinion]:
    """Share of full-batch steps of up to half of 2/λ that lower the cost: PyTorch, SciPy's `eigsh`, float64."""
    seeds = study.seeds(LESSON)[: ours.n_seeds(LESSON, 5)][:5]
    images = study.train.first(FEW_IMAGES)
    lowers = [
        step_lowers(weights, images) for seed in seeds for weights in study.snapshots(LESSON, seed).values()
    ]
    return [of_all(np.mean(lowers, axis=0), len(seeds))]


def step_lowers(weights: Weights, images: Images) -> list[bool]:
    """Whether a step of gradient descent lowers the mean cost, for each rate c · 2/λ."""
    from benchmarks.second_opinion import networks

    surface, start = networks.Surface(weights, images), networks.flat(weights)
    before, gradient = surface.cost(start), surface.gradient(start)
    limit = 2 / surface.eigenvalue(start, "LA")
    return [surface.cost(start - c * limit * gradient) < before for c in _SHARES_OF_THE_LIMIT]
