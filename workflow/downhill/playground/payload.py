"""The data of the page: networks with their weights, images, a recorded training, and what claims say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from downhill.analysis.confidence import SURE
from downhill.config.playground import IMAGE_SHAPE, PlaygroundRow
from downhill.datasets.dataset import Images
from downhill.engine.evaluate import predict
from downhill.errors import DownhillError
from downhill.network.architecture import pack
from downhill.network.recipe import recipe
from downhill.playground.encoding import encoded
from downhill.playground.evidence import about_drawings, about_lines, about_noise
from downhill.playground.images import as_data, chosen_images, twins
from downhill.playground.replay import replay_of
from downhill.runs.evaluation import EvaluatedNetwork


@dataclass(frozen=True)
class Contents:
    """What the page is made of.

    Attributes
    ----------
    rows
        The networks that can be chosen, in order.
    networks
        Evaluations of these and of replayed networks, by name.
    evidence
        Evidence of claims; that which the page does not show is ignored.
    title
        Title of the study.
    limits
        How a smoke study is limited; empty if it is not.
    """

    rows: Sequence[PlaygroundRow]
    networks: Mapping[str, EvaluatedNetwork]
    evidence: Sequence[dict[str, Any]] = field(default_factory=tuple)
    title: str = ""
    limits: str = ""


def payload(contents: Contents) -> dict[str, Any]:
    """The data of the page, ready for JSON; networks whose seeds all diverged are left out.

    The weights of a network are its parameter vector (see `network.architecture`): for each layer W, row by row, where
    a row holds the weights of one input to all units, and then b.

    Raises
    ------
    DownhillError
        If there are no rows, an evaluation is missing, or the images of a network have another size, other classes or
        none.
    """
    if not contents.rows:
        raise DownhillError("the playground needs at least one network; name one")
    named = [name for row in contents.rows for name in (row.network, row.replay) if name]
    if missing := [name for name in named if name not in contents.networks]:
        raise DownhillError(f"there is no evaluation of the network '{missing[0]}' of the page; give it, too")
    rows = [row for row in contents.rows if contents.networks[row.network].seeds]
    first = contents.networks[(rows or contents.rows)[0].network]
    for row in rows or contents.rows:
        _check(contents.networks[row.network], first)
    about = {
        "title": contents.title,
        "classes": list(first.classes),
        "height": first.data.image_shape[0],
        "width": first.data.image_shape[1],
        "sure": SURE,
    }
    if not rows:
        nothing = np.zeros(0, np.intp)
        images = as_data(first.data.test, nothing, nothing)
        return about | {
            "networks": [],
            "images": images,
            "twins": None,
            "evidence": {},
            "drawn": {},
            "lines": {},
        }
    chosen, all_miss = chosen_images(first, _seeds(rows[0], first))
    shown = first.data.test.take(chosen)
    seeds = {row.network: _seeds(row, contents.networks[row.network]) for row in rows}
    return about | {
        "networks": [_network(row, contents.networks, shown) for row in rows],
        "images": as_data(first.data.test, chosen, all_miss),
        "twins": _twins(rows, seeds, contents.networks),
        "evidence": _of_rows(about_noise(contents.evidence), rows),
        "drawn": _of_rows(about_drawings(contents.evidence), rows),
        "lines": about_lines(contents.evidence, seeds),
    }


def _twins(
    rows: Sequence[PlaygroundRow],
    seeds: Mapping[str, Sequence[int]],
    networks: Mapping[str, EvaluatedNetwork],
) -> dict[str, Any] | None:
    """The first twins that are both in the page; None if there are none, or they have no seed in common."""
    for row in rows:
        if row.twin in seeds:
            one, other = row.network, row.twin
            return twins(networks[one], networks[other], seeds[one], seeds[other])
    return None


def _of_rows(found: dict[str, dict[str, Any]], rows: Sequence[PlaygroundRow]) -> dict[str, dict[str, Any]]:
    """What is known about the networks of the page, and not of others."""
    return {row.network: found[row.network] for row in rows if row.network in found}


def _check(network: EvaluatedNetwork, first: EvaluatedNetwork) -> None:
    """Check that a network learns classes of images of 28 × 28 pixels, the same classes as the first one."""
    if network.data.image_shape != IMAGE_SHAPE or network.data.is_regression:
        height, width = network.data.image_shape
        raise DownhillError(
            f"network '{network.name}' learns images of {height} x {width} pixels"
            f"{', and functions instead of classes' if network.data.is_regression else ''}; the page needs networks "
            "that learn to tell images of 28 x 28 pixels apart"
        )
    if network.classes != first.classes:
        raise DownhillError(
            f"network '{network.name}' learns other classes than '{first.name}'; all networks of the page answer "
            "the same question, so name networks that learn the same classes"
        )


def _seeds(row: PlaygroundRow, network: EvaluatedNetwork) -> list[int]:
    """The seeds of a network that the page holds: the first ones, without those that diverged."""
    return [seed for seed in network.seeds if seed < row.seeds] or network.seeds[:1]


def _network(row: PlaygroundRow, networks: Mapping[str, EvaluatedNetwork], shown: Images) -> dict[str, Any]:
    network = networks[row.network]
    seeds = _seeds(row, network)
    accuracy = network.scores("test").accuracy
    return {
        "name": row.network,
        "title": row.title,
        "about": row.about,
        "recipe": recipe(network.net),
        "layer_sizes": list(network.layer_sizes),
        "activation": network.net.activation,
        "output": network.net.output,
        "seeds": seeds,
        "weights": [encoded(pack(network.weights(seed), network.layer_sizes)) for seed in seeds],
        "accuracy": [float(accuracy[seed]) for seed in seeds],
        "none": bool((~network.data.train.classed).any()),
        "trained": network.net.epochs > 0,
        "mistakes": [_mistakes(network, seed, shown) for seed in seeds],
        "twin": row.twin or None,
        "replay": replay_of(networks[row.replay], network.data.test, seeds) if row.replay else None,
    }


def _mistakes(network: EvaluatedNetwork, seed: int, shown: Images) -> list[int]:
    """Which of the page's images a seed gets wrong."""
    answers = predict(network.weights(seed), shown.images, network.net).argmax(axis=1)
    return [int(place) for place in np.flatnonzero(answers != shown.labels)]
