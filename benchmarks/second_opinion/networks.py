"""Networks in PyTorch: outputs, costs, gradients and curvature. Weights and results are NumPy arrays."""

from collections.abc import Callable, Iterable

import numpy as np
import torch
from scipy.sparse.linalg import LinearOperator, eigsh
from torch.nn import functional

from benchmarks.second_opinion.study import Images, Weights

Layers = list[tuple[torch.Tensor, torch.Tensor]]

SIGMOID, RELU, LINEAR = "sigmoid", "relu", "linear"
QUADRATIC, CROSS_ENTROPY, SOFTMAX = "mse", "cross_entropy", "softmax"
"""Costs: two of sigmoid outputs, and the cross-entropy of softmax outputs."""

_HIDDEN = {SIGMOID: torch.sigmoid, RELU: torch.relu, LINEAR: torch.Tensor.clone}


def tensors(weights: Weights, dtype: torch.dtype = torch.float32) -> Layers:
    """Weights as tensors."""
    return [(torch.as_tensor(W, dtype=dtype), torch.as_tensor(b, dtype=dtype)) for W, b in weights]


def weighted_sums(layers: Layers, a: torch.Tensor, hidden: str = SIGMOID) -> list[torch.Tensor]:
    """Weighted sums z of every layer, (n, n_out), of images (n, n_in); all may have a first axis for networks."""
    found: list[torch.Tensor] = []
    for W, b in layers:
        found.append((_HIDDEN[hidden](found[-1]) if found else a) @ W + b)
    return found


def activations(weights: Weights, pixels: np.ndarray) -> list[np.ndarray]:
    """Activations of every layer of a sigmoid network, float32, without the images themselves."""
    with torch.no_grad():
        sums = weighted_sums(tensors(weights), torch.as_tensor(pixels, dtype=torch.float32))
        return [torch.sigmoid(z).numpy() for z in sums]


def outputs(weights: Weights, pixels: np.ndarray) -> np.ndarray:
    """Outputs of a sigmoid network, float32 (n, n_outputs)."""
    return activations(weights, pixels)[-1]


def is_wrong(weights: Weights, images: Images) -> np.ndarray:
    """Whether a sigmoid network is wrong about each image, bool (n,)."""
    return outputs(weights, images.pixels).argmax(axis=1) != images.labels


def costs(z: torch.Tensor, labels: torch.Tensor, kind: str = QUADRATIC) -> torch.Tensor:
    """Cost of each image, (…, n), from weighted sums (…, n, n_outputs): ½‖a − y‖², or a cross-entropy.

    The cross-entropy of sigmoid outputs is summed over them.
    """
    if kind == SOFTMAX:
        return -torch.log_softmax(z, dim=-1).gather(-1, labels[..., None])[..., 0]
    y = functional.one_hot(labels, z.shape[-1]).to(z.dtype)
    if kind == QUADRATIC:
        each = 0.5 * functional.mse_loss(torch.sigmoid(z), y, reduction="none")
    else:
        each = functional.binary_cross_entropy_with_logits(z, y, reduction="none")
    return each.sum(dim=-1)


def image_costs(
    weights: Weights, images: Images, kind: str = QUADRATIC, dtype: torch.dtype = torch.float64
) -> np.ndarray:
    """Cost of each image for a sigmoid network, (n,)."""
    with torch.no_grad():
        z = weighted_sums(tensors(weights, dtype), torch.as_tensor(images.pixels, dtype=dtype))[-1]
        return costs(z, torch.as_tensor(images.labels), kind).numpy()


class Surface:
    """The mean quadratic cost of some images as a function of the parameter vector, in float64.

    Parameters
    ----------
    like
        Weights with the shapes of the network.
    images
        The images.
    """

    def __init__(self, like: Weights, images: Images) -> None:
        self.shapes = [part.shape for layer in like for part in layer]
        self.pixels = torch.as_tensor(images.pixels, dtype=torch.float64)
        self.labels = torch.as_tensor(images.labels)

    def __call__(self, vector: torch.Tensor) -> torch.Tensor:
        """The cost at a parameter vector."""
        return costs(self._last_sums(vector), self.labels).mean()

    def _last_sums(self, vector: torch.Tensor) -> torch.Tensor:
        sizes = [int(np.prod(shape)) for shape in self.shapes]
        parts = [part.reshape(shape) for part, shape in zip(vector.split(sizes), self.shapes, strict=True)]
        layers = list(zip(parts[::2], parts[1::2], strict=True))
        return weighted_sums(layers, self.pixels)[-1]

    def costs_of_kinds(self, vector: np.ndarray, kinds: Iterable[str]) -> list[float]:
        """Mean costs of several kinds at a parameter vector."""
        with torch.no_grad():
            z = self._last_sums(torch.from_numpy(vector))
            return [float(costs(z, self.labels, kind).mean()) for kind in kinds]

    def cost(self, vector: np.ndarray) -> float:
        """The cost at a parameter vector, as a number."""
        with torch.no_grad():
            return float(self(torch.from_numpy(vector)))

    def gradient(self, vector: np.ndarray) -> np.ndarray:
        """Its gradient, float64 (n_parameters,)."""
        at = torch.from_numpy(vector).requires_grad_()
        return torch.autograd.grad(self(at), at)[0].numpy()

    def hessian_product(self, vector: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
        """The product of its Hessian with a vector, by differentiating the gradient once more."""
        at = torch.from_numpy(vector).requires_grad_()
        (gradient,) = torch.autograd.grad(self(at), at, create_graph=True)

        def product(direction: np.ndarray) -> np.ndarray:
            along = torch.from_numpy(np.ascontiguousarray(direction, np.float64).ravel())
            return torch.autograd.grad(gradient, at, along, retain_graph=True)[0].numpy()

        return product

    def eigenvalue(self, vector: np.ndarray, which: str) -> float:
        """The largest (`LA`) or smallest (`SA`) eigenvalue of its Hessian."""
        n = len(vector)
        operator = LinearOperator((n, n), self.hessian_product(vector), dtype=np.float64)
        start = np.random.default_rng(12345).standard_normal(n)
        return float(
            eigsh(operator, 1, which=which, v0=start, ncv=30, tol=1e-3, return_eigenvectors=False)[0]
        )


def flat(weights: Iterable[tuple[np.ndarray, np.ndarray]]) -> np.ndarray:
    """Weights as one vector, float64."""
    return np.concatenate([np.ravel(part) for layer in weights for part in layer]).astype(np.float64)


def parallel_to(vector: np.ndarray, like: Weights) -> Weights:
    """A vector as weights with the shapes of `like`."""
    parts = iter(np.split(vector, np.cumsum([part.size for layer in like for part in layer])[:-1]))
    return [(next(parts).reshape(W.shape), next(parts)) for W, _ in like]
