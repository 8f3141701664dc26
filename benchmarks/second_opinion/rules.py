"""When does a second opinion agree with the evidence? The rules were fixed before the first comparison."""

import math
import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

ROUNDING, INSIDE, OVERLAP, SAME_SIDE = "rounding", "inside", "overlap", "same side"

TOLERANCE = 1e-3
"""For `ROUNDING`: absolute up to 1, relative beyond."""

_CONFIDENCE = 0.95
_SIDES = {"=": math.isclose, ">": operator.gt, "<": operator.lt}


@dataclass(frozen=True)
class Opinion:
    """The second opinion on one part of a claim.

    Attributes
    ----------
    value, lower, upper
        The statistic, and its 95 % interval over seeds (None with a single seed, or for a universal claim).
    n
        Number of seeds, or of pairs.
    determined
        Whether the networks and the definition determine the number: no random numbers, no choices.
    trained
        Whether PyTorch trained the networks.
    worst
        For a universal claim, the smallest and the largest of all cases.
    tolerance
        For a universal claim, how far the worst cases may be apart.
    """

    value: float
    n: int
    lower: float | None = None
    upper: float | None = None
    determined: bool = False
    trained: bool = False
    worst: tuple[float, float] | None = None
    tolerance: float = math.inf


def of_mean(values: Any, **flags: bool) -> Opinion:
    """Mean of one value per seed, with Student's t interval."""
    sample = np.asarray(values, np.float64)
    mean, half = float(sample.mean()), None
    if len(sample) > 1:
        half = float(stats.t.ppf((1 + _CONFIDENCE) / 2, len(sample) - 1) * stats.sem(sample))
    ends = (None, None) if half is None else (mean - half, mean + half)
    return Opinion(mean, len(sample), *ends, **flags)


def of_share(holds: Any, **flags: bool) -> Opinion:
    """Share of seeds or pairs for which something holds, with Wilson's interval."""
    holds = np.asarray(holds, bool)
    ends = stats.binomtest(int(holds.sum()), len(holds)).proportion_ci(_CONFIDENCE, "wilson")
    return Opinion(float(holds.mean()), len(holds), float(ends.low), float(ends.high), **flags)


def of_samples(samples: Sequence[Any], statistic: Callable[..., Any], **flags: bool) -> Opinion:
    """A statistic of several samples, with a percentile bootstrap interval; it takes the samples and an `axis`."""
    arrays = [np.asarray(sample, np.float64) for sample in samples]
    value, n = float(statistic(*arrays, axis=-1)), sum(map(len, arrays))
    if min(map(len, arrays)) < 2:
        return Opinion(value, n, **flags)
    with np.errstate(all="ignore"):
        ends = stats.bootstrap(
            arrays, statistic, n_resamples=2000, method="percentile", rng=np.random.default_rng(0)
        ).confidence_interval
    return Opinion(value, n, float(ends.low), float(ends.high), **flags)


def of_all(values: Any, n: int, tolerance: float = math.inf, **flags: bool) -> Opinion:
    """Every single case, for a claim about all of them."""
    ends = float(np.min(values)), float(np.max(values))
    return Opinion(ends[0], n, worst=ends, tolerance=tolerance, **flags)


def rule(part: dict[str, Any], opinion: Opinion) -> str:
    """The rule for one part of a claim.

    `ROUNDING`: the networks determine the number, which must be the same up to rounding. `INSIDE`: the number depends
    on random draws or choices, and the second opinion must lie inside our interval. `OVERLAP`: it uses fewer seeds than
    ours or other networks, and its own interval must overlap ours. `SAME_SIDE`: the claim is universal, and the worst
    cases must lie on the same side of the band, not too far apart.
    """
    if opinion.worst is not None:
        return SAME_SIDE
    if opinion.trained or opinion.n != part["n"]:
        return OVERLAP
    return ROUNDING if opinion.determined else INSIDE


def agrees(part: dict[str, Any], opinion: Opinion) -> bool:
    """Whether a second opinion agrees with a part of the evidence, by its `rule`."""
    chosen = rule(part, opinion)
    if chosen == SAME_SIDE:
        ours, theirs = worst_of(part["band"], part["worst"]), worst_of(part["band"], opinion.worst)
        near = abs(ours - theirs) <= (TOLERANCE if opinion.determined else opinion.tolerance)
        return near and satisfies(part["band"], ours) == satisfies(part["band"], theirs)
    if chosen == ROUNDING:
        return abs(number(part, "value") - opinion.value) <= TOLERANCE * max(1, abs(opinion.value))
    lower, upper = number(part, "lower"), number(part, "upper")
    if chosen == OVERLAP and opinion.lower is not None:
        return lower <= opinion.upper and opinion.lower <= upper
    return lower <= opinion.value <= upper


def number(part: dict[str, Any], key: str) -> float:
    """A number of the evidence, where infinite ones are listed by name; NaN if there is none.

    The lower end of a finite value is infinite downwards, all other numbers upwards.
    """
    if key in part["infinite"]:
        return -math.inf if key == "lower" and "value" not in part["infinite"] else math.inf
    return math.nan if part[key] is None else float(part[key])


def worst_of(band: str, worst: Sequence[float]) -> float:
    """The worst case, given the smallest and the largest: the largest for `all < x`, else the smallest."""
    return worst[1] if _sign_and_bound(band)[0] == "<" else worst[0]


def satisfies(band: str, value: float) -> bool:
    """Whether a value lies in a band such as `all = 1` or `all > 0`."""
    sign, bound = _sign_and_bound(band)
    return _SIDES[sign](value, bound)


def _sign_and_bound(band: str) -> tuple[str, float]:
    sign, bound = re.fullmatch(r"all *([=<>]) *(\S+)", band.strip()).groups()
    return sign, float(bound)
