"""Family *noise*: confident nonsense."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from downhill.analysis.confidence import SURE
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, Sample, gives
from downhill.claims.noise_answers import Answers, answers_of, kinds_of, other_kinds, verdict_kind, wall
from downhill.claims.noise_confidence import (
    aurocs,
    confident,
    confident_of_thinned,
    curves,
    medians_of,
    medians_of_favourites,
    medians_of_thinned,
    pixels,
    sweep,
)
from downhill.claims.noise_notes import about_pixels, favourites, range_of_networks, range_of_seeds
from downhill.claims.parts import NotMeasuredError, PerSeed
from downhill.claims.wording import TEST_IMAGES, counted, mean_text, percent
from downhill.runs.evaluation import EvaluatedNetwork

_TAUGHT = "trained with noise"  # said of the network that a figure shows


@gives(
    "kind", "confident", "sure", "auroc", "curves", "answers", "wall", "sweep", "pixels",
    reads=("noise.answers",),
)  # fmt: skip
def confident_share(
    inputs: Inputs, *, kinds: tuple[str, ...] = (), names: tuple[str, ...] = (), edge: float = 0.5
) -> Measurement:
    """Share of noise images whose largest output exceeds 0.9.

    It is measured on the first network of the row, and on the first kind of noise: the first of `kinds`, or without
    them the first further data set of the experiment. The other kinds, the network's own test images and all other
    networks of the experiments are shown beside it. The area under the ROC curve says how well the largest output tells
    test images from noise: it is the probability that the output is higher for a test image than for an image of noise,
    so ½ means not at all.

    Parameters
    ----------
    kinds
        Data sets of noise, the one that the verdict is about first; by default all that the experiment shows, in its
        order.
    names
        What they are called in notes and figures; by default the names of the data sets.
    edge
        The mean share at which the verdict flips. If the experiment also shows the verdict's noise with some of its
        pixels dark, the note says at which share of kept pixels this happens.
    """
    network, found = _subject(inputs)
    sets = {TEST_IMAGES: ""} | kinds_of(found, kinds, names)
    subject, others = verdict_kind(sets), other_kinds(sets)
    sure = {kind: confident(found, name) for kind, name in sets.items()}
    told = {kind: aurocs(found, name) for kind, name in sets.items() if kind != TEST_IMAGES}
    counts = found.counts(sets[subject])
    networks = sweep(inputs, found, sets)
    thinned = pixels(found, sets, confident_of_thinned(found), edge, "share")
    marked = {"output": SURE, "as": "sure"}
    above = curves({found.network: found}, sets, marked)
    half = above["half"][found.network][subject].value()
    note = (
        f"the verdict is about {subject}: {range_of_seeds(sure[subject])}"
        + (f"; on average, half of the images have an output above {half:.2f}" if np.isfinite(half) else "")
        + "; the mean share is "
        + ", ".join(f"{percent(sure[kind].mean(), 0)} for {kind}" for kind in [*others, TEST_IMAGES])
        + f"; the largest output is higher for a test image than for {subject} with a probability of "
        f"{mean_text(told[subject])} (area under the ROC curve); on average, a seed gives its most frequent answer to "
        f"{percent(_most(counts).mean(), 0)} of the images of {subject}; this answer is "
        f"{favourites(counts, network.classes)}"
    )
    if networks[1:]:
        note += f"; for other networks, the share for {subject} ranges from {range_of_networks(networks[1:], subject)}"
    if thinned:
        what = f"the mean share of images with an output above {SURE:g}"
        note += f"; {about_pixels(thinned, what, percent(edge, 0))}"
    return Measurement(
        PerSeed(sure[subject]),
        note,
        data={
            "kind": subject,
            "confident": {kind: Sample(values) for kind, values in sure.items()},
            "sure": SURE,
            "auroc": {kind: Sample(values) for kind, values in told.items()},
            "curves": above,
            "answers": {
                "classes": network.classes,
                "seeds": found.seeds,
                "shares": {kind: _shares(found.counts(name)) for kind, name in sets.items()},
            },
            "wall": wall(found, sets, network.classes, marked),
            "sweep": networks,
            "pixels": thinned,
        },
    )


@gives("pairs", "differences", "kind", reads=("noise.answers",))
def noise_minus_real(
    inputs: Inputs, *, kinds: tuple[str, ...] = (), names: tuple[str, ...] = ()
) -> Measurement:
    """Median largest output on noise minus that on test images with the same answer.

    The answer is the one that a seed gives most often to the first kind of noise (of equally frequent ones, the first
    class). Test images count if the network gives them this answer, whether it is right or not. Seeds that give it to
    no test image are left out. `kinds` and `names` are those of `confident_share`; for each kind of noise, the answer
    is the most frequent one to this kind.
    """
    network, found = _subject(inputs)
    sets = kinds_of(found, kinds, names)
    subject = verdict_kind(sets)
    medians = {kind: medians_of_favourites(found, name) for kind, name in sets.items()}
    table = medians[subject]
    known = table.dropna()
    if known.empty:
        raise NotMeasuredError("no seed gives a test image the answer that it gives to noise most often")
    difference = known.noise - known.test
    note = (
        f"{range_of_seeds(difference, digits=3)}; the mean of the seeds' medians is {known.noise.mean():.3f} on "
        f"{subject} and {known.test.mean():.3f} on test images"
    )
    if others := [kind for kind in other_kinds(sets) if not medians[kind].dropna().empty]:
        note += "; the same difference is " + ", ".join(
            f"{mean_text(medians[kind].noise - medians[kind].test)} for {kind}" for kind in others
        )
    if left_out := len(table) - len(known):
        note += f"; left out: {left_out} of {counted(len(table), 'seed')}, which gave that answer to no test image"
    return Measurement(
        PerSeed(difference.to_numpy()),
        note,
        data={
            "pairs": [row | {"class": network.classes[row["favourite"]]} for row in known.to_dict("records")],
            "differences": {
                kind: Sample((one.noise - one.test).to_numpy(), limited=False)
                for kind, one in medians.items()
            },
            "kind": subject,
        },
    )


@gives(
    "kind", "medians", "accuracy", "curves", "wall", "pixels",
    parts=("largest output on noise not used in training", "loss of test accuracy"), reads=("noise.answers",),
)  # fmt: skip
def doubt_when_taught(
    inputs: Inputs, *, kinds: tuple[str, ...] = (), names: tuple[str, ...] = (), edge: float = 0.2
) -> Measurement:
    """Median largest output on noise after training with noise, and what this training costs in test accuracy.

    If training with noise teaches doubt at little cost, the lack of doubt without it comes from the training, not from
    the network. The first network of the row was trained with noise whose target is zero, the second one without. The
    first part is the mean over seeds of the median largest output on the first kind of noise; the second is the second
    network's test accuracy minus the first one's, paired by seed. The other kinds of noise are shown beside it. `kinds`
    and `names` are those of `confident_share`; images of noise are the test images of these data sets, which training
    did not use. `edge` is the mean of the medians at which the verdict flips.
    """
    if len(inputs.networks) != 2:
        raise NotMeasuredError(
            f"the statistic compares two networks, and the row names {len(inputs.networks)}"
        )
    network, found = _subject(inputs)
    other = inputs.networks[1]
    sets = {TEST_IMAGES: ""} | kinds_of(found, kinds, names)
    subject, others = verdict_kind(sets), other_kinds(sets)
    accuracies = [one.scores("test").accuracy for one in inputs.networks]
    pairs = pd.concat({"taught": accuracies[0], "plain": accuracies[1]}, axis=1, join="inner").dropna()
    if pairs.empty:
        raise NotMeasuredError("the two networks have no seed in common whose test accuracy is known")
    loss = (pairs.plain - pairs.taught).to_numpy()
    medians = {kind: medians_of(found, name) for kind, name in sets.items()}
    rows = [{"network": network.name, "medians": {kind: Sample(one) for kind, one in medians.items()}}]
    compared = answers_of(other.name, inputs)
    note = f"the verdict is about {subject}; the mean of the seeds' medians is " + ", ".join(
        f"{mean_text(medians[kind])} for {kind}" for kind in [*others, TEST_IMAGES]
    )
    answers = {network.name: found}
    if compared and set(sets.values()) <= set(compared.largest):
        plain = {kind: medians_of(compared, name) for kind, name in sets.items()}
        rows.append({"network": other.name, "medians": {kind: Sample(one) for kind, one in plain.items()}})
        note += f"; without noise in training, it is {mean_text(plain[subject])} for {subject}"
        note += "".join(f", {mean_text(plain[kind])} for {kind}" for kind in others)
        answers[other.name] = compared
    thinned = pixels(found, sets, medians_of_thinned(found), edge, "median", _TAUGHT)
    if thinned:
        what = f"the mean of the medians after training with noise, for {subject},"
        note += f"; {about_pixels(thinned, what, f'{edge:g}')}"
    marked = {"output": edge, "as": "threshold for the median"}
    return Measurement(
        [PerSeed(medians[subject]), PerSeed(loss)],
        note,
        data={
            "kind": subject,
            "medians": rows,
            "accuracy": {
                "networks": [network.name, other.name],
                "taught": Sample(pairs.taught.to_numpy()),
                "plain": Sample(pairs.plain.to_numpy()),
                "loss": Sample(loss, limited=False),
            },
            "curves": curves(answers, sets, marked),
            "wall": wall(found, sets, network.classes, marked, _TAUGHT),
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


def _most(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    """Share of the most frequent answer, (k,)."""
    return np.asarray(counts.max(axis=1) / counts.sum(axis=1))


def _shares(counts: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.round(counts / counts.sum(axis=1, keepdims=True), 4))
