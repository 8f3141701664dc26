"""Training several networks at once in PyTorch, with one batched matrix product per layer."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import torch

from benchmarks.second_opinion.networks import QUADRATIC, SIGMOID, Layers, costs, weighted_sums
from benchmarks.second_opinion.study import Images


def starts(
    layer_sizes: Sequence[int], networks: int, random: torch.Generator, variance: float | None = None
) -> Layers:
    """Initial weights of m networks, W of shape (m, n_in, n_out) and b (m, 1, n_out).

    All are drawn from N(0, 1), or with `variance` weights from N(0, √(variance/n_in)), and biases are 0.
    """
    layers = []
    for n_in, n_out in pairwise(layer_sizes):
        W = torch.randn(networks, n_in, n_out, generator=random)
        b = torch.randn(networks, 1, n_out, generator=random)
        layers.append((W, b) if variance is None else (W * (variance / n_in) ** 0.5, torch.zeros_like(b)))
    return [(W.requires_grad_(), b.requires_grad_()) for W, b in layers]


def for_each(images: Images, networks: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The same pixels (m, n, n_pixels) and labels (m, n) for each of m networks, as views."""
    pixels, labels = torch.from_numpy(images.pixels), torch.from_numpy(images.labels)
    return pixels.expand(networks, -1, -1), labels.expand(networks, -1)


def train(
    layers: Layers,
    pixels: torch.Tensor,
    labels: torch.Tensor,
    random: torch.Generator,
    epochs: int,
    rate: float,
    batch: int,
    hidden: str = SIGMOID,
    cost: str = QUADRATIC,
    after_epoch: Callable[[], bool] = lambda: False,
) -> None:
    """Stochastic gradient descent, in place, in a new order of images for each network and epoch.

    Parameters
    ----------
    layers
        From `starts`.
    pixels, labels
        float32 (m, n, n_inputs) and int64 (m, n): each network's own images.
    epochs, rate, batch, hidden, cost
        The recipe.
    after_epoch
        Called after each epoch; training ends early when it returns True.
    """
    parameters = [part for layer in layers for part in layer]
    m, n = labels.shape
    rows = torch.arange(m)[:, None]
    for _ in range(epochs):
        order = torch.rand(m, n, generator=random).argsort(dim=1)
        for chosen in order.split(batch, dim=1):
            z = weighted_sums(layers, pixels[rows, chosen], hidden)[-1]
            # A sum over networks, whose gradients are independent.
            total = costs(z, labels[rows, chosen], cost).mean(dim=1).sum()
            gradients = torch.autograd.grad(total, parameters)
            with torch.no_grad():
                torch._foreach_add_(parameters, gradients, alpha=-rate)
        if after_epoch():
            break


def scores(
    layers: Layers, pixels: torch.Tensor, labels: torch.Tensor, hidden: str = SIGMOID, cost: str = QUADRATIC
) -> tuple[np.ndarray, np.ndarray]:
    """Mean cost and accuracy of each network, (m,)."""
    with torch.no_grad():
        z = weighted_sums(layers, pixels, hidden)[-1]
        right = (z.argmax(2) == labels).double().mean(1)
        return costs(z, labels, cost).mean(dim=1).double().numpy(), right.numpy()
