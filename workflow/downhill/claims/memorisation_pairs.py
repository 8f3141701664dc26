"""Networks that differ only in their labels: a pair is one with true and one with shuffled labels."""

import json
from collections.abc import Iterable, Sequence

from downhill.claims.parts import NotMeasuredError
from downhill.claims.wording import counted
from downhill.config.cells import IMAGE_SETS
from downhill.config.network import Network
from downhill.runs.evaluation import EvaluatedNetwork

LABELS = ("true", "shuffled")

Pair = dict[str, EvaluatedNetwork]
"""Networks by their labels, `true` and `shuffled`."""


def pairs_by_labels(networks: Iterable[EvaluatedNetwork]) -> list[Pair]:
    """The networks in pairs, in the order of the row; one without a counterpart is alone in its pair.

    Both of a pair have the same settings and the same images, except for the shuffling of the labels.

    Raises
    ------
    NotMeasuredError
        If two networks do not differ even in their labels.
    """
    pairs: dict[tuple[str, int, Network], Pair] = {}
    for network in networks:
        pair = pairs.setdefault((_data(network), network.n_train, _recipe(network)), {})
        if (labels := _labels(network)) in pair:
            raise NotMeasuredError(
                f"'{pair[labels].name}' and '{network.name}' are the same network with {labels} labels"
            )
        pair[labels] = network
    return list(pairs.values())


def pairs_by_images(networks: Sequence[EvaluatedNetwork]) -> dict[int, Pair]:
    """The networks in pairs, by their number of training images in increasing order.

    Raises
    ------
    NotMeasuredError
        If a number of images does not have exactly one network with true and one with shuffled labels of the same
        images, or networks differ in more than images, labels and epochs.
    """
    found: dict[int, Pair] = {}
    for network in sorted(networks, key=lambda one: one.n_train):
        labels, images = _labels(network), counted(network.n_train, "image")
        pair = found.setdefault(network.n_train, {})
        if labels in pair:
            raise NotMeasuredError(
                f"'{pair[labels].name}' and '{network.name}' both learn {images} with {labels} labels"
            )
        pair[labels] = network
    for pair in found.values():
        if len(pair) < 2:
            (only,) = pair.values()
            raise NotMeasuredError(f"there is no network with other labels to compare '{only.name}' with")
        if _data(pair["true"]) != _data(pair["shuffled"]):
            raise NotMeasuredError(
                f"'{pair['true'].name}' and '{pair['shuffled'].name}' learn images of different data sets"
            )
    shared = [(_data(network, training_images=None), _recipe(network, epochs=1)) for network in networks]
    for network, settings in zip(networks, shared, strict=True):
        if settings != shared[0]:
            raise NotMeasuredError(
                f"'{networks[0].name}' and '{network.name}' differ in more than images, labels and epochs"
            )
    return found


def _labels(network: EvaluatedNetwork) -> str:
    return "shuffled" if network.labels_shuffled else "true"


def _data(network: EvaluatedNetwork, **further: object) -> str:
    """The recipe of the network's data set without shuffling of labels; `further` as for `_recipe`."""
    return json.dumps(network.data_recipe | {"shuffle_labels": 0.0} | further, sort_keys=True)


def _recipe(network: EvaluatedNetwork, **further: object) -> Network:
    """The network's settings without those that do not affect its weights, and without subset and shuffling.

    `further` are settings to leave out, with the values to replace them by.
    """
    neutral: dict[str, object] = {"history_every": 1, "history_sets": IMAGE_SETS, "snapshot_epochs": ()}
    neutral |= {"subset_images": None, "shuffle_labels": 0.0}
    return network.net.model_copy(update=neutral | further)
