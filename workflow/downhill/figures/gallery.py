"""Images side by side, with a text above each: mistakes, noise, maps of weights."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.image import AxesImage
from numpy.typing import ArrayLike, NDArray

from downhill.figures import style

GREYS: dict[str, Any] = {"cmap": "gray_r", "vmin": 0, "vmax": 255}
"""The look of images of ink: dark on white."""


def rows_of(count: int, columns: int) -> int:
    """How many rows that many images take."""
    return math.ceil(count / columns)


def draw_images(
    figure: Figure | SubFigure, images: ArrayLike, texts: Sequence[str], columns: int, **look: Any
) -> list[Axes]:
    """Draw images in rows, each with its text above; returns the axes of the images.

    Parameters
    ----------
    figure
        A page, or a part of one; see `pages.page`.
    images
        (n, height, width); NaN is left white.
    texts
        One for each image; may be empty, or several lines.
    columns
        Images in a row.
    look
        Colours, for `imshow`; by default those of `GREYS`.
    """
    pixels = style.array(images)
    axes = figure.subplots(rows_of(len(pixels), columns), columns, squeeze=False).ravel()
    for ax in axes:
        ax.set_axis_off()
    for ax, image, text in zip(axes, pixels, texts, strict=False):
        draw_image(ax, image, **look)
        ax.set_title(text, size=7.5, loc="center", pad=3)
    return list(axes[: len(pixels)])


def draw_image(ax: Axes, image: ArrayLike, **look: Any) -> AxesImage:
    """Draw one image (height, width), neither too flat nor too narrow; NaN is left white."""
    pixels = style.array(image)
    height, width = pixels.shape
    shown: dict[str, Any] = {"interpolation": "none", "aspect": style.drawn_height(height, width) / height}
    return ax.imshow(np.ma.masked_invalid(pixels), **(shown | (look or GREYS)))


def without_ticks(ax: Axes) -> None:
    """Hide ticks and frame of an image, but not its labels."""
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set_visible(False)


def pixels_of(text: str | None, shape: Sequence[int]) -> NDArray[np.float64]:
    """An image from the hexadecimal digits of its pixels; NaN if there is none."""
    if text is None:
        return np.full(shape, np.nan)
    return np.frombuffer(bytes.fromhex(text), np.uint8).reshape(shape).astype(np.float64)
