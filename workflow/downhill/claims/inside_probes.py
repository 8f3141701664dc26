"""Probes of the family *inside*: what layer 2 gains for classes with a loop, and for random sets of classes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.inference import mean_intervals
from downhill.claims.measurement import Sample
from downhill.claims.wording import counted, percent_as_given, with_minus
from downhill.config.settings import Statistics

Array = NDArray[np.float64]


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


def compared_with_other_sets(gain: Array, others: Array) -> str:
    """Whether layer 2 gains more for classes with a loop than for random sets of classes, in words.

    It does not if the interval of the difference includes 0. This interval is at 95 %, whatever the level of the study,
    so that the note and the figures of a claim draw the same conclusion.

    Parameters
    ----------
    gain
        Of each seed for the classes with a loop, as a share, (n,).
    others
        Of each seed for every random set, (sets, n); there is at least one set.
    """
    by_seed, by_set = others.mean(axis=0), others.mean(axis=1)
    numbers = (
        f"layer 2 gains {_points(gain.mean())} points for classes with a loop, and {_points(by_seed.mean())} points on "
        f"average ({_points(by_set.min())} to {_points(by_set.max())}) for {counted(len(others), 'random set')} of as "
        "many classes"
    )
    settings = Statistics()
    of_difference, of_others = (mean_intervals(one, settings) for one in (gain - by_seed, by_seed))
    if of_difference is None or of_others is None:
        return f"{numbers}; one seed cannot show whether these differ"
    low, high = of_difference.usual
    about = (
        f"{numbers}; the {percent_as_given(settings.confidence_level)} interval of the difference, paired by seed "
        f"({_points(low)} to {_points(high)} points),"
    )
    if low <= 0 <= high:
        general = "layer 2 separates classes in general, and " if of_others.usual.lower > 0 else ""
        return f"{about} includes 0: {general}the verdict does not show that it sees loops"
    return f"{about} excludes 0: layer 2 gains {'more' if low > 0 else 'less'} for loops than for other sets"


def _points(share: float) -> str:
    """A share in points; zero has no sign."""
    return with_minus(f"{100 * share:.1f}")
