"""The waves of Gabor functions on some pixels, and the residuals of an image after they are fitted to it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

Places = tuple[Array, Array]
"""x and y of some pixels, (pixels,) each."""

_NOTHING = 1e-9  # a wave that is shorter than this, relative to its original length, counts as zero


def waves(places: Places, parameters: Array) -> tuple[Array, Array]:
    """The two waves of each row of parameters (k, 6) under their envelope, (k, pixels) each.

    Parameters are x, y, θ, ln f, ln s, ln t, as in `analysis.gabor`.
    """
    u, v = _turned(places, parameters)
    frequency, s, t = (np.exp(parameters[:, column, None]) for column in (3, 4, 5))
    envelope = np.exp(-(u**2) / (2 * s**2) - v**2 / (2 * t**2))
    phase = 2 * np.pi * frequency * u
    return envelope * np.cos(phase), envelope * np.sin(phase)


def orthonormal(cosine: Array, sine: Array) -> tuple[tuple[Array, Array], tuple[tuple[Array, Array], Array]]:
    """An orthonormal basis of two waves, (k, pixels) each, without their mean (Gram–Schmidt).

    Returns
    -------
    The basis, (k, pixels) each; and what is needed to go back: the inverse lengths (k,) of the first wave and of what
    the second has left, and how much of the second lies along the first (k,).
    """
    first, size = _normalised(cosine - cosine.mean(axis=1, keepdims=True), cosine)
    second = sine - sine.mean(axis=1, keepdims=True)
    shadow = np.einsum("kp,kp->k", first, second)
    second, left = _normalised(second - shadow[:, None] * first, sine)
    return (first, second), ((size, left), shadow)


@dataclass(frozen=True)
class LeastSquares:
    """The residuals of an image as a function of the six parameters that are not linear, for SciPy's `least_squares`.

    Attributes
    ----------
    places
        x and y of its pixels.
    data
        Its values there, (pixels,), with mean 0.
    """

    places: Places
    data: Array

    def residuals(self, parameters: Array) -> Array:
        """The image minus its best fit with these parameters, (pixels,)."""
        (first, second), _ = orthonormal(*waves(self.places, parameters[None]))
        return np.asarray(self.data - (first[0] @ self.data) * first[0] - (second[0] @ self.data) * second[0])

    def jacobian(self, parameters: Array) -> Array:
        """Derivatives of the residuals, (pixels, 6), with a and b held fixed and then solved again.

        This is Kaufman's approximation of the exact derivative (1975, *BIT* 15:49).
        """
        u, v = (values[0] for values in _turned(self.places, parameters[None]))
        cosine, sine = waves(self.places, parameters[None])
        (first, second), (lengths, shadow) = orthonormal(cosine, sine)
        b = float(second[0] @ self.data) * float(lengths[1][0])
        a = (float(first[0] @ self.data) - float(shadow[0]) * b) * float(lengths[0][0])
        frequency, s, t = np.exp(parameters[3:])
        value, turned = a * cosine[0] + b * sine[0], b * cosine[0] - a * sine[0]
        along = -u / s**2 * value + 2 * np.pi * frequency * turned
        across = -v / t**2 * value
        cos, sin = np.cos(parameters[2]), np.sin(parameters[2])
        moved = np.stack(
            [
                -cos * along + sin * across,
                -sin * along - cos * across,
                v * along - u * across,
                2 * np.pi * frequency * u * turned,
                u**2 / s**2 * value,
                v**2 / t**2 * value,
            ]
        )
        moved -= moved.mean(axis=1, keepdims=True)
        for basis in (first[0], second[0]):
            moved -= (moved @ basis)[:, None] * basis
        return np.asarray(-moved.T)


def _turned(places: Places, parameters: Array) -> tuple[Array, Array]:
    """u along the wave and v across it at each pixel, (k, pixels) each."""
    x, y = places
    cos, sin = np.cos(parameters[:, 2, None]), np.sin(parameters[:, 2, None])
    right, down = x - parameters[:, 0, None], y - parameters[:, 1, None]
    return right * cos + down * sin, down * cos - right * sin


def _normalised(wave: Array, before: Array) -> tuple[Array, Array]:
    """Waves of length 1, and their inverse lengths (k,); zero where nothing is left of what they were before."""
    length = np.sqrt(np.einsum("kp,kp->k", wave, wave))
    was = np.sqrt(np.einsum("kp,kp->k", before, before))
    usable = length > np.maximum(_NOTHING * was, np.finfo(np.float64).tiny)
    inverse = np.divide(1, length, out=np.zeros_like(length), where=usable)
    return wave * inverse[:, None], inverse
