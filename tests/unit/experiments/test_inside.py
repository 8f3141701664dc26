"""Experiments of the family *inside*: planted patterns are found, and controls are what they claim to be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from downhill.analysis.nearest import NearestNeighbours
from downhill.config.network import Network
from downhill.datasets import Dataset
from downhill.datasets.dataset import Images
from downhill.errors import DownhillError
from downhill.experiments.inputs import Inputs
from downhill.experiments.inside import (
    drawn_images,
    gabor_fits,
    loop_probes,
    neighbouring_weights,
)
from downhill.network import reference
from downhill.runs.trained import TrainedNetwork
from tests.inside_study import OPTIONS, result_of, small


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    with threadpool_limits(limits=1):
        yield


NET = Network(hidden_layers=(6, 5), epochs=2, learning_rate=1.0)


@pytest.fixture(scope="module")
def network(digits: Dataset, tmp_path_factory: pytest.TempPathFactory) -> TrainedNetwork:
    return small(NET, digits, 2, tmp_path_factory.mktemp("inside"))


@pytest.fixture(scope="module")
def inputs(network: TrainedNetwork) -> Inputs:
    return Inputs({"small": network})


def lit(digits: Dataset) -> np.ndarray:
    return (digits.train.images > 0).mean(axis=0) >= 0.05


def test_gabor_functions_are_fitted_to_lit_pixels_alone(
    network: TrainedNetwork, inputs: Inputs, digits: Dataset
):
    found = gabor_fits(1, inputs, units=5)
    mask = lit(digits)
    np.testing.assert_array_equal(found["mask"], mask)
    assert found["explained"].shape == (4, 5)
    W = network.weights(1)[0][0].T.reshape(6, 28, 28)
    np.testing.assert_array_equal(found["maps"][0][:, mask], W[:5, mask])
    assert np.isnan(found["maps"][:, :, ~mask]).all()
    start = network.start(1)[0][0].T.reshape(6, 28, 28)
    np.testing.assert_array_equal(found["maps"][1][:, mask], start[:5, mask])
    np.testing.assert_array_equal(
        np.sort(found["maps"][2][:, mask], axis=1), np.sort(found["maps"][0][:, mask], axis=1)
    )
    assert (found["maps"][2][:, mask] != found["maps"][0][:, mask]).any()


def test_an_edge_planted_on_start_noise_is_found(network: TrainedNetwork, inputs: Inputs, digits: Dataset):
    """It is 90 % of the variance in expectation, and the start noise stays below it."""
    found = gabor_fits(0, inputs, units=6)
    trained, untrained, permuted, planted = np.median(found["explained"], axis=1)
    assert planted > 0.85
    assert max(untrained, permuted) < 0.15
    mask = lit(digits)
    edges = found["maps"][3][:, mask] - found["maps"][1][:, mask]
    np.testing.assert_allclose(edges.std(axis=1) / found["maps"][1][:, mask].std(axis=1), 3, rtol=1e-4)
    assert trained < 0.5


class Painted:
    """A trained network whose first-layer weights are replaced."""

    def __init__(self, network: TrainedNetwork, maps: np.ndarray) -> None:
        self.network, self.maps = network, maps

    def __getattr__(self, name: str) -> Any:
        return getattr(self.network, name)

    def weights(self, seed: int) -> Any:
        (_, b), *rest = self.network.weights(seed)
        return [(self.maps.reshape(len(self.maps), -1).T, b), *rest]


def test_smooth_weights_are_beyond_random_order_and_a_checkerboard_is_not(
    network: TrainedNetwork, digits: Dataset
):
    y, x = np.indices((28, 28))
    middle = np.exp(-((y - 13.5) ** 2 + (x - 13.5) ** 2) / 20)
    noise = np.random.default_rng(0).standard_normal((28, 28))
    maps = np.stack([y + x, np.cos(x / 4), middle, (-1.0) ** (x + y), noise, np.full((28, 28), 2.0)])
    found = neighbouring_weights(0, Inputs({"small": Painted(network, maps)}), permutations=199)  # type: ignore[dict-item]
    beyond, everywhere = found["beyond"][0], found["morans_i"][0, 0]
    assert beyond[:5].tolist() == [1, 1, 1, 0, 0]
    assert np.isnan(beyond[5])
    assert everywhere[:3].min() > 0.8
    assert everywhere[3] < -0.95
    assert found["morans_i"][0, 1, 2] > 0.5  # a loose pattern in the middle
    assert np.abs(found["morans_i"][1]).max() < 0.4  # before training
    np.testing.assert_array_equal(found["mask"], lit(digits))
    assert found["maps"].shape == (2, 6, 28, 28)


def test_without_random_orders_there_is_nothing_to_compare_with(inputs: Inputs):
    with pytest.raises(DownhillError, match=r"^permutations: 0 is not possible; there must be at least 1"):
        neighbouring_weights(0, inputs, permutations=0)


def test_probes_read_what_they_are_said_to_read(network: TrainedNetwork, inputs: Inputs, digits: Dataset):
    found = loop_probes(0, inputs, loops=(0, 6, 8, 9), images=200)
    assert found["accuracy"].shape == (4,)
    assert found["images"] == 200
    has = np.isin(digits.test.labels, [0, 6, 8, 9])
    _, first, second, _ = reference.forward(network.weights(0), digits.test.images, NET)[0]
    random = np.random.default_rng([0, 3])
    W, b = random.standard_normal((6, 5)), random.standard_normal(5)
    probe = make_pipeline(StandardScaler(), LogisticRegression())
    folds = StratifiedKFold(5, shuffle=True, random_state=0)
    for place, features in enumerate((second, 1 / (1 + np.exp(-first @ W - b)), first)):
        expected = cross_val_score(probe, features, has, cv=folds).mean()
        assert found["accuracy"][place] == pytest.approx(expected, abs=1e-9)
    assert len(set(found["accuracy"])) == 4
    assert found["majority"] == pytest.approx(max(has.mean(), 1 - has.mean()))
    assert found["loops"].tolist() == [0, 6, 8, 9]
    sets = {frozenset(chosen) for chosen in found["other_sets"].tolist()}
    assert len(sets) == len(found["others"]) == 10
    assert frozenset((0, 6, 8, 9)) not in sets
    assert not any(frozenset(range(10)) - chosen in sets for chosen in sets)


def test_what_units_add_is_the_weighted_sum_without_the_bias(
    network: TrainedNetwork, inputs: Inputs, digits: Dataset
):
    found = loop_probes(1, inputs, loops=(0, 6, 8, 9), images=200)["added"]
    weights = network.weights(1)
    z = reference.forward(weights, digits.test.images, NET)[1]
    for label in range(10):
        mean = z[digits.test.labels == label, label].mean()
        assert found[:, label].sum() + weights[-1][1][label] == pytest.approx(mean)


def test_drawings_increase_the_weighted_sum(network: TrainedNetwork, inputs: Inputs, digits: Dataset):
    found = drawn_images(0, inputs, steps=30, smoothness=(0.1,))
    assert found["called"].shape == (2, 4, 10)
    weights = network.weights(0)
    grey = reference.forward(weights, np.full((1, 784), 0.5), NET)[1][0]
    assert (found["reached"][0] > grey).mean() > 0.7
    assert found["moved"].all()
    drawn = found["drawn"].reshape(40, 28, 28)
    z = reference.forward(weights, drawn, NET)[1].reshape(4, 10, 10)
    np.testing.assert_allclose(
        z[:, range(10), range(10)], found["reached"], atol=0.2
    )  # rounded to 256 levels
    judge = NearestNeighbours(digits.train.images, digits.train.labels)
    assert (judge.classes(drawn) == found["called"][0].ravel()).mean() > 0.9
    np.testing.assert_allclose(found["right"][0], 0.8, atol=0.1)
    assert found["smoothness"].tolist() == [0, 0, 0, 0.1]


def test_typical_images_are_real_ones_of_their_class(
    network: TrainedNetwork, inputs: Inputs, digits: Dataset
):
    found = drawn_images(0, inputs, steps=1)["typical"]
    for label, image in enumerate(found):
        of_class = digits.train.images[digits.train.labels == label] / 255
        assert np.isclose(of_class, image, atol=1e-6).all(axis=(1, 2)).any()


@pytest.mark.parametrize("function", OPTIONS)
def test_results_do_not_depend_on_which_seeds_are_computed_together(
    function: str, network: TrainedNetwork, tmp_path: Path
):
    both = result_of(function, network, 2, tmp_path / "both.npz").only()
    one = result_of(function, network, 1, tmp_path / "one.npz").only()
    for name, values in one.items():
        if name not in ("seeds", "diverged"):
            np.testing.assert_array_equal(values[0], both[name][0])


def _take(data: Dataset, train: int, test: int) -> Dataset:
    return Dataset(
        data.train.take(slice(train)), data.train.take(slice(0)), data.test.take(slice(test)), data.classes
    )


def _pixel(images: Images, level: int | None = None) -> Images:
    mean = images.images.mean(axis=(1, 2)).astype(np.uint8) if len(images) else np.zeros(0, np.uint8)
    return Images((mean if level is None else np.full_like(mean, level)).reshape(-1, 1, 1), images.labels)


def _one_pixel(data: Dataset, level: int | None = None) -> Dataset:
    few = _take(data, 40, 20)
    return Dataset(*(_pixel(part, level) for part in few.parts().values()), few.classes)


def _two_classes(data: Dataset) -> Dataset:
    parts = [part.take(part.labels < 2).take(slice(12)) for part in data.parts().values()]
    return Dataset(*parts, ("0", "1"))


ODD = {
    "few images": (lambda d: _take(d, 30, 10), NET),
    "one pixel": (lambda d: _one_pixel(d), NET),
    "dark": (lambda d: _one_pixel(d, 0), NET),
    "two classes": (_two_classes, NET),
    "no hidden layer": (
        lambda d: _take(d, 30, 20),
        NET.model_copy(update={"hidden_layers": (), "output": "linear"}),
    ),
    "step units": (lambda d: _take(d, 30, 20), NET.model_copy(update={"activation": "step", "epochs": 0})),
    "zeros": (
        lambda d: _take(d, 30, 20),
        NET.model_copy(
            update={"initialization": "zeros", "epochs": 0, "output": "softmax", "loss": "cross_entropy"}
        ),
    ),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("odd", ODD)
def test_odd_studies_give_arrays_or_nan(odd: str, digits: Dataset, tmp_path: Path):
    data, net = ODD[odd]
    network = small(net, data(digits), 2, tmp_path)
    tried = [name for name in OPTIONS if name != "gabor_fits" or odd in ("one pixel", "dark", "zeros")]
    found = {name: result_of(name, network, 2, tmp_path / f"{name}.npz").only() for name in tried}
    if odd in ("one pixel", "dark", "zeros"):
        assert np.isnan(found["gabor_fits"]["explained"][:, :3]).all()
        assert np.isnan(found["neighbouring_weights"]["beyond"]).all()
    if odd == "no hidden layer":
        assert np.isnan(found["loop_probes"]["accuracy"]).all()
    if odd in ("step units", "zeros"):
        assert not found["drawn_images"]["moved"].any()
