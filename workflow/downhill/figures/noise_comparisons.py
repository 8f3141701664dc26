"""Drawing noise against test images with the same answer, and networks trained with and without noise."""

import math
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from downhill.claims.wording import counted, with_minus
from downhill.figures import style
from downhill.figures.lettering import LONGEST_NAME, shortened
from downhill.figures.noise_kinds import LOOKS, about_verdict, mark_of, noise_first
from downhill.figures.pages import page
from downhill.report.wording import number

_APART = 1.5  # from one group of seeds to the next, in seeds


def draw_noise_and_real(evidence: style.Evidence) -> Figure:
    """Median largest output of every seed on noise and on test images with the same answer; the difference by kind."""
    data = evidence["data"]
    kinds, kind = list(data["differences"]), shortened(data["kind"], 24)
    figure = page(evidence, 3.4, about_verdict(data["kind"]))
    left, right = figure.subplots(1, 2, width_ratios=(3, 2))
    groups = by_favourite(data["pairs"])
    pairs = [pair for group in groups for pair in group]
    sizes = np.array([len(group) for group in groups])
    starts = np.cumsum(sizes + _APART) - sizes - _APART
    places = np.arange(len(pairs)) + _APART * np.repeat(np.arange(len(groups)), sizes)
    noise, test = (style.array([pair[key] for pair in pairs]) for key in ("noise", "test"))
    left.vlines(places, noise, test, color=style.GREY, linewidth=0.8, zorder=1)
    left.plot(places, test, linestyle="none", label="test images", **mark_of(style.TEST))
    left.plot(places, noise, linestyle="none", label=kind, **LOOKS[0])
    left.set_xlim(-_APART, places[-1] + _APART)
    left.set_ylim(style.span(noise, test))
    names = [shortened(group[0]["class"], LONGEST_NAME) for group in groups]
    long = max(map(len, names)) > 2
    labels = [f"{name}{' ' if long else chr(10)}({size})" for name, size in zip(names, sizes, strict=True)]
    left.set_xticks(starts + (sizes - 1) / 2, labels, rotation=90 if long else 0, size=8)
    left.tick_params(axis="x", length=0)
    left.set_xlabel(
        f"{counted(len(pairs), 'seed')}, by most frequent answer to\n{kind} (number of seeds)", size=8
    )
    left.set_ylabel("median largest output where\nthe answer is the same")
    right.set_xlim(
        style.span(0, *(style.values(one) for one in data["differences"].values()), style.ends(evidence))
    )
    right.set_ylim(-0.8, len(kinds) - 0.45)
    style.shade_band(right, evidence)
    style.guide(right, 0, "no difference")
    for place, kind in zip(range(len(kinds))[::-1], kinds, strict=True):
        sample = data["differences"][kind]
        style.draw_seeds(right, place, style.values(sample), room=0.5, **LOOKS[kinds.index(kind) % 4])
        if sample["mean"] is not None:
            mean = style.draw_mean(right, place - 0.42, sample)
            right.annotate(number(mean, "number"), (mean, place - 0.42), (0, -5), textcoords="offset points",
                           ha="center", va="top", size=7.5)  # fmt: skip
    right.set_yticks(range(len(kinds))[::-1], [shortened(kind, 16) for kind in kinds])
    right.tick_params(axis="y", length=0)
    right.set_ylabel("kind of noise")
    right.set_xlabel("noise minus test images,\nmedian largest output")
    right.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [left, right], columns=3)
    return figure


def by_favourite(pairs: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Pairs grouped by the seed's most frequent answer to noise, and ordered by their difference within each group."""
    groups: dict[int, list[dict[str, Any]]] = {}
    for pair in sorted(pairs, key=lambda pair: (pair["favourite"], pair["noise"] - pair["test"])):
        groups.setdefault(pair["favourite"], []).append(pair)
    return list(groups.values())


def draw_doubt_by_kind(evidence: style.Evidence) -> Figure:
    """Median largest output of every seed, after training with and without noise, and the loss of test accuracy."""
    data = evidence["data"]
    rows, accuracy = data["medians"], data["accuracy"]
    kinds = noise_first(rows[0]["medians"])
    remarks = (
        about_verdict(data["kind"]),
        "If training with noise teaches doubt at little cost, the lack of doubt comes from the training, not from the "
        "network.",
    )
    height = 0.36 * len(kinds) * len(rows)
    figure = page(evidence, 2.3 + height, *remarks)
    upper, lower = figure.subplots(2, 1, height_ratios=(height, 0.8))
    every = [style.values(row["medians"][kind]) for row in rows for kind in kinds]
    upper.set_xlim(style.span(0, 1, *every, margin=0.03))
    step = len(rows) + 0.5
    upper.set_ylim(-0.75, step * len(kinds) - 0.8)
    style.shade_band(upper, evidence)
    ticks = []
    looks = ({"color": style.BLUE, "marker": "o"}, {"color": style.VERMILLION, "marker": "s"})
    for order, kind in enumerate(kinds[::-1]):
        for place, (row, look) in enumerate(zip(rows[::-1], looks[: len(rows)][::-1], strict=True)):
            at = step * order + place
            style.draw_seeds(upper, at + 0.1, style.values(row["medians"][kind]), room=0.5, **look)
            style.draw_mean(upper, at - 0.3, row["medians"][kind], markersize=4, capsize=3)
        ticks.append((step * order + (len(rows) - 1) / 2, shortened(kind, 20)))
    for row, look in zip(rows, looks, strict=False):
        n = counted(len(row["medians"][kinds[0]]["values"]), "seed")
        upper.plot([], [], linestyle="none", label=f"{row['network']} (n = {n})", **look)
    upper.set_yticks([place for place, _ in ticks], [name for _, name in ticks])
    upper.tick_params(axis="y", length=0)
    upper.set_ylabel("images shown")
    upper.set_xlabel("median largest output")
    loss = style.values(accuracy["loss"])
    lower.set_xlim(style.span(0, loss, style.ends(evidence, 1)))
    lower.set_ylim(-1.1, 0.9)
    style.shade_band(lower, evidence, part=1)
    style.guide(lower, 0, "no loss")
    style.draw_seeds(lower, 0.3, loss, room=0.8)
    mean = style.draw_mean(lower, -0.5, accuracy["loss"])
    end = style.mean_interval(accuracy["loss"])[2]
    lower.annotate(number(mean, "points"), (mean if math.isnan(end) else end, -0.5), (6, 0),
                   textcoords="offset points", va="center", size=8)  # fmt: skip
    lower.set_yticks([])
    lower.set_ylabel("loss of test\naccuracy", rotation=0, ha="right", va="center")
    taught, plain = accuracy["networks"]
    lower.xaxis.set_major_formatter(lambda value, _: with_minus(f"{round(100 * value, 6):g}"))
    lower.set_xlabel(f"test accuracy, {plain} minus {taught} (points; one mark per seed, n = {len(loss)})")
    lower.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [upper, lower], columns=3)
    return figure
