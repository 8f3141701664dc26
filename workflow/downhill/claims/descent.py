"""Family *descent*: what a step of gradient descent does."""

import numpy as np

from downhill.claims.descent_moves import (
    about_falls,
    about_inequality,
    correlation_text,
    correlations_of,
    falls_by_length,
    falls_of,
    inequality_of,
    nudging_of,
    slopes_of,
)
from downhill.claims.descent_toys import (
    about_hops,
    hops_drawn,
    importance_of_inputs,
    moves_made,
    surface_of_bowl,
)
from downhill.claims.descent_walks import (
    about_search,
    about_walks,
    linear_of,
    network_walk,
    search_of,
    walks_of,
)
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, gives
from downhill.claims.parts import STARTS, Exact, NotMeasuredError, PerSeed, Universal
from downhill.claims.wording import counted
from downhill.experiments.results import Arrays


@gives(
    "falls", "slopes", "by_length", "directions", "n_parameters", "n_images",
    parts=("lead", "error of the slope"), reads=("descent.small_moves",),
)  # fmt: skip
def falls_along_gradient(inputs: Inputs) -> Measurement:
    """Lead of minus the gradient over the best other direction; relative error of ‖∇C‖ as the slope of the cost.

    Every case is one seed at one point of its training. The lead is the fall of the cost after a move along −∇C, minus
    the largest fall after a move in another direction. All moves have the same small Euclidean length. The lead is
    divided by this length and by ‖∇C‖, so that it is 1 if the cost does not change along the best other direction. The
    error is the relative difference between ‖∇C‖ and the slope along the gradient, from a central difference of the
    cost.
    """
    arrays = _arrays(inputs, "steepest")
    if not (arrays["gradient"] > 0).all():
        raise NotMeasuredError("the gradient is 0, or not a finite number, at some point of the training")
    if np.isnan(arrays["slope"]).any():
        raise NotMeasuredError("the slope of the cost is lost in rounding at some point of the training")
    best = np.concatenate([arrays["others"], arrays["random"]], axis=2).max(axis=2)
    lead = (arrays["steepest"] - best) / (arrays["length"][:, None] * arrays["gradient"])
    errors = np.abs(arrays["slope"] - arrays["gradient"]) / arrays["gradient"]
    return Measurement(
        [Universal(lead), Universal(errors)],
        note=about_falls(arrays),
        data={
            "falls": falls_of(arrays),
            "slopes": slopes_of(arrays, errors),
            "by_length": falls_by_length(arrays),
            "directions": arrays["random"].shape[2],
            "n_parameters": int(arrays["all_parameters"][0]),
            "n_images": int(arrays["images"][0]),
        },
    )


@gives(
    "two_inputs", "nudging", "inequality", "seeds", "n_images",
    parts=("ratio", "correlation"), reads=("descent.toys", "descent.small_moves"),
)  # fmt: skip
def importance_of_weights(inputs: Inputs) -> Measurement:
    """Ratio of the effects of a toy's two inputs; rank correlation of weights' effects on the cost with the gradient.

    The toy is a function of two inputs at a point where its gradient is (3, 1); each input alone is raised by the
    smallest nudge. The correlation is Spearman's, over weights and biases of a network before training, between
    |component of the gradient| and |change of the cost| when this weight or bias alone is raised by the first of the
    experiment's nudges.
    """
    toys, arrays = _arrays(inputs, "change", "fixed"), _arrays(inputs, "component")
    two = importance_of_inputs(toys)
    if None in two["ratio"]:
        raise NotMeasuredError("the change of the toy's cost with one of the nudges is lost in rounding")
    correlations = correlations_of(arrays, 0, 0)
    if np.isnan(correlations).any():
        raise NotMeasuredError("the cost of a network does not depend on the weights that are nudged")
    smallest = int(np.argmin(two["nudge"]))
    nudging = nudging_of(arrays, int(arrays["seeds"][0]))
    others = [
        f"{correlation_text(one['correlation'].values)} {one['when']}" for one in nudging["by_point"][1:]
    ]
    others += [
        f"{correlation_text(one['correlation'].values)} before training with nudges of {one['nudge']:g}"
        for one in nudging["by_nudge"][1:]
    ]
    ratios = ", ".join(
        f"{ratio:.2f} with {nudge:g}" for nudge, ratio in zip(two["nudge"], two["ratio"], strict=True)
    )
    note = f"by size of the nudge, the ratio is {ratios}"
    if others:
        note += f". The mean correlation is {', '.join(others)}"
    return Measurement(
        [
            Exact(two["ratio"][smallest]),
            PerSeed(correlations, covers=(STARTS, "choice of the nudged weights")),
        ],
        note=note + about_inequality(arrays),
        data={
            "two_inputs": two,
            "nudging": nudging,
            "inequality": inequality_of(arrays),
            "seeds": len(arrays["seeds"]),
            "n_images": int(arrays["images"][0]),
        },
    )


@gives("walks", "threshold", "bowl", reads=("descent.steps", "descent.toys"))
def last_step_over_first(inputs: Inputs, *, threshold: float = 0.1) -> Measurement:
    """Length of the last step of full-batch descent over that of the first, with steps proportional to the slope.

    The `threshold` only serves to say after how many steps the steps are short; it should be that of the band.
    """
    arrays, toys = _arrays(inputs, "fixed_cost"), _arrays(inputs, "path")
    if not np.isfinite(arrays["ratio"]).all():
        raise NotMeasuredError("the gradient of a seed is 0 at the start, or a number is not finite later")
    return Measurement(
        PerSeed(arrays["ratio"], covers=(STARTS,)),
        note=about_walks(arrays, threshold),
        data={
            "walks": walks_of(arrays, threshold),
            "threshold": threshold,
            "bowl": surface_of_bowl(toys),
        },
    )


@gives(
    "hops", parts=("moves, first length", "moves, second length", "arrivals, third length"),
    reads=("descent.toys",), of_classes=False,
)  # fmt: skip
def moves_of_fixed_length(inputs: Inputs) -> Measurement:
    """Number of moves of fixed length to the minimum of |x|, for two lengths; number of arrivals with a third length.

    For a path that does not arrive, the number of moves is the largest that the experiment makes.
    """
    arrays = _arrays(inputs, "fixed")
    paths, fates = arrays["fixed"][0], arrays["fixed_fate"][0]
    if len(paths) != 3:
        raise NotMeasuredError(f"the claim is about three lengths, and the experiment has {len(paths)}")
    first, second = (Exact(moves_made(path)) for path in paths[:2])
    return Measurement(
        [first, second, Exact(int(fates[2] == "arrives"))],
        note=about_hops(arrays),
        data={"hops": hops_drawn(arrays)},
    )


@gives("search", reads=("descent.search",))
def search_minus_descent(inputs: Inputs) -> Measurement:
    """Lowest training cost among random networks, minus that of descent after as many evaluations of the cost.

    A gradient counts as three evaluations.
    """
    arrays = _arrays(inputs, "drawn")
    lead = arrays["best"][:, -1] - arrays["descent"][:, -1]
    if not np.isfinite(lead).all():
        raise NotMeasuredError("the cost of a network is not a finite number")
    return Measurement(
        Universal(lead, of="seed"), note=about_search(arrays), data={"search": search_of(arrays)}
    )


@gives("linear", "network", reads=("descent.linear_model", "descent.steps"))
def descent_and_solution(inputs: Inputs) -> Measurement:
    """Relative difference between a linear model's cost where descent ends and that of the normal equations' solution.

    Every case is one start. The descent of a network, which has no such equations, is shown beside it.
    """
    arrays = _arrays(inputs, "excess")
    if not (arrays["solution"] > 0).all():
        raise NotMeasuredError("the cost of the solution is 0")
    differences = np.abs(arrays["descent"] - arrays["solution"]) / arrays["solution"]
    steps = arrays["steps"]
    between = f"{steps.min():,} to {counted(int(steps.max()), 'step')}"
    if steps.min() == steps.max():
        between = counted(int(steps[0]), "step")
    unsettled = int((~arrays["settled"]).sum())
    low, high = arrays["curvature"][0]
    note = (
        f"descent takes {between}; the number grows with the ratio of the highest to "
        f"the lowest curvature, which is {high / low:,.0f}"
    )
    if unsettled:
        note += f"; {counted(unsettled, 'start')} had not settled after the largest number of steps allowed"
    walk = inputs.having("fixed_cost")
    return Measurement(
        Universal(differences, of="start"),
        note=note,
        data={"linear": linear_of(arrays), "network": network_walk(walk.only() if walk else None)},
    )


def _arrays(inputs: Inputs, *names: str) -> Arrays:
    """The arrays of the first experiment that computes those with these names; NotMeasuredError if there is none."""
    found = inputs.having(*names)
    if found is None:
        raise NotMeasuredError(f"no experiment of the row computes '{names[0]}'")
    return found.only()
