"""Family *learning*: does it learn, and how well."""

from typing import Any

import numpy as np

from downhill.claims.curves import curves
from downhill.claims.inference import rank_correlation
from downhill.claims.inputs import Inputs, right_answers
from downhill.claims.learning_mistakes import (
    Mistakes,
    confident_mistakes,
    shared_mistakes,
    votes_of_neighbours,
)
from downhill.claims.learning_shapes import Spread, permuted_spreads
from downhill.claims.measurement import Measurement, Sample, gives
from downhill.claims.parts import SEEDS, NotMeasuredError, PerSeed
from downhill.claims.sweeps import Crossing
from downhill.claims.wording import counted, mean_text, percent, percent_as_given, shape
from downhill.network.architecture import count_parameters


@gives("accuracy", "chance")
def untrained_accuracy(inputs: Inputs) -> Measurement:
    """Median test accuracy of networks as they were initialised."""
    network = inputs.only_network()
    accuracy = network.scores("test").accuracy.to_numpy()
    untrained, covers = ("untrained ", "initial weights") if network.net.epochs == 0 else ("", SEEDS)
    note = f"the only {untrained}network gets {percent(accuracy[0], 1)} right"
    if len(accuracy) > 1:
        note = (
            f"the luckiest of {len(accuracy)} {untrained}networks gets {percent(accuracy.max(), 1)} right, "
            f"the unluckiest {percent(accuracy.min(), 1)}"
        )
    return Measurement(
        PerSeed(accuracy, np.median, covers=(covers,), by_image=right_answers(network)),
        note=note,
        data={"accuracy": Sample(accuracy), "chance": 1 / network.data.n_classes},
    )


@gives("curves", "n", needs_history=("train", "test"))
def rise_with_epochs(inputs: Inputs) -> Measurement:
    """Mean over seeds of Spearman's correlation between epoch and test accuracy."""
    network = inputs.only_network()
    by_epoch, history = curves(network), network.table("history")
    by_seed = [rank_correlation(rows.epoch, rows.test_accuracy) for _, rows in history.groupby("seed")]
    if not np.isfinite(by_seed).all():
        raise NotMeasuredError("a correlation needs at least two epochs whose accuracies differ")
    return Measurement(
        PerSeed(by_seed),
        note=f"the lowest correlation of a single seed is {mean_text(min(by_seed))}",
        data={"curves": by_epoch, "n": len(by_seed)},
    )


@gives("accuracy", "first_images", "mistakes")
def test_accuracy(
    inputs: Inputs, *, said: float | None = None, first_images: int | None = None
) -> Measurement:
    """Mean test accuracy at the end of training.

    With `first_images`, the figure also shows the accuracy on that many of the test images, and the note says how many
    seeds would report the number that the source gives.
    """
    network = inputs.only_network()
    accuracy = network.scores("test").accuracy.to_numpy()
    note = f"single seeds reach {percent(accuracy.min())} to {percent(accuracy.max())}"
    if len(accuracy) == 1:
        note = f"the only seed reaches {percent(accuracy[0])}"
    first, right = None, right_answers(network)
    if first_images is not None and first_images >= right.shape[1]:
        images = counted(right.shape[1], "image")
        note += f"; the test set has only {images}, so the first {first_images:,} are all of them"
    elif first_images is not None:
        on_first = right[:, :first_images].mean(axis=1)
        first = {"n_images": first_images, "accuracy": Sample(on_first)}
        if said is not None:
            reaching = percent(float((on_first >= said).mean()), 0)
            note += (
                f"; scored on the first {counted(first_images, 'test image')} alone, {reaching} of seeds would report "
                f"{percent_as_given(said)} or more"
            )
    data = {"accuracy": Sample(accuracy), "first_images": first, "mistakes": confident_mistakes(network)}
    return Measurement(PerSeed(accuracy, by_image=right), note, data)


@gives("shapes", "best_shape", needs_validation=True)
def accuracy_of_best_shape(inputs: Inputs, *, said: float | None = None) -> Measurement:
    """Mean test accuracy of the shape with the best mean validation accuracy."""
    rows: list[dict[str, Any]] = []
    accuracies: dict[str, Any] = {}
    for network in inputs.networks:
        validation = network.scores("validation").accuracy
        if validation.empty:
            raise NotMeasuredError(f"network '{network.name}' has no validation images to choose by")
        accuracies[network.name] = network.scores("test").accuracy.to_numpy()
        rows.append(
            {
                "network": network.name,
                "hidden_layers": network.net.hidden_layers,
                "shape": shape(network.net.hidden_layers),
                "parameters": count_parameters(network.layer_sizes),
                "validation": float(validation.mean()),
                "test": Sample(accuracies[network.name]),
            }
        )
    best = max(rows, key=lambda row: float(row["validation"]))
    chosen = next(network for network in inputs.networks if network.name == best["network"])
    note = f"chosen on validation images: {best['shape']}"
    if said is not None:
        reaching = [row for row in rows if np.mean(accuracies[row["network"]]) >= said]
        if reaching:
            smallest = min(reaching, key=lambda row: int(row["parameters"]))
            note += (
                f"; the smallest shape whose mean reaches {percent_as_given(said)} is {smallest['shape']} "
                f"({smallest['parameters']:,} weights and biases)"
            )
        else:
            note += f"; no shape's mean reaches {percent_as_given(said)}"
    data = {"shapes": rows, "best_shape": best["network"]}
    return Measurement(PerSeed(accuracies[chosen.name], by_image=right_answers(chosen)), note, data)


@gives("curves", "train", "test", needs_history=("train", "test"))
def generalisation_gap(inputs: Inputs) -> Measurement:
    """Training accuracy minus test accuracy at the end of training."""
    network = inputs.only_network()
    train, test = network.scores("train").accuracy, network.scores("test").accuracy
    return Measurement(
        PerSeed(
            (train - test).to_numpy(),
            by_image=right_answers(network),
            from_share=lambda accuracies, seeds: train.to_numpy()[seeds] - accuracies,
        ),
        note=f"{percent(train.mean())} right on training images, {percent(test.mean())} on new ones",
        data={
            "curves": curves(network),
            "train": train.to_numpy(),
            "test": test.to_numpy(),
        },
    )


@gives("setting", "settings", "accuracies", "threshold", "crossing")
def setting_of_crossing(
    inputs: Inputs, *, setting: str, threshold: float, logarithmic: bool = True
) -> Measurement:
    """Smallest value of a setting at which the mean test accuracy crosses a threshold.

    `setting` is a numeric column of the table of networks; there is one network for each value (a sweep).
    """
    accuracy: dict[float, Any] = {}
    for network in inputs.networks:
        value = getattr(network.net, setting, None)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise NotMeasuredError(f"'{setting}' is not a numeric setting of network '{network.name}'")
        if value in accuracy:
            raise NotMeasuredError(f"several of the networks have {setting} {value:g}")
        if logarithmic and value <= 0:
            raise NotMeasuredError(f"{setting} {value:g} has no logarithm; use the option logarithmic: false")
        accuracy[float(value)] = network.scores("test").accuracy.to_numpy()
    if len(accuracy) < 2:
        raise NotMeasuredError("a crossing needs networks with at least two values of the setting")
    found = Crossing(accuracy, threshold, logarithmic)
    values = sorted(accuracy)
    best = max(values, key=lambda value: float(accuracy[value].mean()))
    return Measurement(
        found.part(),
        note=f"the mean is highest, {percent(accuracy[best].mean())}, where {setting} is {best:g}",
        data={
            "setting": setting,
            "settings": values,
            "accuracies": [Sample(accuracy[value]) for value in values],
            "threshold": threshold,
            "crossing": found,
        },
    )


@gives("same_size", "spread")
def spread_of_shapes(inputs: Inputs, *, permutations: int = 1000) -> Measurement:
    """Spread (largest minus smallest) of the mean test accuracies of several shapes, beyond that expected by chance.

    Each network is a shape, and all of its seeds are used. The spread of the means grows with that of the seeds even if
    the shape does not matter; so its mean over `permutations` of all seeds among the shapes is subtracted.
    """
    if len(inputs.networks) < 2:
        raise NotMeasuredError(
            f"the statistic compares at least two shapes, and the row names {len(inputs.networks)}"
        )
    if permutations < 1:
        raise NotMeasuredError(
            f"the spread by chance needs at least one permutation, and the option permutations is {permutations}"
        )
    accuracies = [network.scores("test").accuracy.to_numpy(np.float64) for network in inputs.networks]
    found = Spread(accuracies, permuted_spreads(accuracies, permutations))
    parameters = [count_parameters(network.layer_sizes) for network in inputs.networks]
    medians = [float(np.median(accuracy)) for accuracy in accuracies]
    stuck, seeds = sum(len(network.stuck) for network in inputs.networks), sum(map(len, accuracies))
    note = (
        f"{found.sentence([shape(network.net.hidden_layers) for network in inputs.networks])}; "
        f"{stuck} of {counted(seeds, 'seed')} {'is' if seeds == 1 else 'are'} stuck, never recognising one of the "
        "classes; "
        f"shapes have {' to '.join(f'{count:,}' for count in sorted({min(parameters), max(parameters)}))} weights and "
        "biases"
    )
    return Measurement(
        found.beyond_chance(),
        note,
        data={
            "same_size": [
                {
                    "network": network.name,
                    "hidden_layers": network.net.hidden_layers,
                    "parameters": count,
                    "accuracy": Sample(accuracy),
                    "median": middle,
                    "stuck": np.isin(network.seeds, list(network.stuck)),
                }
                for network, count, accuracy, middle in zip(
                    inputs.networks, parameters, accuracies, medians, strict=True
                )
            ],
            "spread": found,
        },
    )


@gives(
    "odds", "by_neighbours", "neighbours", "shared", "counts", "stuck", reads=("learning.nearest_neighbours",)
)
def odds_of_shared_mistakes(inputs: Inputs, *, neighbours: int = 3) -> Measurement:
    """Odds ratio of mistakes on test images: the network against a vote of the {neighbours} nearest training images.

    The network is the first of the row. Its seeds are compared with the vote of the `neighbours` training images that
    are closest to each test image (a tie goes to the smallest class), which the experiment finds. The second network is
    the control: each seed of the first is compared with all of its seeds, and the odds ratios are averaged. Disjoint
    pairs of seeds of the first network, whose mistakes are compared with each other, are shown beside them.
    """
    if len(inputs.networks) != 2:
        raise NotMeasuredError(
            f"the statistic compares two networks, and the row names {len(inputs.networks)}"
        )
    network, control = inputs.networks
    votes = votes_of_neighbours(inputs.only_experiment().only(), network.data.n_classes, neighbours)
    found = Mistakes.of(network, control, votes)
    return Measurement(
        PerSeed(found.odds(neighbours)),
        note=found.sentence(neighbours),
        data={
            "odds": {
                "nearest neighbours": Sample(found.odds(neighbours), limited=False),
                found.control_name: Sample(found.with_control(), limited=False),
                "another seed": Sample(found.between_seeds(), limited=False),
            },
            "by_neighbours": found.by_neighbours(),
            "neighbours": neighbours,
            "shared": shared_mistakes(network, votes.answers[neighbours]),
            "counts": found.counts(neighbours),
            "stuck": np.isin(network.seeds, list(network.stuck)),
        },
    )
