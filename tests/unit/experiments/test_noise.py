"""What networks answer to noise, compared with the reference, and the noise that they are shown."""

from pathlib import Path

import numpy as np
import pytest

from downhill import reference
from downhill.config.network import Network
from downhill.config.study import Study
from downhill.datasets import Dataset, load_dataset
from downhill.datasets.dataset import NO_CLASS, Images
from downhill.datasets.prepare import prepare
from downhill.datasets.store import save_dataset
from downhill.errors import DownhillError
from downhill.experiments.inputs import Inputs
from downhill.experiments.noise import answers
from downhill.experiments.results import read_results
from downhill.experiments.run import run_experiment
from downhill.network.architecture import initial_parameters, unpack
from downhill.runs.train import train_block
from downhill.runs.trained import TrainedNetwork
from tests.conftest import BUNDLED, REPOSITORY

NETWORKS = {
    "deep": Network(hidden_layers=(5, 4), epochs=1),
    "bare": Network(hidden_layers=(), output="softmax", loss="cross_entropy", epochs=0),
}


def noise(count: int, seed: int, shape: tuple[int, int] = (28, 28)) -> Dataset:
    pixels = np.random.default_rng(seed).integers(0, 256, (count, *shape), dtype=np.uint8)
    images = Images(pixels, np.full(count, NO_CLASS, np.uint8))
    return Dataset(images, images.take(slice(0)), images, tuple("0123456789"))


@pytest.fixture(scope="module")
def inputs(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    folder = tmp_path_factory.mktemp("noise")
    data = Dataset(
        digits.train.take(slice(200)), digits.validation, digits.test.take(slice(70)), digits.classes
    )
    save_dataset(data, folder / "data", recipe={})
    networks = {}
    for name, net in NETWORKS.items():
        train_block(net, data, range(3), 1, folder / name)
        networks[name] = TrainedNetwork(name, net, folder / "data", [folder / name])
    return Inputs(networks, {"dense": noise(40, 1), "other": noise(30, 2)})


def outputs(network: TrainedNetwork, seed: int, images: np.ndarray) -> np.ndarray:
    return reference.forward(network.weights(seed), images, network.net)[0][-1]


@pytest.mark.parametrize("seed", [0, 2])
def test_answers_are_those_of_the_reference(seed: int, inputs: Inputs):
    found = answers(seed, inputs, images=35, shown=2)
    assert found["networks"].tolist() == ["deep", "bare"]
    assert found["sets"].tolist() == ["", "dense", "other"]
    assert found["images"].tolist() == [[35, 35, 30]] * 2
    sets = [inputs.networks["deep"].data.test.images, *(one.test.images for one in inputs.datasets.values())]
    by_hand = [outputs(network, seed, images[:35]) for network in inputs.networks.values() for images in sets]
    np.testing.assert_allclose(
        found["largest"], np.concatenate([one.max(axis=1) for one in by_hand]), atol=1e-5
    )
    np.testing.assert_array_equal(found["answer"], np.concatenate([one.argmax(axis=1) for one in by_hand]))
    np.testing.assert_array_equal(found["shown"], np.stack([images[:2] for images in sets]))
    assert found["thin"].shape == (2, 0, 0)
    assert found["thinned"] == ""


def test_images_of_different_types_are_returned_in_the_same_units(inputs: Inputs):
    dense = inputs.datasets["dense"]
    scaled = Images((dense.test.images / 255).astype(np.float32), dense.test.labels)
    same = Dataset(scaled, scaled.take(slice(0)), scaled, dense.classes)
    found = answers(0, Inputs(inputs.networks, {"dense": dense, "scaled": same}), shown=2)["shown"]
    np.testing.assert_allclose(found[2], found[1], rtol=1e-6)
    np.testing.assert_array_equal(found[0], inputs.networks["deep"].data.test.images[:2])


def test_settings_of_the_networks_are_those_of_their_rows(inputs: Inputs):
    found = answers(0, inputs)
    assert found["hidden_layers"].tolist() == ["5-4", ""]
    assert found["activation"].tolist() == ["sigmoid", ""]
    assert found["output"].tolist() == ["sigmoid", "softmax"]
    assert found["trained"].tolist() == [True, False]
    assert found["classes"].tolist() == [10, 10]


def test_thinned_images_keep_a_share_of_their_pixels(inputs: Inputs):
    found = answers(1, inputs, thin="dense", shares=(1.0, 0.0, 0.3), thin_images=25)
    assert found["shares"].tolist() == [0, 0.3, 1]
    assert found["thinned"] == "dense"
    assert found["thin"].shape == (2, 3, 25)
    for place, network in enumerate(inputs.networks.values()):
        images = inputs.datasets["dense"].test.images[:25]
        whole, dark = outputs(network, 1, images), outputs(network, 1, np.zeros_like(images))
        np.testing.assert_allclose(found["thin"][place, 2], whole.max(axis=1), atol=1e-5)
        np.testing.assert_allclose(found["thin"][place, 0], dark.max(axis=1), atol=1e-5)
        assert not np.allclose(found["thin"][place, 1], found["thin"][place, 2], atol=1e-3)


def test_thinning_a_data_set_that_the_experiment_lacks_says_so(inputs: Inputs):
    lacking = Inputs(inputs.networks, inputs.datasets)
    with pytest.raises(
        DownhillError, match=r"^thin: 'sparse' is not one of the experiment's .* \(dense, other\)"
    ):
        answers(0, lacking, thin="sparse", shares=(0.5,))


def test_results_do_not_depend_on_how_seeds_are_divided(inputs: Inputs, tmp_path: Path):
    options = {"thin": "other", "shares": [0.2, 0.6], "thin_images": 20, "shown": 1}
    files = []
    for seeds in (range(3), range(1), range(1, 3)):
        files.append(tmp_path / f"{seeds.start}-{seeds.stop}.npz")
        fresh = Inputs(inputs.networks, inputs.datasets)
        run_experiment("noise", "noise.answers", seeds, fresh, options, files[-1])
    whole, parts = (read_results(some)["noise"].only() for some in (files[:1], files[1:]))
    assert whole.keys() == parts.keys()
    assert all(whole[key].tobytes() == parts[key].tobytes() for key in whole)


def test_points_without_classes_have_answers_too(tmp_path: Path):
    points = Images(np.linspace(0, 1, 9, dtype=np.float32).reshape(-1, 1, 1), np.zeros(9, np.uint8))
    data = Dataset(points, points.take(slice(0)), points, ("0", "1"))
    save_dataset(data, tmp_path / "data", recipe={})
    net = Network(hidden_layers=(2,), epochs=0)
    train_block(net, data, range(1), 1, tmp_path / "runs")
    network = TrainedNetwork("points", net, tmp_path / "data", [tmp_path / "runs"])
    found = answers(0, Inputs({"points": network}), shown=20)
    weights = unpack(initial_parameters(net, network.layer_sizes, 0), network.layer_sizes)
    expected = reference.forward(weights, points.images.reshape(9, 1), net)[0][-1]
    np.testing.assert_allclose(found["largest"], expected.max(axis=1), atol=1e-6)
    assert found["sets"].tolist() == [""]
    assert found["shown"].shape == (1, 9, 1, 1)


@pytest.fixture(scope="module")
def shipped() -> dict[str, Dataset]:
    """The data sets of the shipped study, with fewer images."""
    study = Study.load(str(REPOSITORY / "config" / "config.yaml"))
    found = {}
    for name in ("noise-uniform", "noise-gaussian", "mnist-60000-noise"):
        recipe = study.recipe(name)
        source = study.tables.sources[recipe.source]
        folder = BUNDLED if recipe.noise_images else None
        found[name] = prepare(recipe, source, folder)
    return found


def test_noise_that_is_shown_is_not_the_noise_of_the_training(shipped: dict[str, Dataset]):
    train = shipped["mnist-60000-noise"].train
    taught = train.images[train.labels == NO_CLASS]
    assert len(taught) == 10_000
    assert train.labels[:-10_000].max() < NO_CLASS
    counts = np.bincount(taught.ravel(), minlength=256) / taught.size
    np.testing.assert_allclose(counts, 1 / 256, rtol=0.02)
    fresh = shipped["noise-uniform"].test.images
    assert len(fresh) == 10_000
    rows = [{image.tobytes() for image in images} for images in (taught, fresh)]
    assert not rows[0] & rows[1]
    others = {"training": taught, "Gaussian": shipped["noise-gaussian"].test.images}
    for images in others.values():
        pixels = [one.ravel()[:1_000_000].astype(float) for one in (images, fresh)]
        assert abs(np.corrcoef(*pixels)[0, 1]) < 5 / 1000


def test_gaussian_noise_has_the_mean_and_the_deviation_of_the_digits():
    study = Study.load(str(REPOSITORY / "config" / "config.yaml"))
    kind = study.tables.sources["noise-gaussian"].generate
    pixels = load_dataset(BUNDLED).train.images
    assert (kind.mean, kind.sd) == (round(float(pixels.mean()), 1), round(float(pixels.std()), 1))
