"""Drawings of the family *inside*: how far the ascent gets, where the verdict flips, and the images for figures."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.measurement import significant
from downhill.claims.sweeps import Crossing
from downhill.claims.wording import with_minus
from downhill.experiments.inside_drawings import JUDGES, STARTS

Array = NDArray[np.float64]

_MOST_CLASSES = 10  # whose images are drawn


def crossing_of(samples: dict[float, Array], threshold: float) -> Crossing | None:
    """Where the share crosses the threshold as the weight of the penalty rises; None where it does not."""
    weights = sorted(samples)
    if len(weights) < 2 or weights[0] <= 0:
        return None
    found = Crossing(samples, threshold, logarithmic=True, paired=True)
    return found if np.isfinite(found.value()) else None


def names_of_settings(arrays: dict[str, Any]) -> list[str]:
    """Names of the settings of the ascent."""
    penalties = arrays["smoothness"][0, len(STARTS) :]
    return [*STARTS, *(f"penalty {weight:g}" for weight in penalties)]


def about_climbs(arrays: dict[str, Any]) -> str:
    """How far the ascent from grey gets, compared with real images; nothing without test images."""
    reached, real = float(arrays["reached"][:, 0].mean()), arrays["real"]
    if not np.isfinite(real).any():
        return ""
    usual = float(np.nanmean(real))
    below = "the ascent from grey stops short of real images: " if reached < usual else ""
    own, others = (with_minus(f"{z:.3g}") for z in (reached, usual))
    return f"{below}the output's weighted sum z is {own} on average, compared with {others} on real images"


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
            "z": significant(first["reached"][place], 4),
        }
        for place, name in enumerate(names_of_settings(arrays))
    ]
    return {
        "shape": real.shape[1:],
        "real": [
            None if np.isnan(image).any() else np.round(255 * image).astype(np.uint8).tobytes().hex()
            for image in real
        ],
        "real_z": significant(first["real"], 4),
        "rows": rows,
    }
