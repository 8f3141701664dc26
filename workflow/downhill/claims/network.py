"""Family *network*: what the function is."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from downhill.claims.evidence import Measurement, NotMeasuredError, only, percent
from downhill.network import reference
from downhill.network.architecture import count_parameters
from downhill.runs.evaluation import EvaluatedNetwork

_SHIFTS = np.linspace(-4, 4, 17)  # of a bias, in units of its weighted sum
_IMAGES = 1000  # test images over which a unit's mean activation is taken


def parameter_count(evaluations: Sequence[EvaluatedNetwork]) -> Measurement:
    """Number of weights and biases, counted exactly."""
    evaluation = only(evaluations)
    count = count_parameters(evaluation.layer_sizes)
    seed = evaluation.seeds[0]
    never_on = ~evaluation.training_images(seed).images.any(axis=0)
    width = evaluation.layer_sizes[1]
    stuck = int(never_on.sum()) * width
    (W, _) = evaluation.weights(seed)[0]
    maps = np.round(W.T.reshape(width, *evaluation.data.image_shape).astype(float), 4)
    return Measurement(
        [count],
        note=f"{int(never_on.sum())} pixels are never lit in training, so {stuck:,} first-layer weights never move",
        data={
            "layer_sizes": evaluation.layer_sizes,
            "never_on": never_on.astype(int),
            "seed": seed,
            "maps": maps,
            "stuck": stuck,
        },
        exact=True,
    )


def exactly_one_bright(evaluations: Sequence[EvaluatedNetwork]) -> Measurement:
    """Share of test images with exactly one output above one half."""
    evaluation = only(evaluations)
    above = evaluation.predictions["above_half"]
    right = evaluation.predictions["predicted"] == evaluation.predictions["labels"]
    shares = {str(k): (above == k).mean(axis=1) for k in (0, 1)} | {"2 or more": (above >= 2).mean(axis=1)}
    accuracy = {
        "0": [_share(row, above_row == 0) for row, above_row in zip(right, above, strict=True)],
        "1": [_share(row, above_row == 1) for row, above_row in zip(right, above, strict=True)],
        "2 or more": [_share(row, above_row >= 2) for row, above_row in zip(right, above, strict=True)],
    }
    confusion = evaluation.table("confusion").groupby(["label", "predicted"]).images.mean().unstack()
    return Measurement(
        shares["1"],
        note=f"the brightest output is right on {percent(right.mean())} of test images, "
        f"and on {percent(np.nanmean(accuracy['1']))} of those with exactly one bright output",
        data={
            "shares": shares,
            "accuracy": accuracy,
            "confusion": confusion.to_numpy(),
            "classes": evaluation.data.classes,
            "n_images": above.shape[1],
        },
    )


def rising_with_bias(evaluations: Sequence[EvaluatedNetwork]) -> Measurement:
    """Share of hidden units whose mean activation strictly rises as their bias is raised."""
    evaluation = only(evaluations)
    images = evaluation.data.test.images[:_IMAGES]
    net = evaluation.net
    if not net.hidden_layers:
        raise NotMeasuredError("a network without hidden layers has no hidden units")
    curves: list[Any] = []
    rising = []
    for seed in evaluation.seeds:
        weights = evaluation.weights(seed)
        activations, _ = reference.forward(weights, images, net)
        units = []
        for layer in range(len(net.hidden_layers)):
            W, b = (np.asarray(part, np.float64) for part in weights[layer])
            z = activations[layer] @ W + b
            means = [reference.activate(net.activation, z + shift).mean(axis=0) for shift in _SHIFTS]
            units.append(np.stack(means, axis=1))  # (units, shifts)
        rising.append(float((np.diff(np.concatenate(units), axis=1) > 0).all(axis=1).mean()))
        if seed == evaluation.seeds[0]:
            curves = [np.round(layer, 5) for layer in units]
    n_units = sum(net.hidden_layers)
    return Measurement(
        rising,
        note=f"{n_units} hidden units in each of {len(rising)} networks, mean over {len(images):,} test images",
        data={"shifts": _SHIFTS, "curves": curves, "seed": evaluation.seeds[0], "n_images": len(images)},
        summary=np.min,  # every unit of every network: one exception refutes it
        exact=True,
    )


def _share(values: Any, where: Any) -> float:
    """Mean of `values` where a condition holds; NaN where it never does."""
    return float(values[where].mean()) if where.any() else float("nan")
