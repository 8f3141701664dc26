"""Training several networks at once in PyTorch, with one batched matrix product per layer."""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import torch
from torch.nn import functional

SIGMOID, RELU = "sigmoid", "relu"

Layers = list[tuple[torch.Tensor, torch.Tensor]]
"""[(W, b), …] of m networks: W of shape (m, n_in, n_out), b of shape (m, 1, n_out)."""


def starts(layer_sizes: Sequence[int], networks: int, random: torch.Generator, he: bool = False) -> Layers:
    """Initial weights: all from N(0, 1), or with `he` weights from N(0, √(2/n_in)) and biases 0."""
    layers = []
    for n_in, n_out in pairwise(layer_sizes):
        W = torch.randn(networks, n_in, n_out, generator=random)
        b = torch.randn(networks, 1, n_out, generator=random)
        layers.append((W * (2 / n_in) ** 0.5, torch.zeros_like(b)) if he else (W, b))
    return [(W.requires_grad_(), b.requires_grad_()) for W, b in layers]


def weighted_sums(layers: Layers, a: torch.Tensor, hidden: str) -> torch.Tensor:
    """Weighted sums of the output layer, (m, n, n_outputs), of images (m, n, n_inputs)."""
    for W, b in layers[:-1]:
        z = torch.baddbmm(b, a, W)
        a = torch.relu(z) if hidden == RELU else torch.sigmoid(z)
    W, b = layers[-1]
    return torch.baddbmm(b, a, W)


def mean_costs(z: torch.Tensor, labels: torch.Tensor, cost: str) -> torch.Tensor:
    """Mean cost of each network, (m,).

    `mse` and `cross_entropy` are of sigmoid outputs, summed over these; `softmax` is cross-entropy of softmax outputs.
    """
    if cost == "softmax":
        return (
            functional.cross_entropy(z.flatten(0, 1), labels.flatten(), reduction="none")
            .view_as(labels)
            .mean(1)
        )
    y = functional.one_hot(labels, z.shape[-1]).to(z.dtype)
    if cost == "cross_entropy":
        each = functional.binary_cross_entropy_with_logits(z, y, reduction="none")
    else:
        each = 0.5 * (torch.sigmoid(z) - y) ** 2
    return each.sum(2).mean(1)


def train(
    layers: Layers,
    pixels: torch.Tensor,
    labels: torch.Tensor,
    random: torch.Generator,
    epochs: int,
    rate: float,
    batch: int,
    hidden: str = SIGMOID,
    cost: str = "mse",
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
            z = weighted_sums(layers, pixels[rows, chosen], hidden)
            total = mean_costs(
                z, labels[rows, chosen], cost
            ).sum()  # the gradients of the networks are independent
            gradients = torch.autograd.grad(total, parameters)
            with torch.no_grad():
                torch._foreach_add_(parameters, gradients, alpha=-rate)
        if after_epoch():
            break


def scores(
    layers: Layers, pixels: torch.Tensor, labels: torch.Tensor, hidden: str, cost: str
) -> tuple[np.ndarray, np.ndarray]:
    """Mean cost and accuracy of each network, (m,)."""
    with torch.no_grad():
        z = weighted_sums(layers, pixels, hidden)
        right = (z.argmax(2) == labels).double().mean(1)
        return mean_costs(z, labels, cost).double().numpy(), right.numpy()
