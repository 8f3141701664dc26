"""Parts of the notes of the family *noise*, in words."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.wording import percent, with_minus


def about_pixels(pixels: dict[str, Any], what: str, edge: str) -> str:
    """Where a mean crosses the edge of its band as pixels are darkened."""
    value, shares = pixels["crossing"].value(), pixels["shares"]
    if np.isnan(value):
        if len(shares) == 1:
            mean = pixels["samples"][0].values.mean()
            shown = percent(mean, 0) if pixels["measure"] == "share" else f"{mean:.2f}"
            return f"with {percent(shares[0], 0)} of the pixels kept and the others dark, {what} is {shown}"
        return (
            f"with {percent(shares[0], 0)} to {percent(shares[-1], 0)} of the pixels kept and the others dark, {what} "
            f"stays on one side of {edge}"
        )
    return f"{what} crosses {edge} where {percent(value, 0)} of the pixels are kept and the others are dark"


def favourites(counts: NDArray[np.int64], classes: tuple[str, ...]) -> str:
    """Which answer is the most frequent one, and of how many seeds, to follow `this answer is`."""
    favourites = np.bincount(counts.argmax(axis=1), minlength=len(classes))
    order = [label for label in np.argsort(-favourites, kind="stable") if favourites[label]]
    n = len(counts)
    if len(order) == 1:
        return f"'{classes[order[0]]}'" + (f" in each of {n} seeds" if n > 1 else "")
    first = f"'{classes[order[0]]}' ({favourites[order[0]]} of {n} seeds)"
    return f"one of {len(order)} classes, most often {first}"


def range_of_seeds(values: Any, digits: int | None = None) -> str:
    """The lowest and the highest number of a single seed; shares as per cent, unless there are `digits`."""
    numbers = np.asarray(values, np.float64)
    low, high = (
        percent(end, 0) if digits is None else with_minus(f"{end:.{digits}f}")
        for end in (numbers.min(), numbers.max())
    )
    return f"single seeds range from {low} to {high}" if len(numbers) > 1 else f"the only seed has {low}"


def range_of_networks(networks: list[dict[str, Any]], kind: str) -> str:
    """The lowest and the highest mean share of a kind that some networks are sure of, with their names."""

    def share(row: dict[str, Any]) -> float:
        return float(np.mean(row["confident"][kind].values))

    return " to ".join(
        f"{percent(share(row), 0)} ('{row['network']}')"
        for row in (pick(networks, key=share) for pick in (min, max))
    )
