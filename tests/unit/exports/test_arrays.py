"""Archives of arrays: they hold the weights and the same texts as an ONNX model, for NumPy alone."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from downhill import Network, predict, train
from downhill.datasets import Dataset
from downhill.exports.arrays import write_npz
from downhill.exports.exported import Exported

NET = Network(hidden_layers=(6, 4), activation="tanh", output="softmax", loss="cross_entropy", epochs=1)
ALONE = """
import json, sys
import numpy as np
arrays = np.load(sys.argv[1], allow_pickle=False)
assert json.loads(str(arrays["settings"]))["activation"] == "tanh"
values = np.load(sys.argv[2]).reshape(-1, 784) / 255
for layer in ("hidden_1", "hidden_2", "output"):
    values = values @ arrays[f"{layer}_weights"] + arrays[f"{layer}_biases"]
    if layer != "output":
        values = np.tanh(values)
print(values.argmax(axis=1).tolist())
"""


@pytest.fixture(scope="module")
def network(digits: Dataset) -> Exported:
    return Exported(
        NET, train(NET, digits, 0).weights, (28, 28), True, digits.classes, training={"data_set": "few"}
    )


def test_weights_are_the_same_numbers(network: Exported, tmp_path: Path):
    write_npz(tmp_path / "a.npz", network)
    with np.load(tmp_path / "a.npz", allow_pickle=False) as arrays:
        assert [name for name in arrays if arrays[name].ndim] == [
            *("hidden_1_weights", "hidden_1_biases", "hidden_2_weights", "hidden_2_biases"),
            *("output_weights", "output_biases"),
        ]
        for layer, (W, b) in zip(("hidden_1", "hidden_2", "output"), network.weights, strict=True):
            assert arrays[f"{layer}_weights"].dtype == np.float32
            np.testing.assert_array_equal(arrays[f"{layer}_weights"], W)
            np.testing.assert_array_equal(arrays[f"{layer}_biases"], b)
        texts = {name: str(arrays[name]) for name in arrays if not arrays[name].ndim}
        numbers = b"".join(arrays[name].tobytes() for name in arrays if arrays[name].ndim)
    assert texts == network.about()
    assert texts["weights_sha256"] == hashlib.sha256(numbers).hexdigest()
    assert Network.model_validate(json.loads(texts["settings"])) == NET


def test_numpy_alone_finds_the_same_answers(network: Exported, digits: Dataset, tmp_path: Path):
    write_npz(tmp_path / "a.npz", network)
    np.save(tmp_path / "images.npy", digits.test.images)
    words = [sys.executable, "-I", "-c", ALONE, str(tmp_path / "a.npz"), str(tmp_path / "images.npy")]
    printed = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    assert json.loads(printed) == predict(network.weights, digits.test.images, NET).argmax(axis=1).tolist()


def test_bytes_are_the_same_when_written_again(network: Exported, tmp_path: Path):
    for name in ("one.npz", "two.npz"):
        write_npz(tmp_path / name, network)
    assert (tmp_path / "one.npz").read_bytes() == (tmp_path / "two.npz").read_bytes()
