"""ONNX models: they compute what `predict` computes, say what they are, and are always the same bytes."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downhill import Images, Network, predict, train
from downhill.datasets import Dataset
from downhill.datasets.generate import curve, rings
from downhill.datasets.resize import area_averaged
from downhill.exports.exported import Exported
from downhill.exports.onnx_model import onnx_model, write_onnx
from downhill.network.architecture import Weights

COMBINATIONS = [
    (activation, output, loss)
    for activation in ("sigmoid", "tanh", "relu", "leaky_relu", "linear", "step")
    for output in ("sigmoid", "softmax", "linear")
    for loss in ("mse", "cross_entropy")
    if (output, loss) != ("linear", "cross_entropy")
]
TEXTS = {
    "title",
    "preprocessing",
    "meaning_of_outputs",
    "downhill_version",
    "network",
    "data_set",
    "weights_sha256",
}


def exported(net: Network, data: Dataset, seed: int = 0) -> Exported:
    """A network that is trained on a data set."""
    return Exported(
        net=net,
        weights=train(net, data, seed).weights,
        image_shape=data.image_shape,
        scaled=data.train.images.dtype == np.uint8,
        classes=data.classes,
        regression=data.is_regression,
        network="small",
        seed=seed,
        version="1.2.3",
        training={"data_set": "few", "test_accuracy": 0.9},
    )


def run(model: onnx.ModelProto, images: np.ndarray) -> dict[str, np.ndarray]:
    """What onnxruntime computes, by the name of the output."""
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    return dict(zip(names, session.run(names, {"pixels": images.astype(np.float32)}), strict=True))


def check_same(network: Exported, images: np.ndarray) -> None:
    """Check that the model is valid, and that its outputs and answers are those of `predict`."""
    model = onnx_model(network)
    onnx.checker.check_model(model, full_check=True)
    found, expected = run(model, images), predict(network.weights, images, network.net)
    assert found["outputs"].shape == expected.shape
    np.testing.assert_allclose(found["outputs"], expected, rtol=0, atol=1e-5)
    if network.regression:
        assert "answer" not in found
    else:
        assert found["answer"].dtype == np.int64
        np.testing.assert_array_equal(found["answer"], expected.argmax(axis=1))


@pytest.mark.parametrize(("activation", "output", "loss"), COMBINATIONS)
def test_outputs_and_answers_are_those_of_predict(activation: str, output: str, loss: str, digits: Dataset):
    net = Network(
        hidden_layers=(12, 9),
        activation=activation,
        output=output,
        loss=loss,
        initialization="lecun",
        learning_rate=0.2,
        epochs=2,
    )
    check_same(exported(net, digits), digits.test.images)


@pytest.mark.parametrize("shape", [(14, 14), (10, 10), (7, 12)])
@pytest.mark.parametrize("hidden_layers", [(), (5,), (20, 3, 11)])
def test_images_of_any_shape_and_networks_of_any_depth(
    shape: tuple[int, int], hidden_layers: tuple[int, ...], digits: Dataset
):
    parts = [Images(area_averaged(part.images, shape), part.labels) for part in digits.parts().values()]
    data = Dataset(*parts, digits.classes)
    network = exported(Network(hidden_layers=hidden_layers, epochs=1), data)
    assert network.layer_sizes == (shape[0] * shape[1], *hidden_layers, 10)
    check_same(network, data.test.images)


def test_points_are_not_scaled():
    random = np.random.default_rng(1)
    train_set, test = (rings(200, (1, 2), 0.1, random) for _ in range(2))
    data = Dataset(train_set, train_set.take(slice(0)), test, ("inner", "outer"))
    network = exported(
        Network(activation="tanh", output="softmax", loss="cross_entropy", learning_rate=0.3, epochs=3), data
    )
    assert "Div" not in [node.op_type for node in onnx_model(network).graph.node]
    check_same(network, test.images)


def test_regression_has_no_answer():
    data = Dataset(curve(100), curve(0), curve(57), ("f",))
    net = Network(activation="tanh", output="linear", initialization="lecun", learning_rate=0.05, epochs=3)
    network = exported(net, data)
    assert [output.name for output in onnx_model(network).graph.output] == ["outputs"]
    check_same(network, data.test.images)
    about = network.about()
    assert json.loads(about["outputs"]) == ["f"]
    assert "classes" not in about


@settings(max_examples=30)
@given(
    activation=st.sampled_from(["sigmoid", "tanh", "relu", "leaky_relu", "linear", "step"]),
    output=st.sampled_from(["sigmoid", "softmax", "linear"]),
    sizes=st.lists(st.integers(1, 20), min_size=2, max_size=5),
    height=st.integers(1, 4),
    count=st.integers(1, 5),
    seed=st.integers(0, 2**32),
)
def test_any_weights(activation: str, output: str, sizes: list[int], height: int, count: int, seed: int):
    random = np.random.default_rng(seed)
    width, *layers = sizes
    shapes = zip([width * height, *layers[:-1]], layers, strict=True)
    weights = [
        (
            (random.standard_normal(shape) / np.sqrt(shape[0])).astype(np.float32),
            random.standard_normal(shape[1]).astype(np.float32),
        )
        for shape in shapes
    ]
    net = Network(hidden_layers=tuple(layers[:-1]), activation=activation, output=output)
    images = random.integers(0, 256, (count, height, width), dtype=np.uint8)
    network = Exported(net, weights, (height, width), True, tuple(map(str, range(layers[-1]))))
    model = onnx_model(network)
    onnx.checker.check_model(model, full_check=True)
    expected = predict(weights, images, net)
    if activation == "step" and not is_clear(weights, images):
        return
    np.testing.assert_allclose(run(model, images)["outputs"], expected, rtol=1e-5, atol=1e-5)


def is_clear(weights: Weights, images: np.ndarray) -> bool:
    """Whether no sum of a step unit is so close to zero that rounding decides between 0 and 1."""
    values, smallest = images.reshape(len(images), -1) / 255, np.inf
    for W, b in weights[:-1]:
        sums = values @ W.astype(float) + b
        values, smallest = (sums > 0).astype(float), min(smallest, np.abs(sums).min())
    return smallest > 1e-5


@pytest.fixture(scope="module")
def small(digits: Dataset) -> Exported:
    return exported(
        Network(hidden_layers=(6, 4), activation="step", output="sigmoid", epochs=1), digits, seed=3
    )


def test_names_say_what_nodes_and_tensors_are(small: Exported):
    graph = onnx_model(small).graph
    assert graph.name == "small_seed_3"
    assert [(node.name, node.op_type, list(node.input), *node.output) for node in graph.node] == [
        ("one_row_per_image", "Flatten", ["pixels"], "flat_pixels"),
        ("to_float64", "Cast", ["flat_pixels"], "float64_pixels"),
        ("scale_to_0_to_1", "Div", ["float64_pixels", "full_ink"], "inputs"),
        (
            *("hidden_1_weighted_sums", "Gemm"),
            ["inputs", "hidden_1_weights", "hidden_1_biases"],
            "hidden_1_float64_sums",
        ),
        ("hidden_1_to_float32", "Cast", ["hidden_1_float64_sums"], "hidden_1_sums"),
        ("hidden_1_compare", "Greater", ["hidden_1_sums", "hidden_1_threshold"], "hidden_1_is_above"),
        ("hidden_1_step", "Cast", ["hidden_1_is_above"], "hidden_1"),
        (
            *("hidden_2_weighted_sums", "Gemm"),
            ["hidden_1", "hidden_2_weights", "hidden_2_biases"],
            "hidden_2_sums",
        ),
        ("hidden_2_compare", "Greater", ["hidden_2_sums", "hidden_2_threshold"], "hidden_2_is_above"),
        ("hidden_2_step", "Cast", ["hidden_2_is_above"], "hidden_2"),
        ("output_weighted_sums", "Gemm", ["hidden_2", "output_weights", "output_biases"], "output_sums"),
        ("output_sigmoid", "Sigmoid", ["output_sums"], "outputs"),
        ("largest_output", "ArgMax", ["output_sums"], "answer"),
    ]


def test_all_numbers_of_the_graph_have_a_shape(small: Exported):
    """Viewers show them; the checker, which infers shapes, compares them with its own."""
    graph = onnx_model(small).graph
    computed = {name for node in graph.node for name in node.output}
    assert computed == {value.name for value in (*graph.value_info, *graph.output)}


def test_answer_is_right_where_all_outputs_are_almost_zero():
    """For large negative numbers, onnxruntime's sigmoid is the same number."""
    weights = [(np.zeros((1, 3), np.float32), np.array([-40, -30, -35], np.float32))]
    net = Network(hidden_layers=())
    images = np.zeros((1, 1, 1), np.uint8)
    assert predict(weights, images, net).argmax() == 1
    check_same(Exported(net, weights, (1, 1), True, ("a", "b", "c")), images)


def test_model_can_be_read_by_old_programs_and_takes_any_number_of_images(small: Exported, digits: Dataset):
    model = onnx_model(small)
    assert model.ir_version == 7
    assert [(entry.domain, entry.version) for entry in model.opset_import] == [("", 13)]
    (pixels,) = model.graph.input
    assert [size.dim_param or size.dim_value for size in pixels.type.tensor_type.shape.dim] == [
        "images",
        28,
        28,
    ]
    one, many = run(model, digits.test.images[:1]), run(model, digits.test.images[:9])
    np.testing.assert_allclose(one["outputs"], many["outputs"][:1], atol=1e-6)


def test_metadata_says_what_the_network_is_and_how_to_use_it(small: Exported):
    model = onnx_model(small)
    about = {entry.key: entry.value for entry in model.metadata_props}
    assert about == small.about()
    assert (model.producer_name, model.producer_version) == ("downhill", "1.2.3")
    read = {key: text if key in TEXTS else json.loads(text) for key, text in about.items()}
    assert Network.model_validate(read["settings"]) == small.net
    assert read["classes"] == list("0123456789")
    assert (read["network"], read["seed"], read["epochs"]) == ("small", 3, 1)
    assert (read["data_set"], read["test_accuracy"]) == ("few", 0.9)
    assert (read["image_shape"], read["layer_sizes"]) == ([28, 28], [784, 6, 4, 10])
    assert "0 (background) to 255 (full ink)" in read["preprocessing"]
    assert "not probabilities" in read["meaning_of_outputs"]
    assert read["title"] in model.doc_string


def test_only_outputs_of_softmax_are_called_probabilities(small: Exported):
    for output, expected in (("softmax", "are probabilities"), ("sigmoid", "are not probabilities")):
        network = replace(small, net=small.net.model_copy(update={"output": output}))
        assert expected in onnx_model(network).graph.output[0].doc_string
    linear = replace(small, net=small.net.model_copy(update={"output": "linear"}))
    assert "probabilities" not in onnx_model(linear).graph.output[0].doc_string


AGAIN = """
import sys
from pathlib import Path
from downhill import Network
from downhill.exports.exported import Exported
from downhill.exports.onnx_model import write_onnx
from downhill.network.architecture import initial_parameters, unpack
net = Network(hidden_layers=(5,))
weights = unpack(initial_parameters(net, (12, 5, 2), 0), (12, 5, 2))
write_onnx(Path(sys.argv[1]), Exported(net, weights, (3, 4), True, ("a", "b"), training={"b": 1, "a": 2}))
"""


def test_bytes_are_the_same_in_another_process(tmp_path: Path):
    for name, hashing in (("one.onnx", "1"), ("two.onnx", "2")):
        words = [sys.executable, "-c", AGAIN, str(tmp_path / name)]
        subprocess.run(words, check=True, env=os.environ | {"PYTHONHASHSEED": hashing})
    assert (tmp_path / "one.onnx").read_bytes() == (tmp_path / "two.onnx").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one.onnx", "two.onnx"]


def test_written_file_is_the_model(small: Exported, tmp_path: Path):
    write_onnx(tmp_path / "a.onnx", small)
    assert onnx.load(tmp_path / "a.onnx") == onnx_model(small)
