"""Steps of many sizes, and a descent on a slice of the cost surface, in the family *cost*."""

import math
import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.measurement import Sample, significant
from downhill.claims.sweeps import Crossing
from downhill.claims.wording import counted

Array = NDArray[Any]

_HALF = 0.5  # share of the steps that fail at the crossing


def lowers(arrays: dict[str, Array]) -> Array:
    """Whether steps lower the cost, 1 or 0, (seeds, points, multiples); NaN where no step was made."""
    change = arrays["change"]
    made = np.ones(change.shape, bool) if arrays["by_rate"].all() else (arrays["eigenvalue"] > 0)[:, :, None]
    return np.where(made & np.ones_like(change, bool), (change < 0).astype(np.float64), np.nan)


def sweep_of(name: str, arrays: dict[str, Array]) -> dict[str, Any]:
    """Shares of steps that lower the cost by the size of the step, for one network, and where half of them fail."""
    multiples, shares = arrays["multiple"][0], shares_by_multiple(arrays)
    known = shares[np.isfinite(shares).all(axis=1)]
    made = np.isfinite(lowers(arrays)).all(axis=2)
    return {
        "network": name,
        "activation": str(arrays["activation"][0]),
        "by_rate": bool(arrays["by_rate"].all()),
        "multiples": multiples,
        "shares": [Sample(column) for column in shares.T],
        "crossing": _crossing(multiples, known),
        "points": int(made.sum()),
        "left_out": int((~made).sum()),
    }


def about_steps(
    arrays: dict[str, Array], steps: int, lowered: int, most: float, sweep: list[dict[str, Any]]
) -> str:
    """What happens to steps of all sizes, for the network of the verdict and for the others."""
    own = sweep[0]
    size = "rates" if own["by_rate"] else "c (the learning rate divided by 2/λ)"
    note = f"{lowered:,} of {counted(steps, 'step')} with {size} up to {most:g} lower the cost"
    if own["left_out"]:
        note += f" (not counting {counted(own['left_out'], 'point')} without such a rate)"
    note += f"; {_where_half_fail(own)}"
    note += _by_epoch(arrays)
    if not own["by_rate"]:
        curvature = arrays["eigenvalue"][arrays["eigenvalue"] > 0]
        rates = arrays["learning_rate"][0] * curvature / 2
        note += (
            f"; λ lies between {curvature.min():.2g} and {curvature.max():.2g}, so the network's own rate of "
            f"{arrays['learning_rate'][0]:g} corresponds to c = {rates.min():.2g} to {rates.max():.2g}"
        )
    for one in sweep[1:]:
        note += f"; with {one['activation']} units ('{one['network']}'), {_where_half_fail(one)}"
        note += " (in these networks, only the output layer has a gradient)" if one["by_rate"] else ""
        note += f", not counting {counted(one['left_out'], 'point')}" if one["left_out"] else ""
    return note


def descent_of(arrays: dict[str, Array], seed: int) -> dict[str, Any] | None:
    """A slice of the cost surface with the projected descent of the first seed; None if it has no plane."""
    if not np.isfinite(arrays["cost"][0]).any():
        return None
    x, y, path = (arrays[name][0] for name in ("x", "y", "path"))
    along, across = (_decimals(float(extent)) for extent in np.ptp(path, axis=0))
    rounded = {"x": np.round(x, along), "y": np.round(y, across)}
    return rounded | {
        "path": np.stack([np.round(path[:, 0], along), np.round(path[:, 1], across)], axis=1),
        "cost": significant(arrays["cost"][0], 4),
        "path_cost": significant(arrays["path_cost"][0], 4),
        "epoch": arrays["epoch"][0],
        "share": float(arrays["share"][0]),
        "seed": seed,
        "n_images": int(arrays["images"][0]),
    }


def shares_by_multiple(arrays: dict[str, Array]) -> Array:
    """Share of a seed's points from which a step lowers the cost, (seeds, multiples); NaN without any."""
    with warnings.catch_warnings(category=RuntimeWarning, action="ignore"):  # the mean of nothing
        return np.asarray(np.nanmean(lowers(arrays), axis=1))


def _crossing(multiples: Array, shares: Array) -> Crossing | None:
    """Where half of the steps fail, from shares (seeds, multiples); None if that is at none of these sizes."""
    if not len(shares):
        return None
    samples = dict(zip(multiples.tolist(), shares.T, strict=True))
    found = Crossing(samples, _HALF, logarithmic=True, paired=True)
    return found if np.isfinite(found.value()) else None


def _where_half_fail(one: dict[str, Any]) -> str:
    """At which size half of all steps fail to lower the cost, in words."""
    if one["crossing"] is not None:
        size = "a rate of" if one["by_rate"] else "c ="
        return f"half of all steps fail to lower the cost at {size} {one['crossing'].value():.2g}"
    low, high = (f"{one['multiples'][end]:g}" for end in (0, -1))
    shares = np.array(
        [np.nanmean(sample.values) for sample in one["shares"] if np.isfinite(sample.values).any()]
    )
    if not len(shares):
        return "no step could be made"
    most = "exactly" if shares[0] == _HALF else "more than" if shares[0] > _HALF else "fewer than"
    return f"{most} half of all steps lower the cost at every {_symbol(one['by_rate'])} from {low} to {high}"


def _by_epoch(arrays: dict[str, Array]) -> str:
    """How large steps may be from each point of the descent: the largest size up to which all steps lower the cost."""
    all_lower = np.cumprod(np.nan_to_num(lowers(arrays)), axis=2).sum(axis=2).astype(int)  # (seeds, points)
    multiples = arrays["multiple"][0]
    sizes = np.concatenate([[0.0], multiples])[all_lower]
    made = np.asarray(np.isfinite(lowers(arrays)).all(axis=2))
    found = []
    for point, epoch in enumerate(arrays["epoch"][0]):
        if made[:, point].any():
            longest = np.median(sizes[made[:, point], point])
            found.append(f"{longest:g}{' or more' if longest == multiples[-1] else ''} at epoch {epoch}")
    largest = f"the largest {_symbol(bool(arrays['by_rate'].all()))} up to which all steps lower the cost"
    return f"; {largest} is {', '.join(found)} (median over seeds)" if found else ""


def _symbol(by_rate: bool) -> str:
    """What the size of a step is called."""
    return "rate" if by_rate else "c"


def _decimals(extent: float) -> int:
    """How many decimals of a coordinate are kept: 4, or more on a path that is shorter than its unit."""
    return max(4, 4 - math.floor(math.log10(extent)))
