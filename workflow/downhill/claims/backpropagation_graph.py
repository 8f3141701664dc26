"""The computation graph of a tiny network, placed for drawing: two inputs, one hidden unit, two outputs and the cost.

The hidden unit affects the cost through both outputs, so that its derivative is a sum of two parts.
"""

from typing import Any

import numpy as np

from downhill.claims.measurement import significant
from downhill.config.network import Network
from downhill.network.tape import Node, Tape, record_cost

NET = Network(hidden_layers=(1,))
WEIGHTS = [(np.array([[1.5], [-2.0]]), np.array([0.5])), (np.array([[2.0, -1.0]]), np.array([-0.5, 0.5]))]
IMAGE, TARGET = np.array([[0.8, 0.4]]), np.array([[1.0, 0.0]])
"""The network, its weights and biases, its input and its target: round numbers, chosen by hand."""

_NEAR, _FAR = 1.0, 2.15  # of the branches, and of their parameters and targets, from the middle line


def recorded() -> tuple[Tape, Node]:
    """The tape of the tiny network after a backward pass, and the node of its cost."""
    tape = Tape()
    cost, _ = record_cost(tape, WEIGHTS, IMAGE, TARGET, NET)
    tape.differentiate(cost)
    return tape, cost


def drawn_graph() -> dict[str, Any]:
    """Nodes with their places, values and derivatives, and edges between them.

    Returns
    -------
    dict:
        nodes : [{symbol, name, kind, x, y, value, derivative}, …]; names are those of parameters, inputs, targets and
            a few results; the derivative is None for constants
        edges : [[from, to, whether a derivative is passed back], …], as indices of nodes
        forward, backward : number of multiplications and additions
    """
    tape, cost = recorded()
    places = _places(cost)
    nodes = [node for node in tape.nodes if node in places]
    return {
        "nodes": [
            {
                "symbol": _SYMBOLS.get(node.kind, node.kind),
                "name": places[node][0],
                "kind": "operation" if node.sources else node.kind,
                "x": places[node][1],
                "y": places[node][2],
                "value": significant(node.value, 6),
                "derivative": significant(node.derivative, 6) if node.moves else None,
            }
            for node in nodes
        ],
        "edges": [
            [nodes.index(source), place, source.moves]
            for place, node in enumerate(nodes)
            for source in node.sources
        ],
        "forward": tape.forward.total,
        "backward": tape.backward.total,
    }


_SYMBOLS = {"+": "Σ", "sigmoid": "σ", "half_square": "½e²", "constant": "", "parameter": ""}


def _places(cost: Node) -> dict[Node, tuple[str, float, float]]:
    """Name, x and y of every node, following the graph from the cost back to the inputs: columns from left to right."""
    found = {cost: ("C", 9.0, 0.0)}
    for side, square in zip((1, -1), cost.sources, strict=True):
        y, number = side * _NEAR, "₁" if side > 0 else "₂"
        (error,) = square.sources
        output, target = error.sources
        (z,) = output.sources
        product, bias = z.sources
        hidden, weight = product.sources
        found |= {
            square: ("", 8.0, y),
            error: ("", 7.0, y),
            target: (f"y{number}", 7.0, side * _FAR),
        }
        found |= {
            output: ("", 6.0, y),
            z: ("", 5.0, y),
            bias: (f"c{number}", 5.0, side * _FAR),
        }
        found |= {product: ("", 4.0, y), weight: (f"v{number}", 4.0, side * _FAR), hidden: ("h", 3.0, 0.0)}
    (z,) = hidden.sources
    *products, bias = z.sources
    found |= {z: ("", 2.0, 0.0), bias: ("b", 2.0, 1.4)}
    for side, product in zip((1, -1), products, strict=True):
        number = "₁" if side > 0 else "₂"
        pixel, weight = product.sources
        found |= {product: ("", 1.0, side * _NEAR), pixel: (f"x{number}", 0.0, side * _NEAR)}
        found |= {weight: (f"w{number}", 1.0, side * _FAR)}
    return found
