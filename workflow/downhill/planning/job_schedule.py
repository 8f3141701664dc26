"""List scheduling: how long jobs take on a number of cores if each starts as soon as it can, in the given order.

Snakemake's greedy scheduler works in this way, and so does a cluster with an empty queue.
"""

import heapq
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Job:
    """A job that takes `seconds` on `cores` cores, once the jobs at the positions `needs` of the list have ended."""

    seconds: float
    cores: int = 1
    needs: tuple[int, ...] = ()


def wall_seconds(
    jobs: Sequence[Job], cores: int, *, most: int | None = None, dispatch: float = 0.0, notice: float = 0.0
) -> float:
    """Seconds from the start of the first job to the end of the last.

    Parameters
    ----------
    jobs
        In the order in which they start if there is a choice; a job depends only on jobs before it.
    cores
        Number of cores. A job that needs more gets all of them.
    most
        Maximum number of jobs that have been started and are not yet known to have ended; None for no limit.
    dispatch
        Seconds that it takes to start a job; jobs are started one after another.
    notice
        Seconds until the end of a job is known. Its cores are free before that.
    """
    return _Run(jobs, cores, most or len(jobs), dispatch, notice).to_its_end()


@dataclass
class _Run:
    """The state of a simulated run; `events` are (time, kind, position of the job), `ready` positions by cores."""

    jobs: Sequence[Job]
    free: int
    slots: int
    dispatch: float
    notice: float
    now: float = 0.0
    starter_free: float = 0.0
    events: list[tuple[float, int, int]] = field(default_factory=list)
    ready: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def to_its_end(self) -> float:
        cores, waits_for, needed_by = self.free, [len(job.needs) for job in self.jobs], defaultdict(list)
        for place, job in enumerate(self.jobs):
            for need in job.needs:
                needed_by[need].append(place)
            if not job.needs:
                heapq.heappush(self.ready[min(job.cores, cores)], place)
        self._start_what_fits()
        while self.events:
            self.now, kind, place = heapq.heappop(self.events)
            if kind == _ENDS:
                self.free += min(self.jobs[place].cores, cores)
                heapq.heappush(self.events, (self.now + self.notice, _IS_KNOWN, place))
            else:
                self.slots += 1
                for waiting in needed_by[place]:
                    waits_for[waiting] -= 1
                    if not waits_for[waiting]:
                        heapq.heappush(self.ready[min(self.jobs[waiting].cores, cores)], waiting)
            if not self.events or self.events[0][0] > self.now:
                self._start_what_fits()
        return self.now

    def _start_what_fits(self) -> None:
        while self.slots:
            fitting = [places[0] for wanted, places in self.ready.items() if places and wanted <= self.free]
            if not fitting:
                return
            place = min(fitting)
            wanted = next(wanted for wanted, places in self.ready.items() if places and places[0] == place)
            heapq.heappop(self.ready[wanted])
            self.free -= wanted
            self.slots -= 1
            self.starter_free = max(self.now, self.starter_free) + self.dispatch
            heapq.heappush(self.events, (self.starter_free + self.jobs[place].seconds, _ENDS, place))


_ENDS, _IS_KNOWN = 0, 1
