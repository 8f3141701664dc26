"""Data generated from a seed: classes that are not linearly separable, functions to fit, images of noise, drawings.

Points are images of height 1: float32 (n, 1, 2), or (n, 1, 1) for functions of one variable. Random values are drawn
row by row, so that for a given seed a smaller set is the beginning of a larger one (functions have no random values).
All values are computed in float64 and rounded once. Points are assigned to clusters or rings in turn, so that the
classes have equal sizes.
"""

import math

import numpy as np
import numpy.typing as npt

from downhill.config.generated import (
    Curve,
    DrawnDigits,
    GaussianNoise,
    Generated,
    Rings,
    Surface,
    UniformNoise,
    Xor,
)
from downhill.datasets.dataset import NO_CLASS, Images
from downhill.drawing.preprocess import SIDE, plain, preprocessed
from downhill.drawing.strokes import digits_in_turn

Floats = npt.NDArray[np.float64]


def generate(
    settings: Generated, training: np.random.Generator, test: np.random.Generator
) -> tuple[Images, Images]:
    """Generate the training set and the test set of a generated source.

    Parameters
    ----------
    settings
        The kind of data, its parameters and the sizes of both sets.
    training, test
        Random generators for the two sets; they must be independent.

    Returns
    -------
    Training set and test set. For curves and surfaces, the training points are in random order, so that any number of
    them from the start covers the whole range; the test points are in grid order.
    """
    if isinstance(settings, Curve | Surface):
        sampled = curve if isinstance(settings, Curve) else surface
        train = sampled(settings.training)
        return train.take(training.permutation(len(train))), sampled(settings.test)
    return _drawn(settings, settings.training, training), _drawn(settings, settings.test, test)


def _drawn(
    settings: Xor | Rings | UniformNoise | GaussianNoise | DrawnDigits,
    count: int,
    random: np.random.Generator,
) -> Images:
    if isinstance(settings, Xor):
        return xor(count, settings.sd, random)
    if isinstance(settings, Rings):
        return rings(count, settings.radii, settings.sd, random)
    if isinstance(settings, UniformNoise):
        return uniform_noise(count, settings.image_shape, random)
    if isinstance(settings, DrawnDigits):
        return drawn_digits(count, settings.preprocessing, random)
    return gaussian_noise(count, settings.image_shape, settings.mean, settings.sd, random)


def xor(count: int, sd: float, random: np.random.Generator) -> Images:
    """Draw points from four clusters at (±1, ±1) in turn.

    Each point is the centre of its cluster plus N(0, sd²) in both coordinates. Its label is 0 if the coordinates of the
    centre have the same sign and 1 otherwise (the exclusive or).

    Returns
    -------
    float32 (count, 1, 2), labels 0 and 1.
    """
    centres = np.array([[-1, -1], [-1, 1], [1, 1], [1, -1]])
    turn = np.arange(count) % len(centres)
    return _points(centres[turn] + sd * random.standard_normal((count, 2)), turn % 2)


def rings(count: int, radii: tuple[float, ...], sd: float, random: np.random.Generator) -> Images:
    """Draw points from rings around the origin in turn.

    Each point is at a uniformly random angle on its ring, plus N(0, sd²) in both coordinates. Its label is the index of
    its ring in `radii`. The angle is that of a point drawn from a two-dimensional normal distribution. This avoids sine
    and cosine, whose last digit depends on the processor.

    Returns
    -------
    float32 (count, 1, 2), labels 0 … len(radii) − 1.
    """
    turn = np.arange(count) % len(radii)
    drawn = random.standard_normal((count, 4))
    directions = drawn[:, :2] / np.sqrt((drawn[:, :2] ** 2).sum(axis=1, keepdims=True))
    return _points(np.array(radii)[turn, None] * directions + sd * drawn[:, 2:], turn)


def curve(count: int) -> Images:
    """Sample f(x) = 0.2 + 0.4x² + 0.3x sin 15x + 0.05 cos 50x at evenly spaced x from 0 to 1.

    The function is from Nielsen, *Neural networks and deep learning*, chapter 4, which shows visually that a network
    can compute any function.

    Returns
    -------
    float32 (count, 1, 1) in ascending order, targets float32 (count, 1). A target is f of the rounded x.
    """
    x = _rounded(np.linspace(0, 1, count))
    f = 0.2 + 0.4 * x**2 + 0.3 * x * np.sin(15 * x) + 0.05 * np.cos(50 * x)
    return _samples(x[:, None], f)


def surface(count: int) -> Images:
    """Sample Franke's function on a square grid of [0, 1] × [0, 1] that includes the edges.

        f(x, y) = ¾ exp(−((9x − 2)² + (9y − 2)²) / 4) + ¾ exp(−(9x + 1)² / 49 − (9y + 1) / 10)
                + ½ exp(−((9x − 7)² + (9y − 3)²) / 4) − ⅕ exp(−(9x − 4)² − (9y − 7)²)

    The function has two peaks and a dip on a slope, and is a common test for surface fitting (Franke 1979, *A critical
    comparison of some methods for interpolation of scattered data*, Naval Postgraduate School, NPS-53-79-003).

    Parameters
    ----------
    count
        A square number.

    Returns
    -------
    float32 (count, 1, 2) of (x, y), with x changing fastest, targets float32 (count, 1). A target is f of the rounded
    point.
    """
    axis = _rounded(np.linspace(0, 1, math.isqrt(count)))
    y, x = (along.ravel() for along in np.meshgrid(axis, axis, indexing="ij"))
    f = (
        0.75 * np.exp(-((9 * x - 2) ** 2 + (9 * y - 2) ** 2) / 4)
        + 0.75 * np.exp(-((9 * x + 1) ** 2) / 49 - (9 * y + 1) / 10)
        + 0.5 * np.exp(-((9 * x - 7) ** 2 + (9 * y - 3) ** 2) / 4)
        - 0.2 * np.exp(-((9 * x - 4) ** 2) - (9 * y - 7) ** 2)
    )
    return _samples(np.stack([x, y], axis=1), f)


def uniform_noise(count: int, shape: tuple[int, int], random: np.random.Generator) -> Images:
    """Draw images of no class with independent pixels, uniform on 0 … 255; uint8 (count, *shape)."""
    return _of_no_class(random.integers(0, 256, (count, *shape), dtype=np.uint8))


def gaussian_noise(
    count: int, shape: tuple[int, int], mean: float, sd: float, random: np.random.Generator
) -> Images:
    """Draw images of no class with independent pixels from N(mean, sd²), rounded and clipped.

    Parameters
    ----------
    mean, sd
        Mean and standard deviation of a pixel in units of 0 … 255, before clipping. Clipping changes both unless the
        distribution is well inside this range.

    Returns
    -------
    uint8 (count, *shape).
    """
    pixels = random.standard_normal((count, *shape))
    pixels *= sd
    pixels += mean
    np.clip(np.rint(pixels, out=pixels), 0, 255, out=pixels)
    return _of_no_class(pixels.astype(np.uint8))


def drawn_digits(count: int, preprocessing: bool, random: np.random.Generator) -> Images:
    """Draw the digits 0 … 9 in turn; see `drawing.strokes`.

    Parameters
    ----------
    preprocessing
        Whether drawings go through the preprocessing of MNIST (`drawing.preprocess`). The drawings themselves are the
        same either way.

    Returns
    -------
    uint8 (count, 28, 28) with ink as high numbers, labels 0 … 9.
    """
    drawings, labels = digits_in_turn(count, random)
    images = np.empty((count, SIDE, SIDE), np.uint8)
    for place, strokes in enumerate(drawings):
        images[place] = preprocessed(strokes).image if preprocessing else plain(strokes)
    return Images(images, labels)


def _rounded(positions: Floats) -> Floats:
    """Round to float32, the precision of a network's inputs."""
    return positions.astype(np.float32).astype(np.float64)


def _points(coordinates: Floats, labels: npt.NDArray[np.intp]) -> Images:
    return Images(coordinates.astype(np.float32)[:, None, :], labels.astype(np.uint8))


def _samples(coordinates: Floats, values: Floats) -> Images:
    return Images.with_targets(coordinates.astype(np.float32)[:, None, :], values.astype(np.float32)[:, None])


def _of_no_class(pixels: npt.NDArray[np.uint8]) -> Images:
    return Images(pixels, np.full(len(pixels), NO_CLASS, np.uint8))
