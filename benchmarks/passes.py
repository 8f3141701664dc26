"""The cost of a pass: how long does a backward pass take, compared with a forward pass?

The engine and the float64 reference each compute the mean cost of the same images (a forward pass), and its gradient
(both passes). The time of a backward pass is the difference. All four are timed in each round, in a new random order.
"""

import argparse
import random
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from benchmarks.agreement import ENGINE, REFERENCE
from benchmarks.cases import CASES, SINGLE, Case
from downhill import load_dataset, reference
from downhill.datasets import Images
from downhill.engine.evaluate import gradient, outputs_and_losses
from downhill.engine.images import examples
from downhill.engine.layout import Layout, padded
from downhill.network.operations import backward_pass, forward_pass
from downhill.storage.json_files import write_json

FORWARD, BOTH = "forward", "both"


def passes(case: Case, images: Images) -> dict[str, dict[str, Callable[[], Any]]]:
    """A function for each pass of the engine and of the reference; preparing the images is not part of any."""
    network, weights = case.network(epochs=1), case.initial_weights(0)
    layout = Layout.of(network, case.layer_sizes)
    parameters, prepared = padded(weights, layout), examples(images, network, layout)
    pixels = reference.scaled(images.images)

    def cost() -> float:
        _, z = reference.forward(weights, pixels, network)
        return float(reference.losses(z, images.labels, network).mean())

    return {
        ENGINE: {
            FORWARD: lambda: outputs_and_losses(parameters, layout, prepared),
            BOTH: lambda: gradient(parameters, layout, prepared),
        },
        REFERENCE: {
            FORWARD: cost,
            BOTH: lambda: reference.loss_and_gradient(weights, pixels, images.labels, network),
        },
    }


def measure(case: Case, images: Images, rounds: int) -> dict[str, Any]:
    """Seconds of each pass in each round, after one untimed round, and the ratio of the operations as counted."""
    functions = passes(case, images)
    order = [(name, one) for name in functions for one in (FORWARD, BOTH)]
    seconds: dict[str, dict[str, list[float]]] = {name: {FORWARD: [], BOTH: []} for name in functions}
    shuffled = random.Random(0)
    for turn in range(rounds + 1):
        shuffled.shuffle(order)
        for name, one in order:
            begin = perf_counter()
            functions[name][one]()
            if turn:
                seconds[name][one].append(perf_counter() - begin)
    network, sizes = case.network(epochs=1), case.layer_sizes
    counted = [count(sizes, network, len(images)).total for count in (backward_pass, forward_pass)]
    return {
        "case": case.name,
        "title": case.title,
        "n_images": len(images),
        "seconds": seconds,
        "counted": counted[0] / counted[1],
    }


def ratios(seconds: dict[str, list[float]]) -> list[float]:
    """Time of the backward pass over that of the forward pass, round by round."""
    return [both / forward - 1 for forward, both in zip(seconds[FORWARD], seconds[BOTH], strict=True)]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("case", choices=SINGLE)
    parser.add_argument("--images", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--data", type=Path, required=True, help="folder of the data set")
    parser.add_argument("--output", type=Path, required=True)
    arguments = parser.parse_args()
    images = load_dataset(arguments.data).train.take(slice(arguments.images))
    write_json(arguments.output, measure(CASES[arguments.case], images, arguments.rounds))


if __name__ == "__main__":
    main()
