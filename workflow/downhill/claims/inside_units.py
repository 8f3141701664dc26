"""Numbers by seed and unit in the family *inside*, and units whose fits are drawn."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.claims.measurement import significant
from downhill.experiments.inside_weights import FITTED

Array = NDArray[np.float64]

_MOST_UNITS = 800  # whose numbers are drawn
_RANKS = 5  # units whose fits are drawn, from the best to the worst


def medians_of_units(explained: Array) -> Array:
    """The median over units of each seed (n, units), without units that could not be fitted; NaN if there are none."""
    return np.array(
        [np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in explained]
    )


def means_of_units(values: ArrayLike) -> Array:
    """The mean over units of each seed (n, units), without units where it is undefined; NaN if there are none."""
    rows = np.asarray(values, np.float64)
    return np.array([row[np.isfinite(row)].mean() if np.isfinite(row).any() else np.nan for row in rows])


def some_of(values: ArrayLike) -> list[float]:
    """The finite numbers of all seeds and units, at most so many that single marks can be told apart."""
    known = np.asarray(values, np.float64).ravel()
    known = known[np.isfinite(known)]
    kept = np.unique(np.linspace(0, max(0, len(known) - 1), min(len(known), _MOST_UNITS)).astype(int))
    return [float(f"{one:.4g}") for one in known[kept]]


def examples_of_fits(arrays: dict[str, Any]) -> list[dict[str, Any]]:
    """Units of the first seed with their fits.

    Trained units are those at evenly spaced ranks from the best fit to the worst; each control shows the middle rank.
    """
    found = []
    for place, kind in enumerate(FITTED):
        maps, fits = arrays["maps"][0, place], arrays["fits"][0, place]
        explained = arrays["explained"][0, place, : len(maps)]
        order = np.flatnonzero(np.isfinite(explained))
        order = order[np.argsort(-explained[order], kind="stable")]
        ranks = (
            np.linspace(0, len(order) - 1, min(_RANKS, len(order)))
            if kind == "trained"
            else [len(order) // 2]
        )
        for unit in order[np.unique(np.round(ranks).astype(int))] if len(order) else ():
            found.append(
                {
                    "kind": kind,
                    "unit": int(unit) + 1,
                    "explained": significant(explained[unit], 4),
                    "map": significant(maps[unit], 4),
                    "fit": significant(fits[unit], 4),
                }
            )
    return found
