"""Downhill through its public interface."""

from time import perf_counter

from benchmarks.cases import Weights
from benchmarks.peers import Task
from downhill import train, train_many
from downhill.datasets import Dataset


def prepare(task: Task, networks: int = 1, epochs: int = 1) -> "_One | _Many":
    """Prepare a data set with the images of the task; with many networks, each trains for `epochs` per turn."""
    few = task.images.take(
        slice(1)
    )  # evaluation is not to be timed, so there is almost nothing to evaluate on
    data = Dataset(task.images.take(slice(task.n_used)), few, few, tuple("0123456789"))
    return _One(task, data) if networks == 1 else _Many(task, data, networks, epochs)


class _One:
    """One network, one epoch at a time; each epoch continues from the previous weights."""

    def __init__(self, task: Task, data: Dataset) -> None:
        self.task, self.data = task, data
        self.weights, self.epochs = task.initial_weights(), 0

    def epoch(self) -> float:
        """Train one epoch, and return the seconds reported by the engine."""
        run = train(
            self.task.case.network(epochs=1),
            self.data,
            seed=1000 * self.task.seed + self.epochs,  # for the order of images
            initial=self.weights,
            shuffle=self.task.shuffle,
            threads=self.task.threads,
        )
        self.weights = run.weights
        self.epochs += 1
        return float(run.seconds[0])

    def networks(self) -> list[Weights]:
        """Weights of the single network."""
        return [self.weights]


class _Many:
    """Many networks in parallel, each from its own seed, for a few epochs per turn."""

    def __init__(self, task: Task, data: Dataset, networks: int, epochs: int) -> None:
        self.task, self.data, self.n_networks, self.epochs = task, data, networks, epochs
        self.weights: list[Weights] = []

    def epoch(self) -> float:
        """Train all networks from the start, and return the wall time per epoch in seconds."""
        seeds = range(self.task.seed, self.task.seed + self.n_networks)
        network = self.task.case.network(self.epochs)
        begin = perf_counter()
        runs = train_many(network, self.data, seeds, threads=self.task.threads)
        seconds = perf_counter() - begin
        self.weights = [run.weights for run in runs]
        return seconds / self.epochs

    def networks(self) -> list[Weights]:
        """Weights of all networks."""
        return self.weights
