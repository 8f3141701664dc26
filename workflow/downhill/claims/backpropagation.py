"""Family *backpropagation*: whether the gradient that it computes is exact, and what it costs."""

from typing import Any

import numpy as np

from downhill.claims.backpropagation_cases import about_cases, rows_of, sweep_of
from downhill.claims.backpropagation_costs import about_counts, by_width
from downhill.claims.backpropagation_graph import drawn_graph
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, gives
from downhill.claims.parts import Exact, NotMeasuredError, Universal
from downhill.experiments.backpropagation_checks import ACTIVATIONS, COSTS
from downhill.network.architecture import count_parameters


@gives(
    "rows", "sweep", "step", "threshold", "graph", "seeds", "n_images", "shape",
    of_classes=False, reads=("backpropagation.gradient_checks",),
)  # fmt: skip
def gradient_and_differences(inputs: Inputs, *, threshold: float = 1e-6) -> Measurement:
    """Relative difference ‖g − n‖ / (‖g‖ + ‖n‖) of backpropagation's gradient g and an independent one, n, by layer.

    Every case is one layer of one network with one seed. The independent gradient consists of central differences: for
    all parameters of small networks, with every cost and every activation that has a slope, and for some parameters of
    the trained network, at the start and at the end of training. The small networks are also compared with the gradient
    that a computation graph gives, one number at a time. The `threshold` is for the note and the figure, which show for
    which steps of the differences the worst case lies below it.
    """
    result = inputs.only_experiment()
    arrays = result.only()
    if not len(arrays["step"]):
        raise NotMeasuredError("there is no seed")
    at_step = arrays["small"][:, int(np.argmin(abs(arrays["steps"][0] - arrays["step"][0])))]
    cases = np.concatenate([np.ravel(one) for one in (at_step, arrays["tape"], arrays["trained"])])
    left_out = int(np.isnan(cases).sum())
    sweep = sweep_of(arrays, threshold)
    return Measurement(
        Universal(cases[np.isfinite(cases)]),
        note=about_cases(arrays, at_step, left_out, sweep, threshold),
        data={
            "rows": rows_of(arrays, at_step),
            "sweep": sweep,
            "step": float(arrays["step"][0]),
            "threshold": threshold,
            "graph": drawn_graph(),
            "seeds": len(arrays["step"]),
            "n_images": int(arrays["images"][0]),
            "shape": {
                "networks": len(ACTIVATIONS) * len(COSTS),
                "parameters": int(arrays["small_parameters"][0]),
                "checked": int(arrays["checked"][0].sum()),
            },
        },
    )


@gives(
    "counts", "parameters", "layer_sizes", "widths",
    of_classes=False, reads=("backpropagation.operations",),
)  # fmt: skip
def backward_over_forward(inputs: Inputs, *, limit: float = 3.0) -> Measurement:
    """Multiplications and additions of a backward pass over those of a forward pass, counted one by one.

    The backward pass gives the derivatives of the mean cost of a few images with respect to all weights and biases.
    The operations are counted on a computation graph of the whole network. Values of functions such as eᶻ are counted
    separately and left out of the ratio. Most of them are needed in the forward pass alone, so including them would
    usually lower the ratio. The `limit` is for the note, which says for which widths of other networks the ratio lies
    below it.
    """
    arrays = inputs.only_experiment().only()
    if not len(arrays["tape"]):
        raise NotMeasuredError("there is no seed")
    if (arrays["tape"] != arrays["tape"][:1]).any():
        raise NotMeasuredError("the numbers of operations differ between seeds")
    tape, formulas, images = arrays["tape"][0], arrays["formulas"][0], arrays["images"][0].tolist()
    sizes = arrays["layer_sizes"][0].tolist()
    parameters, widths = count_parameters(sizes), by_width(images, limit)
    forward, backward = tape[-1, :, :2].sum(axis=1).tolist()
    return Measurement(
        Exact(backward / forward),
        note=about_counts(arrays, parameters, widths, limit),
        data={
            "counts": [
                _described(count, *passes) for count, *passes in zip(images, tape, formulas, strict=True)
            ],
            "parameters": parameters,
            "layer_sizes": sizes,
            "widths": widths,
        },
    )


def _described(images: int, tape: Any, formulas: Any) -> dict[str, Any]:
    """Operations of both passes by name, for some number of images."""
    kinds = ("multiplications", "additions", "functions")
    return {
        "images": images,
        "tape": {
            name: dict(zip(kinds, one.tolist(), strict=True))
            for name, one in zip(("forward", "backward"), tape, strict=True)
        },
        "formulas": dict(zip(("forward", "backward"), formulas[:, :2].sum(axis=1).tolist(), strict=True)),
    }
