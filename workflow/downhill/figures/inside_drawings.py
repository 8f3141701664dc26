"""Drawing images that maximise an output, and the classes that nearest neighbours and the networks give them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from downhill.claims.wording import percent_as_given, with_minus
from downhill.figures import style
from downhill.figures.gallery import GREYS, draw_image, pixels_of, without_ticks
from downhill.figures.inside_panels import set_closer
from downhill.figures.lettering import shortened
from downhill.figures.pages import HIGHEST, WIDTH, page
from downhill.report.wording import number

_REAL = "real images"
_JUDGES: dict[str, dict[str, Any]] = {
    "distance": {"color": style.BLUE, "marker": "o"},
    "correlation": {"color": style.VERMILLION, "marker": "s"},
}


def draw_drawings(evidence: style.Evidence) -> Figure:
    """Images drawn to make each output of one network as large as possible, and their class by nearest neighbours."""
    data = evidence["data"]
    found, classes = data["drawings"], [shortened(name, 8) for name in data["classes"]]
    shape, columns = found["shape"], len(found["real"])
    nobody: dict[str, list[Any]] = {judge: [None] * columns for judge in _JUDGES}
    rows = [{"setting": _REAL, "images": found["real"], "called": nobody, "z": found["real_z"]}]
    rows += drawn_rows(found["rows"])
    long = max(map(len, classes)) > 2
    size = (WIDTH - 0.7) / max(columns, 5)
    height = size * style.drawn_height(*shape) / shape[1] + (0.28 if long else 0.02)
    figure = page(
        evidence,
        min(HIGHEST, len(rows) * height + 0.2),
        "Above drawings: the class of the nearest training images, by distance / by correlation (✓ as intended), and "
        "the output's weighted sum z; above real images: the mean z of their class. The ascent need not find the "
        f"largest z. Each drawing's contrast is stretched. Seed {data['seed']}.",
        *style.stretched(*shape),
    )
    set_closer(figure)
    axes = figure.subplots(len(rows), columns, squeeze=False)
    for of_row, row in zip(axes, rows, strict=True):
        called = zip(*(row["called"][judge] for judge in _JUDGES), strict=True)
        for label, (ax, image, judged, z) in enumerate(
            zip(of_row, row["images"], called, row["z"], strict=True)
        ):
            pixels = pixels_of(image, shape)
            draw_image(ax, pixels, **(GREYS if row["setting"] == _REAL else in_full_contrast(pixels)))
            without_ticks(ax)
            right = judged[0] in (label, None)
            ax.set_title(judged_text(label, judged, z, classes, "\n" if long else " / "), size=6.5, loc="center", pad=2,
                         weight="bold" if right else "normal",
                         color=style.INK if right else style.RUST)  # fmt: skip
        of_row[0].set_ylabel(row["setting"].replace(" ", "\n", 1), size=8)
    return figure


def draw_recognised_by_setting(evidence: style.Evidence) -> Figure:
    """Share of drawings that nearest neighbours and the networks recognise, by start and by penalty on roughness."""
    data = evidence["data"]
    remarks = [
        "The verdict is about drawings from grey and neighbours by distance. Distance depends on brightness and "
        "contrast; correlation does not.",
        f"{data['climbs'][:1].upper()}{data['climbs'][1:]}." if data["climbs"] else "",
        where_it_crosses(data["crossing"], data["threshold"]),
    ]
    figure = page(evidence, 4.0, *remarks)
    ax = figure.subplots()
    names = [
        "before\ntraining,\nfrom grey",
        *(name.replace(" ", "\n", 1) for name in data["own"]),
        "real test\nimages",
    ]
    ax.set_xlim(-0.6, len(names) - 0.4)
    ax.set_ylim(-0.03, 1.03)
    style.shade_band(ax, evidence, along="y")
    for (judge, look), at in zip(_JUDGES.items(), (-0.3, 0.0), strict=True):
        for place, sample in enumerate((data["untrained"][judge], *data["shares"][judge].values())):
            seeds_and_mean(ax, place + at, sample, look)
        right = data["right"][judge]
        if right is not None:
            ax.plot(len(names) - 1 + at, right, markersize=6, **look)
            away, aligned = (-6, "top") if right > 0.5 else (6, "bottom")
            ax.annotate(number(right, "share"), (len(names) - 1 + at, right), (0, away), textcoords="offset points",
                        rotation=90, ha="center", va=aligned, size=7)  # fmt: skip
        n = style.seeds(data["shares"][judge].values())
        ax.plot([], [], linestyle="none", markersize=3, label=f"a seed ({n}), neighbours by {judge}", **look)
    answers: dict[str, Any] = {"color": style.SKY, "marker": "^"}
    for place, sample in enumerate(data["own"].values(), 1):
        seeds_and_mean(ax, place + 0.3, sample, answers)
    ax.plot([], [], linestyle="none", markersize=3, label="a seed, the network's own answer", **answers)
    ax.set_xticks(range(len(names)), names)
    ax.tick_params(axis="x", length=0)
    ax.set_xlabel("start of the ascent, or weight of the penalty on roughness (from grey)")
    style.percent(ax.yaxis, "images assigned to the intended class")
    ax.errorbar(
        [], [], yerr=[], fmt="o", color=style.INK, capsize=3, label="large mark: mean and its interval"
    )
    style.legend(figure, [ax], columns=2)
    return figure


def drawn_rows(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The settings that are drawn: all without a penalty, and the smallest and the largest penalty."""
    penalties = [row for row in rows if row["setting"].startswith("penalty")]
    return [row for row in rows if row not in penalties] + penalties[:1] + penalties[1:][-1:]


def judged_text(
    label: int, judged: Sequence[int | None], z: float | None, classes: Sequence[str], apart: str
) -> str:
    """The classes that two judges give an image, and its z, as text."""
    reached = "" if z is None else f"({with_minus(f'{z:.1f}')})" if abs(z) < 99.5 else f"({z:.0e})"
    reached = ("\n" if "\n" in apart else " ") + reached if reached else ""
    if judged[0] is None:
        return classes[label] + reached
    marked = [classes[one] + ("✓" if one == label else "") for one in judged if one is not None]
    return apart.join(marked) + reached


def seeds_and_mean(ax: Axes, at: float, sample: style.Sample, look: dict[str, Any]) -> None:
    """Draw the seeds of a sample as small marks, with their mean beside them."""
    style.draw_seeds(ax, at + 0.07, style.values(sample), "y", room=0.16, markersize=2.6, **look)
    style.draw_mean(ax, at - 0.1, sample, "y", fmt=look["marker"], capsize=2.5, color=look["color"])


def where_it_crosses(crossing: dict[str, Any] | None, threshold: float) -> str:
    """Where the mean crosses a share as the penalty rises, in words; nothing if it does not."""
    if not crossing or crossing["value"] is None:
        return ""
    ends = [crossing[end] for end in ("lower", "upper")]
    between = " to ".join("beyond the sweep" if end is None else f"{end:.2g}" for end in ends)
    return (
        f"By distance, the mean crosses {percent_as_given(threshold)} at a penalty of {crossing['value']:.2g} "
        f"(interval {between})."
    )


def in_full_contrast(image: NDArray[np.float64]) -> dict[str, Any]:
    """The look of an image with its lowest pixel in white and its highest in black; unchanged if all are alike."""
    if not np.ptp(image):
        return GREYS
    return GREYS | {"vmin": image.min(), "vmax": image.max()}
