"""What the figures of the family *cost* draw, and the sentences of its notes."""

import math
import warnings
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.measurement import Sample
from downhill.claims.sweeps import Crossing
from downhill.claims.wording import counted, percent
from downhill.datasets.dataset import NO_CLASS, Images
from downhill.experiments.cost import KINDS

Array = NDArray[Any]

_BINS, _COLUMNS = 36, 12  # of the map of costs; each column is as wide as three bins
_CHEAPEST = 0.01  # share of the images that may be drawn at the left end
_GALLERY = 15  # images whose cost rose
_HALF = 0.5  # share of the steps that fail at the crossing


def map_of_costs(cost: Array, answer: Array, images: Images, classes: Sequence[str]) -> dict[str, Any]:
    """Costs of test images on a logarithmic axis: counts by bin, right and wrong, and one image of each column.

    The axis begins at the first percentile; images with a lower cost (`cheaper`) are counted there. An image of no
    class is neither right nor wrong; it is left out.
    """
    classed = np.flatnonzero(images.labels != NO_CLASS)
    cost, answer, labels = cost[classed], answer[classed], images.labels[classed]
    positive = cost[cost > 0]
    place = np.log10(np.maximum(cost, positive.min() if len(positive) else 1.0).astype(np.float64))
    place = np.maximum(place, np.quantile(place, _CHEAPEST, method="higher"))
    low, high = float(place.min()), float(place.max())
    cheaper = int((cost < 10**low * (1 - 1e-9)).sum())
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    edges, columns = (np.linspace(low, high, count + 1) for count in (_BINS, _COLUMNS))
    shown = []
    for left, right in pairwise(columns):
        middle = (left + right) / 2
        nearest = int(np.abs(place - middle).argmin())
        if left <= place[nearest] <= right:
            shown.append(
                {
                    "at": middle,
                    "image": int(classed[nearest]),
                    "pixels": _pixels(images, classed[nearest]),
                    "cost": float(cost[nearest]),
                    "label": classes[labels[nearest]],
                    "answer": classes[answer[nearest]],
                }
            )
    counts = {
        name: np.histogram(place[chosen], edges)[0]
        for name, chosen in (("right", answer == labels), ("wrong", answer != labels))
    }
    return {
        "edges": np.round(edges, 6),
        "counts": counts,
        "images": shown,
        "column": (high - low) / _COLUMNS,
        "cheaper": cheaper,
    }


def about_rises(rose: Array, unchanged: int) -> str:
    """How many images' costs rose, by seed (seeds,), and for how many it stayed the same."""
    low, high = int(rose.min()), int(rose.max())
    found = f"the cost of {counted(high, 'image')} rose" if high else "the cost of no image rose"
    if high and low == high and len(rose) > 1:
        found += " for every seed"
    if low != high:
        found = f"the cost of {low:,} to {counted(high, 'image')} rose, depending on the seed"
    return found + (f", and {counted(unchanged, 'cost')} over all seeds stayed the same" if unchanged else "")


def changes_of(change: Array) -> dict[str, Any]:
    """Changes of the costs of one seed's images: counts by bin, with 0 at an edge, and how many fell or rose."""
    low, high = min(0.0, float(change.min())), max(0.0, float(change.max()))
    width = (high - low) / 50 or 0.02
    edges = width * np.arange(np.floor(low / width), np.ceil(high / width) + 1)
    if len(edges) < 2:
        edges = np.array([-width, 0.0, width])
    # Rounding may leave the last edge just short of the largest change.
    counts, _ = np.histogram(np.clip(change[change != 0], edges[0], edges[-1]), edges)
    return {
        "edges": edges,
        "counts": counts,
        "fell": int((change < 0).sum()),
        "rose": int((change > 0).sum()),
        "same": int((change == 0).sum()),
    }


def gallery_of_rises(
    start: Array, change: Array, images: Images, classes: Sequence[str]
) -> list[dict[str, Any]]:
    """The images whose cost rose most, the largest rise first."""
    order = np.argsort(-change, kind="stable")[:_GALLERY]
    return [
        {
            "image": int(place),
            "pixels": _pixels(images, place),
            "label": classes[images.labels[place]] if images.labels[place] != NO_CLASS else "no class",
            "start": float(start[place]),
            "end": float(start[place] + change[place]),
        }
        for place in order
        if change[place] > 0
    ]


def segments_of(gaps: dict[str, Array]) -> dict[str, list[list[list[float]]]]:
    """(C(midpoint) − mean) / mean of all segments of all seeds, by cost and kind, with four digits."""
    return {
        name: [
            [[float(f"{one:.4g}") for one in gap[:, loss, kind].ravel()] for kind in range(gap.shape[2])]
            for loss in range(gap.shape[1])
        ]
        for name, gap in gaps.items()
    }


def about_weights(gaps: Array, shares: Array) -> str:
    """How far the cost is from convex as a function of the weights: (seeds, costs, kinds, segments) and shares."""
    kinds = " and ".join(
        f"{percent(shares[:, :, kind].mean(), 1)} of segments {name}" for kind, name in enumerate(KINDS)
    )
    worst = float(gaps.max())
    if (shares == 1).all():
        return f"as a function of weights, the midpoint costs at most the mean of both ends on {kinds}"
    return (
        f"as a function of weights, the midpoint costs at most the mean of both ends on {kinds}; at worst, it costs "
        f"{percent(worst, 1)} more"
    )


def lowers(arrays: dict[str, Array]) -> Array:
    """Whether steps lower the cost, 1 or 0, (seeds, points, multiples); NaN where no step was made."""
    change = arrays["change"]
    made = np.ones(change.shape, bool) if arrays["by_rate"].all() else (arrays["eigenvalue"] > 0)[:, :, None]
    return np.where(made & np.ones_like(change, bool), (change < 0).astype(np.float64), np.nan)


def shares_by_multiple(arrays: dict[str, Array]) -> Array:
    """Share of a seed's points from which a step lowers the cost, (seeds, multiples); NaN without any."""
    with warnings.catch_warnings(category=RuntimeWarning, action="ignore"):  # the mean of nothing
        return np.asarray(np.nanmean(lowers(arrays), axis=1))


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


def _crossing(multiples: Array, shares: Array) -> Crossing | None:
    """Where half of the steps fail, from shares (seeds, multiples); None if that is at none of these sizes."""
    if not len(shares):
        return None
    samples = dict(zip(multiples.tolist(), shares.T, strict=True))
    found = Crossing(samples, _HALF, logarithmic=True, paired=True)
    return found if np.isfinite(found.value()) else None


def about_steps(
    arrays: dict[str, Array], steps: int, lowered: int, most: float, sweep: list[dict[str, Any]]
) -> str:
    """What happens to steps of all sizes, for the network of the verdict and for the others."""
    own = sweep[0]
    size = "rates" if own["by_rate"] else "c (the rate over 2/λ)"
    note = f"{lowered:,} of {counted(steps, 'step')} with {size} up to {most:g} lower the cost"
    if own["left_out"]:
        note += f" ({counted(own['left_out'], 'point')} left out for lack of such a rate)"
    note += f"; {_where_half_fail(own)}"
    note += _by_epoch(arrays)
    if not own["by_rate"]:
        curvature = arrays["eigenvalue"][arrays["eigenvalue"] > 0]
        rates = arrays["learning_rate"][0] * curvature / 2
        note += (
            f"; λ is {curvature.min():.2g} to {curvature.max():.2g}, so the network's own rate of "
            f"{arrays['learning_rate'][0]:g} is c = {rates.min():.2g} to {rates.max():.2g}"
        )
    for one in sweep[1:]:
        note += f"; with {one['activation']} units ('{one['network']}'), {_where_half_fail(one)}"
        note += f", {counted(one['left_out'], 'point')} left out" if one["left_out"] else ""
    return note


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
    symbol = "rate" if arrays["by_rate"].all() else "c"
    median = f"the median {symbol} up to which all steps lower the cost"
    return f"; {median} is {', '.join(found)}" if found else ""


def descent_of(arrays: dict[str, Array], seed: int) -> dict[str, Any] | None:
    """A slice of the cost surface with the projected descent of the first seed; None if it has no plane."""
    if not np.isfinite(arrays["cost"][0]).any():
        return None
    x, y, path = (arrays[name][0] for name in ("x", "y", "path"))
    along, across = (_decimals(float(extent)) for extent in np.ptp(path, axis=0))
    rounded = {"x": np.round(x, along), "y": np.round(y, across)}
    return rounded | {
        "path": np.stack([np.round(path[:, 0], along), np.round(path[:, 1], across)], axis=1),
        "cost": [[float(f"{one:.4g}") for one in row] for row in arrays["cost"][0]],
        "path_cost": [float(f"{one:.4g}") for one in arrays["path_cost"][0]],
        "epoch": arrays["epoch"][0],
        "share": float(arrays["share"][0]),
        "seed": seed,
        "n_images": int(arrays["images"][0]),
    }


def _decimals(extent: float) -> int:
    """How many decimals of a coordinate are kept: 4, or more on a path that is shorter than its unit."""
    return max(4, 4 - math.floor(math.log10(extent)))


def _where_half_fail(one: dict[str, Any]) -> str:
    """At which size half of all steps fail, in words."""
    size = "a rate of" if one["by_rate"] else "c ="
    if one["crossing"] is not None:
        return f"half of all steps fail at {size} {one['crossing'].value():.2g}"
    low, high = (f"{one['multiples'][end]:g}" for end in (0, -1))
    shares = np.array(
        [np.nanmean(sample.values) for sample in one["shares"] if np.isfinite(sample.values).any()]
    )
    if not len(shares):
        return "no step could be made"
    most = "exactly" if shares[0] == _HALF else "more than" if shares[0] > _HALF else "fewer than"
    return f"{most} half of all steps lower the cost at every size from {size} {low} to {high}"


def _pixels(images: Images, place: Any) -> Array:
    """The pixels of an image as 0 … 255."""
    pixels = np.asarray(images.images[place])
    return pixels if pixels.dtype == np.uint8 else np.asarray(np.clip(255 * pixels, 0, 255), np.uint8)
