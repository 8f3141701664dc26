"""Family *network*: what the function is."""

from typing import Any

import numpy as np

from downhill.claims.inference import rank_correlation
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, Sample, gives
from downhill.claims.parts import Exact, NotMeasuredError, PerSeed
from downhill.claims.wording import counted, mean_text, percent
from downhill.config.network import Network
from downhill.network.architecture import count_parameters

_MOST_POINTS = 3000  # in the data of a figure


@gives("layer_sizes", "never_on", "seed", "maps", "stuck", of_classes=False)
def parameter_count(inputs: Inputs) -> Measurement:
    """Number of weights and biases, counted exactly."""
    network = inputs.only_network()
    count = count_parameters(network.layer_sizes)
    seed = network.seeds[0]
    never_on = ~network.training_images(seed).images.any(axis=0)
    width = network.layer_sizes[1]
    dark = int(never_on.sum())
    # Without light a weight has no gradient, but weight decay moves it all the same.
    stuck = dark * width if network.net.epochs and not network.net.weight_decay else 0
    (W, _) = network.weights(seed)[0]
    maps = np.round(W.T.reshape(width, *network.data.image_shape).astype(float), 4)
    return Measurement(
        Exact(count),
        note=_about_dark_pixels(dark, dark * width, network.net),
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
    known = [share for share in accuracy["1"] if not np.isnan(share)]
    confusion = network.table("confusion").groupby(["label", "predicted"]).images.mean().unstack()
    return Measurement(
        PerSeed(shares["1"], by_image=above == 1),
        note=f"the brightest output is right on {percent(right.mean())} of test images, "
        + (
            f"and on {percent(np.mean(known))} of those with exactly one bright output"
            if known
            else "and none has exactly one bright output"
        ),
        data={
            "shares": {name: Sample(values) for name, values in shares.items()},
            "accuracy": {name: Sample(values) for name, values in accuracy.items()},
            "confusion": confusion.to_numpy(),
            "classes": network.classes,
            "n_images": above.shape[1],
        },
    )


@gives(
    "weights", "biases", "correlations", "seed", "n_images",
    parts=("strength", "tendency"), reads=("network.weights_and_biases",), of_classes=False,
)  # fmt: skip
def strength_and_tendency(inputs: Inputs) -> Measurement:
    """Rank correlations: |weight| with the change in activation if that weight is 0, and bias with mean activation."""
    result = inputs.only_experiment()
    arrays = result.only()
    if arrays["bias"].shape[1] < 2:
        raise NotMeasuredError("the biases of hidden units need at least two hidden units")
    strength, with_input, tendency = (
        [rank_correlation(x, y) for x, y in zip(first, second, strict=True)]
        for first, second in (
            (np.abs(arrays["weight"]), arrays["change"]),
            (np.abs(arrays["weight"]) * arrays["input"], arrays["change"]),
            (arrays["bias"], arrays["activation"]),
        )
    )
    if not np.isfinite([*strength, *tendency]).all():
        raise NotMeasuredError("in some network all weights, all biases or all activations are the same")
    by_layer = [
        [rank_correlation(np.abs(w[at]), c[at]) for w, c, at in zip(*columns, strict=True)]
        for columns in _by_layer(arrays)
    ]
    layers = ", ".join(map(mean_text, by_layer))
    return Measurement(
        [PerSeed(strength), PerSeed(tendency)],
        note=f"|weight| times the mean activation of its input has a correlation of {mean_text(with_input)}, since a "
        f"weight from a dark pixel does nothing; within single layers, the first correlation is {layers} (input side "
        f"first); means over {counted(int(arrays['images'][0]), 'test image')}",
        data={
            "weights": _drawn(arrays, "weight_layer", "weight", "change"),
            "biases": _drawn(arrays, "bias_layer", "bias", "activation"),
            "correlations": {
                "|weight|": Sample(strength),
                "|weight| × mean input": Sample(with_input),
                "bias": Sample(tendency),
            },
            "seed": int(result.seeds()[0]),
            "n_images": int(arrays["images"][0]),
        },
    )


def _about_dark_pixels(dark: int, weights: int, net: Network) -> str:
    """What becomes of the first-layer weights of pixels that are never lit."""
    if not dark:
        return "every pixel is lit in some training image"
    pixels = f"{dark} {'pixels are' if dark != 1 else 'pixel is'} never lit in training"
    if not net.epochs:
        return f"{pixels}; the network is not trained, so no weight moves"
    counts = counted(weights, "first-layer weight")
    if net.weight_decay:
        return f"{pixels}, so only weight decay moves {counts}"
    return f"{pixels}, so {counts} never move{'s' if weights == 1 else ''}"


def _by_layer(arrays: dict[str, Any]) -> list[tuple[Any, Any, Any]]:
    """Weights, changes and masks of every seed, layer by layer."""
    layers = np.unique(arrays["weight_layer"])
    return [(arrays["weight"], arrays["change"], arrays["weight_layer"] == layer) for layer in layers]


def _drawn(arrays: dict[str, Any], layer: str, *names: str) -> dict[str, Any]:
    """Some arrays of the first seed, at most so many that single points can be told apart."""
    count = len(arrays[layer][0])
    kept = np.unique(np.linspace(0, count - 1, min(count, _MOST_POINTS)).astype(int))
    rounded = {name: [float(f"{number:.4g}") for number in arrays[name][0][kept]] for name in names}
    return rounded | {"layer": arrays[layer][0][kept]}


def _share(values: Any, where: Any) -> float:
    """Mean of `values` where a condition holds; NaN where it never does."""
    return float(values[where].mean()) if where.any() else float("nan")
