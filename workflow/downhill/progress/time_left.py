"""How long a run will still take: expected times, corrected by those of the jobs that have finished.

The jobs that are left are scheduled on the cores, as in `planning.job_schedule`. The expected time of a job comes from
the cost model, which was fitted on one processor. How much longer jobs take here, their *pace*, is estimated from the
jobs that have ended, separately for each kind of job: measured time divided by expected time, where both are increased
by a few seconds of the pace of all kinds together, so that one short job says little (a shrinkage estimate).
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from downhill.planning.job_schedule import Job, wall_seconds

_PRIOR = 5.0
"""Seconds of expected work for which the common pace counts; about the length of a short job of the cost model."""

_OVERDUE = 0.1
"""A job that takes longer than expected is assumed to need this share of its time so far in addition."""


@dataclass(frozen=True)
class PlannedJob:
    """A job that is to run.

    Attributes
    ----------
    kind
        Jobs of one kind share a pace.
    seconds
        Expected time at pace 1.
    cores
        Number of cores that it uses.
    needs
        The jobs, by key, whose results it reads and that are to run as well.
    modelled
        Whether `seconds` comes from the cost model, so that its pace says something about that of other kinds.
    """

    kind: str
    seconds: float
    cores: int = 1
    needs: tuple[int, ...] = ()
    modelled: bool = True


class TimeLeft:
    """The jobs of a run by key, in the order in which they start if there is a choice, and when they started and ended.

    Parameters
    ----------
    jobs
        All jobs of the run.
    cores
        Number of cores.
    most
        Maximum number of jobs at a time; None for no limit.
    dispatch, notice
        Overheads in seconds, see `planning.job_schedule.wall_seconds`.
    """

    def __init__(
        self,
        jobs: Mapping[int, PlannedJob],
        cores: int,
        *,
        most: int | None = None,
        dispatch: float = 0.0,
        notice: float = 0.0,
    ) -> None:
        self.jobs, self.cores, self.most = dict(jobs), cores, most
        self._dispatch, self._notice = dispatch, notice
        self._started: dict[int, float] = {}
        self._ended: set[int] = set()
        self._failed: set[int] = set()
        self._measured: dict[str, float] = defaultdict(float)
        self._expected: dict[str, float] = defaultdict(float)
        self._needed_by: dict[int, list[int]] = defaultdict(list)
        for key, job in self.jobs.items():
            for need in job.needs:
                self._needed_by[need].append(key)

    def start(self, key: int, now: float) -> None:
        """A job has started at the time `now`, in seconds; perhaps again, after a failure."""
        self._started[key] = now
        self._failed.discard(key)

    def end(self, key: int, now: float) -> None:
        """A job has ended successfully."""
        started = self._started.pop(key, None)
        self._ended.add(key)
        if started is not None and key in self.jobs:
            self._measured[self.jobs[key].kind] += now - started
            self._expected[self.jobs[key].kind] += self.jobs[key].seconds

    def fail(self, key: int) -> None:
        """A job has failed: nothing that depends on it will run."""
        self._started.pop(key, None)
        self._failed.add(key)

    def dependents(self, key: int) -> set[int]:
        """All jobs that need a job, directly or not."""
        found: set[int] = set()
        to_visit = [key]
        while to_visit:
            new = set(self._needed_by[to_visit.pop()]) - found
            found |= new
            to_visit += new
        return found

    def seconds(self, now: float) -> float:
        """Seconds from `now` until all jobs have ended that can."""
        lost = self._failed.union(*map(self.dependents, self._failed))
        paces = self._paces(now)
        running = {key: self._still(key, paces, now) for key in self._started if key in self.jobs}
        waiting = {
            key: paces[job.kind] * job.seconds
            for key, job in self.jobs.items()
            if key not in running and key not in self._ended and key not in lost
        }
        places = {key: place for place, key in enumerate([*running, *waiting])}
        left = [Job(seconds, self.jobs[key].cores) for key, seconds in running.items()]
        for key, seconds in waiting.items():
            needs = tuple(places[need] for need in self.jobs[key].needs if need in places)
            left.append(Job(seconds, self.jobs[key].cores, needs))
        return wall_seconds(left, self.cores, most=self.most, dispatch=self._dispatch, notice=self._notice)

    def _still(self, key: int, paces: Mapping[str, float], now: float) -> float:
        so_far = now - self._started[key]
        return max(paces[self.jobs[key].kind] * self.jobs[key].seconds - so_far, _OVERDUE * so_far)

    def _paces(self, now: float) -> dict[str, float]:
        """The pace of each kind, including what is known from jobs that already run for longer than expected."""
        paces = self._estimated(self._measured, self._expected)
        measured, expected = dict(self._measured), dict(self._expected)
        for key, started in self._started.items():
            job = self.jobs.get(key)
            if job is not None and now - started > paces[job.kind] * job.seconds:
                measured[job.kind] = measured.get(job.kind, 0.0) + now - started
                expected[job.kind] = expected.get(job.kind, 0.0) + job.seconds
        return self._estimated(measured, expected)

    def _estimated(self, measured: Mapping[str, float], expected: Mapping[str, float]) -> dict[str, float]:
        kinds = {job.kind: job.modelled for job in self.jobs.values()}
        common = (_PRIOR + sum(measured.get(kind, 0.0) for kind in kinds if kinds[kind])) / (
            _PRIOR + sum(expected.get(kind, 0.0) for kind in kinds if kinds[kind])
        )
        return {
            kind: (_PRIOR * (common if modelled else 1.0) + measured.get(kind, 0.0))
            / (_PRIOR + expected.get(kind, 0.0))
            for kind, modelled in kinds.items()
        }
