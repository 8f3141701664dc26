"""Fit the constants of `planning.cost` to this machine: `python -m downhill.planning.calibrate` (a few minutes).

It prints measured and fitted values next to each other, and the constants to copy into `planning/cost.py`. It measures
processor time, so that other load on the machine has little effect, on the bundled digits.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

from downhill.config.network import Network
from downhill.datasets import load_dataset
from downhill.datasets.dataset import Dataset
from downhill.engine.train import ready, train_many
from downhill.planning.cost import CONSTANTS, Constants, Work, memory_terms, terms

DIGITS = Path(__file__).parents[3] / "resources" / "bundled" / "mnist"
IMAGES, EPOCHS = 20_000, 3

SHAPES: tuple[tuple[int, ...], ...] = (
    *((), (16,), (30,), (100,), (256,), (800,)),
    *((16, 16), (64, 64), (128, 128), (100, 16), (512, 512), (32, 32, 32, 32)),
)
RECIPES: tuple[dict[str, object], ...] = (
    {"batch_size": 10},
    {"batch_size": 128},
    {"batch_size": 64, "optimizer": "momentum", "momentum": 0.9, "learning_rate": 0.05},
    {"batch_size": 32, "optimizer": "adam", "learning_rate": 0.001},
)
# For memory: shape, images, seeds, threads.
BLOCKS = (
    *(((16,), 1_000, 1, 1), ((16, 16), 60_000, 4, 1), ((16, 16), 60_000, 200, 2)),
    *(((512, 512), 1_000, 2, 1), ((512, 512), 1_000, 16, 4), ((800,), 60_000, 20, 2)),
    *(((16,), 120_000, 1, 1), ((16,), 240_000, 1, 1)),
)

_ONCE = ("start", "data")  # happen once per job, and are measured separately

_CHILD = """
import json, sys, tempfile
from pathlib import Path
import numpy as np
from downhill.config.network import Network
from downhill.datasets import Dataset, load_dataset
from downhill.runs.train import train_block
folder, images, seeds, threads = sys.argv[2], *map(int, sys.argv[3:])
net = Network(**json.loads(sys.argv[1]))
data = load_dataset(folder, n_train=min(images, 60_000))
train = data.train.take(np.arange(images) % 60_000)
data = Dataset(train, data.validation, data.test, data.classes)
with tempfile.TemporaryDirectory() as target:
    train_block(net, data, range(seeds), threads, Path(target))
# Not `ru_maxrss`, which starts at the memory of the parent process.
(line,) = [line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")]
print(int(line.split()[1]) * 1024)
"""


def main() -> None:
    """Measure, fit, print."""
    ready()
    data = load_dataset(DIGITS, n_train=IMAGES)
    samples = [sample for shape in SHAPES for recipe in RECIPES for sample in _times(shape, recipe, data)]
    names = [name for name in terms(samples[0][0]) if name not in _ONCE]
    fitted = _fit([([terms(work)[name] for name in names], time) for work, time in samples])
    constants = replace(CONSTANTS, **dict(zip(names, fitted, strict=True)))
    constants = replace(constants, **_start(data))
    memory = [_memory(*block) for block in BLOCKS]
    names = list(memory_terms(memory[0][0]))
    fitted = _fit([([memory_terms(work)[name] for name in names], size) for work, size in memory])
    constants = replace(constants, **dict(zip(names, fitted, strict=True)))
    _print(samples, memory, constants)


def _times(shape: tuple[int, ...], recipe: dict[str, object], data: Dataset) -> list[tuple[Work, float]]:
    """Processor seconds of epochs without and with scores, excluding what happens once."""
    taken = []
    for epochs, every in ((0, 1), (EPOCHS, EPOCHS), (EPOCHS, 1)):
        net = Network.model_validate(
            {"hidden_layers": shape, "epochs": epochs, "history_every": every, **recipe}
        )
        best = np.inf
        for _ in range(2):
            begin = time.process_time()
            train_many(net, data, [0])
            best = min(best, time.process_time() - begin)
        taken.append((net, best))
    (_, once), *others = taken
    sizes = (784, *shape, 10)
    return [(Work(net, sizes, IMAGES, len(data.test), 1), seconds - once) for net, seconds in others]


def _start(data: Dataset) -> dict[str, float]:
    """Seconds from the start of a job to its first epoch: for Python and its imports, and per byte of data."""
    taken = {}
    for images in (1_000, 60_000):
        begin = resource.getrusage(resource.RUSAGE_CHILDREN)
        _run((16,), images, 1, 1, epochs=0)
        end = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken[images] = end.ru_utime + end.ru_stime - begin.ru_utime - begin.ru_stime
    per_byte = max(0.0, taken[60_000] - taken[1_000]) / (59_000 * 784)
    return {"start": taken[1_000], "data": per_byte}


def _memory(shape: tuple[int, ...], images: int, seeds: int, threads: int) -> tuple[Work, float]:
    net = Network(hidden_layers=shape, epochs=1, batch_size=100)
    return Work(net, (784, *shape, 10), images, 10_000, seeds, threads), _run(shape, images, seeds, threads)


def _run(shape: tuple[int, ...], images: int, seeds: int, threads: int, epochs: int = 1) -> float:
    """Train a block in a separate process; returns its peak memory in bytes."""
    settings = json.dumps({"hidden_layers": shape, "epochs": epochs, "batch_size": 100})
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-c", _CHILD, settings, str(DIGITS), str(images), str(seeds), str(threads)],
            cwd=folder, check=True, capture_output=True, text=True,
        )  # fmt: skip
    return float(done.stdout)


def _fit(samples: list[tuple[list[float], float]]) -> list[float]:
    """The non-negative constants with the smallest sum of squared relative errors."""
    counts = np.array([counts for counts, _ in samples])
    found = np.array([value for _, value in samples])[:, None]
    rows = counts / found
    scale = rows.max(axis=0)
    solution, _ = nnls(rows / scale, np.ones(len(rows)))
    return [float(value) for value in solution / scale]


def _print(samples: list[tuple[Work, float]], memory: list[tuple[Work, float]], constants: Constants) -> None:
    print(f"{'layers':24} {'batch':>6} {'optimizer':10} {'measured s':>11} {'expected s':>11} {'ratio':>6}")
    names = [name for name in terms(samples[0][0]) if name not in _ONCE]
    ratios = []
    for work, found in samples:
        expected = constants.total({name: terms(work)[name] for name in names})
        ratios.append(found / expected)
        shape = "-".join(map(str, work.layer_sizes))
        print(
            f"{shape:24} {work.batch:6} {work.net.optimizer:10} {found:11.3f} {expected:11.3f} {ratios[-1]:6.2f}"
        )
    print(f"measured over expected: {min(ratios):.2f} to {max(ratios):.2f}, median {np.median(ratios):.2f}\n")
    print(f"{'layers':24} {'images':>6} {'seeds':>6} {'threads':>7} {'measured MB':>11} {'expected MB':>11}")
    for work, size in memory:
        expected = constants.total(memory_terms(work))
        shape = "-".join(map(str, work.layer_sizes))
        print(
            f"{shape:24} {work.images:6} {work.seeds:6} {work.threads:7} {size / 1e6:11.0f} {expected / 1e6:11.0f}"
        )
    print()
    for name, value in vars(constants).items():
        print(f"    {name}: float = {value:.2g}")


if __name__ == "__main__":
    main()
