"""The cost as a surface over the weights: along lines and planes, and between the outputs of two networks, in float64.

Symbols are those of `reference`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.analysis.curvature import flat
from downhill.config.network import Network
from downhill.network.reference import activate, forward, losses, scaled, sigmoid
from downhill.network.targets import target_rows

Array = NDArray[np.float64]


class Surface:
    """Mean cost of some images at the weights w + Σ tᵢ·dᵢ, for any coefficients t.

    The first layer's z is linear in the weights, so its products with the images, which take most of the time, are
    computed only once for w and for each direction.

    Parameters
    ----------
    weights
        The origin w, [(W, b), …] with W of shape (n_in, n_out).
    directions
        Directions dᵢ, each with the shapes of the weights.
    images, labels
        As for `reference.loss_and_gradient`.
    net
        The network; weight decay is not part of the cost.
    """

    def __init__(
        self, weights: Any, directions: Sequence[Any], images: ArrayLike, labels: ArrayLike, net: Network
    ) -> None:
        pixels = scaled(images)
        self._layers = [[(np.float64(W), np.float64(b)) for W, b in one] for one in (weights, *directions)]
        self._first = [pixels @ W + b for ((W, b), *_) in self._layers]
        self._labels, self._net = labels, net

    def z(self, *coefficients: float) -> Array:
        """z of the output layer at the point with these coefficients, (n, n_outputs)."""
        factors = (1.0, *coefficients)
        first = _combined(factors, self._first)
        if len(self._layers[0]) == 1:
            return first
        above = [
            (_combined(factors, [W for W, _ in layers]), _combined(factors, [b for _, b in layers]))
            for layers in zip(*(layers[1:] for layers in self._layers), strict=True)
        ]
        _, z = forward(above, activate(self._net.activation, first), self._net)
        return z

    def cost(self, *coefficients: float) -> float:
        """Mean cost at the point with these coefficients; infinite or NaN where a number overflows."""
        with np.errstate(over="ignore", invalid="ignore"):
            return float(losses(self.z(*coefficients), self._labels, self._net).mean())


def cost_between_outputs(z: Array, other: Array, share: float, labels: ArrayLike, net: Network) -> float:
    """Mean cost of outputs on the straight line from those of one network to those of another.

    Parameters
    ----------
    z, other
        z of the output layer of both, (n, n_outputs); the outputs are their sigmoids.
    share
        Position on the line: 0 at the outputs of the first network, 1 at those of the other.
    labels
        As for `reference.loss_and_gradient`.
    net
        The network, with sigmoid outputs; its loss is used. The logarithms of cross-entropy are computed from z, so
        that they stay exact where an output rounds to 0 or 1.
    """
    y = target_rows(labels, net, z.shape[1])
    if net.loss == "mse":
        outputs = (1 - share) * sigmoid(z) + share * sigmoid(other)
        return float((0.5 * ((outputs - y) ** 2).sum(axis=1)).mean())
    with np.errstate(divide="ignore"):  # at either end of the line
        left, right = np.log(1 - share), np.log(share)
    # ln a = −ln(1 + e⁻ᶻ) and ln(1 − a) = −ln(1 + eᶻ); a sum of outputs is a sum of exponentials of these.
    log_on = np.logaddexp(left - np.logaddexp(0, -z), right - np.logaddexp(0, -other))
    log_off = np.logaddexp(left - np.logaddexp(0, z), right - np.logaddexp(0, other))
    return float(-(y * log_on + (1 - y) * log_off).sum(axis=1).mean())


def principal_plane(points: Sequence[Any]) -> tuple[Array, Array, float]:
    """The plane through the last of some weights that lies as close as possible to the others.

    Its directions are the first two right singular vectors of the differences from the last weights (Li et al. 2018,
    *Visualizing the loss landscape of neural nets*, section 7, "PCA directions"), each with the sign for which the
    first weights have a positive coordinate.

    Parameters
    ----------
    points
        At least three [(W, b), …] of the same shapes.

    Returns
    -------
    directions, coordinates, share
        float64 (2, n_parameters), orthonormal; the coordinates of all points, (k, 2); and the share of their squared
        distances from the last point that lies in the plane. Directions that the points do not span are NaN.
    """
    vectors = np.stack([flat(point) for point in points])
    moved = vectors - vectors[-1]
    _, singular, directions = np.linalg.svd(moved, full_matrices=False)
    directions = directions[:2]
    none = singular[:2] <= 1e-9 * singular.max(initial=0)
    directions[none] = np.nan
    directions *= np.where(moved[0] @ directions.T < 0, -1, 1)[:, None]
    squares = singular**2
    share = float(squares[:2].sum() / squares.sum()) if squares.sum() > 0 else float("nan")
    return directions, moved @ directions.T, share


def _combined(factors: Sequence[float], parts: Sequence[Array]) -> Array:
    total = factors[0] * parts[0]
    for factor, part in zip(factors[1:], parts[1:], strict=True):
        total = total + factor * part
    return total
