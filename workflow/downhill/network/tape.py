"""Backpropagation one number at a time: a computation graph that differentiates its last number by all the others.

A `Tape` records each operation on its numbers, in the order in which they are computed (Wengert 1964, *A simple
automatic derivative evaluation program*). A `Node` knows its value and the nodes that it was computed from, its
sources. Read backwards, from the last number to the first, the record gives the derivative of the last number with
respect to every other one by the chain rule alone (Linnainmaa 1976, *Taylor expansion of the accumulated rounding
error*, *BIT* 16:146):

    derivative of a source += derivative of the node · local derivative of the node with respect to the source

Both directions count their operations. Nothing is fast here: the reference and the engine do the same with matrices.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from downhill.config.network import Network
from downhill.network.architecture import LEAKY_SLOPE
from downhill.network.operations import SLOPES, Operations
from downhill.network.reference import scaled
from downhill.network.targets import target_rows

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Function:
    """A function of one number z, and its slope, computed from z and from its value a."""

    value: Callable[[float], float]
    slope: Callable[[float, float], float]


def _sigmoid(z: float) -> float:
    e = math.exp(-abs(z))
    return 1 / (1 + e) if z >= 0 else e / (1 + e)


FUNCTIONS = {
    "sigmoid": Function(_sigmoid, lambda z, a: a * (1 - a)),
    "tanh": Function(math.tanh, lambda z, a: 1 - a * a),
    "relu": Function(lambda z: max(z, 0.0), lambda z, a: float(z > 0)),
    "leaky_relu": Function(
        lambda z: z if z > 0 else LEAKY_SLOPE * z, lambda z, a: 1.0 if z > 0 else LEAKY_SLOPE
    ),
    "step": Function(lambda z: float(z > 0), lambda z, a: 0.0),
    "exp": Function(math.exp, lambda z, a: a),
    "log": Function(math.log, lambda z, a: 1 / z),
    "reciprocal": Function(lambda z: 1 / z, lambda z, a: -a * a),
    "softplus": Function(lambda z: max(z, 0.0) + math.log1p(math.exp(-abs(z))), lambda z, a: _sigmoid(z)),
    "half_square": Function(lambda z: z * z / 2, lambda z, a: z),
}
"""By name; `softplus` is ln(1 + eᶻ). At z = 0 the slopes are those of `reference.slope`."""


@dataclass(eq=False, slots=True)
class Node:
    """A number of the graph.

    Attributes
    ----------
    tape
        The tape that holds it.
    kind
        `constant`, `parameter`, an operation (`+`, `−`, `×`), or the name of a function.
    value
        The number.
    sources
        The nodes that it was computed from.
    moves
        Whether it depends on a parameter. Nothing is passed back to nodes that do not.
    derivative
        The derivative of the last number with respect to this one, after `Tape.differentiate`.
    """

    tape: "Tape"
    kind: str
    value: float
    sources: tuple["Node", ...]
    moves: bool
    derivative: float = 0.0

    def __add__(self, other: "Node") -> "Node":
        return self.tape.total([self, other])

    def __sub__(self, other: "Node") -> "Node":
        self.tape.forward.add(additions=1)
        return self.tape.record("−", self.value - other.value, (self, other))

    def __mul__(self, other: "Node") -> "Node":
        self.tape.forward.add(multiplications=1)
        return self.tape.record("×", self.value * other.value, (self, other))


class Tape:
    """All numbers of a computation in their order, and the operations of both directions.

    Attributes
    ----------
    nodes
        In the order in which they were computed: sources come before what is computed from them.
    forward, backward
        The operations so far.
    """

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.forward, self.backward = Operations(), Operations()

    def constant(self, value: float) -> Node:
        """A number that stays as it is."""
        return self.record("constant", float(value), (), moves=False)

    def parameter(self, value: float) -> Node:
        """A number whose derivative is wanted."""
        return self.record("parameter", float(value), (), moves=True)

    def total(self, terms: Iterable[Node]) -> Node:
        """The sum of some nodes, at least one."""
        sources = tuple(terms)
        self.forward.add(additions=len(sources) - 1)
        return self.record("+", sum(node.value for node in sources), sources)

    def apply(self, function: str, node: Node) -> Node:
        """A function of a node, by its name in `FUNCTIONS`; the node itself for `linear`."""
        if function == "linear":
            return node
        squares = function == "half_square"
        self.forward.add(2 * squares, functions=not squares)
        return self.record(function, FUNCTIONS[function].value(node.value), (node,))

    def record(self, kind: str, value: float, sources: tuple[Node, ...], moves: bool = False) -> Node:
        """Append a node; it moves if a source does."""
        node = Node(self, kind, value, sources, moves or any(source.moves for source in sources))
        self.nodes.append(node)
        return node

    def differentiate(self, last: Node) -> None:
        """Compute the derivative of `last` with respect to every node that it moves with: one backward pass."""
        reached = {last}
        last.derivative = 1.0
        for node in reversed(self.nodes):
            if node not in reached:
                node.derivative = 0.0
                continue
            for source, passed in self._passed_back(node):
                if source in reached:
                    self.backward.add(additions=1)
                    source.derivative += passed
                else:
                    reached.add(source)
                    source.derivative = passed

    def _passed_back(self, node: Node) -> Iterator[tuple[Node, float]]:
        """Each source that moves, with its part of the chain rule: the node's derivative · the local derivative."""
        if node.kind == "×":
            for source, other in zip(node.sources, node.sources[::-1], strict=True):
                if source.moves:
                    self.backward.add(multiplications=1)
                    yield source, other.value * node.derivative
        elif node.kind in FUNCTIONS:
            (source,) = node.sources
            multiplications, additions = SLOPES.get(node.kind, (node.kind in ("log", "reciprocal"), 0))
            self.backward.add(1 + multiplications, additions, functions=node.kind == "softplus")
            yield source, FUNCTIONS[node.kind].slope(source.value, node.value) * node.derivative
        else:
            signs = (1, -1) if node.kind == "−" else (1,) * len(node.sources)
            for source, sign in zip(node.sources, signs, strict=True):
                if source.moves:
                    yield source, sign * node.derivative


Layers = list[tuple[list[list[Node]], list[Node]]]
"""[(W, b), …] as nodes: rows of W by input, as in a network's weights."""


def record_cost(
    tape: Tape, weights: Any, images: ArrayLike, labels: ArrayLike, net: Network
) -> tuple[Node, Layers]:
    """Record the mean cost of some images on a tape.

    Parameters
    ----------
    tape
        The tape.
    weights, images, labels, net
        As for `reference.loss_and_gradient`.

    Returns
    -------
    cost, parameters
        The node of the cost, and the nodes of all weights and biases.
    """
    layers: Layers = [
        (
            [[tape.parameter(w) for w in row] for row in np.asarray(W)],
            [tape.parameter(bias) for bias in np.asarray(b)],
        )
        for W, b in weights
    ]
    targets = target_rows(labels, net, len(layers[-1][1]))
    costs = [
        _cost(tape, _outputs(tape, layers, [tape.constant(x) for x in pixels], net), y.tolist(), net)
        for pixels, y in zip(scaled(images), targets, strict=True)
    ]
    return costs[0] if len(costs) == 1 else tape.total(costs) * tape.constant(1 / len(costs)), layers


def gradient(parameters: Layers) -> list[tuple[Array, Array]]:
    """[(∂C/∂W, ∂C/∂b), …] after `Tape.differentiate`, float64 arrays with the shapes of the weights."""
    return [
        (np.array([[w.derivative for w in row] for row in W]), np.array([bias.derivative for bias in b]))
        for W, b in parameters
    ]


def _outputs(tape: Tape, layers: Layers, a: Sequence[Node], net: Network) -> list[Node]:
    """z of the output layer: layer by layer z = Σ a·w + b, and a = σ(z) between them."""
    z: list[Node] = []
    for layer, (W, b) in enumerate(layers):
        if layer:
            a = [tape.apply(net.activation, one) for one in z]
        z = [
            tape.total([*(x * row[unit] for x, row in zip(a, W, strict=True)), bias])
            for unit, bias in enumerate(b)
        ]
    return z


def _cost(tape: Tape, z: list[Node], y: list[float], net: Network) -> Node:
    """The cost of an image with target y, by the formulas of `reference.losses`."""
    targets = [tape.constant(one) for one in y]
    if net.output == "softmax":
        largest = tape.constant(max(one.value for one in z))  # a shift of all z, which changes no output
        z = [one - largest for one in z]
        powers = [tape.apply("exp", one) for one in z]
        whole = tape.total(powers)
    if net.loss == "mse":
        if net.output == "softmax":
            share = tape.apply("reciprocal", whole)
            a = [power * share for power in powers]
        else:
            a = [tape.apply(net.output, one) for one in z]
        return tape.total(
            tape.apply("half_square", one - target) for one, target in zip(a, targets, strict=True)
        )
    wanted = [one * target for one, target in zip(z, targets, strict=True)]
    if net.output == "softmax":
        return tape.apply("log", whole) * tape.constant(sum(y)) - tape.total(wanted)
    return tape.total(tape.apply("softplus", one) - want for one, want in zip(z, wanted, strict=True))
