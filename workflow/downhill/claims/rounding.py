"""Numbers with few digits, which keep the evidence small."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike


def number_or_none(value: Any) -> float | None:
    """A number with four significant digits; None if it is not finite."""
    return float(f"{float(value):.4g}") if np.isfinite(value) else None


def rounded_lists(values: ArrayLike) -> list[Any]:
    """An array as nested lists with four significant digits; None for NaN."""
    array = np.asarray(values, np.float64)
    flat = [number_or_none(value) for value in array.ravel()]
    shaped = np.empty(array.size, object)
    shaped[:] = flat
    return shaped.reshape(array.shape).tolist()  # type: ignore[no-any-return]
