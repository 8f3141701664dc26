"""Training: one run per seed, and any number of seeds in parallel."""

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, cached_property, partial
from itertools import repeat
from time import perf_counter
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from downhill.config.calls import check, whole_number, whole_numbers
from downhill.config.network import Network, check_network
from downhill.datasets.dataset import Dataset, Images
from downhill.engine import kernels
from downhill.engine.constants import LARGEST_PLAIN_BATCH
from downhill.engine.evaluate import Score, score
from downhill.engine.history import HISTORY_COLUMNS, LabelledExamples, history_row, shared_sets
from downhill.engine.images import Examples
from downhill.engine.layout import Layout, padded, unpadded
from downhill.engine.optimizers import SGD, Recipe, State
from downhill.engine.sharing import shares, together, useful_threads
from downhill.engine.training_images import TrainingImages
from downhill.engine.workspace import Workspace
from downhill.errors import DownhillError
from downhill.network.architecture import Weights, initial_parameters, unpack
from downhill.network.randomness import ORDER, generator
from downhill.network.schedule import learning_rates
from downhill.network.starts import packed_starts

if TYPE_CHECKING:
    import pandas as pd

# Images processed at a time when the gradient of a batch is accumulated in an array.
_CHUNK = 256


@dataclass(frozen=True)
class Run:
    """The result of training one network.

    Attributes
    ----------
    seed
        Seed of the initial weights and the order of images, and of the run's own subset and shuffled labels.
    rows
        The history as an array, float64 (m, 7), with the columns `HISTORY_COLUMNS`.
    weights
        [(W, b), …] at the end of the last epoch, W of shape (n_in, n_out), float32.
    seconds
        Training time of each epoch, float64 (epochs,), without evaluation and compilation. The only attribute that
        differs when a run is repeated.
    diverged_epoch
        Epoch in which a weight, or a cost in the history, became infinite or NaN, which ended training; 0 if training
        did not diverge.
    snapshots
        Weights, in the form of `weights`, after each of the network's `snapshot_epochs`, by epoch; 0 is the start. If
        training diverged, there are none from that epoch on.
    """

    seed: int
    rows: NDArray[np.float64]
    weights: Weights
    seconds: NDArray[np.float64]
    diverged_epoch: int = 0
    snapshots: dict[int, Weights] = field(default_factory=dict)

    @cached_property
    def history(self) -> "pd.DataFrame":
        """One row per epoch (see `Network.history_every`): `epoch`, counted from 1, and mean cost and accuracy with the
        weights at its end, on all images that the run is trained on, all validation images and all test images. Costs
        do not include the penalty of weight decay. Sets that are empty, or not among the network's `history_sets`, have
        NaN. If training diverged, the last row is NaN.
        """
        import pandas as pd  # takes as long as a small training run, whose job does not need it

        return pd.DataFrame(self.rows, columns=list(HISTORY_COLUMNS)).astype({"epoch": "int64"})

    @property
    def diverged(self) -> bool:
        """Whether training ended early because weights or costs were no longer finite."""
        return self.diverged_epoch > 0


@dataclass(frozen=True)
class _Task:
    """A data set in the engine's format, shared by all runs of a call; `batch_size` is in images per step.

    `scored` holds the sets besides the training images that the history scores.
    """

    net: Network
    layout: Layout
    batch_size: int
    train: TrainingImages
    scored: dict[str, LabelledExamples]


def train(
    net: Network,
    data: Dataset,
    seed: int = 0,
    initial: Weights | None = None,
    shuffle: bool = True,
    threads: int = 1,
) -> Run:
    """Train one network.

    Parameters
    ----------
    net
        Architecture and training settings.
    data
        A data set, as returned by `load_dataset`. The network is trained on `train` (or the part of it drawn by the
        seed, see `network.replicate`), and scored on the same images, on `validation` and on `test`, as far as its
        `history_sets` name them.
    seed
        Non-negative integer: the root of the run's seed tree (`network.randomness`).
    initial
        Initial weights [(W, b), …] to use instead of the seed's; they are copied, not modified.
    shuffle
        Whether each epoch uses the images in a new random order; otherwise their order is kept.
    threads
        Number of threads to use. A network can use several if its batches have at least 16 images: at most one for
        every 128 units of its widest hidden layer. The result is the same, byte for byte.

    Raises
    ------
    DownhillError
        If an argument has another type; if there are no training images, or fewer than the network's subset; if labels
        or `initial` do not match the network; or if a seed is negative.
    """
    starts = None if initial is None else [initial]
    return train_many(net, data, [whole_number(seed, "seed")], threads, starts, shuffle)[0]


def train_many(
    net: Network,
    data: Dataset,
    seeds: Iterable[int],
    threads: int = 1,
    initial: Weights | Sequence[Weights] | None = None,
    shuffle: bool = True,
) -> list[Run]:
    """Train one network per seed, `threads` at a time; each run equals that of `train`, byte for byte.

    With at least twice as many threads as seeds, several threads share a network, if it is wide enough (see `train`).

    Arguments and errors are those of `train`, except that `initial` is either one start for all seeds, or a list with
    one for each seed, in their order.
    """
    seeds, threads = whole_numbers(seeds, "seeds"), whole_number(threads, "threads")
    if any(seed < 0 for seed in seeds):
        raise DownhillError(f"a seed must be a non-negative integer, not {min(seeds)}")
    task = _task(net, data)
    starts = repeat(None) if initial is None else packed_starts(initial, seeds, task.layout.sizes)
    ready()
    at_a_time = max(1, min(threads, len(seeds)))
    one = partial(_train_one, task, shuffle, threads // at_a_time)
    if at_a_time == 1:
        return list(map(one, seeds, starts))
    with ThreadPoolExecutor(max_workers=at_a_time) as pool:
        return list(pool.map(one, seeds, starts))


def _task(net: Network, data: Dataset) -> _Task:
    check_network(net)
    check(data, Dataset, "data", "a Dataset, as load_dataset returns")
    if len(data.train) == 0:
        raise DownhillError("the data set has no training images")
    layout = Layout.of(net, net.layer_sizes(data.n_inputs, data.n_outputs))
    n = net.subset_images or len(data.train)
    batch_size = n if net.batch_size == "full" else min(net.batch_size, n)
    train = TrainingImages(data.train, net, layout)
    return _Task(net, layout, batch_size, train, shared_sets(net, data, layout))


def _train_one(
    task: _Task, shuffle: bool, threads: int, seed: int, initial: NDArray[np.float32] | None
) -> Run:
    net, layout = task.net, task.layout
    own, labels = task.train.of(seed)
    scored = task.scored | ({"train": (own, labels)} if "train" in net.history_sets else {})
    packed = initial_parameters(net, layout.sizes, seed) if initial is None else initial
    parameters = padded(unpack(packed, layout.sizes), layout)
    wanted = set(net.epochs_of_snapshots())
    snapshots = {0: _copy(parameters, layout)} if 0 in wanted else {}
    seconds, rows, diverged = [], [], 0
    for epoch, elapsed in enumerate(_epochs(task, own, parameters, shuffle, threads, seed), 1):
        seconds.append(elapsed)
        in_history = net.in_history(epoch)
        finite = bool(np.isfinite(parameters).all())
        scores: dict[str, Score] = {}
        if finite and in_history:
            scores = {name: score(parameters, layout, *images) for name, images in scored.items()}
            finite = all(np.isfinite(one.loss) for one in scores.values())
        if not finite:
            rows.append(history_row(epoch, {}))
            diverged = epoch
            break
        if in_history:
            rows.append(history_row(epoch, scores))
        if epoch in wanted:
            snapshots[epoch] = _copy(parameters, layout)
    history = np.array(rows, np.float64).reshape(-1, len(HISTORY_COLUMNS))
    return Run(seed, history, _copy(parameters, layout), np.array(seconds), diverged, snapshots)


def _copy(parameters: NDArray[np.float32], layout: Layout) -> Weights:
    return [(W.copy(), b.copy()) for W, b in unpadded(parameters, layout)]


def _epochs(
    task: _Task, own: Examples, parameters: NDArray[np.float32], shuffle: bool, threads: int, seed: int
) -> Iterator[float]:
    """Train epoch by epoch, updating `parameters`; yields the seconds that each epoch took."""
    net, layout = task.net, task.layout
    n, batch_size = own.images.n_images, task.batch_size
    steps = -(-n // batch_size)
    recipe = Recipe.of(net)
    plain = recipe.optimizer == SGD and batch_size <= LARGEST_PLAIN_BATCH
    state = State.of(recipe, layout.n_parameters, plain)
    room = batch_size if plain else min(batch_size, _CHUNK)
    work = Workspace.of(layout, own.images, room)
    parts = shares(layout, useful_threads(layout, room, threads))
    others = [Workspace.of(layout, own.images, room) for _ in parts[1:]]
    works = [work, *(other._replace(units=work.units, deltas=work.deltas) for other in others)]
    random = generator(seed, ORDER)
    order = np.arange(n)
    same = batch_size, own, layout.layers, layout.loss, parameters, state
    # no steps: only compiles the function if necessary, so that the first epoch is not timed with it
    kernels.train_epoch(order, *same, np.zeros(0), recipe, 0, work, parts[0])
    with ThreadPoolExecutor(max_workers=len(parts)) as pool:
        for epoch in range(net.epochs):
            begin = perf_counter()
            if shuffle and batch_size < n:
                order = random.permutation(n)
            rates = learning_rates(net, epoch, steps)
            run = partial(kernels.train_epoch, order, *same, rates, recipe, epoch * steps)
            together(pool, run, works, parts)
            yield perf_counter() - begin


@cache
def ready() -> float:
    """Compile the kernels, or load them from the cache on disk; returns the seconds this took.

    Trains a toy network, so that later timings do not include compilation.
    """
    begin = perf_counter()
    pixels = np.array([[[0, 255]], [[255, 0]]], np.uint8)
    toy = Images(pixels, np.array([0, 1], np.uint8))
    task = _task(Network(hidden_layers=(2,), epochs=1), Dataset(toy, toy, toy, ("0", "1")))
    _train_one(task, True, 1, 0, None)
    return perf_counter() - begin
