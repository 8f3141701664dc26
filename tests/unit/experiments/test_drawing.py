"""Experiments of the family *drawing*, compared with the reference."""

from pathlib import Path

import numpy as np
import pytest

from downhill import reference
from downhill.config.network import Network
from downhill.datasets import Dataset
from downhill.datasets.dataset import NO_CLASS, Images
from downhill.datasets.store import save_dataset
from downhill.errors import DownhillError
from downhill.experiments.drawing import answers
from downhill.experiments.inputs import Inputs
from downhill.experiments.results import read_results
from downhill.experiments.run import run_experiment
from downhill.runs.train import train_block
from downhill.runs.trained import TrainedNetwork

NETWORKS = {
    "deep": Network(hidden_layers=(5, 4), epochs=2),
    "bare": Network(hidden_layers=(), initialization="lecun", epochs=0),
}


def only_test(images: Images) -> Dataset:
    return Dataset(images.take(slice(1)), images.take(slice(0)), images, tuple("0123456789"))


@pytest.fixture(scope="module")
def inputs(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    """Two networks of three seeds, one of whose test images has no class, and two further sets."""
    folder = tmp_path_factory.mktemp("drawing")
    labels = digits.test.labels[:70].copy()
    labels[3] = NO_CLASS
    test = Images(digits.test.images[:70], labels)
    data = Dataset(digits.train.take(slice(200)), digits.validation.take(slice(0)), test, digits.classes)
    save_dataset(data, folder / "data", recipe={})
    networks = {}
    for name, net in NETWORKS.items():
        train_block(net, data, range(3), 1, folder / name)
        networks[name] = TrainedNetwork(name, net, folder / "data", [folder / name])
    further = {"tidy": digits.test.take(slice(70, 110)), "raw": digits.test.take(slice(110, 140))}
    return Inputs(networks, {name: only_test(images) for name, images in further.items()})


def answer(network: TrainedNetwork, seed: int, images: np.ndarray) -> np.ndarray:
    return reference.forward(network.weights(seed), images, network.net)[0][-1].argmax(axis=1)


@pytest.mark.parametrize("seed", [0, 2])
def test_answers_and_accuracies_are_those_of_the_reference(seed: int, inputs: Inputs):
    found = answers(seed, inputs, shown=2)
    assert found["networks"].tolist() == ["deep", "bare"]
    assert found["sets"].tolist() == ["tidy", "raw"]
    assert found["counts"].tolist() == [40, 30]
    tests = [data.test for data in inputs.datasets.values()]
    np.testing.assert_array_equal(found["labels"], np.concatenate([test.labels for test in tests]))
    for place, network in enumerate(inputs.networks.values()):
        by_hand = [answer(network, seed, test.images) for test in tests]
        np.testing.assert_array_equal(found["answers"][place], np.concatenate(by_hand))
        own = network.data.test
        right = answer(network, seed, own.images) == own.labels
        assert found["accuracy"][place] == pytest.approx(right.sum() / 69)
    np.testing.assert_array_equal(found["shown"], [test.images[:2] for test in tests])


def test_images_of_numbers_are_returned_as_pixels(inputs: Inputs):
    pixels = np.array([-0.2, 0, 0.5, 1, 1.3] + 779 * [0.25], np.float32).reshape(1, 28, 28)
    scaled = only_test(Images(pixels, np.zeros(1, np.uint8)))
    found = answers(0, Inputs(inputs.networks, {"scaled": scaled}), shown=5)["shown"]
    assert found.shape == (1, 1, 28, 28)
    assert found.ravel()[:6].tolist() == [0, 0, 128, 255, 255, 64]


def test_accuracy_is_unknown_if_no_test_image_has_a_class(inputs: Inputs, tmp_path: Path, digits: Dataset):
    nothing = Images(digits.test.images[:5], np.full(5, NO_CLASS, np.uint8))
    data = Dataset(digits.train.take(slice(20)), digits.validation.take(slice(0)), nothing, digits.classes)
    save_dataset(data, tmp_path / "data", recipe={})
    train_block(NETWORKS["bare"], data, range(1), 1, tmp_path / "runs")
    network = TrainedNetwork("bare", NETWORKS["bare"], tmp_path / "data", [tmp_path / "runs"])
    found = answers(0, Inputs({"bare": network}, inputs.datasets))
    assert np.isnan(found["accuracy"]).all()
    assert found["shown"].shape == (2, 0, 28, 28)


def test_without_further_data_there_is_nothing_to_answer(inputs: Inputs):
    with pytest.raises(
        DownhillError, match=r"^the experiment shows no images; name further data sets under "
    ):
        answers(0, Inputs(inputs.networks))


def test_results_do_not_depend_on_how_seeds_are_divided(inputs: Inputs, tmp_path: Path):
    files = []
    for seeds in (range(3), range(1), range(1, 3)):
        files.append(tmp_path / f"{seeds.start}-{seeds.stop}.npz")
        fresh = Inputs(inputs.networks, inputs.datasets)
        run_experiment("drawing", "drawing.answers", seeds, fresh, {"shown": 1}, files[-1])
    whole, parts = (read_results(some)["drawing"].only() for some in (files[:1], files[1:]))
    assert whole.keys() == parts.keys()
    assert all(whole[key].tobytes() == parts[key].tobytes() for key in whole)
