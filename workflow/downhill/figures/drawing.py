"""Figures of the family *drawing*: digits that are drawn."""

from typing import Any

from matplotlib.figure import Figure

from downhill.claims.wording import TEST_IMAGES, counted
from downhill.figures import style
from downhill.figures.gallery import draw_image, pixels_of, rows_of, without_ticks
from downhill.figures.lettering import shortened
from downhill.figures.pages import WIDTH, page
from downhill.figures.style import Evidence, draws

_KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "test": (f"own {TEST_IMAGES}", {"color": style.BLUE, "marker": "o"}),
    "with": ("drawings with preprocessing", {"color": style.VERMILLION, "marker": "s"}),
    "without": ("drawings without preprocessing", {"color": style.SKY, "marker": "^"}),
}
_COLUMNS = 10
_MOST_EXAMPLES = 40
_NOT_HANDWRITING = "Drawings are generated from strokes; they are not handwriting."


@draws("networks", "drawings")
def accuracy_on_drawings(evidence: Evidence) -> Figure:
    """Accuracy of each seed on test images and on drawings with and without preprocessing, for several networks."""
    rows, drawings = evidence["data"]["networks"], evidence["data"]["drawings"]
    remarks = (f"{_NOT_HANDWRITING} The verdict is about {rows[0]['network']}.",)
    figure = page(evidence, 1.2 + 0.72 * len(rows), *remarks)
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(3, 2))
    left.set_xlim(-0.02, 1.02)
    right.set_xlim(style.span(0, *(style.values(row["gained"]) for row in rows), style.ends(evidence)))
    left.set_ylim(len(rows) - 0.4, -0.6)
    style.shade_band(right, evidence)
    chance = 1 / drawings["classes"]
    style.guide(left, chance, f"guessing: {100 * chance:.3g} %")
    style.guide(right, 0, "no difference")
    for place, row in enumerate(rows):
        for shift, (kind, (_, look)) in zip((-0.28, 0.0, 0.28), _KINDS.items(), strict=True):
            values = style.values(row[kind])
            style.draw_seeds(left, place + shift, values, room=0.16, markersize=3, **look)
            style.draw_mean(left, place + shift + 0.12, row[kind], markersize=3.5, capsize=3)
        style.draw_seeds(right, place - 0.05, style.values(row["gained"]), room=0.5, color=style.GREY)
        style.draw_mean(right, place + 0.32, row["gained"])
        if place:
            for ax in (left, right):
                ax.axhline(place - 0.5, color=style.GREY, linewidth=0.3, zorder=0.5)
    names = [f"{shortened(row['network'], 20)}\nn = {len(row['with']['values'])}" for row in rows]
    left.set_yticks(range(len(rows)), names)
    for ax in (left, right):
        ax.tick_params(axis="y", length=0)
    left.set_ylabel("network, and number of seeds")
    style.percent(left.xaxis, f"accuracy; {counted(drawings['count'], 'drawing')}")
    style.percent(right.xaxis, "")
    right.set_xlabel("accuracy with preprocessing\nminus that without (points)")
    for name, look in _KINDS.values():
        left.plot([], [], linestyle="none", label=f"a seed, {name}", **look)
    right.plot([], [], "o", color=style.GREY, label="a seed, difference")
    right.errorbar([], [], xerr=[], fmt="D", color=style.INK, capsize=4, label="mean and its interval")
    style.legend(figure, [left, right], columns=3)
    return figure


@draws("examples")
def drawings_and_answers(evidence: Evidence) -> Figure:
    """Drawings as they are drawn and after preprocessing, with the answers of one network."""
    found = evidence["data"]["examples"]
    labels, shape = found["labels"][:_MOST_EXAMPLES], found["shape"]
    groups, columns = rows_of(len(labels), _COLUMNS), min(_COLUMNS, max(1, len(labels)))
    remarks = [
        _NOT_HANDWRITING,
        f"Above each: the answer of seed {found['seed']} of {found['network']} (✓ if it is right).",
        *style.stretched(*shape),
    ]
    size = (WIDTH - 0.9) / _COLUMNS
    height = size * style.drawn_height(*shape) / shape[1] + 0.17
    figure = page(evidence, max(1.0, 2 * groups * height + 0.2), *remarks)
    if not labels:
        figure.text(0.5, 0.3, "The experiment keeps no images.", ha="center")
        return figure
    axes = figure.subplots(2 * groups, columns, squeeze=False)
    for place in range(groups * columns):
        group, column = divmod(place, columns)
        for ax, kind in zip(axes[2 * group : 2 * group + 2, column], ("without", "with"), strict=True):
            if place >= len(labels):
                ax.set_axis_off()
                continue
            draw_image(ax, pixels_of(found["images"][kind][place], shape))
            without_ticks(ax)
            ax.spines[:].set(visible=True, color=style.BAND)  # the edges of the canvas
            answer, right = found["answers"][kind][place], found["answers"][kind][place] == labels[place]
            ax.set_title(f"{answer}{'✓' if right else ''}", size=7, loc="center", pad=2,
                         weight="bold" if right else "normal",
                         color=style.INK if right else style.RUST)  # fmt: skip
            if column == 0:
                ax.set_ylabel("as drawn" if kind == "without" else "prepro-\ncessed", size=7)
    return figure
