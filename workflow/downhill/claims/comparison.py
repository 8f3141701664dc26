"""Published single runs: a value from one run by somebody else, compared with the spread of our runs."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from downhill.claims.wording import counted
from downhill.config.settings import Statistics

FEWEST_SEEDS = 39
"""With fewer, even a value beyond all of our runs could be chance at the 5 % level: 2 / (n + 1) > 0.05."""

_LEVEL = 0.05


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
        """Compare a published value with our runs (n,)."""
        ours = np.asarray(runs, np.float64)
        below = np.count_nonzero(ours < value) + np.count_nonzero(ours == value) / 2
        return cls(value, float(below), len(ours))

    @property
    def p(self) -> float:
        """Probability of a value at least as far out if the published run is one like ours: an exact rank test.

        If all n + 1 runs are alike, the rank of the published one is uniform; p = 2 · min(k + 1, n − k + 1) / (n + 1),
        at most 1, with k runs below it.
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
