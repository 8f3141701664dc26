"""Family *network*: what the function is."""

from typing import Any

import numpy as np

from downhill.claims.inputs import Inputs, percent
from downhill.claims.measurement import Exact, Measurement, NotMeasuredError, PerSeed, Sample, gives
from downhill.network.architecture import count_parameters


@gives("layer_sizes", "never_on", "seed", "maps", "stuck", of_classes=False)
def parameter_count(inputs: Inputs) -> Measurement:
    """Number of weights and biases, counted exactly."""
    network = inputs.only_network()
    count = count_parameters(network.layer_sizes)
    seed = network.seeds[0]
    never_on = ~network.training_images(seed).images.any(axis=0)
    width = network.layer_sizes[1]
    stuck = int(never_on.sum()) * width
    (W, _) = network.weights(seed)[0]
    maps = np.round(W.T.reshape(width, *network.data.image_shape).astype(float), 4)
    return Measurement(
        Exact(count),
        note=f"{int(never_on.sum())} pixels are never lit in training, so {stuck:,} first-layer weights never move",
        data={
            "layer_sizes": network.layer_sizes,
            "never_on": never_on.astype(int),
            "seed": seed,
            "maps": maps,
            "stuck": stuck,
        },
    )


@gives("shares", "accuracy", "confusion", "classes", "n_images")
def exactly_one_bright(inputs: Inputs) -> Measurement:
    """Share of test images with exactly one output above one half."""
    network = inputs.only_network()
    above = network.predictions["above_half"]
    right = network.predictions["predicted"] == network.predictions["labels"]
    groups = {"0": above == 0, "1": above == 1, "2 or more": above >= 2}
    shares = {name: group.mean(axis=1) for name, group in groups.items()}
    accuracy = {
        name: [_share(row, where) for row, where in zip(right, group, strict=True)]
        for name, group in groups.items()
    }
    confusion = network.table("confusion").groupby(["label", "predicted"]).images.mean().unstack()
    return Measurement(
        PerSeed(shares["1"]),
        note=f"the brightest output is right on {percent(right.mean())} of test images, "
        f"and on {percent(np.nanmean(accuracy['1']))} of those with exactly one bright output",
        data={
            "shares": {name: Sample(values) for name, values in shares.items()},
            "accuracy": {name: Sample(values) for name, values in accuracy.items()},
            "confusion": confusion.to_numpy(),
            "classes": network.classes,
            "n_images": above.shape[1],
        },
    )


@gives("shifts", "curves", "seed", "n_images", of_classes=False)
def rising_with_bias(inputs: Inputs) -> Measurement:
    """Share of hidden units whose mean activation strictly rises as their bias is raised."""
    result = inputs.only_experiment()
    curves, layer_of_unit, shifts = (result.only()[name] for name in ("curves", "layer", "shifts"))
    if curves.shape[1] == 0:
        raise NotMeasuredError("a network without hidden layers has no hidden units")
    rising = (np.diff(curves, axis=2) > 0).all(axis=2).mean(axis=1)
    n_images = int(result.only()["images"][0])
    first = [np.round(curves[0, layer_of_unit[0] == layer], 5) for layer in np.unique(layer_of_unit[0])]
    return Measurement(
        # Every unit of every network counts: a single exception refutes the claim.
        Exact(float(np.min(rising)), n=len(rising)),
        note=f"{curves.shape[1]} hidden units in each of {len(rising)} networks, mean over {n_images:,} test images",
        data={
            "shifts": shifts[0],
            "curves": first,
            "seed": int(result.seeds()[0]),
            "n_images": n_images,
        },
    )


def _share(values: Any, where: Any) -> float:
    """Mean of `values` where a condition holds; NaN where it never does."""
    return float(values[where].mean()) if where.any() else float("nan")
