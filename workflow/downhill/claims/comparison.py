"""Published single runs: a value from one run by somebody else, compared with the spread of our runs."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from downhill.claims.parts import SEEDS, NotMeasuredError
from downhill.claims.wording import FEWEST_SEEDS, RANGE, counted
from downhill.config.settings import Statistics

_LEVEL, _STRICT_LEVEL = 0.05, 0.001


@dataclass(frozen=True)
class Comparison:
    """A published value among our runs.

    Attributes
    ----------
    value
        The published value.
    below
        Number of our runs below it; a tie counts half.
    n
        Number of our runs.
    """

    value: float
    below: float
    n: int

    @classmethod
    def of(cls, value: float, runs: ArrayLike) -> "Comparison":
        """Compare a published value with our runs (n,); they are equal if only rounding errors differ.

        (The difference of two accuracies, 0.9786 and 0.9533, is not exactly 0.0253.)
        """
        ours = np.asarray(runs, np.float64)
        is_equal = np.isclose(ours, value, rtol=1e-12, atol=1e-15)
        below = np.count_nonzero((ours < value) & ~is_equal) + np.count_nonzero(is_equal) / 2
        return cls(value, float(below), len(ours))

    @property
    def p(self) -> float:
        """Probability of a rank at least as extreme if the published run is like ours: an exact rank test.

        If all n + 1 runs come from the same distribution, the rank of the published one is uniform. With k runs below
        it, p = 2 · min(k + 1, n − k + 1) / (n + 1), at most 1.
        """
        return min(1.0, 2 * min(self.below + 1, self.n - self.below + 1) / (self.n + 1))

    @property
    def reproduced(self) -> bool | None:
        """Whether it is compatible with our runs (p > 0.05); None with too few runs to tell."""
        return self.p > _LEVEL if self.n >= FEWEST_SEEDS else None

    def sentence(self) -> str:
        """The outcome in words, for a note."""
        are = "is" if self.n == 1 else "are"
        runs = f"{self.below:g} of our {counted(self.n, 'run')} {are} below the published one"
        if self.reproduced is None:
            return f"{runs}, too few runs to say whether it is reproduced (at least {FEWEST_SEEDS})"
        return (
            f"{runs}: it is {'' if self.reproduced else 'not '}reproduced as a single run (p = {self.p:.2g})"
        )

    def described(self, settings: Statistics) -> dict[str, Any]:
        """For the data of a figure: the attributes, `p` and `reproduced`."""
        return asdict(self) | {"p": self.p, "reproduced": self.reproduced}


@dataclass(frozen=True)
class SingleRun:
    """The part of a measurement that compares one published run with ours.

    Attributes
    ----------
    published
        The published value.
    runs
        Ours, (n,).
    covers
        The sources of variation between our runs.
    of
        What one of our runs is: a seed, or a group of seeds of which it is the best.
    """

    published: float
    runs: ArrayLike
    covers: tuple[str, ...] = (SEEDS,)
    of: str = "seed"

    def estimate(self, settings: Statistics) -> dict[str, Any]:
        """As `Part.estimate`: the mean of our runs and, in place of an interval, the range of single runs.

        `published` is the comparison (`Comparison.described`), with `sentence` and `holds`: whether it is not
        reproduced at the stricter level either.
        """
        runs = np.asarray(self.runs, np.float64)
        if not len(runs):
            raise NotMeasuredError("there is no run")
        if not np.isfinite(runs).all():
            raise NotMeasuredError("a run is not a finite number")
        comparison = Comparison.of(self.published, runs)
        lower, upper = single_runs(runs)
        return {
            "value": float(runs.mean()),
            "lower": lower,
            "upper": upper,
            "n": len(runs),
            "fewest": len(runs),
            "of": self.of,
            "exact": False,
            "worst": None,
            "infinite": [],
            "covers": list(self.covers),
            "method": RANGE,
            "strict": None,
            "further": None,
            "published": comparison.described(settings)
            | {"sentence": comparison.sentence(), "holds": comparison.p <= _STRICT_LEVEL},
        }


def single_runs(runs: ArrayLike) -> tuple[float, float] | tuple[None, None]:
    """The smallest and largest value that our runs (n,) reproduce (see `Comparison`); None with too few runs.

    With n runs, p > 0.05 for every value between the m-th smallest and the m-th largest run, m = ⌊(n + 1) / 40⌋, and
    for none outside: a further run lies within this range with a probability of about 95 %, whatever the distribution.
    """
    ours = np.sort(np.asarray(runs, np.float64))
    if len(ours) < FEWEST_SEEDS:
        return None, None
    rank = (len(ours) + 1) // 40
    return float(ours[rank - 1]), float(ours[-rank])
