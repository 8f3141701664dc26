"""A linear model with a quadratic cost: its minimum solved for by the normal equations, and reached by descent.

The cost is C(W) = mean of ½‖x·W − y‖² + ½ ρ ‖W‖², over images x, whose last entry is a constant 1 for the bias, which
the ridge penalty ρ leaves out. It is a bowl: C(W) − C(W*) = ½ tr (W − W*)ᵀ A (W − W*) with A = XᵀX/n + ρ·D, where D is
the identity with a 0 for the bias.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.network.reference import scaled

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Walk:
    """Gradient descent on the cost.

    Attributes
    ----------
    weights
        Where it ended, (n_pixels + 1, n_outputs).
    steps
        Number of steps that it took.
    settled
        Whether the gradient fell below the tolerance.
    step, cost
        Some of the steps, int64 (k,), and the costs after them, (k,).
    """

    weights: Array
    steps: int
    settled: bool
    step: NDArray[np.int64]
    cost: Array


class LinearModel:
    """The cost of a linear model on some images.

    Parameters
    ----------
    images
        As for `reference.loss_and_gradient`.
    targets
        (n, n_outputs).
    ridge
        ρ, above 0.
    """

    def __init__(self, images: ArrayLike, targets: ArrayLike, ridge: float) -> None:
        pixels = scaled(images)
        self._x = np.concatenate([pixels, np.ones((len(pixels), 1))], axis=1)
        self._y = np.asarray(targets, np.float64)
        self._penalty = np.full(self._x.shape[1], ridge)
        self._penalty[-1] = 0
        self.matrix = self._x.T @ self._x / len(self._x) + np.diag(self._penalty)
        self._right = self._x.T @ self._y / len(self._x)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the weights."""
        return self._right.shape

    @property
    def curvatures(self) -> Array:
        """Eigenvalues of the Hessian of each output's weights, in increasing order."""
        return np.linalg.eigvalsh(self.matrix)

    def cost(self, weights: Array) -> float:
        """C(W), computed from the images themselves."""
        residuals = self._x @ weights - self._y
        penalty = (self._penalty[:, None] * weights**2).sum()
        return float(0.5 * (residuals**2).sum(axis=1).mean() + 0.5 * penalty)

    def gradient(self, weights: Array) -> Array:
        """∇C(W) = A·W − XᵀY/n; the sums over the images are computed once."""
        return np.asarray(self.matrix @ weights - self._right)

    def solution(self) -> Array:
        """W*, from the normal equations A·W = XᵀY/n (Cholesky decomposition)."""
        from scipy.linalg import cho_factor, cho_solve

        return np.asarray(cho_solve(cho_factor(self.matrix), self._right))

    def descend(self, start: Array, tolerance: float, most_steps: int, kept: ArrayLike) -> Walk:
        """Gradient descent until the gradient is shorter than `tolerance` times that at the start.

        The rate is 1/λmax, with the largest curvature, half the largest one that is stable. Where it stops,
        C(W) − C(W*) is at most ‖∇C‖² / 2λmin (Nesterov 2004, *Introductory lectures on convex optimization*,
        theorem 2.1.10), whatever the solution is.

        Parameters
        ----------
        start
            Weights to start from.
        tolerance, most_steps
            When to stop.
        kept
            Steps after which the cost is computed; those beyond the last step are left out.
        """
        rate = 1 / self.curvatures[-1]
        weights, gradient = start, self.gradient(start)
        enough, steps = tolerance * np.linalg.norm(gradient), 0
        wanted = set(np.asarray(kept, np.int64).tolist())
        found = {0: self.cost(weights)} if 0 in wanted else {}
        while np.linalg.norm(gradient) > enough and steps < most_steps:
            weights = weights - rate * gradient
            gradient = self.gradient(weights)
            steps += 1
            if steps in wanted:
                found[steps] = self.cost(weights)
        settled = bool(np.linalg.norm(gradient) <= enough)
        return Walk(weights, steps, settled, np.array(list(found), np.int64), np.array(list(found.values())))
