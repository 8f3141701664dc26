"""How straight a curve falls: a least-squares line through the part in which it falls."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray


class Line(NamedTuple):
    """y ≈ intercept + slope · x, with the share of the variance of y that it explains, R²."""

    intercept: float
    slope: float
    r_squared: float


_NO_LINE = Line(np.nan, np.nan, np.nan)


def places_of_fall(y: ArrayLike, share: float) -> int:
    """The number of values from the first one until a share of the fall to the lowest value has happened.

    It is at least 3 (or all values, if there are fewer), since a line through two values says nothing about
    straightness; and 0 if no value is lower than the first.
    """
    values = np.asarray(y, np.float64)
    fall = values[0] - values.min()
    if not fall > 0:
        return 0
    # The lowest value always counts, whatever rounding does to the last digit.
    reached = (values <= values[0] - share * fall) | (values == values.min())
    return min(len(values), max(3, int(reached.argmax()) + 1))


def line(x: ArrayLike, y: ArrayLike) -> Line:
    """The least-squares line through points (n,); NaN with fewer than three, or if all x or all y are the same."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return _NO_LINE
    slope = float(_centred(x) @ _centred(y) / (_centred(x) @ _centred(x)))
    intercept = float(y.mean() - slope * x.mean())
    rest = y - intercept - slope * x
    return Line(intercept, slope, float(1 - rest @ rest / (_centred(y) @ _centred(y))))


def line_of_fall(x: ArrayLike, y: ArrayLike, share: float) -> Line:
    """The line through the part of a curve in which that share of its fall happens; see `places_of_fall`."""
    places = places_of_fall(y, share)
    return line(np.asarray(x)[:places], np.asarray(y)[:places])


def _centred(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(values - values.mean())
