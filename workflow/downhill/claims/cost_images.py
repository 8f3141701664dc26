"""Costs of single images in the family *cost*: their distribution, how they change, and examples."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.wording import counted
from downhill.datasets.dataset import NO_CLASS, Images

Array = NDArray[Any]

_BINS, _COLUMNS = 36, 12  # of the map of costs; each column is as wide as three bins
_CHEAPEST = 0.01  # share of the images that may be drawn at the left end
_GALLERY = 15  # images whose cost rose


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


def about_rises(rose: Array, unchanged: int) -> str:
    """How many images' costs rose, by seed (seeds,), and how many stayed the same, in words."""
    low, high = int(rose.min()), int(rose.max())
    found = f"the cost of {counted(high, 'image')} rose" if high else "the cost of no image rose"
    if high and low == high and len(rose) > 1:
        found += " for every seed"
    if low != high:
        found = f"the cost of {low:,} to {counted(high, 'image')} rose, depending on the seed"
    return found + (
        f", and {counted(unchanged, 'cost')} stayed the same, counting all seeds" if unchanged else ""
    )


def _pixels(images: Images, place: Any) -> Array:
    """The pixels of an image as 0 … 255."""
    pixels = np.asarray(images.images[place])
    return pixels if pixels.dtype == np.uint8 else np.asarray(np.clip(255 * pixels, 0, 255), np.uint8)
