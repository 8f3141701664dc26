"""Family *minima*: where descent ends."""

import numpy as np

from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, gives
from downhill.claims.minima_barriers import (
    WHAT_A_BARRIER_IS,
    barriers_of,
    descent_into_valleys,
    lines_of,
    median,
    medians,
    share_above,
)
from downhill.claims.minima_ends import about_end, end_of
from downhill.claims.minima_widths import about_correlations, about_spread, ratio_of_spreads, row_of
from downhill.claims.parts import NotMeasuredError, Proportion, Strata
from downhill.claims.wording import KINDS_OF_LINES, counted, mean_text, percent_as_given
from downhill.experiments.results import Arrays
from downhill.runs.evaluation import EvaluatedNetwork


@gives("lines", "threshold", "n_images", "wells", reads=("minima.barriers",))
def share_of_barriers(inputs: Inputs, *, threshold: float = 0.1) -> Measurement:
    """Share of pairs of seeds with a cost barrier above {threshold:%} between their networks, after matching units.

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
    heights = {kind: barriers_of(pairs, kind) for kind in KINDS_OF_LINES if signs or kind != "signed"}
    lines = [lines_of(pairs, kind, threshold, False) for kind in heights]
    above = percent_as_given(threshold)
    note = (
        f"{WHAT_A_BARRIER_IS}; {share_above(heights['trained'], threshold)} of pairs have a barrier above {above} as "
        "trained"
    )
    if signs:
        note += (
            f", and {share_above(heights['signed'], threshold)} when the signs of units are matched as well"
        )
    note += f"; the median barrier is {medians(heights)}"
    if control is not None and not np.isnan(control["barrier"]).any():
        lines += [lines_of(control, kind, threshold, True) for kind in ("trained", "matched")]
        of_control = barriers_of(control, "matched")
        note += (
            "; when both networks start from the same weights and only the order of images differs, "
            f"{share_above(of_control, threshold)} of {counted(len(of_control), 'pair')} have such a barrier after "
            f"matching, and the median is {median(of_control)}"
        )
    return Measurement(
        Proportion(heights["matched"] > threshold, of="pair"),
        note,
        data={
            "lines": lines,
            "threshold": threshold,
            "n_images": int(pairs["images"][0]),
            "wells": descent_into_valleys(),
        },
    )


@gives("ends", "gradient", "curvature", diverged="failures", reads=("minima.stationarity",))
def share_at_a_minimum(inputs: Inputs, *, gradient: float = 0.01, curvature: float = 0.01) -> Measurement:
    """Share of seeds that end with a gradient below {gradient:%} of the initial one and no clearly negative curvature.

    The gradient is small if its length is less than the share `gradient` of that at the start of training. Curvature is
    clearly negative if the lowest eigenvalue of the Hessian is below −`curvature` times the highest. Experiments that
    measure after further full-batch steps are shown beside the one at the end of training. A seed that diverged has not
    reached a minimum.
    """
    of_steps: dict[int, Arrays] = {}
    for arrays in _arrays(inputs):
        if of_steps.setdefault(int(arrays["further_steps"][0]), arrays) is not arrays:
            raise NotMeasuredError("two experiments of the row make the same number of further steps")
    if 0 not in of_steps:
        raise NotMeasuredError("no experiment measures the networks at the end of training")
    ends = [end_of(of_steps[steps], gradient, curvature) for steps in sorted(of_steps)]
    first = of_steps[0]
    if np.isnan(first["gradient_all"]).any():
        raise NotMeasuredError("the gradient of a seed is 0 at the start of training")
    if np.isnan(first["lowest"][:, 0]).any():
        raise NotMeasuredError("the lowest eigenvalue of a seed was not found")
    note = f"at the end of training, {about_end(ends[0], gradient, curvature)}"
    for end in ends[1:]:
        note += (
            f"; after {counted(end['steps'], 'further full-batch step')} on {counted(end['n_images'], 'image')}, "
            f"{about_end(end, gradient, curvature)}"
        )
    note += "; curvatures are eigenvalues of the Hessian, the matrix of second derivatives of the cost"
    return Measurement(
        ends[0]["share"], note, data={"ends": ends, "gradient": gradient, "curvature": curvature}
    )


@gives("widths", "wide", "narrow")
def ratio_of_cost_spreads(inputs: Inputs, *, wide: int = 500, narrow: int = 25) -> Measurement:
    """Standard deviation over seeds of the final test cost: with {wide} hidden units, divided by that with {narrow}.

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
    relative = ratio_of_spreads(shares[wide], shares[narrow], axis=-1)
    rows = [row_of(network, costs[width], costs[narrow]) for width, network in sorted(networks.items())]
    return Measurement(
        Strata([costs[wide], costs[narrow]], ratio_of_spreads, infinite=True),
        note=(
            f"standard deviation and mean of the cost are {about_spread(costs[narrow])} with "
            f"{counted(narrow, 'unit')}, and {about_spread(costs[wide])} with {counted(wide, 'unit')}; with each "
            f"standard deviation relative to its mean cost, the ratio is {mean_text(relative)}; correlations between "
            f"training and test cost: {about_correlations(rows)}"
        ),
        data={"widths": rows, "wide": wide, "narrow": narrow},
    )


def _arrays(inputs: Inputs) -> list[Arrays]:
    return [result.only() for result in inputs.experiments.values()]
