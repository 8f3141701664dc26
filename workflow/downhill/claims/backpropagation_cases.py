"""How far gradients are from central differences, in the family *backpropagation*: for its figures and notes."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.differences import KINKED
from downhill.claims.measurement import significant
from downhill.claims.sweeps import Crossing
from downhill.claims.wording import counted
from downhill.experiments.backpropagation_checks import ACTIVATIONS, COSTS

Array = NDArray[Any]

NAMES_OF_COSTS = tuple(
    f"{output} outputs, {'quadratic cost' if loss == 'mse' else 'cross-entropy'}" for output, loss in COSTS
)
"""Outputs and costs in figures, in their order."""

_LEAST = 1e-17  # stands for a difference of 0 on a logarithmic scale


def rows_of(arrays: dict[str, Array], at_step: Array) -> list[dict[str, Any]]:
    """The cases of the claim in rows: small networks by activation and cost, the trained network, and the tape."""
    rows = [
        {
            "name": f"{name.replace('_', ' ').replace('relu', 'ReLU')} units",
            "kind": "small",
            "values": {cost: _known(at_step[:, row, column]) for column, cost in enumerate(NAMES_OF_COSTS)},
        }
        for row, name in enumerate(ACTIVATIONS)
    ]
    rows += [
        {"name": name, "kind": "trained", "values": {"": _known(arrays["trained"][:, place])}}
        for place, name in enumerate(("trained network, at the start", "trained network, at the end"))
    ]
    tape = {cost: _known(arrays["tape"][:, :, column]) for column, cost in enumerate(NAMES_OF_COSTS)}
    return [*rows, {"name": "small networks, by graph", "kind": "tape", "values": tape}]


def _known(values: Array) -> list[float]:
    known = np.ravel(values)
    return significant(known[np.isfinite(known)], 3)  # type: ignore[no-any-return]


def sweep_of(arrays: dict[str, Array], threshold: float) -> dict[str, Any]:
    """Differences of the small networks by the step h, and the steps at which the worst case crosses a threshold.

    Too small a step loses digits to rounding, and with too large a step, the curvature changes along the step. So there
    are two crossings, one on either side of the best step.
    """
    steps, small = arrays["steps"][0], arrays["small"]
    worst = _worst(small)
    best = int(worst.mean(axis=0).argmin())
    kinked = np.isin(ACTIVATIONS, KINKED)
    kinds = {"units with a smooth activation": ~kinked, "units with a kink (ReLU, leaky ReLU)": kinked}
    return {
        "steps": steps,
        "kinds": [
            {
                "name": name,
                "worst": significant(10 ** _worst(small[:, :, chosen]), 3),
                "median": significant(
                    np.nanmedian(np.moveaxis(small[:, :, chosen], 1, 0), axis=(1, 2, 3, 4)), 3
                ),
            }
            for name, chosen in kinds.items()
        ],
        "rounding": _crossing(steps[: best + 1], worst[:, : best + 1], threshold),
        "curvature": _crossing(steps[best:], worst[:, best:], threshold),
        "below": significant(steps[(worst < np.log10(threshold)).all(axis=0)], 3),
        "left_out": arrays["small_left_out"].sum(axis=(0, 2, 3)).tolist(),
    }


def _worst(small: Array) -> Array:
    """log₁₀ of the largest difference of each seed, (seeds, steps)."""
    return np.asarray(np.log10(np.maximum(np.nanmax(small, axis=(2, 3, 4)), _LEAST)))


def _crossing(steps: Array, worst: Array, threshold: float) -> Crossing | None:
    """Where the mean over seeds of the logarithm of the worst case crosses the threshold; None if it does not."""
    samples = dict(zip(steps.tolist(), worst.T, strict=True))
    found = Crossing(samples, float(np.log10(threshold)), logarithmic=True, paired=True)
    return found if np.isfinite(found.value()) else None


def about_cases(
    arrays: dict[str, Array], at_step: Array, left_out: int, sweep: dict[str, Any], threshold: float
) -> str:
    """What the cases are, the worst of each kind, and the steps for which they are below the threshold."""
    networks, checked = len(ACTIVATIONS) * len(COSTS), int(arrays["checked"][0].sum())
    start, end = (np.nanmax(arrays["trained"][:, place], initial=0) for place in range(2))
    note = (
        f"with steps h = {arrays['step'][0]:g}, the largest difference is {np.nanmax(at_step):.1e} for all "
        f"{arrays['small_parameters'][0]:,} parameters of each of {counted(networks, 'small network')} per seed. For "
        f"{counted(checked, 'parameter')} of the trained network, it is {start:.1e} before and {end:.1e} after "
        "training. The gradient of a computation graph of the small networks, differentiated one number at a time, "
        f"differs from that of backpropagation by at most {arrays['tape'].max():.1e}"
    )
    crossed = int(arrays["trained_left_out"].sum())
    crossed += sweep["left_out"][int(np.argmin(abs(arrays["steps"][0] - arrays["step"][0])))]
    if crossed:
        of = "parameter" if crossed == 1 else "parameters"
        note += f"; {crossed:,} {of} whose nudge crosses a kink left out"
    if left_out:
        note += f"; {counted(left_out, 'layer')} without any other parameter left out"
    if sweep["below"]:
        low, high = sweep["below"][0], sweep["below"][-1]
        places = np.flatnonzero(np.isin(significant(arrays["steps"][0], 3), sweep["below"]))
        some = "steps" if np.ptp(places) < len(places) else "some steps"
        steps = f"for {some} from {low:g} to {high:g}" if low < high else f"for a step of {low:g}"
        note += (
            f". In the small networks, every difference is below {threshold:g} {steps}; smaller steps lose digits to "
            "rounding, and with larger ones, the curvature changes along the step"
        )
    else:
        note += f"; with none of the steps, every difference of the small networks is below {threshold:g}"
    return note
