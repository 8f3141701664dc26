"""Family *inside*: what the hidden layers look like."""

import numpy as np
from numpy.typing import NDArray

from downhill.analysis.gabor import FEWEST_PIXELS
from downhill.claims.inputs import Inputs
from downhill.claims.inside_drawings import (
    about_climbs,
    crossing_of,
    drawings_of,
    names_of_settings,
)
from downhill.claims.inside_probes import compared_with_other_sets, gains_of_other_sets
from downhill.claims.inside_units import (
    examples_of_fits,
    means_of_units,
    medians_of_units,
    some_of,
)
from downhill.claims.measurement import Measurement, Sample, gives, significant
from downhill.claims.parts import NotMeasuredError, PerSeed
from downhill.claims.wording import counted, mean_text, percent, percent_as_given
from downhill.experiments.inside_drawings import JUDGES, NO_ANSWER, STARTS
from downhill.experiments.inside_probes import REPRESENTATIONS
from downhill.experiments.inside_weights import FITTED, REGIONS

Array = NDArray[np.float64]

_MOST_MAPS = 8
_MOST_ADDED = 32  # units whose contributions are drawn


@gives(
    "explained", "examples", "among", "seed", "needed", "pixels", "lit",
    of_classes=False, reads=("inside.gabor_fits",),
)  # fmt: skip
def explained_by_gabor(inputs: Inputs, *, needed: float = 0.8) -> Measurement:
    """Variance of a unit's first-layer weights explained by the best-fitting Gabor function, median over units.

    It is a share of the whole variance. `needed` is the share that the fits must reach in every seed for edges planted
    into untrained weights; otherwise they are not trusted.
    """
    result = inputs.only_experiment()
    arrays = result.only()
    pixels = int(arrays["mask"][0].sum())
    if pixels < FEWEST_PIXELS:
        raise NotMeasuredError(
            f"a Gabor function needs at least {counted(FEWEST_PIXELS, 'pixel')} that are lit in at least "
            f"{percent_as_given(arrays['lit'][0])} of training images; there {'is' if pixels == 1 else 'are'} {pixels}"
        )
    by_kind = dict(zip(FITTED, arrays["explained"].astype(float).swapaxes(0, 1), strict=True))
    if np.isnan(by_kind["trained"]).all(axis=1).any():
        raise NotMeasuredError("in some network the first-layer weights of every unit are all the same")
    medians = {kind: medians_of_units(explained) for kind, explained in by_kind.items()}
    trained, planted = by_kind["trained"], medians["planted"]
    single = percent(np.nanmin(trained), 0), percent(np.nanmax(trained), 0)
    found = (
        f"for edges planted into untrained weights, it is at least {percent(planted.min(), 1)} in each seed, so the "
        "fits find edges where there are any"
        if planted.min() > needed
        else f"for edges planted into untrained weights, it is only {percent(planted.min(), 1)} in some seed, so the "
        "fits cannot be trusted"
    )
    controls = " and ".join(
        f"{percent(np.nanmean(medians[kind]), 1)} for {name}"
        for kind, name in (
            ("untrained", "untrained weights"),
            ("permuted", "trained weights in random order"),
        )
        if np.isfinite(medians[kind]).any()
    )
    return Measurement(
        PerSeed(medians["trained"]),
        note="a Gabor function is a striped spot, the usual model of an edge detector; single units range from "
        f"{single[0]} to {single[1]}; for comparison, the median is {controls or 'undefined for the controls'}; "
        f"{found}",
        data={
            "explained": {
                kind: {"medians": Sample(medians[kind]), "units": some_of(explained)}
                for kind, explained in by_kind.items()
            },
            "examples": examples_of_fits(arrays),
            "among": arrays["maps"].shape[2],
            "seed": int(result.seeds()[0]),
            "needed": needed,
            "pixels": pixels,
            "lit": float(arrays["lit"][0]),
        },
    )


@gives(
    "morans_i", "beyond", "limit", "maps", "mask", "seed", "lit",
    of_classes=False, reads=("inside.neighbouring_weights",),
)  # fmt: skip
def neighbours_alike(inputs: Inputs) -> Measurement:
    """Share of first-layer units whose neighbouring weights are more alike (Moran's I) than in 99 % of shuffles."""
    result = inputs.only_experiment()
    arrays = result.only()
    beyond = {
        kind: means_of_units(values)
        for kind, values in zip(("trained", "untrained"), arrays["beyond"].swapaxes(0, 1), strict=True)
    }
    if np.isnan(beyond["trained"]).any():
        raise NotMeasuredError(
            "Moran's I needs neighbouring pixels that are lit in at least "
            f"{percent_as_given(arrays['lit'][0])} of training images, and units whose weights differ there"
        )
    morans_i = {
        region: {
            kind: {"means": Sample(means_of_units(values), limited=False), "units": some_of(values)}
            for kind, values in zip(
                ("trained", "untrained"), arrays["morans_i"][:, :, place].swapaxes(0, 1), strict=True
            )
        }
        for place, region in enumerate(REGIONS)
    }
    inner, outer = (mean_text(arrays["morans_i"][:, 0, place]) for place in (1, 2))
    everywhere = [mean_text(arrays["morans_i"][:, kind, 0]) for kind in (0, 1)]
    control = (
        percent(np.nanmean(beyond["untrained"]), 1) if np.isfinite(beyond["untrained"]).any() else "undefined"
    )
    return Measurement(
        PerSeed(beyond["trained"]),
        note=f"before training, the share is {control}; Moran's I, which is 1 if neighbours are equal and 0 if they "
        f"are unrelated, is {everywhere[0]} on average (before training {everywhere[1]}), {inner} in the middle of the "
        f"image and {outer} outside it",
        data={
            "morans_i": morans_i,
            "beyond": {kind: Sample(values) for kind, values in beyond.items()},
            "limit": float(np.nanmean(arrays["limit"][:, 0])),
            "maps": {
                kind: [
                    {"weights": significant(map_, 4), "morans_i": significant(value, 4)}
                    for map_, value in zip(
                        arrays["maps"][0, place, :_MOST_MAPS], arrays["morans_i"][0, place, 0], strict=False
                    )
                ]
                for place, kind in enumerate(("trained", "untrained"))
            },
            "mask": arrays["mask"][0].astype(int),
            "seed": int(result.seeds()[0]),
            "lit": float(arrays["lit"][0]),
        },
    )


@gives(
    "accuracy", "majority", "gain", "others", "conclusion", "loops", "added", "classes", "seed", "n_images",
    reads=("inside.loop_probes",),
)  # fmt: skip
def loops_in_second_layer(inputs: Inputs) -> Measurement:
    """Accuracy of a linear probe for classes with a loop: on layer 2, minus that on random features of layer 1.

    A probe is a linear classifier of a layer's activations. There are as many random features as layer 2 has units.
    """
    network, result = inputs.only_network(), inputs.only_experiment()
    arrays = result.only()
    if len(network.net.hidden_layers) < 2:
        raise NotMeasuredError(f"network '{network.name}' has no second hidden layer")
    by_name = dict(zip(REPRESENTATIONS, arrays["accuracy"].T, strict=True))
    gain = by_name["layer 2"] - by_name["random features"]
    if not np.isfinite(gain).all():
        raise NotMeasuredError(
            "the probes need at least five test images of classes with a loop, and five of the others"
        )
    loops = [network.classes[label] for label in arrays["loops"][0]]
    others = gains_of_other_sets(arrays, network.classes)
    means = ", ".join(f"{percent(by_name[name].mean(), 1)} on {name}" for name in REPRESENTATIONS)
    conclusion = ""
    if others:
        by_set = np.array([one["gain"].values for one in others])
        conclusion = compared_with_other_sets(gain, by_set)
    return Measurement(
        PerSeed(gain),
        note=f"the accuracy of the probe, a linear classifier, is {means}; always giving the more frequent answer "
        f"would get {percent(arrays['majority'][0], 1)} right" + (f"; {conclusion}" if conclusion else ""),
        data={
            "accuracy": {name: Sample(values) for name, values in by_name.items()},
            "majority": float(arrays["majority"][0]),
            "gain": Sample(gain, limited=False),
            "others": others,
            "conclusion": conclusion,
            "loops": loops,
            "added": significant(arrays["added"][0][:_MOST_ADDED], 4),
            "classes": network.classes,
            "seed": int(result.seeds()[0]),
            "n_images": int(arrays["images"][0]),
        },
    )


@gives(
    "shares", "untrained", "own", "threshold", "crossing", "right", "climbs", "drawings", "classes", "seed",
    reads=("inside.drawn_images",),
)  # fmt: skip
def drawings_recognised(inputs: Inputs, *, threshold: float = 0.5) -> Measurement:
    """Share of images, drawn from grey to maximise an output, that nearest neighbours assign to that output's class.

    The figure also shows the penalty on roughness at which the mean share crosses `threshold`.
    """
    network, result = inputs.only_network(), inputs.only_experiment()
    arrays = result.only()
    if (arrays["called"] == NO_ANSWER).any():
        raise NotMeasuredError("there are no training images with a class to compare the drawings with")
    if not arrays["moved"][:, 0].any():
        raise NotMeasuredError("no output has a gradient with respect to the pixels, so nothing is drawn")
    wanted = np.arange(len(network.classes))
    shares = (arrays["called"] == wanted).mean(axis=3)  # (seeds, judges, settings)
    untrained = (arrays["untrained"] == wanted).mean(axis=2)  # (seeds, judges)
    settings = names_of_settings(arrays)
    by_penalty = {
        float(weight): shares[:, 0, place]
        for place, weight in enumerate(arrays["smoothness"][0])
        if place >= len(STARTS)
    }
    climbs = about_climbs(arrays)
    own = (arrays["answered"] == wanted).mean(axis=2)  # (seeds, settings)
    note = f"{climbs}; " if climbs else ""
    note += (
        f"the networks themselves recognise {percent(own[:, 0].mean(), 0)} of the drawings from grey; nearest "
        "neighbours recognise "
        + ", ".join(
            f"{percent(shares[:, 0, place].mean(), 1)} of those {name}"
            for place, name in enumerate(settings)
            if 0 < place < len(STARTS)
        )
    )
    if by_penalty:
        best = max(by_penalty, key=lambda weight: float(by_penalty[weight].mean()))
        note += (
            f", at most {percent(by_penalty[best].mean(), 1)} with a penalty on roughness (weight {best:g})"
        )
    by_correlation = shares[:, 1].mean(axis=0)
    best_place = int(by_correlation.argmax())
    note += (
        f", and {percent(untrained[:, 0].mean(), 1)} of those of untrained networks from grey; nearest neighbours by "
        f"correlation, which ignores brightness and contrast, recognise {percent(by_correlation[0], 1)} of those from "
        f"grey, and at most {percent(by_correlation[best_place], 1)} ({settings[best_place]})"
    )
    if np.isfinite(arrays["right"][0]).all():
        note += f"; nearest neighbours get {percent(arrays['right'][0, 0], 1)} of real test images right"
    return Measurement(
        PerSeed(shares[:, 0, 0]),
        note=note,
        data={
            "shares": {
                judge: {name: Sample(shares[:, row, place]) for place, name in enumerate(settings)}
                for row, judge in enumerate(JUDGES)
            },
            "untrained": {judge: Sample(untrained[:, row]) for row, judge in enumerate(JUDGES)},
            "own": {name: Sample(own[:, place]) for place, name in enumerate(settings)},
            "threshold": threshold,
            "crossing": crossing_of(by_penalty, threshold),
            "right": {judge: significant(arrays["right"][0, row], 4) for row, judge in enumerate(JUDGES)},
            "climbs": climbs,
            "drawings": drawings_of(arrays),
            "classes": network.classes,
            "seed": int(result.seeds()[0]),
        },
    )
