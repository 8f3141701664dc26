"""What figures of the family *inside* are made of."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from downhill.claims.wording import percent_as_given
from downhill.figures import style
from downhill.figures.lettering import shortened

POWER = 0.3  # of the video's opacity


def drawn_rows(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The settings that are drawn: all without a penalty, and the smallest, the middle and the largest penalty."""
    penalties = [row for row in rows if row["setting"].startswith("penalty")]
    some = sorted({0, len(penalties) // 2, len(penalties) - 1}) if penalties else []
    return [row for row in rows if row not in penalties] + [penalties[place] for place in some]


def as_in_the_video(weights: ArrayLike) -> NDArray[np.float64]:
    """Weights as shares of the largest, as the video draws them: the sign times the opacity, |weight| ** 0.3."""
    array = np.asarray(weights, np.float64)
    return np.asarray(np.sign(array) * np.abs(array) ** POWER)


def signed(value: float, digits: int) -> str:
    """A number with a minus sign, which zero does not have."""
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", "−")


def judged_text(
    label: int, judged: Sequence[int | None], z: float | None, classes: Sequence[str], apart: str
) -> str:
    """The classes that two judges give an image, and its z, as text."""
    reached = "" if z is None else f"({signed(z, 1)})" if abs(z) < 99.5 else f"({z:.0e})"
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


def pixels_of(text: str | None, shape: Sequence[int]) -> NDArray[np.float64]:
    """An image from the hexadecimal digits of its pixels; NaN if there is none."""
    if text is None:
        return np.full(shape, np.nan)
    return np.frombuffer(bytes.fromhex(text), np.uint8).reshape(shape).astype(np.float64)


def set_closer(figure: Figure) -> None:
    """Leave less room between the panels of a page."""
    engine = figure.get_layout_engine()
    if engine is not None:
        engine.set(w_pad=0.02, h_pad=0.02, wspace=0.0, hspace=0.0)  # type: ignore[call-arg]


def bar_of_signs(figure: Figure, axes: Any, label: str) -> None:
    """A bar of colours from −1 to 1 beside some panels."""
    colours = ScalarMappable(Normalize(-1, 1), style.DIVERGING)
    bar = figure.colorbar(colours, ax=axes, ticks=[-1, 0, 1], pad=0.015, aspect=10 * len(axes))
    bar.set_label(label)


def largest_of(values: NDArray[np.float64]) -> float:
    """The largest absolute value that is known; 1 if there is none, or all are 0."""
    known = np.abs(values[np.isfinite(values)])
    return float(known.max(initial=0)) or 1.0


def without_ticks(ax: Axes) -> None:
    """Hide ticks and frame of an image, but not its labels."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)


def draw_outline(ax: Axes, mask: NDArray[np.bool_]) -> None:
    """Draw a line around the pixels of a mask."""
    padded = np.pad(mask, 1)
    lines = [[(x - 1.5, y - 0.5), (x - 0.5, y - 0.5)] for y, x in np.argwhere(padded[1:] != padded[:-1])]
    lines += [
        [(x - 0.5, y - 1.5), (x - 0.5, y - 0.5)] for y, x in np.argwhere(padded[:, 1:] != padded[:, :-1])
    ]
    ax.add_collection(LineCollection(lines, colors=style.INK, linewidths=0.6), autolim=False)


def listed(names: list[str]) -> str:
    """Names of a few classes, shortened: `0, 6, 8, 9`, or `none`."""
    return ", ".join(shortened(name, 6) for name in names[:4]) + (", …" if len(names) > 4 else "") or "none"


def aligned(share: float) -> str:
    """How to align a text at this share of an axis, so that it stays inside."""
    return "left" if share < 0.1 else "right" if share > 0.9 else "center"


def place_along(ax: Axes, value: float) -> float:
    """Where a value lies along the x-axis, from 0 to 1."""
    low, high = ax.get_xlim()
    return (value - low) / (high - low)
