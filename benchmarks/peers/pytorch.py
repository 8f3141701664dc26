"""PyTorch on the CPU: all images in one tensor, batches by `index_select`, no DataLoader.

For eager mode, `torch.optim.SGD` (fused, foreach and plain) and `autograd.grad` with one `_foreach_add_` (which is
what the optimiser does internally) were tried; the latter was the fastest. With `torch.compile`, one compiled graph
contains the forward pass, the gradient and the update.
"""

from collections.abc import Callable
from time import perf_counter

import numpy as np
import torch
from torch.nn import functional

from benchmarks.cases import Case, Weights
from benchmarks.peers import Task

Tensors = list[torch.Tensor]


def prepare(task: Task, compiled: bool = False) -> "_Training":
    """Convert images and parameters to tensors; a compiled step is compiled on its first call."""
    torch.set_num_threads(task.threads)
    torch.set_flush_denormal(True)  # otherwise saturated sigmoids slow it down
    return _Training(task, compiled)


class _Training:
    def __init__(self, task: Task, compiled: bool) -> None:
        self.task = task
        self.random = np.random.default_rng(task.seed)
        self.images = torch.from_numpy(task.pixels())
        one_of_many = task.case.output == "softmax"
        self.targets = torch.from_numpy(task.labels() if one_of_many else task.targets())
        self.parameters = [torch.from_numpy(part) for layer in task.initial_weights() for part in layer]
        self.step = (_compiled_step if compiled else _eager_step)(task.case, self.parameters)

    def epoch(self) -> float:
        """Train one epoch, and return the seconds that it took."""
        begin = perf_counter()
        order = torch.from_numpy(self.task.order(self.random))
        for batch in order.split(self.task.case.batch_size):
            self.step(self.images.index_select(0, batch), self.targets.index_select(0, batch))
        return perf_counter() - begin

    def networks(self) -> list[Weights]:
        """Weights of the single network."""
        arrays = [parameter.detach().numpy() for parameter in self.parameters]
        return [list(zip(arrays[::2], arrays[1::2], strict=True))]


def _loss(case: Case, parameters: Tensors, images: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    a = images
    for layer in range(0, len(parameters) - 2, 2):
        a = torch.addmm(parameters[layer + 1], a, parameters[layer])
        a = torch.relu(a) if case.activation == "relu" else torch.sigmoid(a)
    z = torch.addmm(parameters[-1], a, parameters[-2])
    if case.output == "softmax":
        return functional.cross_entropy(z, targets)
    if case.loss == "cross_entropy":
        total = functional.binary_cross_entropy_with_logits(z, targets, reduction="sum")
    else:
        total = 0.5 * functional.mse_loss(torch.sigmoid(z), targets, reduction="sum")
    return total / len(images)


def _eager_step(case: Case, parameters: Tensors) -> Callable[[torch.Tensor, torch.Tensor], None]:
    for parameter in parameters:
        parameter.requires_grad_()

    def step(images: torch.Tensor, targets: torch.Tensor) -> None:
        gradients = torch.autograd.grad(_loss(case, parameters, images, targets), parameters)
        with torch.no_grad():
            torch._foreach_add_(parameters, gradients, alpha=-case.learning_rate)

    return step


def _compiled_step(case: Case, parameters: Tensors) -> Callable[[torch.Tensor, torch.Tensor], None]:
    gradient = torch.func.grad(lambda weights, images, targets: _loss(case, weights, images, targets))

    @torch.compile
    def descend(weights: Tensors, images: torch.Tensor, targets: torch.Tensor) -> None:
        slopes = gradient(weights, images, targets)
        for weight, slope in zip(weights, slopes, strict=True):
            weight.sub_(slope, alpha=case.learning_rate)

    return lambda images, targets: descend(parameters, images, targets)
