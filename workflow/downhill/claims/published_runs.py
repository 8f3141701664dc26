"""One number per run of ours, to be compared with the number of a published run."""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from downhill.claims.comparison import Comparison, SingleRun
from downhill.claims.curves import curves, history_of
from downhill.claims.measurement import Measurement, Sample
from downhill.claims.parts import NotMeasuredError
from downhill.claims.wording import counted, percent, with_minus
from downhill.runs.evaluation import EvaluatedNetwork

Values = NDArray[np.float64]


def of_history(network: EvaluatedNetwork, quantity: str, epoch: int | str) -> tuple[Values, Values]:
    """A column of the history of each seed at one epoch, and the number of that epoch.

    Parameters
    ----------
    quantity
        The column, such as `test_accuracy`.
    epoch
        Number of the epoch, `last`, or `best`: the first one with the highest accuracy, or the lowest cost.

    Returns
    -------
    values, epochs : float64 (n,), for the seeds that did not diverge, in order.

    Raises
    ------
    NotMeasuredError
        If the network was not trained, or its history has no such epoch or does not score these images.
    """
    by_seed = history_of(network).pivot(index="seed", columns="epoch", values=quantity).loc[network.seeds]
    if by_seed.isna().any(axis=None):
        raise NotMeasuredError(f"the history of network '{network.name}' does not score {quantity}")
    if epoch == "best":
        epochs = by_seed.idxmin(axis=1) if quantity.endswith("loss") else by_seed.idxmax(axis=1)
    else:
        epochs = by_seed.index.to_series().map(lambda _: by_seed.columns[-1] if epoch == "last" else epoch)
    if not set(epochs) <= set(by_seed.columns):
        raise NotMeasuredError(f"the history of network '{network.name}' has no epoch {epoch}")
    values = [by_seed.at[seed, at] for seed, at in epochs.items()]
    return np.array(values, np.float64), np.asarray(epochs, np.float64)


def best_of_groups(network: EvaluatedNetwork, values: Values, size: int, smallest: bool) -> Values:
    """The best of the values (n,) of every `size` successive seeds: the largest or the smallest, (groups,).

    Groups of which a seed has diverged are left out, and so is a last group that is not complete.
    """
    found = dict(zip(network.seeds, values, strict=True))
    groups = [range(first, first + size) for first in range(0, max(network.seeds) + 1, size)]
    complete = [[found[seed] for seed in group] for group in groups if all(seed in found for seed in group)]
    return np.array([min(group) if smallest else max(group) for group in complete], np.float64)


Unit = Literal["share", "points", "number"]


def compared(said: float, runs: Values, unit: Unit, of: str = "seed", **data: Any) -> Measurement:
    """The measurement of a published run among ours: note and data are the same for all statistics.

    Parameters
    ----------
    said
        The published value.
    runs
        Ours, (n,).
    unit
        How values are written in the note.
    of
        What one of our runs is.
    data
        More data for figures.

    Raises
    ------
    NotMeasuredError
        If there is no run.
    """
    if not len(runs):
        raise NotMeasuredError("there is no run to compare the published one with")
    mean, low, high = (_text(value, unit) for value in (runs.mean(), runs.min(), runs.max()))
    spread = (
        "" if len(runs) < 2 else f" and a standard deviation of {_spread(float(np.std(runs, ddof=1)), unit)}"
    )
    note = (
        f"the published value is {_text(said, unit)}; ours have a mean of {mean}{spread}, and lie between {low} and "
        f"{high} ({counted(len(runs), 'run')})"
    )
    return Measurement(
        SingleRun(said, runs, of=of),
        note,
        data={"runs": Sample(runs), "published": Comparison.of(said, runs)} | data,
    )


def _text(value: float, unit: Unit) -> str:
    if unit == "share":
        return percent(value)
    return with_minus(f"{100 * value:.2f} points" if unit == "points" else f"{value:.3g}")


def _spread(value: float, unit: Unit) -> str:
    """A standard deviation; that of shares is one of points."""
    return _text(value, "points" if unit == "share" else unit)


def curve_of(network: EvaluatedNetwork, quantity: str, of_epochs: bool = False) -> dict[str, Any] | None:
    """What a figure shows of a column of the history: its name, and its course over all seeds.

    `of_epochs` says whether our runs are numbers of epochs, and not values of this column. None if the history has a
    single epoch, which makes no curve.
    """
    course = curves(network, (quantity.rpartition("_")[0],))
    if len(course["epoch"]) < 2:
        return None
    return {"quantity": quantity, "course": course, "of_epochs": of_epochs}
