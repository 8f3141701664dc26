"""What a job will cost: seconds and memory of a block of seeds, told beforehand from its network's row.

A cluster wants both before a job starts. The model counts what the engine does and multiplies it by what each
thing was measured to take:

    seconds = start + data + rounds · (epochs · images · (image + first · W₁ + rest · W₂)
                                       + steps · (step + whole · P)
                                       + rows · scored images · (scored + forward · (W₁ + W₂)))

with `rounds` = ⌈seeds / threads⌉, W₁ the weights of the first layer and W₂ those of all others (widths rounded up to
whole SIMD vectors, as the engine pads them), P all parameters where an optimizer walks over them in every step,
and `rows` of the history, each of which scores all training and test images.

`python -m downhill.planning.calibrate` measures and fits the constants. What a cluster is asked for is more than the
expectation: processors differ, other jobs share their caches, and a job that is ended for a minute too much
costs more than one that asked for a minute too many.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from downhill.config.experiment import Experiment
from downhill.config.generated import GeneratedSource
from downhill.config.network import Network
from downhill.config.study import Study
from downhill.engine.constants import LARGEST_PLAIN_BATCH, WIDTH

# What a source is taken to hold where a recipe does not say: as MNIST does.
SOURCE_IMAGES, TEST_IMAGES = 60_000, 10_000

SAFETY = 3.0  # of time: an older processor, a busy node
MEMORY_SAFETY = 1.25
SHORTEST_MINUTES = 5  # no scheduler plans finer, and start-up on a cold shared file system is slow
# Two small Snakemakes stand around a job on a cluster and count as its own.
HARNESS_MB = 500


@dataclass(frozen=True)
class Constants:
    """What was measured, in seconds and bytes; see the module."""

    start: float = 3.0
    data: float = 5.4e-9
    image: float = 1.0e-7
    first: float = 2.5e-11
    rest: float = 1.7e-10
    step: float = 0.0
    whole: float = 4.3e-10
    scored: float = 3.4e-7
    forward: float = 1.4e-11
    base_bytes: float = 310e6
    data_bytes: float = 1.7
    thread_bytes: float = 26.0
    seed_bytes: float = 10.0

    def total(self, terms: dict[str, float]) -> float:
        """The sum over all things, each with how much there is of it."""
        return float(sum(amount * getattr(self, name) for name, amount in terms.items()))


CONSTANTS = Constants()


@dataclass(frozen=True)
class Work:
    """A block of seeds in numbers.

    `layer_sizes` input first; `images` to train on; `tests` to score besides; `loaded`, training images of the data
    set, where each seed takes a subset of them.
    """

    net: Network
    layer_sizes: tuple[int, ...]
    images: int
    tests: int
    seeds: int
    threads: int = 1
    loaded: int | None = None

    @property
    def rounds(self) -> int:
        """How many seeds one thread trains, one after another."""
        return math.ceil(self.seeds / self.threads)

    @property
    def first_weights(self) -> int:
        """Weights of the first layer, with padding."""
        return self._weights[0]

    @property
    def rest_weights(self) -> int:
        """Weights of all other layers, with padding."""
        return sum(self._weights[1:])

    @property
    def parameters(self) -> int:
        """All weights and biases, with padding."""
        return sum(self._weights) + sum(_padded(size) for size in self.layer_sizes[1:])

    @property
    def _weights(self) -> list[int]:
        return [_padded(n_in) * _padded(n_out) for n_in, n_out in pairwise(self.layer_sizes)]

    @property
    def batch(self) -> int:
        """Images a step."""
        size = self.net.batch_size
        return self.images if size == "full" else min(size, self.images)

    @property
    def steps(self) -> int:
        """Steps of all epochs."""
        return self.net.epochs * math.ceil(self.images / self.batch)

    @property
    def rows(self) -> int:
        """Rows of the history."""
        return math.ceil(self.net.epochs / self.net.history_every)

    @property
    def walked(self) -> int:
        """Parameters that the optimizer walks over in each step, besides those that a batch touches."""
        plain = self.net.optimizer == "sgd" and not self.net.weight_decay
        return 0 if plain and self.batch <= LARGEST_PLAIN_BATCH else self.parameters

    @property
    def data_bytes(self) -> int:
        """Pixels of all images of the data set, one byte each."""
        return ((self.loaded or self.images) + self.tests) * self.layer_sizes[0]

    @property
    def subset_bytes(self) -> int:
        """Pixels of the subsets that are in memory at once, one for each thread."""
        return min(self.threads, self.seeds) * self.images * self.layer_sizes[0] if self.loaded else 0

    @property
    def snapshot_bytes(self) -> int:
        """What one seed's snapshots take, on disk too."""
        return 4 * self.parameters * len(self.net.epochs_of_snapshots())


def _padded(size: int) -> int:
    return -(-size // WIDTH) * WIDTH


def work_of_block(study: Study, network: str, seeds: int, threads: int) -> Work:
    """A block of a study's network."""
    row = study.row(network)
    recipe = study.recipe(row.dataset)
    source = study.tables.sources[recipe.source]
    height, width = recipe.resize or source.image_shape
    images, tests = SOURCE_IMAGES, TEST_IMAGES
    if isinstance(source, GeneratedSource):
        images, tests = source.generate.training, source.generate.test
    images -= recipe.validation_count(source)
    limits = (recipe.training_images, recipe.training_images_limit)
    images = min([images, *(limit for limit in limits if limit)]) + recipe.noise_images
    sizes = row.layer_sizes(height * width, len(source.classes))
    images = max(images, 1)
    trained, loaded = (min(row.subset_images, images), images) if row.subset_images else (images, None)
    return Work(row.settings(), sizes, trained, tests, seeds, threads, loaded)


def terms(work: Work) -> dict[str, float]:
    """How often each thing happens that takes time, by the name of its constant."""
    net = work.net
    trained = work.rounds * net.epochs * work.images
    scored = work.rounds * work.rows * (work.images + work.tests)
    steps = work.rounds * work.steps
    return {
        "start": 1,
        "data": work.data_bytes,
        "image": trained,
        "first": trained * work.first_weights,
        "rest": trained * work.rest_weights,
        "step": steps,
        "whole": steps * work.walked,
        "scored": scored,
        "forward": scored * (work.first_weights + work.rest_weights),
    }


def seconds(work: Work, constants: Constants = CONSTANTS) -> float:
    """Expected seconds of a training job on the processor that was measured, from its start to its end."""
    return constants.total(terms(work))


def memory_terms(work: Work) -> dict[str, float]:
    """How much there is of each thing that takes memory, by the name of its constant."""
    return {
        "base_bytes": 1,
        "data_bytes": work.data_bytes + work.subset_bytes,
        "thread_bytes": min(work.threads, work.seeds) * work.parameters,
        "seed_bytes": work.seeds * work.parameters,
    }


def megabytes(work: Work, constants: Constants = CONSTANTS) -> float:
    """Expected memory of a training job; of its snapshots, as runs hold them and as they are written."""
    return (constants.total(memory_terms(work)) + 2 * work.seeds * work.snapshot_bytes) / 1e6


def evaluation_seconds(work: Work, constants: Constants = CONSTANTS) -> float:
    """Expected seconds of evaluating that many seeds."""
    weights = work.first_weights + work.rest_weights
    scored = work.seeds * (work.images + work.tests)
    return (
        constants.start
        + constants.data * work.data_bytes
        + scored * (constants.scored + constants.forward * weights)
    )


def evaluation_megabytes(work: Work, block: int, constants: Constants = CONSTANTS) -> float:
    """Expected memory of evaluating that many seeds: their answers to the test set, and two blocks of `block` seeds.

    Blocks are filled up, so one may hold more seeds than the study asks for.
    """
    outputs = work.layer_sizes[-1]
    answers = 8 * work.tests + 100 * outputs**2  # of a seed, with its rows of the confusion table
    one_seed = work.tests * (6 * outputs + 32)
    weights = 2 * 4 * work.parameters * block
    needed = work.seeds * answers + one_seed + weights
    data = work.data_bytes + replace(work, threads=1).subset_bytes
    return (constants.base_bytes + constants.data_bytes * data + needed) / 1e6


def experiment_seconds(experiment: Experiment, seeds: int) -> float:
    """Expected seconds of a job of an experiment with so many seeds."""
    return CONSTANTS.start + seeds * experiment.seconds_per_seed


def minutes_to_ask(expected: float, attempt: int) -> int:
    """Minutes to ask a cluster for, for a job of so many expected seconds; more with each attempt."""
    return max(SHORTEST_MINUTES, math.ceil(SAFETY * expected / 60)) * attempt


def memory_to_ask(expected: float, attempt: int) -> int:
    """Megabytes to ask a cluster for, in whole hundreds; more with each attempt."""
    return math.ceil((MEMORY_SAFETY * expected + HARNESS_MB) / 100) * 100 * attempt
