"""How long a study will take on so many cores, told beforehand from its rows and the cost model.

The study's jobs are scheduled as Snakemake would: data sets, then blocks of seeds, each network's evaluation when
its last block has ended, claims at the end. Efficiency is what training and evaluating the seeds that were asked for
takes on one core, without anything around it, over the time of all cores: starting jobs, blocks that are filled up,
cores that wait for the last block, and planning all take from it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from downhill.config.study import Study
from downhill.orchestration.stages import STAGES, Stage
from downhill.planning import cost
from downhill.planning.job_schedule import Job, wall_seconds

# Snakemake keeps books of jobs: more blocks than these take it minutes to plan and hours to start.
MOST_BLOCKS = 10_000
BLOCK_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Overheads:
    """Seconds around the work of jobs; of the defaults `plan` was measured, the others are what single runs took.

    `plan` and `dispatch` are Snakemake's, for each job, one after another: before the first job starts, and to
    start it. `start_up` is each job's own, beside the start of Python that the cost model knows. `notice` is how
    long the end of a job stays unknown. `compiling` the engine comes once; it takes 2 seconds if it was done before.
    `pace` is how many times longer work takes than the cost model says.
    """

    plan: float = 0.003
    dispatch: float = 0.03
    start_up: float = 0.1
    notice: float = 0.0
    compiling: float = 20.0
    pace: float = 1.0


HERE = Overheads()
CLUSTER = Overheads(dispatch=0.1, start_up=8.0, notice=15.0)


@dataclass(frozen=True)
class Forecast:
    """A study on so many cores: its jobs of all kinds, wall time in seconds, and efficiency from 0 to 1.

    `block` is the size of blocks in place of the study's own, or None.
    """

    cores: int
    block: int | None
    jobs: int
    wall: float
    efficiency: float


@dataclass(frozen=True)
class _Costs:
    """Expected seconds of a network: of what happens once in a job, of one seed, and of evaluating all seeds."""

    once: float
    seed: float
    evaluation: float


@dataclass(frozen=True)
class Forecaster:
    """A study with what surrounds its jobs.

    `most` is how many jobs Snakemake may have at work (its `--jobs`), None for any number.
    """

    study: Study
    overheads: Overheads = HERE
    most: int | None = None

    def forecast(self, cores: int, block: int | None = None) -> Forecast:
        """Schedule the study on so many cores.

        `block` takes the place of the study's `training.seeds_per_block`; a row's own still comes before it.
        """
        jobs = self.jobs(cores, block)
        wall = self.overheads.plan * len(jobs) + wall_seconds(
            jobs, cores, most=self.most, dispatch=self.overheads.dispatch, notice=self.overheads.notice
        )
        return Forecast(cores, block, len(jobs), wall, self.work / (cores * wall))

    def suitable(self, cores: int) -> Forecast | None:
        """The forecast with the size of blocks that takes least time; None if all sizes make too many jobs."""
        most_seeds = max((row.seeds for row in self.study.networks.values()), default=1)
        sizes = [
            size for size in BLOCK_SIZES if size <= most_seeds and self.count_blocks(size) <= MOST_BLOCKS
        ]
        tried = [self.forecast(cores, size) for size in sizes]
        return min(tried, key=lambda found: found.wall) if tried else None

    @cached_property
    def work(self) -> float:
        """Seconds on one core of training, evaluation and experiments for the seeds asked for, and of nothing else."""
        rows = self.study.networks.items()
        costs = self._costs
        experiments = sum(
            len(self.study.experiment_seeds(unit)) * entry.seconds_per_seed
            for name, entry in self.study.experiments.items()
            for unit in self.study.units(name)
        )
        return self.overheads.pace * experiments + sum(
            row.seeds * costs[name].seed + costs[name].evaluation - costs[name].once for name, row in rows
        )

    def count_blocks(self, block: int | None = None) -> int:
        """How many blocks of seeds there are."""
        study = with_blocks(self.study, block)
        return sum(map(study.count_blocks, study.networks))

    def jobs(self, cores: int, block: int | None = None) -> list[Job]:
        """All jobs of the study, stage after stage, with what each of them needs; see `planning.job_schedule`."""
        study = with_blocks(self.study, block)
        threads = min(study.settings.training.threads, cores)
        places: dict[tuple[str, tuple[str, ...]], int] = {}
        jobs: list[Job] = []
        for stage in STAGES.values():
            used = threads if stage.name == "train" else 1
            for key in stage.jobs(study):
                needs = tuple(places[job] for job in stage.needs(study, key))
                places[stage.name, key] = len(jobs)
                jobs.append(Job(self._seconds(study, stage, key, threads), used, needs))
        return jobs

    def _seconds(self, study: Study, stage: Stage, key: tuple[str, ...], threads: int) -> float:
        """Expected seconds of a job, from its start to its end."""
        if stage.name == "compile":
            return self.overheads.compiling
        if stage.seconds is not None:
            return stage.seconds + (0.0 if stage.local else self.overheads.start_up)
        if stage.name == "experiment":
            unit, first, last = key
            expected = cost.experiment_seconds(
                study.experiments[unit.partition("/")[0]], int(last) - int(first) + 1
            )
            return self.overheads.pace * expected + self.overheads.start_up
        costs = self._costs[key[0]]
        if stage.name == "evaluate":
            return costs.evaluation + self.overheads.start_up
        rounds = math.ceil(study.seeds_per_block(key[0]) / threads)
        return costs.once + rounds * costs.seed + self.overheads.start_up

    @cached_property
    def _costs(self) -> dict[str, _Costs]:
        found = {}
        for name, row in self.study.networks.items():
            one, two, all_seeds = (
                cost.work_of_block(self.study, name, n, threads=1) for n in (1, 2, row.seeds)
            )
            first = cost.seconds(one)
            seed = cost.seconds(two) - first
            pace = self.overheads.pace
            found[name] = _Costs(
                pace * (first - seed), pace * seed, pace * cost.evaluation_seconds(all_seeds)
            )
        return found


def as_text(found: Sequence[Forecast], best: Sequence[Forecast | None]) -> str:
    """A table for people: a line for each number of cores, and the size of blocks that takes least time there."""
    lines = [
        f"{'':6} {'with the study’s blocks':>21}   {'with the blocks that take least time':>43}",
        f"{'cores':>6} {'wall time':>10} {'efficiency':>12}   "
        f"{'seeds':>7} {'jobs':>8} {'wall time':>12} {'efficiency':>13}",
    ]
    for given, suited in zip(found, best, strict=True):
        line = f"{given.cores:6} {duration(given.wall):>10} {given.efficiency:12.0%}"
        if suited is not None:
            line += (
                f"   {suited.block:7} {suited.jobs:8,} {duration(suited.wall):>12} {suited.efficiency:13.0%}"
            )
        lines.append(line)
    return "\n".join(lines)


def duration(seconds: float) -> str:
    """Seconds in the unit that reads best."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"


def with_blocks(study: Study, block: int | None) -> Study:
    """The study with blocks of so many seeds where no row says otherwise; None leaves it as it is."""
    if block is None:
        return study
    training = study.settings.training.model_copy(update={"seeds_per_block": block})
    return study.model_copy(update={"settings": study.settings.model_copy(update={"training": training})})
