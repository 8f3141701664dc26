"""Family *inside*: what the hidden layers look like."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.analysis.gabor import FEWEST_PIXELS
from downhill.claims.inference import mean_intervals
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, Sample, gives
from downhill.claims.parts import NotMeasuredError, PerSeed
from downhill.claims.sweeps import Crossing, crossing
from downhill.claims.wording import counted, percent, percent_as_given
from downhill.config.settings import Statistics
from downhill.experiments.inside import FITTED, JUDGES, NO_ANSWER, REGIONS, REPRESENTATIONS, STARTS

Array = NDArray[np.float64]

_MOST_UNITS = 800  # whose numbers are drawn
_RANKS = 5  # units whose fits are drawn, from the best to the worst
_MOST_MAPS = 8
_MOST_CLASSES = 10  # whose images are drawn
_MOST_ADDED = 32  # units whose contributions are drawn


@dataclass(frozen=True)
class Difference(Sample):
    """One difference per seed in the data of a figure: as a `Sample`, but the interval may extend below 0."""

    def described(self, settings: Statistics) -> dict[str, Any]:
        """As `Sample.described`."""
        found, intervals = super().described(settings), mean_intervals(self.values, settings)
        ends = intervals.usual._asdict() if intervals else {}
        return found | ends


@gives("explained", "examples", "seed", "needed", "pixels", "lit", of_classes=False)
def explained_by_gabor(inputs: Inputs, *, needed: float = 0.8) -> Measurement:
    """Share of the variance of a unit's first-layer weights that the best Gabor function explains, median over units.

    `needed` is what edges planted into untrained weights must reach in every seed for the fits to be trusted.
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
    medians = {kind: _medians(explained) for kind, explained in by_kind.items()}
    trained, planted = by_kind["trained"], medians["planted"]
    single = percent(np.nanmin(trained), 0), percent(np.nanmax(trained), 0)
    found = (
        f"edges planted into untrained weights reach {percent(planted.min(), 1)} or more in each seed, so the fits "
        "find edges where there are any"
        if planted.min() > needed
        else f"edges planted into untrained weights reach only {percent(planted.min(), 1)} in some seed, so the "
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
        note=f"single units range from {single[0]} to {single[1]}; it is {controls or 'undefined for the controls'}; "
        f"{found}",
        data={
            "explained": {
                kind: {"medians": Sample(medians[kind]), "units": _some(explained)}
                for kind, explained in by_kind.items()
            },
            "examples": _examples(arrays),
            "seed": int(result.seeds()[0]),
            "needed": needed,
            "pixels": pixels,
            "lit": float(arrays["lit"][0]),
        },
    )


@gives("morans_i", "beyond", "limit", "maps", "mask", "seed", "lit", of_classes=False)
def neighbours_alike(inputs: Inputs) -> Measurement:
    """Share of first-layer units whose neighbouring weights are more alike (Moran's I) than in 99 % of shuffles."""
    result = inputs.only_experiment()
    arrays = result.only()
    beyond = {
        kind: _means(values)
        for kind, values in zip(("trained", "untrained"), arrays["beyond"].swapaxes(0, 1), strict=True)
    }
    if np.isnan(beyond["trained"]).any():
        raise NotMeasuredError(
            "Moran's I needs neighbouring pixels that are lit in at least "
            f"{percent_as_given(arrays['lit'][0])} of training images, and units whose weights differ there"
        )
    morans_i = {
        region: {
            kind: {"means": Sample(_means(values)), "units": _some(values)}
            for kind, values in zip(
                ("trained", "untrained"), arrays["morans_i"][:, :, place].swapaxes(0, 1), strict=True
            )
        }
        for place, region in enumerate(REGIONS)
    }
    inner, outer = (_mean_text(arrays["morans_i"][:, 0, place]) for place in (1, 2))
    everywhere = [_mean_text(arrays["morans_i"][:, kind, 0]) for kind in (0, 1)]
    control = (
        f"{percent(np.nanmean(beyond['untrained']), 1)} of them before training"
        if np.isfinite(beyond["untrained"]).any()
        else "undefined before training"
    )
    return Measurement(
        PerSeed(beyond["trained"]),
        note=f"{control}; the mean I is {everywhere[0]} (untrained {everywhere[1]}), {inner} in the middle of the "
        f"image and {outer} outside it",
        data={
            "morans_i": morans_i,
            "beyond": {kind: Sample(values) for kind, values in beyond.items()},
            "limit": float(np.nanmean(arrays["limit"][:, 0])),
            "maps": {
                kind: [
                    {"weights": _rounded(map_), "morans_i": _number(value)}
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


@gives("accuracy", "majority", "gain", "others", "loops", "added", "classes", "seed", "n_images")
def loops_in_second_layer(inputs: Inputs) -> Measurement:
    """Accuracy of a linear probe for classes with a loop from layer 2, minus that from random features of layer 1.

    There are as many random features as layer 2 has units.
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
    others = _other_gains(arrays, network.classes)
    means = ", ".join(f"{percent(by_name[name].mean(), 1)} from {name}" for name in REPRESENTATIONS)
    control = ""
    if others:
        spread = [float(100 * np.mean(one["gain"].values)) for one in others]
        control = (
            f"; for {counted(len(others), 'other set')} of as many classes, drawn at random, layer 2 gains "
            f"{np.mean(spread):.1f} points on average ({min(spread):.1f} to {max(spread):.1f}), for "
            f"those with a loop {100 * gain.mean():.1f}"
        )
    return Measurement(
        PerSeed(gain),
        note=f"accuracy is {means}; always giving the more frequent answer gets "
        f"{percent(arrays['majority'][0], 1)}{control}",
        data={
            "accuracy": {name: Sample(values) for name, values in by_name.items()},
            "majority": float(arrays["majority"][0]),
            "gain": Difference(gain),
            "others": others,
            "loops": loops,
            "added": _rounded(arrays["added"][0][:_MOST_ADDED]),
            "classes": network.classes,
            "seed": int(result.seeds()[0]),
            "n_images": int(arrays["images"][0]),
        },
    )


@gives("shares", "untrained", "own", "threshold", "crossing", "right", "drawings", "classes", "seed")
def drawings_recognised(inputs: Inputs, *, threshold: float = 0.5) -> Measurement:
    """Share of images drawn from grey to maximise an output that nearest neighbours take for its class.

    `threshold` is the share for which the weight of the penalty is reported at which the mean crosses it.
    """
    network, result = inputs.only_network(), inputs.only_experiment()
    arrays = result.only()
    if (arrays["called"] == NO_ANSWER).any():
        raise NotMeasuredError("there are no training images with a class to compare the drawings with")
    if not arrays["moved"][:, 0].any():
        raise NotMeasuredError("no output has a gradient in the pixels, so nothing is drawn")
    wanted = np.arange(len(network.classes))
    shares = (arrays["called"] == wanted).mean(axis=3)  # (seeds, judges, settings)
    untrained = (arrays["untrained"] == wanted).mean(axis=2)  # (seeds, judges)
    settings = _settings(arrays)
    by_penalty = {
        float(weight): shares[:, 0, place]
        for place, weight in enumerate(arrays["smoothness"][0])
        if place >= len(STARTS)
    }
    own = (arrays["answered"] == wanted).mean(axis=2)  # (seeds, settings)
    note = _about_climbs(arrays, own[:, 0]) + ", ".join(
        f"{name} {percent(shares[:, 0, place].mean(), 1)}"
        for place, name in enumerate(settings)
        if 0 < place < len(STARTS)
    )
    if by_penalty:
        best = max(by_penalty, key=lambda weight: float(by_penalty[weight].mean()))
        note += (
            f", with a penalty on roughness at most {percent(by_penalty[best].mean(), 1)} (weight {best:g})"
        )
    by_correlation = shares[:, 1].mean(axis=0)
    best_place = int(by_correlation.argmax())
    note += (
        f", before training {percent(untrained[:, 0].mean(), 1)}; with neighbours by correlation it is "
        f"{percent(by_correlation[0], 1)}, and at most {percent(by_correlation[best_place], 1)} "
        f"({settings[best_place]})"
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
            "crossing": _crossing(by_penalty, threshold),
            "right": {judge: _number(arrays["right"][0, row]) for row, judge in enumerate(JUDGES)},
            "drawings": _drawings(arrays),
            "classes": network.classes,
            "seed": int(result.seeds()[0]),
        },
    )


def _medians(explained: Array) -> Array:
    """The median over units of each seed (n, units), without units that could not be fitted; NaN if there are none."""
    return np.array(
        [np.median(row[np.isfinite(row)]) if np.isfinite(row).any() else np.nan for row in explained]
    )


def _means(values: ArrayLike) -> Array:
    """The mean over units of each seed (n, units), without units where it is undefined; NaN if there are none."""
    rows = np.asarray(values, np.float64)
    return np.array([row[np.isfinite(row)].mean() if np.isfinite(row).any() else np.nan for row in rows])


def _mean_text(values: ArrayLike) -> str:
    """The mean of the numbers that are defined, as text."""
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    return f"{known.mean():.2f}" if len(known) else "undefined"


def _some(values: ArrayLike) -> list[float]:
    """The finite numbers of all seeds and units, at most so many that single marks can be told apart."""
    known = np.asarray(values, np.float64).ravel()
    known = known[np.isfinite(known)]
    kept = np.unique(np.linspace(0, max(0, len(known) - 1), min(len(known), _MOST_UNITS)).astype(int))
    return [float(f"{one:.4g}") for one in known[kept]]


def _number(value: Any) -> float | None:
    """A number for JSON; None if it is not finite."""
    return float(f"{float(value):.4g}") if np.isfinite(value) else None


def _rounded(values: ArrayLike) -> list[Any]:
    """An array as nested lists with four significant digits; None for NaN."""
    array = np.asarray(values, np.float64)
    flat = [_number(value) for value in array.ravel()]
    shaped = np.empty(array.size, object)
    shaped[:] = flat
    return shaped.reshape(array.shape).tolist()  # type: ignore[no-any-return]


def _examples(arrays: dict[str, Any]) -> list[dict[str, Any]]:
    """Units of the first seed with their fits: trained ones from the best to the worst, and one of each control."""
    found = []
    for place, kind in enumerate(FITTED):
        maps, fits = arrays["maps"][0, place], arrays["fits"][0, place]
        explained = arrays["explained"][0, place, : len(maps)]
        order = np.flatnonzero(np.isfinite(explained))
        order = order[np.argsort(-explained[order], kind="stable")]
        ranks = (
            np.linspace(0, len(order) - 1, min(_RANKS, len(order)))
            if kind == "trained"
            else [len(order) // 2]
        )
        for unit in order[np.unique(np.round(ranks).astype(int))] if len(order) else ():
            found.append(
                {
                    "kind": kind,
                    "unit": int(unit) + 1,
                    "explained": _number(explained[unit]),
                    "map": _rounded(maps[unit]),
                    "fit": _rounded(fits[unit]),
                }
            )
    return found


def _other_gains(arrays: dict[str, Any], classes: tuple[str, ...]) -> list[dict[str, Any]]:
    """For each other set of classes, its names and what layer 2 gains on the random features."""
    found = []
    for place, labels in enumerate(arrays["other_sets"][0]):
        gain = arrays["others"][:, place, 0] - arrays["others"][:, place, 1]
        if np.isfinite(gain).all():
            found.append({"classes": [classes[label] for label in labels], "gain": Difference(gain)})
    return found


def _crossing(samples: dict[float, Array], threshold: float) -> Crossing | None:
    """Where the share crosses the threshold as the weight of the penalty rises; None where it does not."""
    weights = sorted(samples)
    if len(weights) < 2 or weights[0] <= 0:
        return None
    found = crossing(weights, [samples[weight].mean() for weight in weights], threshold, logarithmic=True)
    return Crossing(samples, threshold, logarithmic=True) if np.isfinite(found) else None


def _about_climbs(arrays: dict[str, Any], own: Array) -> str:
    """How far climbs from grey get, and what the networks themselves answer: the first part of the note."""
    reached, real = float(arrays["reached"][:, 0].mean()), arrays["real"]
    found = f"the networks themselves give {percent(own.mean(), 0)} of these images that class"
    if np.isfinite(real).any():
        usual = float(np.nanmean(real))
        stuck = "climbs from grey get stuck: their " if reached < usual else ""
        found = f"{stuck}z is {reached:.1f} on average, against {usual:.1f} on real images, and {found}"
    return f"{found}; "


def _settings(arrays: dict[str, Any]) -> list[str]:
    """Names of the settings of the ascent."""
    penalties = arrays["smoothness"][0, len(STARTS) :]
    return [*STARTS, *(f"penalty {weight:g}" for weight in penalties)]


def _drawings(arrays: dict[str, Any]) -> dict[str, Any]:
    """Drawings of the first seed by setting, and real images; each as the hexadecimal digits of its pixels."""
    first = {key: arrays[key][0, ..., :_MOST_CLASSES] for key in ("reached", "real")}
    real = arrays["typical"][0, :_MOST_CLASSES]
    rows = [
        {
            "setting": name,
            "images": [image.tobytes().hex() for image in arrays["drawn"][0, place, :_MOST_CLASSES]],
            "called": {
                judge: arrays["called"][0, row, place, :_MOST_CLASSES] for row, judge in enumerate(JUDGES)
            },
            "z": _rounded(first["reached"][place]),
        }
        for place, name in enumerate(_settings(arrays))
    ]
    return {
        "shape": real.shape[1:],
        "real": [
            None if np.isnan(image).any() else np.round(255 * image).astype(np.uint8).tobytes().hex()
            for image in real
        ],
        "real_z": _rounded(first["real"]),
        "rows": rows,
    }
