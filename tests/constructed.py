"""Evidence of shipped claims that are measured on experiments alone, from arrays that a test constructs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from downhill.claims.inputs import Inputs
from downhill.claims.judge import judge
from downhill.claims.measure import measure
from downhill.config import functions
from downhill.config.settings import Statistics
from downhill.experiments.results import ExperimentResult
from tests.shipped_claims import CLAIMS

QUICK = Statistics(resamples=300)


def inputs_of(**experiments: Mapping[str, Any]) -> Inputs:
    """Inputs from the arrays of experiments, by name with `_` for `-`; each ran once, with the seeds 0, 1, …"""
    results = {}
    for name, arrays in experiments.items():
        count = len(next(iter(arrays.values())))
        about = {"seeds": np.arange(count), "diverged": np.zeros(0, int)}
        results[name.replace("_", "-")] = ExperimentResult(name.replace("_", "-"), {"": about | dict(arrays)})
    return Inputs(experiments=results)


def evidence_of(claim: str, inputs: Inputs, folder: Path) -> dict[str, Any]:
    """Measure and judge a shipped claim on these inputs; a copy that a test can change."""
    row = CLAIMS[claim]
    measure(row.measured(), inputs, QUICK, folder / "measurement.json")
    words = functions.description("claims", row.family, row.statistic)
    evidence = judge(row, words, folder / "measurement.json", folder / f"{claim}.json")
    found: dict[str, Any] = json.loads(json.dumps(evidence))
    return found


def repeated(arrays: Mapping[str, Any], seeds: int) -> dict[str, Any]:
    """Arrays of one seed, repeated for several."""
    return {name: np.stack([np.asarray(values)] * seeds) for name, values in arrays.items()}


def checks_of_gradients(seeds: int = 3) -> dict[str, Any]:
    """What the experiment on gradients returns: differences of 1e-9 at h = 1e-5, more for other steps."""
    steps = np.array([1e-9, 1e-7, 1e-5, 1e-3, 1e-1])
    small = np.array([1e-4, 1e-7, 1e-9, 1e-7, 1e-3])[:, None, None, None] * np.ones((5, 5, 5, 3))
    one = {
        "step": 1e-5,
        "steps": steps,
        "small": small,
        "small_left_out": np.zeros((5, 5, 5), int),
        "small_parameters": 74,
        "tape": np.full((5, 5, 3), 1e-16),
        "trained": np.full((2, 3), 2e-9),
        "trained_left_out": np.zeros(2, int),
        "checked": np.array([167, 167, 166]),
        "images": 100,
    }
    return repeated(one, seeds)


def answers_to_drawings(
    right: Mapping[str, tuple[int, int]], seeds: int = 4, drawings: int = 20, shown: int = 12
) -> dict[str, Any]:
    """What the experiment on drawings returns: the first drawings of each set are right, one fewer for each seed.

    `right` says how many each network gets right with and without preprocessing; its accuracy on test images is 0.9.
    """
    labels = np.arange(drawings) % 10
    answers = [
        [
            np.concatenate([np.where(np.arange(drawings) < n - seed, labels, 9 - labels) for n in counts])
            for counts in right.values()
        ]
        for seed in range(seeds)
    ]
    pixels = 10 * np.arange(shown)[:, None, None] + np.arange(16).reshape(4, 4)
    one = {
        "networks": np.array(list(right)),
        "accuracy": np.full(len(right), 0.9),
        "sets": np.array(["drawn-digits", "drawn-digits-raw"]),
        "counts": np.array([drawings, drawings]),
        "labels": np.tile(labels, 2).astype(np.uint8),
        "shown": np.stack([pixels, 255 - pixels]).astype(np.uint8),
    }
    return repeated(one, seeds) | {"answers": np.array(answers, np.uint8)}


def counts_of_operations() -> dict[str, Any]:
    """What the experiment on operations returns, for one and for four images: 100 and 400 forwards."""
    tape = np.array([[[60, 40, 9], [70, 10, 0]], [[240, 160, 36], [280, 320, 0]]])
    one = {
        "images": np.array([1, 4]),
        "tape": tape,
        "formulas": tape,
        "difference": np.full((2, 3), 1e-16),
        "layer_sizes": np.array([6, 4, 3]),
    }
    return repeated(one, 1)


def fits_of_line(seeds: int = 3, errors: tuple[float, ...] = (0.3, 0.1, 0.04, 0.01)) -> dict[str, Any]:
    """What the experiment on fits returns for f(x) = x: outputs that are too high by the error of their width.

    Each seed has two restarts; the one with the lower training cost is the second, and the first has a smaller error.
    """
    x = np.linspace(0, 1, 41, dtype=np.float32)
    scale = 1 + 0.1 * np.arange(seeds)
    error = np.array(errors) * scale[:, None]
    shape = (seeds, len(errors), 1)
    return {
        "width": np.tile([4, 16, 64, 256], (seeds, 1))[:, : len(errors)],
        "cost": np.concatenate([np.full(shape, 2.0), np.full(shape, 1.0)], axis=2),
        "error": np.stack([error / 2, error], axis=2),
        "output": (x + error[:, :, None]).astype(np.float32),
        "by_hand": np.tile(1 / np.array([4, 16, 64, 256]), (seeds, 1))[:, : len(errors)],
        "by_hand_output": np.zeros((seeds, len(errors), 41), np.float32),
        "point": np.tile(x[:, None], (seeds, 1, 1)),
        "target": np.tile(x, (seeds, 1)),
        "n_train": np.full(seeds, 21),
        "epochs": np.full(seeds, 50),
    }


def fits_of_plane(side: int = 5) -> dict[str, Any]:
    """What the experiment on fits returns for f(x, y) = x + 2y on a grid, with one seed and two widths."""
    axis = np.linspace(0, 1, side)
    y, x = (along.ravel() for along in np.meshgrid(axis, axis, indexing="ij"))
    f = x + 2 * y
    one = {
        "width": np.array([4, 16]),
        "cost": np.array([[1.0], [0.1]]),
        "error": np.array([[0.5], [0.05]]),
        "output": np.stack([f + 0.5, f - 0.05]).astype(np.float32),
        "by_hand": np.full(2, np.nan),
        "by_hand_output": np.full((2, side**2), np.nan, np.float32),
        "point": np.stack([x, y], axis=1).astype(np.float32),
        "target": f.astype(np.float32),
        "n_train": 9,
        "epochs": 50,
    }
    return repeated(one, 1)
