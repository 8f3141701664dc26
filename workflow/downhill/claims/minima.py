"""Family *minima*: where descent ends."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis import wells
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, Sample, gives
from downhill.claims.parts import NotMeasuredError, Paired, Part, PerSeed, Proportion, Strata
from downhill.claims.wording import counted, percent, percent_as_given
from downhill.config.settings import Statistics
from downhill.experiments.results import Arrays
from downhill.runs.evaluation import EvaluatedNetwork

Array = NDArray[np.float64]

_KINDS = {
    "trained": "as trained",
    "matched": "units matched",
    "signed": "units and signs matched",
}
_WELLS = {"starts": 41, "rate": 0.05, "steps": 150}


@dataclass(frozen=True)
class Estimated:
    """A part in the data of a figure: `value`, `lower` and `upper`, each None where it is not a finite number."""

    part: Part

    def described(self, settings: Statistics) -> dict[str, Any]:
        """As above."""
        try:
            estimate = self.part.estimate(settings)
        except NotMeasuredError:
            return dict.fromkeys(("value", "lower", "upper"))
        return {
            key: None if key in estimate["infinite"] else estimate[key] for key in ("value", "lower", "upper")
        }


@gives("lines", "threshold", "n_images", "wells")
def share_of_barriers(inputs: Inputs, *, threshold: float = 0.1) -> Measurement:
    """Share of pairs of seeds with a cost barrier above a threshold between their networks, after matching units.

    The barrier is relative to the mean cost of both ends. An experiment whose pairs share their initial weights is a
    control, shown beside the others.
    """
    by_start: dict[bool, Arrays] = {}
    for arrays in _arrays(inputs):
        if by_start.setdefault(bool(arrays["same_start"].any()), arrays) is not arrays:
            raise NotMeasuredError("two experiments of the row compare the same kind of networks")
    pairs, control = by_start.get(False), by_start.get(True)
    if pairs is None:
        raise NotMeasuredError("no experiment compares networks with different initial weights")
    if np.isnan(pairs["barrier"]).any():
        raise NotMeasuredError("the cost along some line is not a finite number")
    # Units of some activation functions, such as ReLU, have no signs to match.
    signs = not np.array_equal(pairs["matched"], pairs["signed"])
    kinds = {kind: place for place, kind in enumerate(_KINDS) if signs or kind != "signed"}
    lines = [_line(pairs, kind, threshold, False) for kind in kinds]
    holds = pairs["barrier"][:, 1] > threshold
    above = percent_as_given(threshold)
    note = f"{_share(pairs, 0, threshold)} of pairs have a barrier above {above} as trained"
    note += f", and {_share(pairs, 2, threshold)} when signs of units are matched as well" if signs else ""
    note += f"; median barriers are {_medians(pairs, tuple(kinds.values()))} (as trained, matched"
    note += ", with signs)" if signs else ")"
    if control is not None and not np.isnan(control["barrier"]).any():
        lines += [_line(control, kind, threshold, True) for kind in ("trained", "matched")]
        note += (
            f"; when both networks start from the same weights and only the order of images differs, "
            f"{_share(control, 1, threshold)} of {counted(len(control['barrier']), 'pair')} have such a barrier after "
            f"matching, and the median is {_medians(control, (1,))}"
        )
    return Measurement(
        Proportion(holds, of="pair"),
        note,
        data={
            "lines": lines,
            "threshold": threshold,
            "n_images": int(pairs["images"][0]),
            "wells": _wells(),
        },
    )


@gives("ends", "gradient", "curvature", diverged="failures")
def share_at_a_minimum(inputs: Inputs, *, gradient: float = 0.01, curvature: float = 0.01) -> Measurement:
    """Share of seeds that end with a small gradient and without clearly negative curvature.

    The gradient is small if its length is less than the share `gradient` of that at the start of training. Curvature is
    clearly negative if the lowest eigenvalue of the Hessian is below −`curvature` times the highest. Experiments after
    further full-batch steps are shown beside the one at the end of training. A seed that diverged has not reached a
    minimum.
    """
    of_steps: dict[int, Arrays] = {}
    for arrays in _arrays(inputs):
        if of_steps.setdefault(int(arrays["further_steps"][0]), arrays) is not arrays:
            raise NotMeasuredError("two experiments of the row make the same number of further steps")
    if 0 not in of_steps:
        raise NotMeasuredError("no experiment measures the networks at the end of training")
    ends = [_end(of_steps[steps], gradient, curvature) for steps in sorted(of_steps)]
    first = of_steps[0]
    if np.isnan(first["gradient_all"]).any():
        raise NotMeasuredError("the gradient of a seed is 0 at the start of training")
    if np.isnan(first["lowest"][:, 0]).any():
        raise NotMeasuredError("the lowest eigenvalue of a seed was not found")
    note = f"at the end of training {_about(ends[0], gradient, curvature)}"
    for end in ends[1:]:
        note += (
            f"; after {counted(end['steps'], 'further full-batch step')} on {counted(end['n_images'], 'image')}, "
            f"{_about(end, gradient, curvature)}"
        )
    return Measurement(
        ends[0]["share"], note, data={"ends": ends, "gradient": gradient, "curvature": curvature}
    )


@gives("widths", "wide", "narrow")
def ratio_of_cost_spreads(inputs: Inputs, *, wide: int = 500, narrow: int = 25) -> Measurement:
    """Standard deviation of the final test cost over seeds, that of wide networks divided by that of narrow ones.

    `wide` and `narrow` are widths of the single hidden layer, fixed beforehand; other widths are shown beside them.
    """
    networks: dict[int, EvaluatedNetwork] = {}
    for network in inputs.networks:
        if len(network.net.hidden_layers) != 1:
            raise NotMeasuredError(f"network '{network.name}' does not have exactly one hidden layer")
        (width,) = network.net.hidden_layers
        if width in networks:
            raise NotMeasuredError(f"'{networks[width].name}' and '{network.name}' have the same width")
        networks[width] = network
    for width in (wide, narrow):
        if width not in networks:
            raise NotMeasuredError(f"no network has a hidden layer of {counted(width, 'unit')}")
        if len(networks[width].seeds) < 2:
            raise NotMeasuredError("a standard deviation needs at least two seeds of each network")
    costs = {
        width: network.scores("test").loss.to_numpy(np.float64) for width, network in sorted(networks.items())
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = {width: costs[width] / costs[width].mean() for width in (wide, narrow)}
    relative = _ratio_of_spreads(shares[wide], shares[narrow], axis=-1)
    rows = [_width(network, costs[width], costs[narrow]) for width, network in sorted(networks.items())]
    return Measurement(
        Strata([costs[wide], costs[narrow]], _ratio_of_spreads, infinite=True),
        note=(
            f"standard deviation and mean of the cost are {_spread(costs[narrow])} with {counted(narrow, 'unit')}, and "
            f"{_spread(costs[wide])} with {counted(wide, 'unit')}; relative to the mean cost, the ratio is "
            f"{_number(float(relative))}; correlations between training and test cost: {_correlations(rows, networks)}"
        ),
        data={"widths": rows, "wide": wide, "narrow": narrow},
    )


def _arrays(inputs: Inputs) -> list[Arrays]:
    return [result.only() for result in inputs.experiments.values()]


def _line(arrays: Arrays, kind: str, threshold: float, same_start: bool) -> dict[str, Any]:
    """The costs along the lines of all pairs, and their barriers, for one kind of matching."""
    barriers = arrays["barrier"][:, list(_KINDS).index(kind)]
    name = f"one start, two orders: {_KINDS[kind]}" if same_start else _KINDS[kind]
    return {
        "name": name,
        "same_start": same_start,
        "verdict": kind == "matched" and not same_start,
        "pairs": arrays["seeds"],
        "share": np.round(arrays["share"][0], 4),
        "costs": _rounded(arrays[kind]),
        "barriers": [None if np.isinf(one) else float(one) for one in barriers],
        "median": Estimated(PerSeed(barriers, np.median)),
        "above": Proportion(barriers > threshold, of="pair"),
    }


def _share(arrays: Arrays, kind: int, threshold: float) -> str:
    return percent((arrays["barrier"][:, kind] > threshold).mean(), 0)


def _medians(arrays: Arrays, kinds: tuple[int, ...]) -> str:
    medians = [np.median(arrays["barrier"][:, kind]) for kind in kinds]
    return ", ".join(percent(one, 0) if np.isfinite(one) else "infinite" for one in medians)


def _wells() -> dict[str, Any]:
    """Descent on a curve with several valleys, as an illustration."""
    found = wells.descend(int(_WELLS["starts"]), _WELLS["rate"], int(_WELLS["steps"]))
    x = np.linspace(-wells.EDGE, wells.EDGE, 301)
    return {
        "x": np.round(x, 4),
        "cost": np.round(wells.cost(x), 4),
        "rate": _WELLS["rate"],
        "paths": np.round(found.paths[:, ::5], 4),
        "step": np.arange(0, _WELLS["steps"] + 1, 5),
        "valley": found.valley,
    }


def _end(arrays: Arrays, gradient: float, curvature: float) -> dict[str, Any]:
    """Gradients and curvatures of all seeds after some further steps, and which are at a minimum."""
    steps = int(arrays["further_steps"][0])
    # After further steps on some images, the cost is that of these images.
    found = arrays["gradient"] if steps else arrays["gradient_all"]
    lowest, highest = arrays["lowest"][:, 0], arrays["highest"][:, -1]
    share = np.divide(lowest, highest, out=np.where(lowest == 0, 0.0, np.nan), where=highest > 0)
    small, curved = found < gradient, lowest >= -curvature * highest
    return {
        "steps": steps,
        "n_images": int(arrays["images"][0]),
        "n_gradient": int((arrays["images"] if steps else arrays["all_images"])[0]),
        "seeds": arrays["seeds"],
        "gradient": Sample(found),
        "curvature": Sample(share),
        "small": int(small.sum()),
        "curved": int(curved.sum()),
        "share": Proportion(np.append(small & curved, np.zeros(len(arrays["diverged"]), bool))),
        "spectrum": _rounded(np.concatenate([arrays["lowest"], arrays["highest"]], axis=1)),
        "step": arrays["step"][0],
        "path": _rounded(arrays["path"]),
    }


def _about(end: dict[str, Any], gradient: float, curvature: float) -> str:
    """In how many seeds the gradient is small, and in how many the lowest eigenvalue is not."""
    ratios, shares = end["gradient"].values, end["curvature"].values
    return (
        f"the gradient is below {percent_as_given(gradient)} of that at the start in {end['small']} of "
        f"{counted(len(ratios), 'seed')}{_median_of(ratios)}, and the lowest eigenvalue is at least "
        f"−{percent_as_given(curvature)} of the highest in {end['curved']}{_median_of(shares)}"
    )


def _median_of(shares: Array) -> str:
    known = shares[np.isfinite(shares)]
    return f" (median {percent(np.median(known))})".replace("-", "−") if len(known) else ""


def _width(network: EvaluatedNetwork, costs: Array, narrow: Array) -> dict[str, Any]:
    """Costs of one width, their spread, and its ratio to that of the narrow networks."""
    training = network.scores("train").loss.to_numpy(np.float64)
    return {
        "width": network.net.hidden_layers[0],
        "network": network.name,
        "cost": Sample(costs),
        "training_cost": Sample(training),
        "spread": Estimated(PerSeed(costs, _spread_of)),
        "ratio": Estimated(Strata([costs, narrow], _ratio_of_spreads, infinite=True)),
        "correlation": Estimated(Paired(training, costs, _correlation)),
    }


def _correlations(rows: list[dict[str, Any]], networks: dict[int, EvaluatedNetwork]) -> str:
    """Correlations of training and test cost, by width: `0.91 (10 units), …`."""
    found = []
    for row in rows:
        value = float(_correlation(row["training_cost"].values, row["cost"].values, axis=-1))
        found.append(
            f"{_number(value)} ({counted(row['width'], 'unit')}, {counted(len(row['cost'].values), 'seed')})"
        )
    return ", ".join(found)


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−") if np.isfinite(value) else "undefined"


def _spread(costs: Array) -> str:
    return f"{costs.std(ddof=1):.2g} and {costs.mean():.3g}"


def _spread_of(costs: Array, axis: int) -> Array:
    """The standard deviation; NaN of a single seed."""
    if costs.shape[axis] < 2:
        return np.full(np.delete(costs.shape, axis), np.nan)
    return np.asarray(np.std(costs, axis=axis, ddof=1))


def _ratio_of_spreads(first: Array, second: Array, axis: int) -> Array:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(_spread_of(first, axis) / _spread_of(second, axis))


def _correlation(first: Array, second: Array, axis: int) -> Array:
    """Pearson's correlation; NaN where one of the two is constant."""
    x, y = (values - values.mean(axis=axis, keepdims=True) for values in (first, second))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray((x * y).sum(axis=axis) / np.sqrt((x**2).sum(axis=axis) * (y**2).sum(axis=axis)))


def _rounded(values: Array) -> list[Any]:
    """Numbers with five significant digits, NaN as None: enough for a figure."""
    shown = [None if not np.isfinite(one) else float(f"{one:.5g}") for one in np.ravel(values)]
    rows, columns = np.shape(values)
    return [shown[row * columns : (row + 1) * columns] for row in range(rows)]
