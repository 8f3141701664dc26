"""Draw the figure of a run: the time of each peer relative to Downhill, case by case."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter

from benchmarks.peers import ENGINE, PEERS
from downhill.figures import pages, style

_LOOKS: dict[str, dict[str, Any]] = {
    "one": {"marker": "o", "color": style.BLUE, "label": "one thread"},
    "all": {"marker": "s", "color": style.VERMILLION, "markerfacecolor": "white", "label": "all threads"},
}
_ROW, _PANEL, _LEGEND = 0.165, 0.62, 0.3  # inches: per peer; for title and axis of a panel; below all panels


def ratios(evidence: dict[str, Any]) -> Figure:
    """Time of an epoch divided by Downhill's in the same round: median and quartiles over rounds, by case."""
    table: pd.DataFrame = evidence["table"]
    cases = list(table["case"].drop_duplicates())
    names = [name for name in PEERS if name != ENGINE and name in set(table["peer"])]
    n_rows = (len(cases) + 1) // 2
    height = n_rows * (len(names) * _ROW + _PANEL) + _LEGEND
    figure = pages.blank(evidence["statement"], [evidence["about"]], height)
    below = height / figure.get_figheight()
    figure.set_layout_engine("constrained", rect=(0, 0, 1, below), h_pad=0.05, w_pad=0.08)
    axes = figure.subplots(n_rows, 2, sharex=True, sharey=True, squeeze=False)
    for ax in axes.flat[len(cases) :]:
        ax.set_axis_off()
    for ax, case in zip(axes.flat, cases, strict=False):
        _panel(ax, table[table["case"] == case], names)
    for ax in axes.flat[: len(cases)][-2:]:  # the lowest of each column
        ax.set_xlabel("time relative to Downhill (log scale)")
        ax.tick_params(labelbottom=True)
    style.legend(figure, list(axes.flat[: len(cases)]))
    return figure


def _panel(ax: Axes, group: pd.DataFrame, names: list[str]) -> None:
    ax.set_xscale("log")
    ax.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    ax.xaxis.set_minor_formatter(NullFormatter())
    ax.axvline(1, color=style.INK, linewidth=1, linestyle=":", label="Downhill", zorder=1)
    ax.grid(axis="y", color=style.BAND, linewidth=0.6)
    both = group["threads"].nunique() > 1
    for threads, look in _LOOKS.items():
        mine = group[(group["threads"] == threads) & group["peer"].isin(names)].dropna(subset="ratio")
        if mine.empty:
            continue
        at = (
            np.array([names.index(name) for name in mine["peer"]])
            + (0.15 if threads == "all" else -0.15) * both
        )
        whiskers = [mine["ratio"] - mine["ratio_lower"], mine["ratio_upper"] - mine["ratio"]]
        ax.errorbar(mine["ratio"], at, xerr=whiskers, linestyle="none", elinewidth=1, zorder=3, **look)
    ax.set_yticks(
        range(len(names)), [PEERS[name].label.replace(" (operations ÷ SGEMM rate)", "") for name in names]
    )
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)
    ax.set_title(f"{group['case'].iloc[0]}: {group['title'].iloc[0]}", size=7.5)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("table", type=Path, help="benchmark.csv")
    parser.add_argument("--output", type=Path, nargs="+", required=True)
    arguments = parser.parse_args()
    table = pd.read_csv(arguments.table)
    # one row for vmap: in P6, the faster of its two variants
    table = table[(table["case"] != "P6") | (table["peer"] != "jax_vmap")].replace(
        {"peer": {"jax_vmap_8": "jax_vmap"}}
    )
    rounds = " to ".join(str(number) for number in sorted({table["rounds"].min(), table["rounds"].max()}))
    evidence = {
        "statement": "Time of an epoch for each peer, relative to Downhill",
        "about": f"Median and quartiles over {rounds} interleaved rounds; right of 1, Downhill is faster. "
        "In P6, one process per core; the table also has vmap over 64 seeds in one process.",
        "table": table,
    }
    with pages.drawable_text(evidence) as shown:
        title, about = evidence["statement"], evidence["about"]
        pages.write(ratios(shown), arguments.output, "benchmark", title, f"{title}. {about}")


if __name__ == "__main__":
    main()
