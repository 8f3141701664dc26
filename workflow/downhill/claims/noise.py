"""Family *noise*: confident nonsense."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, Sample, gives
from downhill.claims.noise_answers import TEST, Answers, answers_of, kinds_of
from downhill.claims.noise_data import (
    SURE,
    aurocs,
    confident,
    confident_of_thinned,
    curves,
    medians_of_thinned,
    pixels,
    sweep,
    wall,
)
from downhill.claims.parts import NotMeasuredError, PerSeed
from downhill.claims.wording import counted, percent
from downhill.runs.evaluation import EvaluatedNetwork


@gives("confident", "sure", "auroc", "curves", "answers", "wall", "sweep", "pixels")
def confident_share(
    inputs: Inputs, *, kinds: tuple[str, ...] = (), names: tuple[str, ...] = (), edge: float = 0.5
) -> Measurement:
    """Share of noise images whose largest output exceeds 0.9.

    It is measured on the first network of the row, and on the first kind of noise. The other kinds, the network's own
    test images and all other networks of the experiments are shown beside it. The area under the ROC curve says
    whether the largest output tells test images from noise: it is the probability that the output is higher for a test
    image than for an image of noise, so ½ means not at all.

    Parameters
    ----------
    kinds
        Data sets of noise, the one that the claim is about first; by default all that the experiment shows.
    names
        What they are called in notes and figures; by default the names of the data sets.
    edge
        The mean share at which the verdict flips; the note says how many of the pixels must be kept for it.
    """
    network, found = _subject(inputs)
    sets = {TEST: ""} | kinds_of(found, kinds, names)
    noise = [kind for kind in sets if kind != TEST]
    sure = {kind: confident(found, name) for kind, name in sets.items()}
    told = {kind: aurocs(found, sets[kind]) for kind in noise}
    share = sure[noise[0]]
    favourite = found.counts(sets[noise[0]])
    others = sweep(inputs, found, sets)
    thinned = pixels(found, confident_of_thinned(found), edge, "share")
    above = curves({found.network: found}, sets)
    half = above["half"][noise[0]].value()
    note = (
        f"{_range(share)}"
        + (f"; on average, half of the images have an output above {half:.2f}" if np.isfinite(half) else "")
        + "; the mean share is "
        + ", ".join(f"{percent(sure[kind].mean(), 0)} for {kind}" for kind in [*noise[1:], TEST])
        + f"; the largest output is higher for a test image than for {noise[0]} with a probability of "
        f"{_mean(told[noise[0]])} (area under the ROC curve); a seed gives its most frequent answer to "
        f"{percent(_most(favourite).mean(), 0)} of these images, {_favourites(favourite, network.classes)}"
    )
    if others[1:]:
        low, high = (pick(others[1:], key=_mean_share(noise[0])) for pick in (min, max))
        note += (
            f"; for other networks, the share for {noise[0]} ranges from {_shown_share(low, noise[0])} to "
            f"{_shown_share(high, noise[0])}"
        )
    if thinned:
        note += f"; {_about_pixels(thinned, 'the mean share of such images', percent(edge, 0))}"
    return Measurement(
        PerSeed(share),
        note,
        data={
            "confident": {kind: Sample(values) for kind, values in sure.items()},
            "sure": SURE,
            "auroc": {kind: Sample(values) for kind, values in told.items()},
            "curves": above,
            "answers": {
                "classes": network.classes,
                "seeds": found.seeds,
                "shares": {kind: _shares(found.counts(name)) for kind, name in sets.items()},
            },
            "wall": wall(found, sets, network.classes),
            "sweep": others,
            "pixels": thinned,
        },
    )


@gives("pairs", "differences", "kind")
def noise_minus_real(
    inputs: Inputs, *, kinds: tuple[str, ...] = (), names: tuple[str, ...] = ()
) -> Measurement:
    """Median largest output, noise minus test images, where the answer is the seed's most frequent one to noise.

    The favourite of a seed is the class that it gives most often to the first kind of noise (the first one of several).
    Test images count if the network gives them that class, whether it is right or not. Seeds that give it to no test
    image are left out. `kinds` and `names` are those of `confident_share`; each kind of noise has its own favourite.
    """
    network, found = _subject(inputs)
    sets = kinds_of(found, kinds, names)
    medians = {kind: _medians_of_favourites(found, name) for kind, name in sets.items()}
    kind = next(iter(sets))
    table = medians[kind]
    known = table.dropna()
    if known.empty:
        raise NotMeasuredError("no seed gives a test image the answer that it gives to noise most often")
    difference = known.noise - known.test
    note = (
        f"{_range(difference, digits=3)}; the means of the medians are {known.noise.mean():.3f} on {kind} and "
        f"{known.test.mean():.3f} on test images"
    )
    if others := [one for one in sets if one != kind and not medians[one].dropna().empty]:
        note += "; the same difference is " + ", ".join(
            f"{_mean(medians[one].noise - medians[one].test)} for {one}" for one in others
        )
    if left_out := len(table) - len(known):
        note += f"; left out: {left_out} of {counted(len(table), 'seed')}, for lack of test images with that answer"
    return Measurement(
        PerSeed(difference.to_numpy()),
        note,
        data={
            "pairs": [row | {"class": network.classes[row["favourite"]]} for row in known.to_dict("records")],
            "differences": {
                kind: Sample((one.noise - one.test).to_numpy(), limited=False)
                for kind, one in medians.items()
            },
            "kind": kind,
        },
    )


@gives(
    "medians",
    "accuracy",
    "curves",
    "wall",
    "pixels",
    parts=("largest output on new noise", "loss of test accuracy"),
)
def doubt_when_taught(
    inputs: Inputs, *, kinds: tuple[str, ...] = (), names: tuple[str, ...] = (), edge: float = 0.2
) -> Measurement:
    """Median largest output on noise after training with noise, and what that costs in test accuracy.

    The first network of the row was trained with noise whose target is zero, the second one without. The first part is
    the mean over seeds of the median largest output on the first kind of noise, the second is the second network's
    test accuracy minus the first one's, paired by seed. The other kinds of noise, which neither network has seen, are
    shown beside it. `kinds` and `names` are those of `confident_share`, and `edge` is the mean median at which the
    verdict flips.
    """
    if len(inputs.networks) != 2:
        raise NotMeasuredError(
            f"the statistic compares two networks, and the row names {len(inputs.networks)}"
        )
    network, found = _subject(inputs)
    other = inputs.networks[1]
    sets = {TEST: ""} | kinds_of(found, kinds, names)
    noise = [kind for kind in sets if kind != TEST]
    accuracies = [one.scores("test").accuracy for one in inputs.networks]
    pairs = pd.concat({"taught": accuracies[0], "plain": accuracies[1]}, axis=1, join="inner").dropna()
    if pairs.empty:
        raise NotMeasuredError("the two networks have no seed in common whose test accuracy is known")
    loss = (pairs.plain - pairs.taught).to_numpy()
    medians = {kind: _medians(found, name) for kind, name in sets.items()}
    rows = [{"network": network.name, "medians": {kind: Sample(one) for kind, one in medians.items()}}]
    compared = answers_of(other.name, inputs)
    note = (
        "on other kinds of noise, the mean median is "
        + (", ".join(f"{_mean(medians[kind])} for {kind}" for kind in noise[1:]) or "not known")
        + f", on test images {_mean(medians[TEST])}"
    )
    answers = {network.name: found}
    if compared and set(sets.values()) <= set(compared.largest):
        plain = {kind: _medians(compared, name) for kind, name in sets.items()}
        rows.append({"network": other.name, "medians": {kind: Sample(one) for kind, one in plain.items()}})
        note += f"; without noise in training, the mean median is {_mean(plain[noise[0]])} for {noise[0]}"
        note += "".join(f", {_mean(plain[kind])} for {kind}" for kind in noise[1:])
        answers[other.name] = compared
    thinned = pixels(found, medians_of_thinned(found), edge, "median")
    if thinned:
        note += f"; {_about_pixels(thinned, 'the mean median', f'{edge:g}')}"
    return Measurement(
        [PerSeed(medians[noise[0]]), PerSeed(loss)],
        note,
        data={
            "medians": rows,
            "accuracy": {
                "networks": [network.name, other.name],
                "taught": Sample(pairs.taught.to_numpy()),
                "plain": Sample(pairs.plain.to_numpy()),
                "loss": Sample(loss, limited=False),
            },
            "curves": curves(answers, sets),
            "wall": wall(found, sets, network.classes),
            "pixels": thinned,
        },
    )


def _subject(inputs: Inputs) -> tuple[EvaluatedNetwork, Answers]:
    """The network that a claim is about, the first one of its row, and its answers."""
    if not inputs.networks:
        raise NotMeasuredError("the row names no network that the claim is about")
    found = answers_of(inputs.networks[0].name, inputs)
    if found is None:
        raise NotMeasuredError(f"no experiment of the row shows noise to '{inputs.networks[0].name}'")
    return inputs.networks[0], found


def _medians(found: Answers, name: str) -> NDArray[np.float64]:
    """Median largest output of each seed on the images of a set, (k,)."""
    return np.median(found.largest[name].astype(np.float64), axis=1)


def _medians_of_favourites(found: Answers, name: str) -> pd.DataFrame:
    """Each seed's most frequent answer to noise, and the median largest output where it answers so."""
    counts = found.counts(name)
    favourites = counts.argmax(axis=1)
    noise, test = (
        [
            _median(row[answer == favourite])
            for row, answer, favourite in zip(
                found.largest[images], found.answer[images], favourites, strict=True
            )
        ]
        for images in (name, "")
    )
    columns = {"seed": found.seeds, "favourite": favourites, "noise": noise, "test": test}
    return pd.DataFrame(columns | {"share": _most(counts)})


def _about_pixels(pixels: dict[str, Any], what: str, edge: str) -> str:
    """Where a mean crosses the edge of its band as pixels are darkened."""
    value, shares = pixels["crossing"].value(), pixels["shares"]
    if np.isnan(value):
        if len(shares) == 1:
            mean = pixels["samples"][0].values.mean()
            return f"with {percent(shares[0], 0)} of the pixels kept, {what} is {mean:.2f}"
        return (
            f"{what} stays on one side of {edge} for every share of pixels kept from {percent(shares[0], 0)} to "
            f"{percent(shares[-1], 0)}"
        )
    return f"{what} crosses {edge} where {percent(value, 0)} of the pixels are kept and the others are dark"


def _favourites(counts: NDArray[np.int64], classes: tuple[str, ...]) -> str:
    """Which answer is the most frequent one of how many seeds."""
    favourites = np.bincount(counts.argmax(axis=1), minlength=len(classes))
    order = [label for label in np.argsort(-favourites, kind="stable") if favourites[label]]
    n = len(counts)
    if len(order) == 1:
        return f"'{classes[order[0]]}'" + (f" in each of {n} seeds" if n > 1 else "")
    first = f"'{classes[order[0]]}' ({favourites[order[0]]} of {n} seeds)"
    return f"which is one of {len(order)} classes, most often {first}"


def _range(values: Any, digits: int | None = None) -> str:
    """The lowest and the highest number of a single seed; shares as per cent, unless there are `digits`."""
    numbers = np.asarray(values, np.float64)
    low, high = (
        percent(end, 0) if digits is None else f"{end:.{digits}f}" for end in (numbers.min(), numbers.max())
    )
    return f"single seeds range from {low} to {high}" if len(numbers) > 1 else f"the only seed has {low}"


def _mean(values: Any) -> str:
    """The mean of the numbers that are known."""
    known = np.asarray(values, np.float64)
    known = known[np.isfinite(known)]
    return f"{known.mean():.2f}" if len(known) else "unknown"


def _most(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of the most frequent answer, (k,)."""
    return np.asarray(counts.max(axis=1) / counts.sum(axis=1))


def _shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.round(counts / counts.sum(axis=1, keepdims=True), 4))


def _median(values: NDArray[np.float32]) -> float:
    return float(np.median(values.astype(np.float64))) if len(values) else float("nan")


def _mean_share(kind: str) -> Any:
    return lambda row: float(np.mean(row["confident"][kind].values))


def _shown_share(row: dict[str, Any], kind: str) -> str:
    return f"{percent(_mean_share(kind)(row), 0)} ('{row['network']}')"
