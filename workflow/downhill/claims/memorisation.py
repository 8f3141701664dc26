"""Family *memorisation*: learning or remembering."""

from typing import Any

import numpy as np
import pandas as pd

from downhill.claims.inputs import Inputs, right_answers
from downhill.claims.measurement import Measurement, Sample, gives
from downhill.claims.memorisation_curves import Descents
from downhill.claims.memorisation_epochs import Fits, epochs_until
from downhill.claims.memorisation_pairs import LABELS, Pair, pairs_by_images, pairs_by_labels
from downhill.claims.parts import NotMeasuredError, PerSeed, Proportion
from downhill.claims.wording import counted, percent, percent_as_given, shape
from downhill.network.architecture import count_parameters

_NEAR_CHANCE = 0.05  # training accuracy less than this above chance: labels were hardly learned


@gives("train", "test", "chance", "n_images")
def gap_when_memorising(inputs: Inputs) -> Measurement:
    """Training accuracy minus test accuracy after training on few images."""
    network = inputs.only_network()
    train = network.scores("train").accuracy.to_numpy()
    test = network.scores("test").accuracy.to_numpy()
    n_images = network.n_train
    images = f"all {n_images:,} training images" if n_images != 1 else "the only training image"
    return Measurement(
        PerSeed(
            train - test,
            by_image=right_answers(network),
            from_share=lambda accuracies, seeds: train[seeds] - accuracies,
        ),
        note=f"{percent(np.mean(train == 1), 0)} of seeds get {images} right; the mean accuracy is "
        f"{percent(train.mean(), 1)} on training images and {percent(test.mean(), 1)} on new ones",
        data={
            "train": Sample(train),
            "test": Sample(test),
            "chance": 1 / len(network.classes),
            "n_images": n_images,
        },
    )


@gives("train", "test", "chance", "expected")
def test_accuracy_after_shuffling(inputs: Inputs) -> Measurement:
    """Mean test accuracy after training on shuffled labels."""
    network = inputs.only_network()
    train = network.scores("train").accuracy.to_numpy()
    test = network.scores("test").accuracy.to_numpy()
    classes = network.classes
    # Test images by seed, true class and answer.
    counts = network.table("confusion").images.to_numpy().reshape(-1, len(classes), len(classes))
    given, true = counts.sum(axis=1), counts[0].sum(axis=1)
    # The chance of a right answer if answers had nothing to do with the images.
    expected = given / given.sum(axis=1, keepdims=True) @ (true / true.sum())
    answers = given.sum(axis=0)
    favourite, largest = answers.argmax(), true.argmax()
    chance = 1 / len(classes)
    labels = " with shuffled labels" if network.labels_shuffled else ""
    note = (
        f"on its {counted(network.n_train, 'training image')}{labels}, it reaches {percent(train.mean(), 1)}"
    )
    if train.mean() < chance + _NEAR_CHANCE:
        note += (
            ", so it has hardly learned their labels either, and chance level on new images is to be expected"
        )
    note += (
        f"; random answers as frequent as its own would be right on {percent(expected.mean())} of test images; its "
        f"most frequent answer is '{classes[favourite]}' ({percent(answers[favourite] / answers.sum(), 0)} of answers),"
        f" and always answering '{classes[largest]}' would be right on {percent(true[largest] / true.sum())}"
    )
    return Measurement(
        PerSeed(test, by_image=right_answers(network)),
        note=note,
        data={
            "train": Sample(train),
            "test": Sample(test),
            "chance": chance,
            "expected": Sample(expected),
        },
    )


@gives("shapes", "fitted")
def both_fitted(inputs: Inputs, *, hidden_layers: str, images: int, fitted: float = 0.99) -> Measurement:
    """Training accuracy on {images:,} images, hidden layers {hidden_layers}: the lower of true and shuffled labels.

    It is that of the shape `hidden_layers`, such as `64-64`, on this many `images`, both fixed beforehand; others are
    shown beside it. `fitted` is the training accuracy that counts as having memorised the training set.
    """
    pairs = [pair for pair in pairs_by_labels(inputs.networks) if len(pair) == 2]
    if not pairs:
        raise NotMeasuredError("no network is trained on both true and shuffled labels")
    on_images = [pair for pair in pairs if pair["true"].n_train == images]
    chosen = [pair for pair in on_images if shape(pair["true"].net.hidden_layers) == hidden_layers]
    if len(chosen) != 1:
        raise NotMeasuredError(
            f"{len(chosen)} pairs of networks have the shape {hidden_layers} and {counted(images, 'training image')}"
        )
    reaching = [pair for pair in on_images if len(lower := _lower(pair)) and lower.mean() > fitted]
    above, on_so_many = percent_as_given(fitted), counted(images, "image")
    note = f"no shape is above {above} with both true and shuffled labels on {on_so_many}"
    if reaching:
        smallest = min(reaching, key=lambda pair: count_parameters(pair["true"].layer_sizes))
        note = (
            f"the smallest shape above {above} with both true and shuffled labels on {on_so_many} is "
            f"{shape(smallest['true'].net.hidden_layers)}"
        )
    largest = max(pairs, key=lambda pair: pair["true"].n_train)
    true, shuffled = (percent(largest[labels].scores("train").accuracy.mean(), 1) for labels in LABELS)
    note += (
        f"; on {counted(largest['true'].n_train, 'image')}, {shape(largest['true'].net.hidden_layers)} reaches "
        f"{true} with true and {shuffled} with shuffled labels"
    )
    data = {"shapes": [_row(pair) | {"chosen": pair is chosen[0]} for pair in pairs], "fitted": fitted}
    return Measurement(PerSeed(_lower(chosen[0])), note, data)


@gives(
    "curves", "straightness", "lines", "by_share", "by_recipe", "until",
    parts=("R²", "pairs"), needs_history=("train",), reads=("memorisation.score_at_start",),
)  # fmt: skip
def straightness_of_descent(inputs: Inputs, *, until: float = 0.99) -> Measurement:
    """R² of a line through the training cost with shuffled labels, and how often it exceeds that with true labels.

    The cost is that of all training images of a seed, by epoch, from the start (which the experiment gives, since
    histories begin after the first epoch) until the share `until` of the drop to the lowest cost has happened, and for
    two epochs at least. A pair is a seed of both networks: the same images and initial weights, other labels. The first
    network and its counterpart with other labels decide; further ones, with other recipes, are shown beside them.
    """
    starts = inputs.only_experiment()
    _check_every_epoch(inputs)
    found = []
    for pair in pairs_by_labels(inputs.networks):
        if len(pair) < 2:
            (only,) = pair.values()
            raise NotMeasuredError(f"there is no network that differs from '{only.name}' only in its labels")
        if missing := [network.name for network in pair.values() if network.name not in starts.by_network]:
            raise NotMeasuredError(f"experiment '{starts.name}' does not use network '{missing[0]}'")
        found.append(Descents.of(pair, starts.by_network))
    if not found:
        raise NotMeasuredError("the statistic is measured on networks, and the row names none")
    true, shuffled = found[0].true, found[0].shuffled
    straight, other = shuffled.r_squared(until), true.r_squared(until)
    if not np.isfinite([straight, other]).all():
        raise NotMeasuredError("a line needs a cost that falls, and a history of at least two epochs")
    epochs = [np.median(one.epochs[one.rows(until) - 1]) for one in (true, shuffled)]
    later = shuffled.r_squared(until, first=1)
    note = (
        f"with true labels, the mean R² is {other.mean():.2f}; the fitted part of the drop takes a median of "
        f"{epochs[0]:g} epochs with true and {epochs[1]:g} with shuffled labels"
    )
    if np.isfinite(later).all():
        note += f"; from epoch 1 on, the mean R² with shuffled labels is {later.mean():.2f}"
    note += "".join(f"; {further.sentence(until)}" for further in found[1:])
    return Measurement(
        [PerSeed(straight), Proportion(straight > other, of="pair")],
        note=note,
        data=found[0].compared(until) | {"by_recipe": [one.summary(until) for one in found], "until": until},
    )


@gives("fits", "images", "line", "fitted", parts=("ratio", "slope"), needs_history=("train",))
def ratio_of_epochs(
    inputs: Inputs, *, images: int, fitted: float = 0.99, threshold: float = 2
) -> Measurement:
    """Ratio of median epochs to fit {images:,} images, shuffled to true labels, and its log-log slope against set size.

    A network fits its training images when it gets the share `fitted` of their labels right; whether the cost has
    reached a minimum is not checked. The ratio is measured with this many `images`. The slope is that of the logarithm
    of the ratio on the logarithm of the number of images, by least squares. Seeds that do not fit within the observed
    epochs are censored: they count as later than all others. Intervals resample seeds, each with all of its times,
    since they share images and initial weights. `threshold` is a ratio; the note says where it is crossed.
    """
    _check_every_epoch(inputs)
    pairs = pairs_by_images(inputs.networks)
    if images not in pairs:
        raise NotMeasuredError(f"no network is trained on {counted(images, 'image')}")
    seeds = sorted(set.intersection(*(set(network.seeds) for network in inputs.networks)))
    if not seeds:
        raise NotMeasuredError("the networks have no seed in common")
    times = [[epochs_until(pair[labels], fitted, seeds) for labels in LABELS] for pair in pairs.values()]
    observed = [[pair[labels].net.epochs for labels in LABELS] for pair in pairs.values()]
    fits = Fits(tuple(pairs), np.array(times), tuple(map(tuple, observed)))
    return Measurement(
        [fits.ratio(images), fits.slope()],
        note=f"{fits.medians()}; {fits.censored(percent_as_given(fitted))}; {fits.about_crossing(threshold)}",
        data={"fits": fits, "images": images, "line": fits.line(), "fitted": fitted},
    )


def _check_every_epoch(inputs: Inputs) -> None:
    """Check that histories have a row for every epoch; NotMeasuredError if not."""
    for network in inputs.networks:
        if min(network.net.history_every, network.net.epochs) > 1:
            raise NotMeasuredError(
                f"the history of '{network.name}' has a row for every {network.net.history_every} epochs, and the "
                "statistic needs one for each epoch (history_every 1)"
            )


def _lower(pair: Pair) -> Any:
    """The lower of the two training accuracies of each seed that both networks have, (n,)."""
    train = {labels: network.scores("train").accuracy for labels, network in pair.items()}
    return pd.concat(train, axis=1, join="inner").min(axis=1).to_numpy()


def _row(pair: Pair) -> dict[str, Any]:
    """Accuracies of one recipe on true and shuffled labels."""

    def samples(image_set: str) -> dict[str, Sample]:
        return {
            labels: Sample(network.scores(image_set).accuracy.to_numpy()) for labels, network in pair.items()
        }

    return {
        "n_images": pair["true"].n_train,
        "hidden_layers": pair["true"].net.hidden_layers,
        "parameters": count_parameters(pair["true"].layer_sizes),
        "train": samples("train"),
        "test": samples("test"),
    }
