"""How often Snakemake's scheduler looks for jobs to start."""

import threading
from typing import Any


def look_once_at_a_time(scheduler: Any) -> None:
    """Make a class of schedulers wait for one timer at a time.

    To start no more jobs than `--max-jobs-per-timespan` allows, Snakemake 9 looks for jobs again a second after it has
    looked, as long as some are ready. It also looks whenever a job has finished, and each look starts a timer of its
    own, so that after a thousand jobs it looks a thousand times a second (snakemake pull request 3744). Each look
    computes the parameters and resources of all jobs that are ready, which takes the processor away from them.

    Parameters
    ----------
    scheduler
        Snakemake's class `JobScheduler`; unchanged if it has no timers.
    """
    if not hasattr(scheduler, "_schedule_reevalutation"):
        return

    def look_again(self: Any, delay: float) -> None:
        waiting = self.__dict__.setdefault("_waiting", set())
        if delay in waiting:
            return
        waiting.add(delay)

        def look() -> None:
            waiting.discard(delay)
            self._open_jobs.release()

        timer = threading.Timer(delay, look)
        timer.daemon = True  # at the end, nothing waits for it
        timer.start()

    scheduler._schedule_reevalutation = look_again
