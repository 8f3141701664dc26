"""What a job will cost: seconds and memory of a block of seeds, predicted from the row of its network.

A cluster needs both before a job starts. The model counts each kind of work that the engine does, and multiplies it by
its measured cost:

    seconds = start + data + rounds · (epochs · images · (image + first · W₁ + rest · W₂)
                                       + steps · (step + whole · P)
                                       + rows · scored images · (scored + forward · (W₁ + W₂)))

Here `rounds` = ⌈seeds / threads⌉; W₁ is the number of weights of the first layer, and W₂ that of all other layers
(widths are rounded up to whole SIMD vectors, as the engine pads them); P is the number of parameters if the optimizer
updates all of them in every step; `rows` is the number of rows of the history, each of which scores all images of
the network's `history_sets`.

`python -m downhill.planning.calibrate` measures and fits the constants. The request to a cluster exceeds the estimate:
processors differ, other jobs share their caches, and a job that is killed for running a minute too long costs more than
one that requested a minute too many.
"""

import math
from dataclasses import dataclass, replace
from itertools import pairwise

from downhill.config.experiment import Experiment
from downhill.config.network import Network
from downhill.config.study import Study
from downhill.engine.constants import LARGEST_PLAIN_BATCH, WIDTH
from downhill.planning.source_sizes import source_size

SAFETY = 3.0  # for time: an older processor, a busy node
MEMORY_SAFETY = 1.25
SHORTEST_MINUTES = 5  # no scheduler plans more finely, and start-up from a cold shared file system is slow
# On a cluster, two small Snakemake processes run around each job, and their memory counts as that of the job.
HARNESS_MB = 500


@dataclass(frozen=True)
class Constants:
    """Measured costs, in seconds and bytes; see the module."""

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
        """The sum of all amounts, each multiplied by its constant."""
        return float(sum(amount * getattr(self, name) for name, amount in terms.items()))


CONSTANTS = Constants()


@dataclass(frozen=True)
class Work:
    """The size of a block of seeds.

    `layer_sizes` has the input first; `images` are trained on, and `tests` and `validation` images may be scored as
    well; `loaded` is the number of training images of the data set if each seed uses a subset of them.
    """

    net: Network
    layer_sizes: tuple[int, ...]
    images: int
    tests: int
    seeds: int
    threads: int = 1
    loaded: int | None = None
    validation: int = 0

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
        """Images per step."""
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
    def scored(self) -> int:
        """Images that each row of the history scores."""
        sizes = {"train": self.images, "validation": self.validation, "test": self.tests}
        return sum(sizes[name] for name in self.net.history_sets)

    @property
    def walked(self) -> int:
        """Parameters that the optimizer updates in each step in addition to those that a batch touches."""
        plain = self.net.optimizer == "sgd" and not self.net.weight_decay
        return 0 if plain and self.batch <= LARGEST_PLAIN_BATCH else self.parameters

    @property
    def data_bytes(self) -> int:
        """Pixels of all images of the data set, one byte each."""
        return ((self.loaded or self.images) + self.validation + self.tests) * self.layer_sizes[0]

    @property
    def subset_bytes(self) -> int:
        """Pixels of the subsets that are in memory at once, one for each thread."""
        return min(self.threads, self.seeds) * self.images * self.layer_sizes[0] if self.loaded else 0

    @property
    def snapshot_bytes(self) -> int:
        """Bytes of one seed's snapshots, in memory and on disk."""
        return 4 * self.parameters * len(self.net.epochs_of_snapshots())


def _padded(size: int) -> int:
    return -(-size // WIDTH) * WIDTH


def work_of_block(study: Study, network: str, seeds: int, threads: int) -> Work:
    """The work of a block of one of the study's networks."""
    row = study.row(network)
    recipe = study.recipe(row.dataset)
    source = study.tables.sources[recipe.source]
    height, width = recipe.resize or source.image_shape
    images, tests = source_size(study, recipe.source)
    validation = recipe.validation_count(source)
    images -= validation
    limits = (recipe.training_images, recipe.training_images_limit)
    images = min([images, *(limit for limit in limits if limit)]) + recipe.noise_images
    sizes = row.layer_sizes(height * width, len(source.classes))
    images = max(images, 1)
    trained, loaded = (min(row.subset_images, images), images) if row.subset_images else (images, None)
    return Work(row.settings(), sizes, trained, tests, seeds, threads, loaded, validation)


def terms(work: Work) -> dict[str, float]:
    """How often each kind of work occurs, by the name of its constant."""
    net = work.net
    trained = work.rounds * net.epochs * work.images
    scored = work.rounds * work.rows * work.scored
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
    """The amount of everything that takes memory, by the name of its constant."""
    return {
        "base_bytes": 1,
        "data_bytes": work.data_bytes + work.subset_bytes,
        "thread_bytes": min(work.threads, work.seeds) * work.parameters,
        "seed_bytes": work.seeds * work.parameters,
    }


def megabytes(work: Work, constants: Constants = CONSTANTS) -> float:
    """Expected memory of a training job; snapshots count twice, in the runs and in the arrays to write."""
    return (constants.total(memory_terms(work)) + 2 * work.seeds * work.snapshot_bytes) / 1e6


def evaluation_seconds(work: Work, constants: Constants = CONSTANTS) -> float:
    """Expected seconds to evaluate the seeds."""
    weights = work.first_weights + work.rest_weights
    scored = work.seeds * (work.images + work.validation + work.tests)
    return (
        constants.start
        + constants.data * work.data_bytes
        + scored * (constants.scored + constants.forward * weights)
    )


def evaluation_megabytes(work: Work, block: int, constants: Constants = CONSTANTS) -> float:
    """Expected memory to evaluate the seeds: their answers on the test set, and two blocks of `block` seeds.

    The last block is filled up, so it may hold more seeds than the study asks for.
    """
    outputs = work.layer_sizes[-1]
    answers = 8 * work.tests + 100 * outputs**2  # per seed, with its rows of the confusion table
    one_seed = work.tests * (6 * outputs + 32)
    weights = 2 * 4 * work.parameters * block
    needed = work.seeds * answers + one_seed + weights
    data = work.data_bytes + replace(work, threads=1).subset_bytes
    return (constants.base_bytes + constants.data_bytes * data + needed) / 1e6


def experiment_seconds(experiment: Experiment, seeds: int) -> float:
    """Expected seconds of a job of an experiment with this number of seeds."""
    return CONSTANTS.start + seeds * experiment.seconds_per_seed


def minutes_to_ask(expected: float, attempt: int) -> int:
    """Minutes to request from a cluster for a job of `expected` seconds; more with each attempt."""
    return max(SHORTEST_MINUTES, math.ceil(SAFETY * expected / 60)) * attempt


def memory_to_ask(expected: float, attempt: int) -> int:
    """Megabytes to request from a cluster, rounded up to hundreds; more with each attempt."""
    return math.ceil((MEMORY_SAFETY * expected + HARNESS_MB) / 100) * 100 * attempt
