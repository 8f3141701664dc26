"""Family *learning*: shapes and mistakes."""

from typing import Any

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from benchmarks.second_opinion.cost import SHAPES
from benchmarks.second_opinion.rules import Opinion, of_mean, of_samples
from benchmarks.second_opinion.study import LESSON, Evidence, Study

_PERMUTATIONS = 2000


def sixteen_is_arbitrary(study: Study, ours: Evidence) -> list[Opinion]:
    """Spread of the mean test accuracies of eight shapes beyond that of permuted seeds: PyTorch, SciPy's bootstrap."""
    from benchmarks.second_opinion import networks

    found = [
        np.array(
            [
                1 - networks.is_wrong(study.weights(shape, seed), study.test).mean()
                for seed in study.seeds(shape)
            ]
        )
        for shape in SHAPES
    ]
    chance = spread_by_chance(found, np.random.default_rng(74))

    def spread(*samples: Any, axis: int) -> Any:
        means = np.stack([np.mean(sample, axis=axis) for sample in samples])
        return means.max(axis=0) - means.min(axis=0) - chance

    return [of_samples(found, spread)]


def spread_by_chance(samples: list[np.ndarray], random: np.random.Generator) -> float:
    """The mean of largest minus smallest mean when all values are permuted among the samples."""
    together, ends = np.concatenate(samples), np.cumsum([len(sample) for sample in samples])[:-1]
    spreads = []
    for _ in range(_PERMUTATIONS):
        means = [part.mean() for part in np.split(random.permutation(together), ends)]
        spreads.append(max(means) - min(means))
    return float(np.mean(spreads))


def forgivable_mistakes(study: Study, ours: Evidence) -> list[Opinion]:
    """Odds ratio of the errors of a network and of the three nearest neighbours: PyTorch, scikit-learn."""
    from benchmarks.second_opinion import networks

    neighbours = KNeighborsClassifier(3).fit(study.train.pixels, study.train.labels)
    hard = neighbours.predict(study.test.pixels) != study.test.labels
    seeds = study.seeds(LESSON)[: ours.parts[0]["n"]]
    ratios = [odds_ratio(networks.is_wrong(study.weights(LESSON, seed), study.test), hard) for seed in seeds]
    return [of_mean(ratios, determined=True)]


def odds_ratio(one: np.ndarray, other: np.ndarray) -> float:
    """Odds ratio of two properties, bool (n,) each, with ½ added to each cell of the table."""
    both, only_one = (one & other).sum() + 0.5, (one & ~other).sum() + 0.5
    only_other, neither = (~one & other).sum() + 0.5, (~one & ~other).sum() + 0.5
    return float(both * neither / (only_one * only_other))
