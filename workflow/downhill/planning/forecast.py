"""How long a study will take on a number of cores, predicted from its rows and the cost model.

The jobs of the study are scheduled as Snakemake would schedule them: data sets, then blocks of seeds, the evaluation of
each network when its last block has finished, and claims at the end. Efficiency is the time that training and
evaluating the requested seeds would take on one core without any overhead, divided by the total time of all cores.
Starting jobs, filling up blocks, waiting for the last block, and planning all reduce it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from downhill.config.study import Study
from downhill.orchestration.stage import Stage
from downhill.orchestration.stages import STAGES
from downhill.planning import cost
from downhill.planning.job_schedule import Job, wall_seconds

# Snakemake tracks every job: more blocks than these take minutes to plan and hours to start.
MOST_BLOCKS = 10_000
BLOCK_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Overheads:
    """Overheads of jobs, in seconds. The default of `plan` was measured; the others are taken from single runs.

    Snakemake handles jobs one after another: it takes `plan` for each job before the first job starts, and `dispatch`
    to start a job. `start_up` is the time that each job takes to start, in addition to the start of Python, which the
    cost model includes. `notice` is the time until Snakemake notices the end of a job. `compiling` the engine is done
    once; it takes 2 seconds if it was done before. `pace` is how many times longer work takes than the cost model
    predicts.
    """

    plan: float = 0.003
    dispatch: float = 0.03
    start_up: float = 0.1
    notice: float = 0.0
    compiling: float = 20.0
    pace: float = 1.0


# The cost model is cautious, since clusters stop jobs that take longer than asked: the default study on two idle cores
# took 0.65 times as long.
HERE = Overheads(pace=0.65)
CLUSTER = Overheads(dispatch=0.1, start_up=8.0, notice=15.0)


@dataclass(frozen=True)
class Forecast:
    """A study on a number of cores: its jobs of all kinds, wall time in seconds, and efficiency from 0 to 1.

    `block` is the block size that replaces the study's own, or None.
    """

    cores: int
    block: int | None
    jobs: int
    wall: float
    efficiency: float


@dataclass(frozen=True)
class _Costs:
    """Expected seconds for a network: once per job, per seed, and to evaluate all seeds."""

    once: float
    seed: float
    evaluation: float


@dataclass(frozen=True)
class Forecaster:
    """A study with the overheads of its jobs.

    `most` is the maximum number of jobs at a time (Snakemake's `--jobs`); None means no limit.
    """

    study: Study
    overheads: Overheads = HERE
    most: int | None = None

    def forecast(self, cores: int, block: int | None = None) -> Forecast:
        """Schedule the study on a number of cores.

        `block` replaces the study's `training.seeds_per_block`; the value of a row still takes precedence.
        """
        jobs = self.jobs(cores, block)
        wall = self.overheads.plan * len(jobs) + wall_seconds(
            jobs, cores, most=self.most, dispatch=self.overheads.dispatch, notice=self.overheads.notice
        )
        return Forecast(cores, block, len(jobs), wall, self.work / (cores * wall))

    def suitable(self, cores: int) -> Forecast | None:
        """The forecast with the fastest block size; None if every size makes too many jobs."""
        most_seeds = max((row.seeds for row in self.study.networks.values()), default=1)
        sizes = [
            size for size in BLOCK_SIZES if size <= most_seeds and self.count_blocks(size) <= MOST_BLOCKS
        ]
        tried = [self.forecast(cores, size) for size in sizes]
        return min(tried, key=lambda found: found.wall) if tried else None

    @cached_property
    def work(self) -> float:
        """Seconds on one core for training, evaluation and experiments of the requested seeds, and nothing else."""
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
        """All jobs of the study, stage by stage, with their dependencies; see `planning.job_schedule`."""
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

    def seconds(self, stage: str, key: tuple[str, ...], threads: int = 1) -> float:
        """Expected seconds of one job of the study, from its start to its end, by stage and key."""
        return self._seconds(self.study, STAGES[stage], key, threads)

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
    """A table to print: one line per number of cores, with the fastest block size for it."""
    lines = [
        f"{'':6} {'with the study’s blocks':>21}   {'with the fastest block size':>43}",
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
    """Format seconds in the most readable unit."""
    for size, unit in ((86_400, "days"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    if seconds >= 9.95:
        return f"{seconds:.0f} s"
    return f"{seconds:.2g} s" if seconds >= 0.0995 else f"{1000 * seconds:.2g} ms"


def with_blocks(study: Study, block: int | None) -> Study:
    """The study with blocks of `block` seeds where a row does not set its own size; None leaves it unchanged."""
    if block is None:
        return study
    training = study.settings.training.model_copy(update={"seeds_per_block": block})
    return study.model_copy(update={"settings": study.settings.model_copy(update={"training": training})})
