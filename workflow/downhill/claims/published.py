"""Family *published*: results that others have published, and how much single runs vary."""

from collections import Counter
from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from downhill.claims.comparison import Comparison
from downhill.claims.curves import curves
from downhill.claims.inputs import Inputs
from downhill.claims.measurement import Measurement, Sample, gives
from downhill.claims.parts import NotMeasuredError, PerSeed, Proportion, Strata
from downhill.claims.published_runs import Unit, best_of_groups, compared, curve_of, of_history
from downhill.claims.wording import counted, percent
from downhill.config.functions import Count, HistoryColumn
from downhill.network.architecture import count_parameters
from downhill.network.recipe import short_recipe
from downhill.runs.evaluation import EvaluatedNetwork


@gives("curves", "best", "final", "stuck", "share_stuck", "published", "shapes", needs_history=("test",))
def best_epoch_accuracy(inputs: Inputs, *, said: float | None = None) -> Measurement:
    """Mean over seeds of the best test accuracy of any epoch (chosen on the test set).

    It is that of the first network; any others are shown beside it. A seed is stuck when it recognises no image of some
    class.
    """
    if not inputs.networks:
        raise NotMeasuredError("the statistic is measured on networks, and the row names none")
    network = inputs.networks[0]
    best, final = _best_epochs(network), network.scores("test").accuracy.to_numpy()
    stuck = _is_stuck(network)
    note = (
        f"the median is {percent(np.median(best))}; at the last epoch, the mean is {percent(final.mean())}; "
        f"{_stuck_seeds(network)}"
    )
    published = None if said is None else Comparison.of(said, best)
    if published:
        note += f"; {published.sentence()}"
    return Measurement(
        PerSeed(best),
        note,
        data={
            "curves": curves(network, ("test",)),
            "best": Sample(best),
            "final": Sample(final),
            "stuck": stuck,
            "share_stuck": Proportion(stuck),
            "published": published,
            "shapes": [
                {
                    "network": other.name,
                    "hidden_layers": other.net.hidden_layers,
                    "parameters": count_parameters(other.layer_sizes),
                    "best": Sample(_best_epochs(other)),
                    "stuck": _is_stuck(other),
                }
                for other in inputs.networks
            ],
        },
    )


@gives(
    "runs",
    "published",
    "curve",
    "stuck",
    history_of=("quantity", "minus"),
    history_at=("epoch",),
    single_run=True,
)
def single_run(
    inputs: Inputs,
    *,
    said: float,
    quantity: HistoryColumn = "test_accuracy",
    minus: Literal["", "test_accuracy", "validation_accuracy", "train_accuracy"] = "",
    epoch: Count | Literal["last", "best"] = "last",
    runs: Count = 1,
) -> Measurement:
    """A published run beside ours: {quantity:words}{minus: minus …} of each run (epoch: {epoch}{runs:; best of …}).

    Parameters
    ----------
    said
        The published value.
    quantity
        A column of the history.
    minus
        A column that is subtracted, at an epoch that is chosen in the same way; empty for none.
    epoch
        Number of the epoch, `last`, or `best`: the one with the highest accuracy or the lowest cost, for each seed.
    runs
        Number of runs of which the published value is the best. Ours are grouped in the same way, by successive seeds.
    """
    network = inputs.only_network()
    values, _ = of_history(network, quantity, epoch)
    if minus:
        values = values - of_history(network, minus, epoch)[0]
    if runs > 1:
        values = best_of_groups(network, values, runs, quantity.endswith("loss"))
    is_stuck = _is_stuck(network) if runs == 1 else np.zeros(len(values), np.bool_)
    unit: Unit = "points" if minus else "number" if quantity.endswith("loss") else "share"
    found = compared(said, values, unit, "seed" if runs == 1 else "group", curve=None, stuck=is_stuck)
    if not minus:
        found.data["curve"] = curve_of(network, quantity)
    grouped = f"; each of ours is the best of {runs} seeds" if runs > 1 else ""
    stuck = f"; {_stuck_seeds(network)}" if network.stuck else ""
    return replace(found, note=f"{found.note}{grouped}{stuck}")


@gives("runs", "published", "curve", "stuck", history_of=("quantity",), single_run=True)
def single_best_epoch(
    inputs: Inputs,
    *,
    said: float,
    quantity: HistoryColumn = "test_accuracy",
) -> Measurement:
    """A published run beside ours: the epoch with the best {quantity:words} of each run."""
    network = inputs.only_network()
    _, epochs = of_history(network, quantity, "best")
    curve = curve_of(network, quantity, of_epochs=True)
    return compared(said, epochs, "number", curve=curve, stuck=_is_stuck(network))


@gives("runs", "published", "curve", "stuck", reads=("depth.gradients_by_layer",), single_run=True)
def single_gradient(inputs: Inputs, *, said: float, depth: Count, layer: Count) -> Measurement:
    """A published run beside ours: norm of the bias gradient of hidden layer {layer} of {depth} before training.

    The gradient is the mean over the experiment's images; layer 1 is nearest to the input.
    """
    arrays = inputs.only_experiment().only()
    kinds, first = len(arrays["activation"][0]), int(arrays["epoch"][0, 0])
    if kinds > 1:
        raise NotMeasuredError(
            f"the experiment has {kinds} kinds of networks; name one with a single activation and initialization"
        )
    if first != 0:
        raise NotMeasuredError(
            f"the experiment has no gradients before training, but from epoch {first} on; name one that keeps epoch 0"
        )
    depths = arrays["depth"][0].tolist()
    if depth not in depths or not 1 <= layer <= depth:
        raise NotMeasuredError(
            f"the experiment has no hidden layer {layer} of {depth}; its networks have {depths} hidden layers"
        )
    norms = arrays["norm"][:, 0, depths.index(depth), 0, layer - 1]
    return compared(said, norms, "number", curve=None, stuck=np.zeros(len(norms), np.bool_))


@gives("recipes")
def ratio_of_spreads(inputs: Inputs) -> Measurement:
    """Standard deviation over seeds of the final test accuracy: the first recipe's, divided by the second recipe's."""
    if len(inputs.networks) != 2:
        raise NotMeasuredError(
            f"the statistic compares two networks, and the row names {len(inputs.networks)}"
        )
    accuracies = [network.scores("test").accuracy.to_numpy() for network in inputs.networks]
    if min(map(len, accuracies)) < 2:
        raise NotMeasuredError("a standard deviation needs at least two seeds of each network")
    spreads = [float(np.std(accuracy, ddof=1)) for accuracy in accuracies]
    parts = zip(inputs.networks, spreads, strict=True)
    return Measurement(
        Strata(accuracies, _ratio_of_spreads, infinite=True),
        note="; ".join(
            f"'{network.name}': standard deviation {100 * spread:.2f} points, {_stuck_seeds(network)}"
            for network, spread in parts
        ),
        data={
            "recipes": [
                {
                    "network": network.name,
                    "recipe": short_recipe(network.net),
                    "accuracy": Sample(accuracy),
                    "spread": spread,
                    "stuck": _is_stuck(network),
                    "share_stuck": Proportion(_is_stuck(network)),
                }
                for network, accuracy, spread in zip(inputs.networks, accuracies, spreads, strict=True)
            ]
        },
    )


def _best_epochs(network: EvaluatedNetwork) -> NDArray[np.float64]:
    """The best test accuracy of any epoch, by seed."""
    best = network.table("history").groupby("seed").test_accuracy.max()
    return best.reindex(network.seeds).to_numpy(np.float64)


def _is_stuck(network: EvaluatedNetwork) -> NDArray[np.bool_]:
    """Whether a seed never recognises one of the classes, by seed."""
    return np.isin(network.seeds, list(network.stuck))


def _stuck_seeds(network: EvaluatedNetwork) -> str:
    """How many seeds are stuck, and which classes they miss: `… (number of seeds by class: 5 in 2, 8 in 1)`."""
    counts = Counter(label for classes in network.stuck.values() for label in classes)
    which = ", ".join(f"{network.classes[label]} in {count}" for label, count in sorted(counts.items()))
    are = "is" if len(network.seeds) == 1 else "are"
    seeds = f"{len(network.stuck)} of {counted(len(network.seeds), 'seed')} {are} stuck, never recognising one of the"
    return f"{seeds} classes" + (f" (number of seeds by class: {which})" if which else "")


def _ratio_of_spreads(
    first: NDArray[np.float64], second: NDArray[np.float64], axis: int
) -> NDArray[np.float64]:
    return np.asarray(np.std(first, axis=axis, ddof=1) / np.std(second, axis=axis, ddof=1))
