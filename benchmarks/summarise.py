"""Write the tables of a run: `benchmark.csv` for analysis, `benchmark.md` for reading."""

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks.agreement import ENGINE as DOWNHILL
from benchmarks.agreement import PAIRS, REFERENCE, farthest, verdict
from benchmarks.cases import LESSON_EPOCHS
from benchmarks.passes import FORWARD, ratios
from benchmarks.peers import ENGINE, LIMIT
from downhill.storage.atomic import atomic_path
from downhill.storage.json_files import read_json


def quartiles(values: Iterable[float]) -> tuple[float, float, float]:
    """Lower quartile, median and upper quartile; NaN for no values."""
    known = np.array(list(values), dtype=np.float64)
    if not len(known):
        return (np.nan, np.nan, np.nan)
    lower, median, upper = np.percentile(known, [25, 50, 75])
    return float(lower), float(median), float(upper)


def rows(timing: dict[str, Any]) -> list[dict[str, Any]]:
    """One row per peer of a case: milliseconds per epoch, and the ratios to Downhill and to the limit.

    Ratios are computed round by round, from times measured within seconds of each other, before the median and
    quartiles are taken.
    """
    peers = timing["peers"]
    ours, limit = (peers.get(name, {}).get("seconds", []) for name in (ENGINE, LIMIT))
    found = []
    for name, peer in peers.items():
        seconds = peer["seconds"]
        row = {"case": timing["case"], "title": timing["title"], "threads": timing["threads"]}
        row |= {
            "n_threads": timing["n_threads"],
            "peer": name,
            "label": peer["label"],
            "rounds": len(seconds),
        }
        columns = {
            "milliseconds": [1000 * one for one in seconds],
            "ratio": _ratios(seconds, ours),
            "of_limit": _ratios(seconds, limit),
        }
        for column, values in columns.items():
            ends = quartiles(values)
            row |= dict(zip((f"{column}_lower", column, f"{column}_upper"), ends, strict=True))
        accuracy = peer["accuracy"]
        row |= {"accuracy": float(np.mean(accuracy)) if accuracy else np.nan, "networks": len(accuracy)}
        row |= {
            "epochs": peer["epochs"],
            "idle_seconds": peer["idle_seconds"],
            "remark": peer["remark"],
            "failure": peer["failure"],
        }
        found.append(row)
    return found


def _ratios(seconds: list[float], base: list[float]) -> list[float]:
    """Ratios for the rounds in which both took part."""
    return [one / other for one, other in zip(seconds, base, strict=False)]


def _table(header: list[str], lines: Iterable[list[str]]) -> str:
    """A Markdown table; all columns except the first and the last are numbers."""
    rule = ["---", *["---:"] * (len(header) - 2), "---"]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (header, rule, *lines))


def _number(value: float) -> str:
    """The number with three significant digits."""
    return "–" if not np.isfinite(value) else f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _spread(row: pd.Series, column: str) -> str:
    """Median with quartiles."""
    if not np.isfinite(row[column]):
        return "–"
    lower, upper = _number(row[f"{column}_lower"]), _number(row[f"{column}_upper"])
    return f"{_number(row[column])} ({lower} to {upper})"


def _timings(table: pd.DataFrame) -> str:
    """One section per case and thread count."""
    parts = []
    for (case, n_threads), group in table.groupby(["case", "n_threads"], sort=False):
        many = LIMIT not in set(group["peer"])
        last = ["networks per hour", "remarks"] if many else ["relative to the dense limit", "remarks"]
        header = ["", "ms per epoch", "relative to Downhill", "test accuracy (epochs, networks)", *last]
        lines = []
        for _, row in group.iterrows():
            accuracy = f"{100 * row['accuracy']:.2f} % ({row['epochs']:g}, {row['networks']})"
            hourly = 3_600_000 / (LESSON_EPOCHS * row["milliseconds"])
            lines.append(
                [
                    row["label"],
                    _spread(row, "milliseconds"),
                    _spread(row, "ratio"),
                    accuracy if row["networks"] else "–",
                    _number(hourly) if many else _number(row["of_limit"]),
                    f"failed: {row['failure']}" if row["failure"] else row["remark"],
                ]
            )
        unit = f"{n_threads} thread{'s' if n_threads > 1 else ''}"
        each = f"; time per network, networks per hour at {LESSON_EPOCHS} epochs each" if many else ""
        parts.append(f"## {case}: {group['title'].iloc[0]}; {unit}{each}\n\n{_table(header, lines)}\n")
    return "\n".join(parts)


def _fastest(table: pd.DataFrame) -> str:
    """One line per case and thread count: the fastest peer, whether slower or faster than Downhill."""
    header = ["case, threads", "Downhill, ms", "fastest peer, ms", "relative to Downhill", "fastest peer"]
    lines = []
    for (case, n_threads), group in table.groupby(["case", "n_threads"], sort=False):
        ours = group[group["peer"] == ENGINE].iloc[0]
        peers = group[~group["peer"].isin([ENGINE, LIMIT])].dropna(subset="milliseconds")
        if peers.empty:
            continue
        best = peers.loc[peers["milliseconds"].idxmin()]
        times = [_number(one["milliseconds"]) for one in (ours, best)]
        lines.append([f"{case}, {n_threads}", *times, _spread(best, "ratio"), best["label"]])
    return _table(header, lines) + "\n"


def _agreement(files: list[dict[str, Any]]) -> str:
    """Tables of distances and accuracies."""
    header = ["after equal steps", *(" – ".join(pair) for pair in PAIRS), "verdict"]
    lines = []
    for found in files:
        cells = [f"{found['case']}, {found['n_steps']} steps"]
        for pair in PAIRS:
            distances = farthest(found["steps"], pair)
            cells.append(", ".join(f"{distance:.0e}" for distance in sorted(distances)))
        lines.append([*cells, verdict(found)])
    parts = [_table(header, lines)]

    header = ["after equal epochs", "Downhill", "PyTorch", "difference (points)", "verdict"]
    lines = []
    for found in files:
        scores = found["accuracy"]
        difference = scores["difference"]
        equal = difference["lower"] <= 0 <= difference["upper"]
        lines.append(
            [
                f"{found['case']}, epochs: {found['epochs']}, seeds: {found['n_seeds']}",
                *(_percent(scores[name]) for name in ("Downhill", "PyTorch", "difference")),
                "no difference found" if equal else "the interval excludes 0",
            ]
        )
    return "\n\n".join([*parts, _table(header, lines)]) + "\n"


def _percent(score: dict[str, Any]) -> str:
    return f"{100 * score['mean']:.2f} ({100 * score['lower']:.2f} to {100 * score['upper']:.2f})"


def _time_to_accuracy(files: list[dict[str, Any]]) -> str:
    header = ["target", "mean test accuracy (95 % interval)", "n", "seconds per network", "verdict", "recipe"]
    lines = []
    for found in files:
        lower, median, upper = quartiles(found["seconds"])
        wanted, score = found["wanted"], found["accuracy"]
        reached = "reached" if score["mean"] >= wanted else "not reached"
        sure = " (entire interval)" if score["lower"] >= wanted else ""
        recipe = ", ".join(f"{name} {value}" for name, value in found["recipe"].items())
        seconds = f"{_number(median)} ({_number(lower)} to {_number(upper)})"
        cells = [f"{100 * wanted:g} %", _percent(score), str(found["n_seeds"]), seconds, reached + sure]
        lines.append([*cells, recipe])
    return _table(header, lines) + "\n"


def _passes(files: list[dict[str, Any]]) -> str:
    """One line per case: time of a forward pass, and backward over forward as timed and as counted."""
    header = ["case, images", "Downhill, forward, ms", "backward over forward", "reference, forward, ms"]
    header += ["backward over forward", "operations, counted"]
    lines = []
    for found in files:
        cells = [f"{found['case']}, {found['n_images']:,}"]
        for name in (DOWNHILL, REFERENCE):
            seconds = found["seconds"][name]
            cells.append(_number(1000 * float(np.median(seconds[FORWARD]))))
            lower, middle, upper = map(_number, quartiles(ratios(seconds)))
            cells.append(f"{middle} ({lower} to {upper})")
        lines.append([*cells, _number(found["counted"])])
    return _table(header, lines) + "\n"


def markdown(table: pd.DataFrame, run: dict[str, Any]) -> str:
    """The complete page."""
    about = run["environment"]
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    return "\n".join(
        [
            "# Downhill and its peers",
            "",
            f"{about['processor']}; {about['cores']} cores; {about['system']}; Python {about['python']}; {packages}; "
            f"{about['compiler']}. Load before the run: {about['load_before']}. Training images: {run['images']}.",
            "",
            "Median (lower to upper quartile) over interleaved rounds. Ratios are computed within each round; "
            "above 1, Downhill is faster. JIT, loading and evaluation are excluded. While another trained, no peer "
            f"used more than {1000 * table['idle_seconds'].max():.0f} ms of processor time.",
            "",
            "## The fastest peer of each case\n",
            _fastest(table),
            _timings(table),
            "## P7: time to a mean test accuracy, one thread, Downhill alone\n",
            _time_to_accuracy(run["time_to_accuracy"]),
            "## The cost of a pass, one thread\n",
            "Backward over forward: median (lower to upper quartile) over interleaved rounds; counted are "
            "multiplications and additions, every pixel included.\n",
            _passes(run["passes"]),
            "## Agreement\n",
            "Relative distance of weights (the layer that is farthest apart, one number per seed), and test accuracy "
            "in per cent with 95 % intervals of its mean.\n",
            _agreement(run["agreement"]),
        ]
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timings", type=Path, nargs="+", required=True)
    parser.add_argument("--agreement", type=Path, nargs="+", required=True)
    parser.add_argument("--time-to-accuracy", type=Path, nargs="+", required=True)
    parser.add_argument("--passes", type=Path, nargs="+", required=True)
    parser.add_argument("--environment", type=Path, required=True)
    parser.add_argument("--images", nargs="+", required=True, help="such as '60,000 digits'")
    parser.add_argument("--csv", type=Path, required=True)
    parser.add_argument("--markdown", type=Path, required=True)
    arguments = parser.parse_args()
    table = pd.DataFrame([row for file in arguments.timings for row in rows(read_json(file))])
    run = {
        "environment": read_json(arguments.environment),
        "images": ", ".join(arguments.images),
        "agreement": [read_json(file) for file in arguments.agreement],
        "time_to_accuracy": [read_json(file) for file in arguments.time_to_accuracy],
        "passes": [read_json(file) for file in arguments.passes],
    }
    with atomic_path(arguments.csv) as path:
        table.to_csv(path, index=False, lineterminator="\n")
    with atomic_path(arguments.markdown) as path:
        path.write_text(markdown(table, run), encoding="utf-8")


if __name__ == "__main__":
    main()
