"""The state of a run, as its events arrive, and what is shown of it."""

import time
from collections.abc import Callable, Mapping, Sequence

from downhill.progress import wording
from downhill.progress.screen import Screen
from downhill.progress.time_left import TimeLeft

_STEP = 0.1
"""Share of the jobs after which a file or pipe gets a line."""
_SILENCE = 30.0
"""Seconds after which it gets one anyway."""
_NOT_AGAIN = 2.0
"""Seconds in which it gets no second one."""
_PAUSE = 20.0
"""Times that an estimate took, until there is another one."""


class Run:
    """One run of Snakemake.

    Parameters
    ----------
    screen
        Where it is shown.
    clock
        The time in seconds; events carry times of the same clock.
    """

    def __init__(self, screen: Screen, clock: Callable[[], float] = time.time) -> None:
        self._screen, self._clock = screen, clock
        self._began = clock()
        self._total = 0
        self._running: dict[int, str] = {}
        self._done: set[int] = set()
        self._failed: set[int] = set()
        self._left: TimeLeft | None = None
        self._share = 0.0
        self._estimate, self._estimated, self._estimate_again = 0.0, self._began, self._began
        self._last_line, self._last_step = self._began, 0
        self._begun = self._interrupted = False

    def planned(self, counts: Mapping[str, int]) -> None:
        """The number of jobs of each rule is known, and their `total`."""
        self._total = counts.get("total", sum(counts.values()))
        self._screen.write(f"{wording.jobs(self._total)} to run: {wording.to_run(counts)}")
        self.tick()

    def expect(self, left: TimeLeft, cores: int | None) -> None:
        """Take the expected times of the jobs into account from now on."""
        self._left = left
        where = f" on {cores} core{'' if cores == 1 else 's'}" if cores else ""
        self._screen.write(f"Expected time{where}: about {wording.rounded(left.seconds(self._clock()))}")

    def started(self, job: int, rule: str, wildcards: Mapping[str, str], now: float) -> None:
        """A job has started."""
        self._begun = True
        self._running[job] = wording.doing(rule, wildcards)
        self._failed.discard(job)
        if self._left:
            self._left.start(job, now)

    def finished(self, job: int, now: float) -> None:
        """A job has ended successfully."""
        self._running.pop(job, None)
        self._done.add(job)
        if self._left:
            self._left.end(job, now)
        self.tick()

    def failed(
        self, job: int, rule: str, logs: Sequence[str], message: str | None = None, status: int | None = None
    ) -> None:
        """A job has failed, see `wording.failure`; after an interruption, that is what the user wanted."""
        what = self._running.pop(job, rule)
        if self._interrupted:
            return
        self._failed.add(job)
        lost = 0
        if self._left:
            self._left.fail(job)
            lost = len(self._left.dependents(job))
        self._screen.write(wording.failure(rule, what, logs, message, status, lost), "error")

    @property
    def is_interrupted(self) -> bool:
        """Whether the user has stopped it."""
        return self._interrupted

    @property
    def has_begun(self) -> bool:
        """Whether a job has started."""
        return self._begun

    @property
    def is_done(self) -> bool:
        """Whether all jobs are done."""
        return len(self._done) == self._total

    @property
    def any_failed(self) -> bool:
        """Whether a job has failed that was not tried again."""
        return bool(self._failed)

    def say(self, text: str, colour: str = "") -> None:
        """Show a message."""
        self._screen.write(text, colour)

    def interrupted(self, text: str) -> None:
        """The user has stopped the run, and with it its jobs."""
        self._interrupted = True
        self._screen.write(text)

    def tick(self) -> None:
        """Show how far the run is, if it is time to."""
        if self._screen.live:
            self._screen.show(*self._bar())
            return
        if not self._total:
            return
        now, step = self._clock(), int(len(self._done) / (_STEP * self._total))
        silent = now - self._last_line
        if silent >= _SILENCE or (step > self._last_step and silent >= _NOT_AGAIN):
            self._last_line, self._last_step = now, step
            self._screen.write(f"{wording.clock(now - self._began)}  {', '.join(self._parts(now))}")

    def close(self, log: str = "") -> None:
        """Show, if a job was started, how the run ended and where Snakemake's full log is."""
        self._screen.clear()
        if self.has_begun:
            took = wording.exact(self._clock() - self._began)
            done = len(self._done)
            if self.is_done:
                self._screen.write(f"{'All ' if done > 1 else ''}{wording.jobs(done)} done in {took}.")
            else:
                how = "Stopped" if self._interrupted else "Ended"
                failed = f", {len(self._failed)} failed" if self._failed else ""
                self._screen.write(
                    f"{how} after {took}: {done:,} of {wording.jobs(self._total)} done{failed}."
                )
            if log:
                self._screen.write(f"Snakemake's full log: {log}")

    def clear(self) -> None:
        """Remove the bar, whatever happens."""
        self._screen.clear()

    def _bar(self) -> tuple[float, list[str]]:
        now = self._clock()
        if not self._total:
            return 0.0, ["planning the jobs", wording.clock(now - self._began)]
        return self._share_done(now), self._parts(now)

    def _share_done(self, now: float) -> float:
        """The share of the time that has passed, or of the jobs if nothing is known about times; it never falls."""
        share = len(self._done) / self._total
        if self._left:
            so_far = now - self._began
            share = so_far / max(so_far + self._seconds_left(now), 1e-9)
        self._share = max(self._share, share)
        return self._share

    def _seconds_left(self, now: float) -> float:
        """The time left; with very many jobs, it is estimated anew only so often that this takes little time."""
        if self._left and now >= self._estimate_again:
            began = time.perf_counter()
            self._estimate, self._estimated = self._left.seconds(now), now
            self._estimate_again = now + _PAUSE * (time.perf_counter() - began)
        return max(0.0, self._estimate - (now - self._estimated))

    def _parts(self, now: float) -> list[str]:
        """How far it is, the most important first."""
        to_go = self._total - len(self._done) - len(self._running) - len(self._failed)
        parts = [f"{len(self._done):,} of {wording.jobs(self._total)} done"]
        if self._failed:
            parts.append(f"{len(self._failed)} failed")
        if self._running:
            parts.append(f"{len(self._running)} running")
        if to_go > 0:
            parts.append(f"{to_go:,} to go")
        if self._left and not self._interrupted and (self._running or to_go > 0):
            parts.append(f"about {wording.rounded(self._seconds_left(now))} left")
        if self._running:
            parts.append(next(iter(self._running.values())))
        return parts
