"""Multiplications and additions of a forward and a backward pass, counted on the formulas of backpropagation.

A subtraction counts as an addition, a change of sign as nothing, and functions such as eᶻ are counted apart: only the
forward pass needs them, since slopes are computed from activations (σ' = a(1 − a), and so on). Every pixel counts, lit
or dark. `network.tape` counts the same operations one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from downhill.config.network import Network
from downhill.network.architecture import count_parameters


@dataclass
class Operations:
    """Numbers of multiplications, of additions, and of values of functions other than these."""

    multiplications: int = 0
    additions: int = 0
    functions: int = 0

    def add(self, multiplications: int = 0, additions: int = 0, functions: int = 0) -> None:
        """Count further operations."""
        self.multiplications += multiplications
        self.additions += additions
        self.functions += functions

    @property
    def total(self) -> int:
        """Multiplications and additions."""
        return self.multiplications + self.additions


SLOPES: dict[str, tuple[int, int]] = {"sigmoid": (1, 1), "tanh": (1, 1)}
"""Multiplications and additions that the slope σ'(z) takes, given a = σ(z); none for piecewise linear functions."""


def forward_pass(layer_sizes: Sequence[int], net: Network, images: int = 1) -> Operations:
    """Operations of the mean cost of some images.

    Per image and layer, z = a·W + b takes one multiplication and one addition for each weight, and a = σ(z) a value of
    a function for each unit. The quadratic cost takes a difference and ½e² for each output, and their sum; for other
    costs and outputs see the code, which follows `reference.losses`. Then come the sum over images, and 1/n.
    """
    found, outputs = Operations(int(images > 1), images - 1), layer_sizes[-1]
    for n_in, n_out in pairwise(layer_sizes):
        found.add(images * n_in * n_out, images * n_in * n_out)
    if net.activation != "linear":
        found.add(functions=images * sum(layer_sizes[1:-1]))
    if net.output == "softmax":  # shift by the largest z, exponentials and their sum
        found.add(additions=images * (2 * outputs - 1), functions=images * outputs)
    if net.loss == "mse":
        found.add(2 * images * outputs, images * (2 * outputs - 1))
        if net.output == "softmax":
            found.add(images * outputs, functions=images)  # times the reciprocal of the sum
        elif net.output != "linear":
            found.add(functions=images * outputs)
    elif net.output == "softmax":  # Σy · ln Σ eᶻ − Σ y z
        found.add(images * (outputs + 1), images * outputs, functions=images)
    else:  # Σ [ln(1 + eᶻ) − y z]
        found.add(images * outputs, images * (2 * outputs - 1), functions=images * outputs)
    return found


def backward_pass(layer_sizes: Sequence[int], net: Network, images: int = 1) -> Operations:
    """Operations of the gradient of that cost with respect to all weights and biases, after a forward pass.

    The equations are Nielsen's (chapter 2). Per image, the δ of the outputs (BP1) takes a few operations for each of
    them. The gradient of a weight is the product of its input and δ (BP4), that of a bias is δ itself (BP3). To pass δ
    to a layer below (BP2) takes a multiplication and an addition for each weight, without the first addition of each
    sum, and the slope. The pixels need no δ. Over images, the gradients are added.
    """
    found, outputs = Operations(int(images > 1)), layer_sizes[-1]  # 1/n is passed back to every image
    if net.loss == "cross_entropy":  # (a − y)/n
        found.add(images * outputs, images * outputs)
    elif net.output == "softmax":  # a (e − Σ e a) with e = (a − y)/n
        found.add(3 * images * outputs, images * (2 * outputs - 1))
    else:  # (a − y)/n · σ'(z)
        found.add(images * outputs)
        _add_slope(found, net.output, images * outputs)
    for layer, (n_in, n_out) in enumerate(pairwise(layer_sizes)):
        found.add(images * n_in * n_out)
        if layer > 0:
            found.add(images * n_in * n_out, images * n_in * (n_out - 1))
            _add_slope(found, net.activation, images * n_in)
    found.add(additions=(images - 1) * count_parameters(layer_sizes))
    return found


def _add_slope(found: Operations, function: str, count: int) -> None:
    """Multiplication by the slopes of a function; a linear one has none."""
    if function != "linear":
        multiplications, additions = SLOPES.get(function, (0, 0))
        found.add(count * (1 + multiplications), count * additions)
