"""Axes whose ticks are in decades: their limits and labels."""

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.ticker import NullLocator
from numpy.typing import ArrayLike

from downhill.claims.wording import with_minus
from downhill.figures import style


def in_decades_of(ax: Axes, threshold: float, shares: Sequence[ArrayLike]) -> None:
    """An axis for shares of the highest eigenvalue: linear up to the threshold, and logarithmic beyond it.

    With a threshold of 0 it is linear up to 1 %.
    """
    threshold = threshold or 0.01
    low, high = style.span(*shares, -threshold, threshold, margin=0)
    ax.set_yscale("symlog", linthresh=threshold)
    ax.set_ylim(min(1.6 * low, -2 * threshold), max(1.6 * high, threshold))
    sizes = threshold * 10.0 ** np.arange(12)
    ticks = [*-sizes[::-1], 0.0, *sizes]
    inside = [tick for tick in ticks if ax.get_ylim()[0] <= tick <= ax.get_ylim()[1]]
    ax.set_yticks(inside, [with_minus(f"{round(100 * tick, 6):,g}") for tick in inside])
    ax.yaxis.set_minor_locator(NullLocator())


def label_decades(axis: Axis, limits: tuple[float, float], factor: float = 1) -> None:
    """Ticks at 1, 2 and 5 in every power of ten, only at 1 over a long axis, or at all digits over a short one.

    Labels are multiplied by a factor.
    """
    low, high = sorted(limits)
    digits = (1,) if high >= 200 * low else (1, 2, 5) if high >= 4 * low else range(1, 10)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    ticks = [
        digit * 10.0**power for power in powers for digit in digits if low <= digit * 10.0**power <= high
    ]
    if len(ticks) < 2:
        ticks = [float(f"{tick:.3g}") for tick in np.geomspace(low, high, 5)[1:-1]]
    axis.set_ticks(ticks, [f"{factor * tick:.9g}" for tick in ticks])
    axis.set_minor_locator(NullLocator())
