"""The words of progress: durations, names of jobs, counts, and what is shown of a job that failed."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from downhill.report.escaping import without_controls

_TAIL = 15
"""Lines of a log that are shown when its job has failed."""
_TAIL_BYTES = 20_000
_LONGEST_LINE = 400
_KILLED, _ENDED = 128 + 9, 128 + 15  # as a shell reports SIGKILL and SIGTERM

_DOING = {
    "download": "downloading {source}",
    "prepare": "preparing {dataset}",
    "compile": "compiling the engine",
    "train": "training {network}, seeds {first} to {last}",
    "evaluate": "evaluating {network}",
    "experiment": "running {unit}, seeds {first} to {last}",
    "measure": "measuring {claim}",
    "judge": "judging {claim}",
    "draw": "drawing {figure}",
    "compare": "drawing the published single runs",
    "tabulate": "writing the table of networks",
    "summarise": "writing the tables of claims",
    "publish": "writing the report page",
    "export": "exporting the networks",
    "all": "gathering the results",
}


def doing(rule: str, wildcards: Mapping[str, str]) -> str:
    """What a job does, such as “training lesson, seeds 0 to 9”."""
    try:
        return without_controls(_DOING[rule].format_map(wildcards))
    except KeyError:  # a rule of another workflow, which uses Downhill as a module
        return without_controls(" ".join([rule, *wildcards.values()]))


def rounded(seconds: float) -> str:
    """An estimate, no more precise than it can be: “5 s”, “40 s”, “7 min”, “2 h 10 min”."""
    if seconds < 57.5:
        return f"{max(5, 5 * round(seconds / 5))} s"
    minutes = max(1, round(seconds / 60))
    if minutes < 60:
        return f"{minutes} min"
    hours, minutes = divmod(5 * round(minutes / 5), 60)
    if hours < 24:
        return f"{hours} h {minutes} min" if minutes else f"{hours} h"
    return f"{hours / 24:.1f} days"


def exact(seconds: float) -> str:
    """A measured time: “39 s”, “3 min 20 s”, “2 h 10 min”."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def clock(seconds: float) -> str:
    """Time since the start, as h:mm:ss."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def jobs(count: int) -> str:
    """“1 job”, “1,234 jobs”."""
    return f"{count:,} job{'' if count == 1 else 's'}"


def to_run(counts: Mapping[str, int]) -> str:
    """How many jobs of which rule are to run."""
    return ", ".join(f"{count:,} {rule}" for rule, count in counts.items() if rule != "total")


def tail(logs: Iterable[str]) -> tuple[list[str], int]:
    """The last lines of the first log that has any, without blank ones, and how many lines before them are left out."""
    for log in logs:
        try:
            with Path(log).open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - _TAIL_BYTES))
                text = file.read().decode("utf-8", errors="replace")
        except OSError:
            continue
        lines = [without_controls(line)[:_LONGEST_LINE] for line in text.splitlines() if line.strip()]
        if lines:
            return lines[-_TAIL:], max(0, len(lines) - _TAIL)
    return [], 0


def failure(
    rule: str, what: str, logs: Sequence[str], message: str | None, status: int | None, lost: int
) -> str:
    """What is shown when a job has failed.

    Parameters
    ----------
    rule, what
        Its rule, and what it did.
    logs
        Its logs, that of the stage first.
    message
        What the executor says, such as a cluster; None if nothing.
    status
        The exit status of its command; None if it is not known.
    lost
        The number of jobs that cannot run unless it succeeds when it is tried again.
    """
    lines, before = tail(logs)
    shown = [f"Failed: {what} (rule {rule})"]
    if message:
        shown.append(f"  {without_controls(message)}")
    if status in (_KILLED, _ENDED):
        why = "perhaps because memory ran out" if status == _KILLED else "by another program or a person"
        shown.append(f"  Its process was killed, {why} (exit status {status}).")
    elif status is not None and not lines:
        shown.append(f"  Its exit status is {status}.")
    if before:
        shown.append("  | …")
    shown += [f"  | {line}" for line in lines]
    if logs:
        shown.append(f"  Log{' (empty)' if not lines else ''}: {', '.join(logs)}")
    if lost:
        shown.append(f"  {jobs(lost)} need{'s' if lost == 1 else ''} its results.")
    return "\n".join(shown)
