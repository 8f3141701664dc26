"""What statistics of the family *inside* are made of: numbers and images for their figures, and parts of notes."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.claims.measurement import Sample
from downhill.claims.sweeps import Crossing
from downhill.claims.wording import percent
from downhill.experiments.inside import FITTED, JUDGES, STARTS

Array = NDArray[np.float64]

_MOST_UNITS = 800  # whose numbers are drawn
_RANKS = 5  # units whose fits are drawn, from the best to the worst
_MOST_CLASSES = 10  # whose images are drawn


def medians_of_units(explained: Array) -> Array:
    """The median over units of each seed (n, units), without units that could not be fitted; NaN if there are none."""
    return np.array(
        [np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in explained]
    )


def means_of_units(values: ArrayLike) -> Array:
    """The mean over units of each seed (n, units), without units where it is undefined; NaN if there are none."""
    rows = np.asarray(values, np.float64)
    return np.array([row[np.isfinite(row)].mean() if np.isfinite(row).any() else np.nan for row in rows])


def mean_text(values: ArrayLike) -> str:
    """The mean of the numbers that are defined, as text."""
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    return f"{round(known.mean(), 2) + 0.0:.2f}" if len(known) else "undefined"  # + 0.0: zero without a sign


def some_of(values: ArrayLike) -> list[float]:
    """The finite numbers of all seeds and units, at most so many that single marks can be told apart."""
    known = np.asarray(values, np.float64).ravel()
    known = known[np.isfinite(known)]
    kept = np.unique(np.linspace(0, max(0, len(known) - 1), min(len(known), _MOST_UNITS)).astype(int))
    return [float(f"{one:.4g}") for one in known[kept]]


def number_or_none(value: Any) -> float | None:
    """A number for JSON; None if it is not finite."""
    return float(f"{float(value):.4g}") if np.isfinite(value) else None


def rounded_lists(values: ArrayLike) -> list[Any]:
    """An array as nested lists with four significant digits; None for NaN."""
    array = np.asarray(values, np.float64)
    flat = [number_or_none(value) for value in array.ravel()]
    shaped = np.empty(array.size, object)
    shaped[:] = flat
    return shaped.reshape(array.shape).tolist()  # type: ignore[no-any-return]


def examples_of_fits(arrays: dict[str, Any]) -> list[dict[str, Any]]:
    """Units of the first seed with their fits: trained ones from the best to the worst, and one of each control."""
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
                    "explained": number_or_none(explained[unit]),
                    "map": rounded_lists(maps[unit]),
                    "fit": rounded_lists(fits[unit]),
                }
            )
    return found


def gains_of_other_sets(arrays: dict[str, Any], classes: tuple[str, ...]) -> list[dict[str, Any]]:
    """For each other set of classes, its names and what layer 2 gains on the random features."""
    found = []
    for place, labels in enumerate(arrays["other_sets"][0]):
        gain = arrays["others"][:, place, 0] - arrays["others"][:, place, 1]
        if np.isfinite(gain).all():
            found.append(
                {"classes": [classes[label] for label in labels], "gain": Sample(gain, limited=False)}
            )
    return found


def crossing_of(samples: dict[float, Array], threshold: float) -> Crossing | None:
    """Where the share crosses the threshold as the weight of the penalty rises; None where it does not."""
    weights = sorted(samples)
    if len(weights) < 2 or weights[0] <= 0:
        return None
    found = Crossing(samples, threshold, logarithmic=True, paired=True)
    return found if np.isfinite(found.value()) else None


def about_climbs(arrays: dict[str, Any], own: Array) -> str:
    """How far the ascent from grey gets, and what the networks themselves answer: the first part of the note."""
    reached, real = float(arrays["reached"][:, 0].mean()), arrays["real"]
    found = f"the networks themselves recognise {percent(own.mean(), 0)} of these images"
    if np.isfinite(real).any():
        usual = float(np.nanmean(real))
        below = "the ascent from grey stops short of real images: " if reached < usual else ""
        found = f"{below}z is {reached:.3g} on average, compared with {usual:.3g} on real images; {found}"
    return f"{found}; "


def names_of_settings(arrays: dict[str, Any]) -> list[str]:
    """Names of the settings of the ascent."""
    penalties = arrays["smoothness"][0, len(STARTS) :]
    return [*STARTS, *(f"penalty {weight:g}" for weight in penalties)]


def drawings_of(arrays: dict[str, Any]) -> dict[str, Any]:
    """Drawings of the first seed by setting, and real images; each as the hexadecimal digits of its pixels."""
    first = {key: arrays[key][0, ..., :_MOST_CLASSES] for key in ("reached", "real")}
    real = arrays["typical"][0, :_MOST_CLASSES]
    rows = [
        {
            "setting": name,
            "images": [image.tobytes().hex() for image in arrays["drawn"][0, place, :_MOST_CLASSES]],
            "called": {
                judge: arrays["called"][0, row, place, :_MOST_CLASSES] for row, judge in enumerate(JUDGES)
            },
            "z": rounded_lists(first["reached"][place]),
        }
        for place, name in enumerate(names_of_settings(arrays))
    ]
    return {
        "shape": real.shape[1:],
        "real": [
            None if np.isnan(image).any() else np.round(255 * image).astype(np.uint8).tobytes().hex()
            for image in real
        ],
        "real_z": rounded_lists(first["real"]),
        "rows": rows,
    }
