"""What figures draw and say about the gradients and curvatures where training ends."""

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from downhill.claims.wording import counted, percent_as_given
from downhill.figures import style

LOOKS: tuple[dict[str, Any], ...] = (
    {"color": style.BLUE, "marker": "o"},
    {"color": style.VERMILLION, "marker": "s"},
)
"""For the end of training, and after further steps."""


def of_highest(end: dict[str, Any]) -> NDArray[np.float64]:
    """Both ends of the spectrum as shares of the highest eigenvalue; NaN where that is not positive."""
    spectrum = style.array(end["spectrum"])
    highest = spectrum[:, -1:]
    return np.asarray(np.divide(spectrum, highest, out=np.full(spectrum.shape, np.nan), where=highest > 0))


def join_seeds(ax: Axes, ends: list[dict[str, Any]], gradients: list[Any], curvatures: list[Any]) -> None:
    """Thin lines between the marks of a seed before and after further steps."""
    for last in range(1, len(ends)):
        places = [{seed: i for i, seed in enumerate(ends[which]["seeds"])} for which in (0, last)]
        for seed in sorted(places[0].keys() & places[1].keys()):
            i, j = places[0][seed], places[1][seed]
            x, y = (gradients[0][i], gradients[last][j]), (curvatures[0][i], curvatures[last][j])
            ax.plot(x, y, color=style.GREY, linewidth=0.6, zorder=1)


def when(end: dict[str, Any]) -> str:
    """When gradients and curvatures are measured: `at the end of training`."""
    return f"after {counted(end['steps'], 'further step')}" if end["steps"] else "at the end of training"


def training(end: dict[str, Any]) -> str:
    """How long training was, and that it is unknown what would follow."""
    if not end["epochs"]:
        return "The networks were not trained."
    epochs, batch = counted(end["epochs"], "epoch"), counted(end["batch_size"], "image")
    return f"Training ended after {epochs} with batches of {batch}; the limit of longer training is not measured."


def criteria(end: dict[str, Any], data: dict[str, Any]) -> str:
    """How many seeds meet each of the two criteria for a minimum, and how many meet both, in a sentence."""
    share, time = end["share"], when(end)
    both = round(share["value"] * share["n"])
    return (
        f"{time[0].upper()}{time[1:]}, the gradient is below {percent_as_given(data['gradient'])} of that at the start "
        f"in {end['small']:,} of {counted(share['n'], 'seed')}, and the lowest curvature is at least "
        f"−{percent_as_given(data['curvature'])} of the highest in {end['curved']:,}; both criteria are met in "
        f"{both:,}."
    )
