"""Numbers in sentences: shares, counts, means and shapes."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

TEST_IMAGES = "test images"
"""What a network's own test images are called beside other kinds of image."""

KINDS_OF_LINES = {
    "trained": "as trained",
    "matched": "units matched",
    "signed": "units and signs matched",
}
"""The three kinds of lines of the experiment `barriers`, in the order of its arrays, in words."""

FEWEST_SEEDS = 39
"""With fewer runs, even a published value beyond all of them could be chance at the 5 % level: 2 / (n + 1) > 0.05."""

RANGE = "range of single runs"
"""What stands in place of an interval where a published run is compared with ours (see `claims.comparison`)."""


def with_minus(number: str) -> str:
    """A number as text, with a minus sign instead of a hyphen, as on the axes of figures; zero has no sign."""
    sign, digits = number.startswith("-"), number.lstrip("-")
    return f"−{digits}" if sign and digits.strip("0.,") else digits


def percent(share: Any, digits: int = 2) -> str:
    """A share as per cent: `93.65 %`; one that is not quite 100 % has as many digits as it takes to see this."""
    while share < 1 - 1e-9 and round(100 * share, digits) >= 100:
        digits += 1
    return f"{with_minus(f'{100 * share:.{digits}f}')} %"


def percent_as_given(share: float) -> str:
    """A share that somebody gives, with as many digits as they give: `96 %`, `95.42 %`."""
    return f"{round(100 * share, 6):g} %"


def counted(number: int, noun: str) -> str:
    """A number and a noun: `1 test image`, `2,000 test images`."""
    return f"{number:,} {noun}{'s' if number != 1 else ''}"


def of_each(part: dict[str, Any]) -> str:
    """Words to put after a number of seeds if a part has the seeds of several networks, and counts those of one."""
    return " of each network" if part["fewest"] < part["n"] else ""


def shape(hidden_layers: Iterable[int]) -> str:
    """The widths of the hidden layers: `16-16`, or `none`."""
    return "-".join(map(str, hidden_layers)) or "none"


def mean_text(values: ArrayLike) -> str:
    """The mean of the numbers that are defined, with two decimals; `undefined` without any."""
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    return with_minus(f"{known.mean():.2f}") if len(known) else "undefined"
