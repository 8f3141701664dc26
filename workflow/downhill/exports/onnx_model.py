"""A trained network as an ONNX model, which many other tools can run and show.

The model takes images as the data set holds them: scaling is part of the graph. It is written for an old version of
the format (operators of version 13, of ONNX 1.8), so that programs of the last years can read it. Names of nodes and
tensors say what they are, since viewers such as Netron show them.

The first layer adds up hundreds of products, in float64: in float32, its rounding errors would depend on the order in
which a program adds them, and the outputs of two programs would differ by more than 1e-5. Everything else is float32.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper

from downhill.exports.exported import Exported
from downhill.network.architecture import LEAKY_SLOPE
from downhill.storage.atomic import atomic_path

OPERATORS = 13
FORMAT = 7
"""Versions of ONNX's operators, and of its file format (its "intermediate representation"): those of ONNX 1.8."""

IMAGES = "images"
"""Name of the dimension whose size is the number of images."""

FLOAT, DOUBLE, BOOL, INT64 = TensorProto.FLOAT, TensorProto.DOUBLE, TensorProto.BOOL, TensorProto.INT64

_OPERATORS: dict[str, tuple[str, dict[str, Any]]] = {
    "sigmoid": ("Sigmoid", {}),
    "tanh": ("Tanh", {}),
    "relu": ("Relu", {}),
    "leaky_relu": ("LeakyRelu", {"alpha": LEAKY_SLOPE}),
    "softmax": ("Softmax", {"axis": 1}),
}


@dataclass
class _Graph:
    """The parts of a graph as it is built."""

    nodes: list[NodeProto] = field(default_factory=list)
    constants: list[TensorProto] = field(default_factory=list)
    shapes: list[ValueInfoProto] = field(default_factory=list)

    def constant(self, name: str, values: Any, kind: str = "<f4") -> str:
        """Add a constant; returns its name."""
        self.constants.append(numpy_helper.from_array(np.asarray(values, kind, order="C"), name))
        return name

    def add(
        self,
        operator: str,
        name: str,
        inputs: list[str],
        result: str,
        width: int,
        kind: int = FLOAT,
        **how: Any,
    ) -> str:
        """Add a node whose result has `width` numbers for each image; returns the name of the result."""
        self.nodes.append(helper.make_node(operator, inputs, [result], name=name, **how))
        if result != "outputs":  # whose shape is that of the graph's output
            self.shapes.append(helper.make_tensor_value_info(result, kind, [IMAGES, width]))
        return result


def write_onnx(path: Path, network: Exported) -> None:
    """Write a network as an ONNX model; the same network always gives the same bytes.

    Raises
    ------
    DownhillError
        If the file cannot be written.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(onnx_model(network).SerializeToString(deterministic=True))


def onnx_model(network: Exported) -> ModelProto:
    """Build the ONNX model of a network.

    Its input is `pixels`, float32 (images, height, width), in the units of the data set: 0 to 255 for images. Its
    outputs are `outputs`, float32 (images, n_outputs), and, unless the network is a regression, `answer`, int64
    (images,): the index of the largest output, and of several the first, as for `predict`.
    """
    graph = _Graph()
    values = _inputs(graph, network)
    for layer, (W, b) in network.layers.items():
        is_last = layer == "output"
        activation = network.net.output if is_last else network.net.activation
        result = "outputs" if is_last else layer
        sums = _sums(graph, layer, values, W, b, result if activation == "linear" else f"{layer}_sums")
        values = _activated(graph, activation, layer, sums, result, len(b))
    pixels = _described("pixels", FLOAT, network.image_shape, network.preprocessing)
    returned = [_described("outputs", FLOAT, (network.layer_sizes[-1],), network.outputs)]
    if not network.regression:
        compared = _as_predicted(graph, sums, len(b)) if network.net.output == "sigmoid" else "outputs"
        graph.nodes.append(
            helper.make_node("ArgMax", [compared], ["answer"], name="largest_output", axis=1, keepdims=0)
        )
        names = ", ".join(f"{index} is {name}" for index, name in enumerate(network.classes))
        returned.append(_described("answer", INT64, (), f"The index of the largest output: {names}."))
    described = helper.make_graph(
        graph.nodes,
        f"{re.sub(r'[^A-Za-z0-9]', '_', network.network)}_seed_{network.seed}",
        [pixels],
        returned,
        initializer=graph.constants,
        value_info=graph.shapes,
        doc_string=network.title,
    )
    model = helper.make_model(
        described,
        ir_version=FORMAT,
        opset_imports=[helper.make_opsetid("", OPERATORS)],
        producer_name="downhill",
        producer_version=network.version,
        doc_string="\n\n".join([network.title, network.preprocessing, network.outputs]),
    )
    helper.set_model_props(model, network.about())
    return model


def _described(name: str, kind: int, shape: tuple[int, ...], meaning: str) -> ValueInfoProto:
    """An input or output of the model, whose first dimension is the number of images."""
    return helper.make_tensor_value_info(name, kind, [IMAGES, *shape], doc_string=meaning)


def _inputs(graph: _Graph, network: Exported) -> str:
    """Add the nodes that turn images into the inputs of the first layer, float64; returns the name of these inputs."""
    width = network.layer_sizes[0]
    flat = graph.add("Flatten", "one_row_per_image", ["pixels"], "flat_pixels", width, axis=1)
    if not network.scaled:
        return graph.add("Cast", "to_float64", [flat], "inputs", width, DOUBLE, to=DOUBLE)
    precise = graph.add("Cast", "to_float64", [flat], "float64_pixels", width, DOUBLE, to=DOUBLE)
    full_ink = graph.constant("full_ink", 255, "<f8")
    return graph.add("Div", "scale_to_0_to_1", [precise, full_ink], "inputs", width, DOUBLE)


def _sums(
    graph: _Graph, layer: str, values: str, W: NDArray[np.float32], b: NDArray[np.float32], result: str
) -> str:
    """Add the nodes that compute the weighted sums of a layer; returns the name of the sums, float32."""
    is_first = values == "inputs"
    kind = "<f8" if is_first else "<f4"
    weights, biases = graph.constant(f"{layer}_weights", W, kind), graph.constant(f"{layer}_biases", b, kind)
    name, inputs = f"{layer}_weighted_sums", [values, weights, biases]
    if not is_first:
        return graph.add("Gemm", name, inputs, result, len(b))
    precise = graph.add("Gemm", name, inputs, f"{layer}_float64_sums", len(b), DOUBLE)
    return graph.add("Cast", f"{layer}_to_float32", [precise], result, len(b), to=FLOAT)


def _as_predicted(graph: _Graph, sums: str, width: int) -> str:
    """Add the nodes that compute sigmoids of the output sums step by step; returns the name of their result.

    They decide which output is the largest one. Programs approximate the operator Sigmoid, each in its own way, so that
    large negative sums become equal in some, and sums whose sigmoids round to the same float32 number, such as 1, are
    different in others. These steps round as `predict` does.
    """
    negative = graph.add("Neg", "answer_negate", [sums], "answer_negative_sums", width)
    powers = graph.add("Exp", "answer_exponentials", [negative], "answer_powers", width)
    one = graph.constant("one", 1)
    plus_one = graph.add("Add", "answer_add_one", [powers, one], "answer_powers_plus_one", width)
    return graph.add("Reciprocal", "answer_sigmoids", [plus_one], "answer_outputs", width)


def _activated(graph: _Graph, activation: str, layer: str, sums: str, result: str, width: int) -> str:
    """Add the nodes of an activation function; returns the name of their result."""
    if activation == "linear":
        return sums
    if activation == "step":  # 1 above 0, and 0 elsewhere
        zero = graph.constant(f"{layer}_threshold", 0)
        above = graph.add("Greater", f"{layer}_compare", [sums, zero], f"{layer}_is_above", width, BOOL)
        return graph.add("Cast", f"{layer}_step", [above], result, width, to=FLOAT)
    operator, how = _OPERATORS[activation]
    return graph.add(operator, f"{layer}_{activation}", [sums], result, width, **how)
