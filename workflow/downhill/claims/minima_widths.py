"""Costs of networks of several widths, and their spreads over seeds, for figures and notes of the family *minima*."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.claims.measurement import Estimated, Sample
from downhill.claims.parts import Exact, Paired, Part, Strata
from downhill.claims.wording import counted, mean_text
from downhill.runs.evaluation import EvaluatedNetwork

Array = NDArray[np.float64]


def row_of(network: EvaluatedNetwork, costs: Array, narrow: Array) -> dict[str, Any]:
    """Costs of one width, and the ratio of their spread to that of the narrow networks: exactly 1 for these."""
    training = network.scores("train").loss.to_numpy(np.float64)
    return {
        "width": network.net.hidden_layers[0],
        "network": network.name,
        "cost": Sample(costs),
        "training_cost": Sample(training),
        "ratio": Estimated(_ratio(costs, narrow)),
        "correlation": Estimated(Paired(training, costs, _correlation)),
    }


def _ratio(costs: Array, narrow: Array) -> Part:
    if costs is narrow:
        return Exact(float(ratio_of_spreads(costs, narrow, axis=-1)))
    return Strata([costs, narrow], ratio_of_spreads, infinite=True)


def ratio_of_spreads(first: Array, second: Array, axis: int) -> Array:
    """The standard deviation of one sample divided by that of another, each with seeds along an axis."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(_spread_of(first, axis) / _spread_of(second, axis))


def _spread_of(costs: Array, axis: int) -> Array:
    """The standard deviation; NaN of a single seed."""
    if costs.shape[axis] < 2:
        return np.full(np.delete(costs.shape, axis), np.nan)
    return np.asarray(np.std(costs, axis=axis, ddof=1))


def _correlation(first: Array, second: Array, axis: int) -> Array:
    """Pearson's correlation; NaN where one of the two is constant."""
    x, y = (values - values.mean(axis=axis, keepdims=True) for values in (first, second))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((x * y).sum(axis=axis) / np.sqrt((x**2).sum(axis=axis) * (y**2).sum(axis=axis)))


def about_correlations(rows: list[dict[str, Any]]) -> str:
    """Correlations of training and test cost, by width: `0.91 (10 units), …`."""
    found = []
    for row in rows:
        value = float(_correlation(row["training_cost"].values, row["cost"].values, axis=-1))
        found.append(
            f"{mean_text(value)} ({counted(row['width'], 'unit')}, {counted(len(row['cost'].values), 'seed')})"
        )
    return ", ".join(found)


def about_spread(costs: Array) -> str:
    """The standard deviation and the mean of some costs, in words."""
    return f"{costs.std(ddof=1):.2g} and {costs.mean():.3g}"
