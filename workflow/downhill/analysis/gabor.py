"""The best-fitting Gabor function for an image: how much an image looks like an edge detector.

A Gabor function is a wave under a Gaussian envelope, the usual model of the edge detectors of the visual cortex (Jones
& Palmer 1987, *J. Neurophysiology* 58:1233). With u along the wave and v across it, both from the centre (x, y) and
turned by the angle θ,

    g = exp(−u² / 2s² − v² / 2t²) · (a cos 2πfu + b sin 2πfu) + c.

Amplitude and phase (a, b) and the offset c enter linearly. They are solved exactly for each choice of the other six
(variable projection; Golub & Pereyra 1973, *SIAM J. Numerical Analysis* 10:413), which are found by a search: a bank of
starts covers them coarsely, and the best of these are refined. Lengths are in pixels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.analysis.gabor_waves import Array, LeastSquares, Places, orthonormal, waves
from downhill.analysis.pixels import Mask

FEWEST_PIXELS = 36
"""Four for each of the nine parameters: on fewer pixels, the function fits anything."""

REFINED = 3
"""The number of starts that are refined."""

_MOST_EVALUATIONS = 25  # of the residuals, for each refined start
_CENTRES = 8  # of starts, along the longer side of an image
_ANGLES = 8
_WAVELENGTHS = 5
_CANDIDATES = 400  # of the bank, from which those to refine are taken
_AT_A_TIME = 2000  # starts


@dataclass(frozen=True)
class Fit:
    """The best-fitting Gabor function for an image.

    Attributes
    ----------
    explained
        The share of the image's variance that it explains, from 0 to 1; NaN if it was not fitted.
    parameters
        x, y, θ, ln f, ln s, ln t; float64 (6,).
    image
        Its values on the pixels of the mask, float64 (pixels,).
    """

    explained: float
    parameters: Array
    image: Array


@dataclass(frozen=True)
class Gabor:
    """Gabor functions on the pixels of a mask.

    Attributes
    ----------
    mask
        bool (height, width): the pixels that count.
    """

    mask: Mask

    @property
    def enough(self) -> bool:
        """Whether there are enough pixels for a fit to mean anything."""
        return bool(np.count_nonzero(self.mask) >= FEWEST_PIXELS)

    def best(self, images: ArrayLike, refined: int = REFINED) -> list[Fit]:
        """The best-fitting Gabor function for each image.

        Parameters
        ----------
        images
            Values on the pixels of the mask, row by row, (n, pixels).
        refined
            The number of starts that are refined.

        Returns
        -------
        One `Fit` per image; NaN for an image without variance, and where the mask has fewer than `FEWEST_PIXELS`.
        """
        data = np.asarray(images, np.float64)
        differ = (data != data[:, :1]).any(axis=1)  # the mean of equal numbers may be another one
        data = data - data.mean(axis=1, keepdims=True) if data.shape[1] else data
        length = np.linalg.norm(data, axis=1)
        fitted = differ & (length > 0) & np.full(len(data), self.enough)
        unit = data[fitted] / length[fitted, None]
        found = iter(self._refined(unit, refined) if fitted.any() else [])
        nothing = Fit(np.nan, np.full(6, np.nan), np.full(data.shape[1], np.nan))
        fits = []
        for image, scale, has in zip(np.asarray(images, np.float64), length, fitted, strict=True):
            fit = next(found) if has else nothing
            fits.append(
                Fit(fit.explained, fit.parameters, fit.image * scale + image.mean()) if has else nothing
            )
        return fits

    def image(self, parameters: ArrayLike, a: float, b: float) -> Array:
        """A Gabor function without offset on the pixels of the mask, (pixels,)."""
        cosine, sine = waves(self._places, np.asarray(parameters, np.float64)[None])
        return np.asarray(a * cosine[0] + b * sine[0])

    @cached_property
    def limits(self) -> tuple[Array, Array]:
        """The smallest and the largest parameters, (6,) each.

        Centres lie on the mask, wavelengths range from two pixels to twice the longer side, and widths of the envelope
        from one pixel to half the longer side.
        """
        side = max(self.mask.shape)
        (x, y), widest = self._places, max(2.0, side / 2)
        low = [x.min(), y.min(), -np.inf, np.log(1 / (2 * side)), 0.0, 0.0]
        high = [x.max() + 1e-6, y.max() + 1e-6, np.inf, np.log(0.5), np.log(widest), np.log(widest)]
        return np.array(low), np.array(high)

    @cached_property
    def starts(self) -> Array:
        """The bank: parameters (k, 6) on a grid."""
        (x, y), side = self._places, max(self.mask.shape)
        step = side / _CENTRES
        centres = [
            np.arange(values.min() + step / 2, values.max() + step / 2, step)
            if np.ptp(values)
            else values[:1]
            for values in (x, y)
        ]
        angles = np.arange(_ANGLES) * np.pi / _ANGLES
        frequencies = 1 / np.geomspace(4, 1.5 * side, _WAVELENGTHS)
        widths = [max(1.0, side / share) for share in (14, 7, 3.5)]
        grid = product(
            *(np.minimum(c, v.max()) for c, v in zip(centres, (x, y), strict=True)),
            angles,
            np.log(frequencies),
            np.log(widths),
            np.log(widths),
        )
        return np.array(list(grid))

    @cached_property
    def _places(self) -> Places:
        """x and y of the pixels of the mask."""
        y, x = np.nonzero(self.mask)
        return x.astype(np.float64), y.astype(np.float64)

    @cached_property
    def _bank(self) -> NDArray[np.float32]:
        """An orthonormal basis of each start's waves, without their mean: (2, k, pixels)."""
        found = []
        for chunk in np.array_split(self.starts, max(1, len(self.starts) // _AT_A_TIME)):
            found.append(np.stack(orthonormal(*waves(self._places, chunk))[0]).astype(np.float32))
        return np.concatenate(found, axis=1)

    def _refined(self, unit: Array, count: int) -> Iterator[Fit]:
        """The best fit to each image of length 1 and mean 0, (n, pixels)."""
        from scipy.optimize import least_squares

        explained = ((self._bank @ unit.T.astype(np.float32)) ** 2).sum(axis=0)  # (k, n)
        for data, found in zip(unit, explained.T, strict=True):
            fits = []
            for start in self._apart(found, count):
                problem = LeastSquares(self._places, data)
                solved = least_squares(
                    problem.residuals,
                    start,
                    problem.jacobian,
                    self.limits,
                    max_nfev=_MOST_EVALUATIONS,
                    ftol=1e-5,
                    xtol=1e-5,
                )
                fits.append(
                    Fit(1 - 2 * float(solved.cost), np.asarray(solved.x), data - np.asarray(solved.fun))
                )
            yield max(fits, key=lambda fit: fit.explained)

    def _apart(self, explained: NDArray[np.float32], count: int) -> list[Array]:
        """The starts that explain most, no two of which are close in centre, angle and wavelength."""
        side, chosen = max(self.mask.shape), np.zeros((0, 6))
        for start in self.starts[np.argsort(-explained, kind="stable")[:_CANDIDATES]]:
            away = np.hypot(*(chosen[:, :2] - start[:2]).T) > 1.2 * side / _CENTRES
            turn = np.abs(chosen[:, 2] - start[2])
            turned = np.minimum(turn, np.pi - turn) > 1.01 * np.pi / _ANGLES
            if (away | turned | (chosen[:, 3] != start[3])).all():
                chosen = np.concatenate([chosen, start[None]])
            if len(chosen) == count:
                break
        return list(chosen)
