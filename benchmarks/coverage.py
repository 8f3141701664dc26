"""How often intervals contain the truth, and how often the suggested number of seeds decides, by simulation.

    python -m benchmarks.coverage

Prints the coverage of the package's intervals at a nominal 95 %, beside that of a percentile bootstrap. Then the
share of new studies that are decided with the number of seeds that `seeds_to_decide` names, beside the number with
which half of the interval would just reach the edge of the band. Takes less than a minute.
"""

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from downhill.claims.inference import Interval, bootstrap_intervals, mean_intervals, proportion_intervals
from downhill.claims.verdicts import seeds_to_decide, verdict
from downhill.config.band import Band
from downhill.config.settings import Statistics

SETTINGS = Statistics(resamples=1000)
SEEDS = (5, 10, 12, 20, 40)
REPEATS = 1000

Array = NDArray[np.float64]
Draw = Callable[[np.random.Generator, tuple[int, ...]], Array]


def normal(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Normal values."""
    return random.normal(size=shape)


def left_skewed(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """One value in ten is five standard deviations too low, like the seeds that never learn some digit."""
    return random.normal(size=shape) - 5 * (random.random(shape) < 0.1)


def rarely_stuck(random: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """In the first of two samples, one value in twenty is fifty standard deviations too low."""
    values = random.normal(size=shape)
    values[0] -= 50 * (random.random(shape[1:]) < 0.05)
    return values


def ratio(first: Array, second: Array, axis: int) -> Array:
    """Ratio of two standard deviations."""
    return np.asarray(np.std(first, axis=axis, ddof=1) / np.std(second, axis=axis, ddof=1))


def percentile(samples: list[Array], statistic: Callable[..., Any]) -> Interval:
    """The percentile bootstrap."""
    with np.errstate(all="ignore"):
        drawn = [x[np.random.default_rng(0).integers(0, len(x), (1000, len(x)))] for x in samples[:1]]
        drawn += [x[np.random.default_rng(1).integers(0, len(x), (1000, len(x)))] for x in samples[1:]]
        found = statistic(*drawn, axis=-1)
    return Interval(*(float(end) for end in np.nanquantile(found, [0.025, 0.975], method="nearest")))


def intervals(kind: str, draw: Draw, n: int) -> Iterator[tuple[Interval, Interval, float]]:
    """Of simulated studies: the percentile interval, the package's, and the truth."""
    random = np.random.default_rng(n)
    truth = {"mean": 0.0 if draw is normal else -0.5, "median": 0.0, "ratio of sd": 1.0}[kind]
    if draw is rarely_stuck:
        truth = math.sqrt(1 + 50**2 * 0.05 * 0.95)
    if kind == "median" and draw is not normal:
        truth = float(np.median(draw(random, (4_000_000,))))
    for _ in range(REPEATS):
        first, second = draw(random, (2, n))
        if kind == "mean":
            found = mean_intervals(first, SETTINGS)
            yield percentile([first], np.mean), found.usual, truth  # type: ignore[union-attr]
        elif kind == "median":
            found = bootstrap_intervals([first], np.median, SETTINGS)
            yield percentile([first], np.median), found.usual, truth  # type: ignore[union-attr]
        else:
            found = bootstrap_intervals([first, second], ratio, SETTINGS)
            yield percentile([first, second], ratio), found.usual, truth  # type: ignore[union-attr]


def proportions(n: int) -> tuple[float, float]:
    """Exact coverage for a share of seeds, mean over true shares from 0.02 to 0.98: percentile bootstrap and Wilson."""
    both = ([], [])
    for p in np.linspace(0.02, 0.98, 97):
        weights = stats.binom.pmf(range(n + 1), n, p)
        ours = [proportion_intervals(k, n, SETTINGS).usual for k in range(n + 1)]
        plain = [Interval(*(stats.binom.ppf([0.025, 0.975], n, k / n) / n)) for k in range(n + 1)]
        for found, ends in zip(both, (plain, ours), strict=True):
            found.append(sum(w for w, (low, high) in zip(weights, ends, strict=True) if low <= p <= high))
    return float(np.mean(both[0])), float(np.mean(both[1]))


def decided(mean: float, band: Band, n: int) -> tuple[float, float]:
    """Share of new studies that are decided: with the number that just reaches the edge, and with the package's."""
    random = np.random.default_rng(n)
    half = float(stats.t.ppf(0.975, n - 1)) / math.sqrt(n)
    edges = [edge for edge in (band.lower, band.upper) if math.isfinite(edge)]
    just = math.ceil(n * (half / min(abs(mean - edge) for edge in edges)) ** 2)
    shares = []
    for count in (just, seeds_to_decide(mean, Interval(mean - half, mean + half), band, n, 0.95) or 2):
        studies = random.normal(mean, 1, (REPEATS, count))
        found = [
            verdict(x.mean(), mean_intervals(x, SETTINGS).usual, band)
            for x in studies  # type: ignore[union-attr]
        ]
        shares.append(float(np.mean([each != "undecided" for each in found])))
    return shares[0], shares[1]


def main() -> None:
    """Print both tables."""
    print("Coverage at a nominal 95 %: percentile bootstrap → the package's interval")
    print(f"{'':28}" + "".join(f"n = {n:<10}" for n in SEEDS))
    draws: tuple[tuple[str, Draw], ...] = (("normal", normal), ("left-skewed", left_skewed))
    for kind in ("mean", "median", "ratio of sd"):
        for name, draw in draws if kind != "ratio of sd" else (*draws, ("rarely stuck", rarely_stuck)):
            cells = []
            for n in SEEDS:
                hits = [
                    [low <= truth <= high for low, high in (plain, ours)]
                    for plain, ours, truth in intervals(kind, draw, n)
                ]
                before, after = np.mean(hits, axis=0)
                cells.append(f"{before:.2f} → {after:.2f}   ")
            print(f"{kind + ', ' + name:28}{''.join(cells)}")
    cells = ["{:.2f} → {:.2f}   ".format(*proportions(n)) for n in SEEDS]
    print(f"{'proportion':28}{''.join(cells)}")
    print(
        "\nShare of new studies that are decided with the suggested number of seeds, if the value is the truth"
    )
    for text, mean in (("> 0", 0.25), ("-0.6 to 0.6", 0.0), ("-0.6 to 0.6", 0.45)):
        cells = ["{:.2f} → {:.2f}   ".format(*decided(mean, Band.parse(text), n)) for n in SEEDS]
        print(f"{f'{mean:g} sd, band {text}':28}{''.join(cells)}")


if __name__ == "__main__":
    main()
