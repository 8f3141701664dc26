"""Drawing mistakes: which ones all seeds share, and how often neighbours and other networks make them too."""

import textwrap
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from downhill.claims.wording import counted
from downhill.figures import style
from downhill.figures.gallery import draw_images, rows_of
from downhill.figures.lettering import LONGEST_NAME, shortened
from downhill.figures.pages import page
from downhill.report.wording import number, parts_of

_COLUMNS = 5
_WRAP = 22  # letters in a line below a strip


def draw_odds(evidence: style.Evidence) -> Figure:
    """Odds ratios of every seed with the neighbours, the control and another seed, and by number of neighbours."""
    data = evidence["data"]
    odds, stuck = data["odds"], data["stuck"]
    rows = {name: sample for name, sample in odds.items() if sample["values"]}
    (part,) = parts_of(evidence)
    figure = page(
        evidence,
        3.1,
        f"The odds of a mistake are {number(part['value'], part['unit'])} times as high on images that the nearest "
        "neighbours also get wrong as on the others (mean over seeds). The higher this ratio, the more the network's "
        "mistakes are on images that other classifiers get wrong too: hard images, on which a mistake is easier to "
        "forgive.",
    )
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    every = [*rows.values(), *(row["odds"] for row in data["by_neighbours"])]
    left.set_xlim(-0.6, len(rows) - 0.4)
    left.set_ylim(0, style.span(*map(style.values, every), style.ends(evidence), 0)[1])
    style.shade_band(left, evidence, along="y")
    for ax in (left, right):
        style.guide(ax, 1, "1: mistakes are independent", along="y")
    names = []
    for place, (name, sample) in enumerate(rows.items()):
        crossed = stuck if len(sample["values"]) == len(stuck) else None
        colour = style.BLUE if place == 0 else style.VERMILLION if place == 1 else style.SKY
        style.draw_seeds(left, place + 0.1, style.values(sample), "y", 0.5, crossed, color=colour)
        mean = style.draw_mean(left, place - 0.3, sample, "y")
        lines = [shortened(line, _WRAP) for line in textwrap.wrap(name, _WRAP, break_long_words=False)]
        names.append("\n".join(lines) + f"\nmean {number(mean, 'ratio')}\nn = {len(sample['values'])}")
    left.set_xticks(range(len(rows)), names, size=7.5)
    left.set_xlabel("compared with the mistakes of")
    left.set_ylabel("odds ratio of mistakes")
    _draw_sweep(right, evidence)
    left.plot([], [], "o", color=style.BLUE, alpha=0.75, markeredgewidth=0, label="a seed (or pair of seeds)")
    style.label_stuck(left, stuck)
    left.errorbar([], [], yerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [left, right], columns=2)
    return figure


def draw_shared(evidence: style.Evidence) -> Figure:
    """The test images that every seed gets wrong and the neighbours get right."""
    data = evidence["data"]
    shared, counts = data["shared"], data["counts"]
    shape = (len(shared[0]["pixels"]), len(shared[0]["pixels"][0])) if shared else (1, 1)
    only = counts["seeds"] == 1
    who = "the only seed" if only else f"all {counts['seeds']:,} seeds"
    right = counts["shared"] - counts["shared_with_neighbours"]
    remark = f"Misclassified by {who}: {counts['shared']:,} of {counted(counts['images'], 'test image')}."
    if shared:
        which = f"{len(shared):,} of the {right:,}" if right > len(shared) else f"the {right:,}"
        remark += f" Shown: {which} that the nearest neighbours get right."
    figure = page(evidence, max(1.0, 1.55 * rows_of(len(shared), _COLUMNS)), remark, *style.stretched(*shape))
    if not shared:
        text = "There is no image that every seed gets wrong and the nearest neighbours get right."
        figure.text(0.5, 0.3, text, ha="center")
        return figure
    texts = []
    for one in shared:
        agreeing = "" if only else f"\n({100 * one['share']:.0f} % of seeds)"
        texts.append(f"{true_and_said(one)}{agreeing}")
    draw_images(figure, [one["pixels"] for one in shared], texts, _COLUMNS)
    return figure


def true_and_said(mistake: dict[str, Any]) -> str:
    """The name of an image's class and that of the answer, shortened, on one line or two."""
    label, predicted = (shortened(mistake[key], LONGEST_NAME) for key in ("label", "predicted"))
    apart = "\n" if len(label) + len(predicted) > 8 else " "
    return f"true {label},{apart}says {predicted}"


def _draw_sweep(ax: Axes, evidence: style.Evidence) -> None:
    """The mean odds ratio by number of neighbours, with every seed."""
    data = evidence["data"]
    rows = data["by_neighbours"]
    ax.set_xlim(-0.6, len(rows) - 0.4)
    style.shade_band(ax, evidence, along="y")
    for place, row in enumerate(rows):
        values, crossed = style.values(row["odds"]), data["stuck"]
        style.draw_seeds(ax, place + 0.1, values, "y", 0.4, crossed, color=style.BLUE, markersize=3)
        style.draw_mean(ax, place - 0.3, row["odds"], "y", markersize=4, capsize=3)
    chosen = data["neighbours"]
    names = [f"{row['neighbours']}{'*' if row['neighbours'] == chosen else ''}" for row in rows]
    ax.set_xticks(
        range(len(rows)), [f"{name}\n{row['wrong']:,}" for name, row in zip(names, rows, strict=True)]
    )
    ax.set_xlabel("number of neighbours (* fixed beforehand),\nand test images that they get wrong")
    ax.set_title(f"n = {len(data['stuck'])}", size=8, color=style.GREY)
