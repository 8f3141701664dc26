"""Descent step by step, random search and a linear model, for figures and notes of the family *descent*."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.descent_moves import when
from downhill.claims.measurement import Sample, significant
from downhill.claims.sweeps import Crossing
from downhill.claims.wording import counted, percent, percent_as_given
from downhill.experiments.descent_search import EVALUATIONS_OF_A_GRADIENT

Array = NDArray[Any]
Arrays = dict[str, Array]

FIXED = ("the first proportional step", "the mean proportional step")
"""How long steps of fixed length are, in the order of the arrays."""

_BINS = 60


def walks_of(arrays: Arrays, threshold: float) -> dict[str, Any]:
    """Length of the steps and cost of every seed, with steps proportional to the slope and of fixed length."""
    shares = _shares(arrays)
    return {
        "step": arrays["step"][0],
        "length": significant(shares, 4),
        "cost": significant(arrays["cost"], 4),
        "back": Sample(arrays["back"]),
        "fixed": [
            {
                "name": name,
                "length": significant(arrays["fixed_length"][:, place] / arrays["length"][:, 0], 4),
                "cost": significant(arrays["fixed_cost"][:, place], 4),
                "back": Sample(arrays["fixed_back"][:, place]),
            }
            for place, name in enumerate(FIXED)
        ],
        "crossing": short_after(arrays, threshold),
        "rate": float(arrays["rate"][0]),
        "n_images": int(arrays["images"][0]),
    }


def short_after(arrays: Arrays, threshold: float) -> Crossing | None:
    """The number of steps after which the mean step is first shorter than a share of the first one; None if never."""
    shares, steps = _shares(arrays), arrays["step"][0][1:]
    if len(steps) < 2 or not np.isfinite(shares).all():
        return None
    samples = dict(zip(steps.tolist(), shares.T, strict=True))
    found = Crossing(samples, threshold, logarithmic=True, paired=True)
    return found if np.isfinite(found.value()) else None


def about_walks(arrays: Arrays, threshold: float) -> str:
    """When the steps become short, and the cost at the end with each kind of step."""
    steps, costs, crossing = arrays["step"][0], arrays["cost"].mean(axis=0), short_after(arrays, threshold)
    below = f"shorter than {percent_as_given(threshold)} of the first"
    if crossing is not None:
        at = round(crossing.value())
        cost = np.interp(at, steps, costs)
        note = f"the mean step is first {below} after {counted(at, 'step')}, at a mean cost of {cost:.3g}"
    elif _shares(arrays)[:, -1].mean() < threshold:
        note = f"the mean step is {below} from the start"
    else:
        note = f"within {counted(int(steps[-1]), 'step')}, the mean step never becomes {below}"
    note += f". The mean cost goes from {costs[0]:.3g} to {costs[-1]:.3g}{_turning(arrays['back'])}"
    for place, name in enumerate(FIXED):
        end = arrays["fixed_cost"][:, place, -1].mean()
        note += f"; with all steps as long as {name}, to {end:.3g}{_turning(arrays['fixed_back'][:, place])}"
    return note


def _turning(shares: Array) -> str:
    """The share of the later steps that turn back, in words."""
    if not np.isfinite(shares).all():
        return ""
    return f" ({percent(shares.mean(), 0)} of the later steps turn back by more than 90°)"


def search_of(arrays: Arrays) -> dict[str, Any]:
    """The lowest cost of random networks, and that of descent, by number of evaluations, for every seed."""
    drawn = arrays["drawn"].astype(np.float64)
    known = drawn[np.isfinite(drawn)]
    counts, edges = np.histogram(known, bins=_BINS) if len(known) else (np.zeros(0, int), np.zeros(1))
    return {
        "evaluations": arrays["evaluations"][0],
        "best": significant(arrays["best"], 4),
        "descent": significant(arrays["descent"], 4),
        "start": significant(arrays["start"], 4),
        "trained": significant(arrays["trained"], 4),
        "when": when(int(arrays["epoch"][0])),
        "counts": counts,
        "edges": significant(edges, 5),
        "n_images": int(arrays["images"][0]),
    }


def about_search(arrays: Arrays) -> str:
    """Both costs, and how many draws it would take to get as low as training."""
    evaluations, epoch = int(arrays["evaluations"][0, -1]), int(arrays["epoch"][0])
    note = (
        f"the best of {counted(evaluations, 'random network')} has a cost of {_range(arrays['best'][:, -1])}; after as "
        f"many evaluations, that of descent is {_range(arrays['descent'][:, -1])}"
    )
    if not epoch:
        return note
    pace = round(EVALUATIONS_OF_A_GRADIENT * epoch * float(arrays["all_images"][0] / arrays["images"][0]))
    note += (
        f". {when(epoch).capitalize()} of its usual training, which is as much work as {counted(pace, 'evaluation')}, "
        f"the network has a cost of {_range(arrays['trained'])}"
    )
    powers = [
        power_of_ten_to_reach(drawn, target)
        for drawn, target in zip(arrays["drawn"].astype(np.float64), arrays["trained"], strict=True)
    ]
    found = np.median(powers)
    if np.isfinite(found):
        note += (
            f". If each further factor of ten in the number of draws gained as much as the last one did, about "
            f"10^{found:.0f} draws would be needed to get as low (median over seeds; more if the gains become smaller)"
        )
    return note


def power_of_ten_to_reach(drawn: Array, target: float) -> float:
    """The logarithm to base 10 of the number of draws whose lowest cost would be the target, by extrapolation.

    The gain of a tenfold number of draws is the mean lowest cost of the ten tenths of the draws, minus the lowest cost
    of all of them. Every further tenfold is taken to gain as much. Infinite if there is no gain, and NaN with fewer
    than ten draws.
    """
    tenth = len(drawn) // 10
    if not tenth:
        return math.nan
    best = drawn[: 10 * tenth].min()
    gain = drawn[: 10 * tenth].reshape(10, tenth).min(axis=1).mean() - best
    missing = max(0.0, best - target)
    if not gain > 0:
        return math.log10(10 * tenth) if missing == 0 else math.inf
    return float(math.log10(10 * tenth) + missing / gain)


def linear_of(arrays: Arrays) -> dict[str, Any]:
    """How far the cost of a linear model is above that of the solution, by step, for every start."""
    excess, solution = arrays["excess"], arrays["solution"][:, None]
    return {
        "step": arrays["step"][0],
        "excess": significant(np.maximum(excess, 0) / solution, 4),
        "steps": arrays["steps"],
        "end": significant(np.abs(arrays["descent"] - arrays["solution"]) / arrays["solution"], 4),
        "solution": significant(arrays["solution"][0], 6),
        "curvature": significant(arrays["curvature"][0], 4),
        "parameters": int(arrays["parameters"][0]),
        "n_images": int(arrays["images"][0]),
    }


def network_walk(arrays: Arrays | None) -> dict[str, Any] | None:
    """The cost of a network by step of its descent; None if no experiment walks."""
    if arrays is None:
        return None
    return {
        "step": arrays["step"][0],
        "cost": significant(arrays["cost"], 4),
        "ratio": significant(arrays["ratio"], 4),
        "n_images": int(arrays["images"][0]),
    }


def _shares(arrays: Arrays) -> Array:
    """Length of steps over that of the first one, (seeds, k)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(arrays["length"] / arrays["length"][:, :1])


def _range(values: Array) -> str:
    """Two numbers between which all of them lie, or one if these look the same."""
    low, high = (f"{end:.3g}" for end in (np.min(values), np.max(values)))
    return low if low == high else f"{low} to {high}"
