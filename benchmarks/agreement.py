"""Do Downhill, PyTorch and the float64 reference train the same network?

Steps: starting from the same weights and with the same order of images, how far apart are the weights after a few
hundred steps? Accuracy: after an equal number of epochs over several seeds, each with its own random order, how far
apart are the mean test accuracies?

Two float32 trainings of a ReLU network do not stay within rounding error of each other. Among the millions of times
that a unit sees an image, some z is so close to 0 that rounding decides whether the unit is on, and from then on the
weights diverge slightly. PyTorch's own distance from the float64 reference is therefore reported next to Downhill's,
as a measure of what float32 can achieve.
"""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
from scipy import stats

from benchmarks.cases import CASES, SINGLE, Case, Weights
from benchmarks.peers import Task
from downhill import load_dataset, predict, reference, train
from downhill.datasets import Dataset, Images
from downhill.storage.json_files import read_json, write_json

TOLERANCE = 1e-4
_OF_PYTORCH = 10  # times PyTorch's own distance from the reference, if that exceeds the tolerance
_CONFIDENCE = 0.95

ENGINE, PYTORCH, REFERENCE = "Downhill", "PyTorch", "reference"
PAIRS = ((ENGINE, PYTORCH), (ENGINE, REFERENCE), (PYTORCH, REFERENCE))


def steps(case: Case, images: Images, seed: int) -> list[dict[str, Any]]:
    """Distances after one pass over the images in their given order, with one entry per pair and layer.

    `of_weights` is the norm of the difference of a layer's weights and biases divided by their norm. `of_change`
    is stricter: it divides by the norm of the change made by training.
    """
    from benchmarks.peers import pytorch

    task = Task(case, images, seed, shuffle=False)
    initial, few = task.initial_weights(), images.take(slice(1))
    data = Dataset(images, few, few, tuple("0123456789"))
    twin = pytorch.prepare(task)
    twin.epoch()
    found = {
        ENGINE: train(case.network(epochs=1), data, initial=initial, shuffle=False).weights,
        PYTORCH: twin.networks()[0],
        REFERENCE: _by_reference(case, images, initial),
    }
    layers = {name: [_flat(layer) for layer in weights] for name, weights in found.items()}
    entries = []
    for one, other in PAIRS:
        ends = zip(layers[one], layers[other], map(_flat, initial), strict=True)
        for layer, (mine, theirs, before) in enumerate(ends, 1):
            distance = np.linalg.norm(mine - theirs)
            entry = {"pair": [one, other], "seed": seed, "layer": layer}
            entry["of_weights"] = float(distance / np.linalg.norm(theirs))
            entry["of_change"] = float(distance / np.linalg.norm(theirs - before))
            entries.append(entry)
    return entries


def _flat(layer: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    W, b = layer
    return np.concatenate([W.ravel(), b]).astype(np.float64)


def _by_reference(case: Case, images: Images, initial: Weights) -> Any:
    network = case.network(epochs=1)
    weights = [(W.astype(np.float64), b.astype(np.float64)) for W, b in initial]
    for first in range(0, len(images), case.batch_size):
        batch = images.take(slice(first, first + case.batch_size))
        _, gradient = reference.loss_and_gradient(weights, batch.images, batch.labels, network)
        weights = [
            (W - case.learning_rate * slope_W, b - case.learning_rate * slope_b)
            for (W, b), (slope_W, slope_b) in zip(weights, gradient, strict=True)
        ]
    return weights


def accuracy(case: Case, data: Dataset, epochs: int, seeds: int) -> dict[str, list[float]]:
    """Test accuracy of each seed, by Downhill and by PyTorch, from the same initial weights."""
    from benchmarks.peers import pytorch

    whole = len(data.train) // case.batch_size * case.batch_size
    images, few = data.train.take(slice(whole)), data.train.take(slice(1))
    network = case.network(epochs)
    found: dict[str, list[float]] = {ENGINE: [], PYTORCH: []}
    for seed in range(seeds):
        own_data = Dataset(images, few, few, data.classes)
        ours = train(network, own_data, seed=seed, initial=case.initial_weights(seed)).weights
        twin = pytorch.prepare(Task(case, images, seed))
        for _ in range(epochs):
            twin.epoch()
        for name, weights in ((ENGINE, ours), (PYTORCH, twin.networks()[0])):
            answers = predict(weights, data.test.images, network).argmax(axis=1)
            found[name].append(float((answers == data.test.labels).mean()))
    return found


def mean_interval(values: Any) -> dict[str, float]:
    """Mean with its 95 % interval (Student's t)."""
    sample = np.asarray(values, dtype=np.float64)
    mean, error = sample.mean(), stats.sem(sample)
    half = stats.t.ppf((1 + _CONFIDENCE) / 2, len(sample) - 1) * error
    return {"mean": float(mean), "lower": float(mean - half), "upper": float(mean + half)}


def farthest(found: list[dict[str, Any]], pair: tuple[str, str]) -> list[float]:
    """For each seed, the distance of the layer that is farthest apart."""
    mine = [entry for entry in found if tuple(entry["pair"]) == pair]
    seeds = sorted({entry["seed"] for entry in mine})
    return [max(entry["of_weights"] for entry in mine if entry["seed"] == seed) for seed in seeds]


def verdict(found: dict[str, Any]) -> str:
    """How well the weights agree, in words."""
    if complaints(found):
        return "disagree"
    if all(np.max(farthest(found["steps"], pair)) <= TOLERANCE for pair in PAIRS[:2]):
        return f"agree to {TOLERANCE:.0e}"
    return f"within {_OF_PYTORCH} times PyTorch's own distance, not {TOLERANCE:.0e}"


def complaints(found: dict[str, Any]) -> list[str]:
    """One sentence for each disagreement. Differences in accuracy are random, so they are shown but not checked."""
    bound = max(TOLERANCE, _OF_PYTORCH * np.max(farthest(found["steps"], (PYTORCH, REFERENCE))))
    return [
        f"{found['case']}: after {found['n_steps']} steps the weights of {one} and {other} are "
        f"{distance:.1e} apart, more than {bound:.1e}"
        for one, other in PAIRS[:2]
        if not (distance := np.max(farthest(found["steps"], (one, other)))) <= bound
    ]


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    measuring = commands.add_parser("measure", help="compare the peers on one case")
    measuring.add_argument("case", choices=SINGLE)
    measuring.add_argument("--steps", type=int, default=200)
    measuring.add_argument("--step-seeds", type=int, default=3)
    measuring.add_argument("--epochs", type=int, default=3)
    measuring.add_argument("--seeds", type=int, default=10)
    measuring.add_argument("--data", type=Path, required=True, help="folder of the data set")
    measuring.add_argument("--output", type=Path, required=True)
    checking = commands.add_parser("check", help="exit with an error if weights disagree")
    checking.add_argument("files", type=Path, nargs="+")
    arguments = parser.parse_args()
    if arguments.command == "check":
        sys.exit("\n".join(line for file in arguments.files for line in complaints(read_json(file))) or 0)

    case, data = CASES[arguments.case], load_dataset(arguments.data)
    # Images are repeated if there are too few of them for so many steps.
    images = data.train.take(np.arange(arguments.steps * case.batch_size) % len(data.train))
    scores = accuracy(case, data, arguments.epochs, arguments.seeds)
    pairs = zip(scores[ENGINE], scores[PYTORCH], strict=True)
    scores["difference"] = [ours - theirs for ours, theirs in pairs]
    result = {
        "case": case.name,
        "n_steps": arguments.steps,
        "steps": [entry for seed in range(arguments.step_seeds) for entry in steps(case, images, seed)],
        "epochs": arguments.epochs,
        "n_seeds": arguments.seeds,
        "accuracy": {name: mean_interval(values) | {"values": values} for name, values in scores.items()},
    }
    write_json(arguments.output, result)


if __name__ == "__main__":
    main()
