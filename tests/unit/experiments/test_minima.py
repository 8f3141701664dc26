"""Experiments of the family *minima*, compared with the float64 reference and with what must hold."""

import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from scipy.sparse.linalg import LinearOperator, eigsh
from threadpoolctl import threadpool_limits

from downhill import Dataset, Network, reference
from downhill.analysis.curvature import Hessian, flat
from downhill.analysis.matching import matched
from downhill.datasets.dataset import Images
from downhill.datasets.store import save_dataset
from downhill.experiments.inputs import Inputs
from downhill.experiments.minima import barriers, stationarity
from downhill.experiments.run import compute
from downhill.runs.train import train_block
from downhill.runs.trained import TrainedNetwork

LESSON = Network(epochs=4)
ODD = {
    "untrained": Network(hidden_layers=(3,), epochs=0),
    "no hidden layer": Network(hidden_layers=(), epochs=1),
    "softmax": Network(
        hidden_layers=(5,), activation="relu", output="softmax", loss="cross_entropy", initialization="he",
        optimizer="adam", learning_rate=0.01, epochs=1, label_smoothing=0.1,
    ),
    "step": Network(hidden_layers=(4,), activation="step", output="linear", epochs=1, learning_rate=0.1),
    "subset": Network(hidden_layers=(4,), epochs=1, subset_images=30, shuffle_labels=1.0),
    "scheduled": Network(
        hidden_layers=(4,), activation="tanh", optimizer="momentum", momentum=0.5, learning_rate=0.1,
        learning_rate_schedule="step", decay_every=1, warmup_epochs=1, weight_decay=0.01, epochs=2,
        snapshot_epochs="history",
    ),
}  # fmt: skip

Trained = Callable[[Network, Dataset, int], TrainedNetwork]


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """As in a job: products this small are slower with more threads."""
    with threadpool_limits(limits=1):
        yield


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    def one(net: Network, data: Dataset, seeds: int = 2) -> TrainedNetwork:
        folder = tmp_path_factory.mktemp("minima")
        save_dataset(data, folder / "data")
        train_block(net, data, range(seeds), 1, folder / "runs")
        return TrainedNetwork("net", net, folder / "data", [folder / "runs"])

    return one


@pytest.fixture(scope="module")
def lesson(digits: Dataset, trained: Trained) -> TrainedNetwork:
    return trained(LESSON, digits, 4)


def test_costs_along_a_line_are_those_of_the_reference(lesson: TrainedNetwork):
    found = barriers((0, 1), Inputs({"net": lesson}), images=100, points=5)
    images, labels = lesson.data.train.images[:100], lesson.data.train.labels[:100]
    ends = {
        "trained": lesson.weights(1),
        "matched": matched(lesson.weights(0), lesson.weights(1), "sigmoid"),
        "signed": matched(lesson.weights(0), lesson.weights(1), "sigmoid", signs=True),
    }
    for row, (name, end) in enumerate(ends.items()):
        expected = []
        for share in (0, 0.25, 0.5, 0.75, 1):
            at = [
                ((1 - share) * W + share * V, (1 - share) * b + share * c)
                for (W, b), (V, c) in zip(lesson.weights(0), end, strict=True)
            ]
            expected.append(reference.loss_and_gradient(at, images, labels, LESSON)[0])
        np.testing.assert_allclose(found[name], expected, rtol=1e-4)
        straight = np.linspace(expected[0], expected[-1], 5)
        height = (np.array(expected) - straight).max() / np.mean([expected[0], expected[-1]])
        assert found["barrier"][row] == pytest.approx(max(0, height), abs=1e-3)
    np.testing.assert_allclose(found["matched"][-1], found["trained"][-1], rtol=1e-5)  # the same function
    np.testing.assert_allclose(found["signed"][-1], found["trained"][-1], rtol=1e-5)
    assert found["images"] == 100
    assert not found["same_start"]


def test_a_network_and_its_reordered_copy_have_no_barrier_after_matching(
    lesson: TrainedNetwork, monkeypatch: pytest.MonkeyPatch
):
    order = np.random.default_rng(0).permutation(16)
    (W, b), (V, c), (U, d) = lesson.weights(0)
    copy = [(W[:, order], b[order]), (V[order][:, ::-1], c[::-1]), (U[::-1], d)]
    originals = {0: lesson.weights(0), 1: copy}
    monkeypatch.setattr(TrainedNetwork, "weights", lambda self, seed: originals[seed])
    found = barriers((0, 1), Inputs({"net": lesson}), images=200)
    raw, same, signed = found["barrier"]
    assert raw > 0.1
    assert same == pytest.approx(0, abs=1e-6)
    assert signed == pytest.approx(0, abs=1e-6)


def test_from_one_start_in_the_same_order_there_is_no_barrier_and_in_another_order_there_are_two_networks(
    lesson: TrainedNetwork,
):
    found = barriers((2, 2), Inputs({"net": lesson}), images=200, points=7, same_start=True)
    np.testing.assert_array_equal(found["barrier"], 0)  # the network of the seed, trained again
    assert np.ptp(found["trained"]) == 0
    other = barriers((2, 3), Inputs({"net": lesson}), images=200, points=7, same_start=True)
    assert other["same_start"]
    assert other["trained"][0] == found["trained"][0]
    assert np.ptp(other["trained"]) > 0
    different = barriers((2, 3), Inputs({"net": lesson}), images=200, points=7)
    assert other["trained"][-1] != different["trained"][-1]


def gradient(weights, images: Images, net: Network) -> np.ndarray:
    return flat(reference.loss_and_gradient(weights, images.images, images.labels, net)[1])


def test_stationarity_is_that_of_the_reference(lesson: TrainedNetwork):
    found = stationarity(1, Inputs({"net": lesson}), images=150, eigenvalues=2)
    every, few = lesson.data.train, lesson.data.train.take(slice(150))
    for name, images in (("gradient_all", every), ("gradient", few)):
        end, start = (
            np.linalg.norm(gradient(weights, images, LESSON))
            for weights in (lesson.weights(1), lesson.start(1))
        )
        assert found[name] == pytest.approx(end / start, rel=1e-4)
    hessian = Hessian(lesson.weights(1), few.images, few.labels, LESSON)
    size = len(hessian.gradient)
    operator = LinearOperator((size, size), matvec=hessian.product, dtype=np.float64)
    lowest, highest = eigsh(operator, k=2, which="BE", tol=1e-8, return_eigenvectors=False)
    assert found["lowest"][0] == pytest.approx(lowest, abs=1e-4 * highest)
    assert found["highest"][-1] == pytest.approx(highest, rel=1e-4)
    assert found["step"].tolist() == [0]
    assert found["path"].tolist() == [found["gradient"]]
    assert (found["images"], found["all_images"], found["further_steps"]) == (150, 500, 0)


def test_further_steps_are_those_of_plain_descent(lesson: TrainedNetwork):
    found = stationarity(0, Inputs({"net": lesson}), images=100, further_steps=6)
    images = lesson.data.train.take(slice(100))
    weights = [(W.astype(float), b.astype(float)) for W, b in lesson.weights(0)]
    start = np.linalg.norm(gradient(lesson.start(0), images, LESSON))
    norms = []
    for _ in range(7):
        _, slopes = reference.loss_and_gradient(weights, images.images, images.labels, LESSON)
        norms.append(np.linalg.norm(flat(slopes)) / start)
        weights = [(W - 3 * dW, b - 3 * db) for (W, b), (dW, db) in zip(weights, slopes, strict=True)]
    assert found["step"].tolist() == list(range(7))
    np.testing.assert_allclose(found["path"], norms, rtol=1e-3)
    assert found["gradient"] == found["path"][-1]


def test_descent_of_a_bowl_reaches_its_minimum(digits: Dataset, trained: Trained):
    """Linear outputs: the gradient vanishes, and no eigenvalue is negative."""
    small = Images(digits.train.images[:, 10:20:3, 10:20:3].copy(), digits.train.labels)
    data = Dataset(small, small.take(slice(0)), small.take(slice(50)), digits.classes)
    net = Network(hidden_layers=(), output="linear", learning_rate=0.2, epochs=1)
    found = stationarity(0, Inputs({"net": trained(net, data, 1)}), images=500, further_steps=3000)
    assert found["path"][-1] < 1e-3 < found["path"][0]
    assert found["lowest"][0] > -1e-9
    assert found["step"][[0, 1, -1]].tolist() == [0, 1, 3000]


def test_steps_that_diverge_leave_nothing(digits: Dataset, trained: Trained):
    net = Network(hidden_layers=(), output="linear", learning_rate=0.05, epochs=1)
    network = trained(net, digits, 1)
    wild = TrainedNetwork("net", net, network.data_folder, network.block_folders)
    too_far = net.model_copy(update={"learning_rate": 50.0})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        object.__setattr__(wild, "net", too_far)
        wild.__dict__["blocks"] = network.blocks  # of the network that did not diverge
        found = stationarity(0, Inputs({"net": wild}), images=100, further_steps=500)
    assert np.isnan([found["gradient"], found["gradient_all"], *found["lowest"], *found["highest"]]).all()
    assert found["path"][0] > 0
    assert np.isnan(found["path"][-1])


@pytest.mark.parametrize("name", ODD)
def test_odd_networks_give_arrays_of_the_same_shape_without_warnings(
    name: str, digits: Dataset, trained: Trained, tmp_path: Path
):
    data = Dataset(
        digits.train.take(slice(60)), digits.validation, digits.test.take(slice(10)), digits.classes
    )
    inputs = Inputs({"net": trained(ODD[name], data, 4)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        lines = compute(barriers, [(0, 1), (2, 3)], inputs, {"images": 50, "points": 4})
        again = compute(barriers, [(0, 1)], inputs, {"images": 50, "points": 4, "same_start": True})
        ends = compute(stationarity, [0, 1], inputs, {"images": 50})
        further = compute(stationarity, [0, 1], inputs, {"images": 50, "further_steps": 3})
    assert np.isfinite(lines["barrier"]).all()
    assert np.isfinite(again["barrier"]).all()
    if name == "no hidden layer":  # nothing to match
        np.testing.assert_array_equal(lines["matched"], lines["trained"])
        np.testing.assert_array_equal(lines["signed"], lines["trained"])
    assert np.isfinite([*ends["lowest"].ravel(), *further["lowest"].ravel()]).all()
    if name == "untrained":
        np.testing.assert_array_equal(ends["gradient_all"], 1)
        np.testing.assert_array_equal(again["barrier"], 0)  # nothing is learned in either order


def test_dark_images_have_a_gradient_and_a_spectrum(digits: Dataset, trained: Trained):
    dark = Images(np.zeros((20, 1, 1), np.uint8), digits.train.labels[:20] % 2)
    data = Dataset(dark, dark.take(slice(0)), dark, ("0", "1"))
    inputs = Inputs({"net": trained(Network(hidden_layers=(1,), epochs=1), data, 1)})
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = stationarity(0, inputs, eigenvalues=8)
    assert np.isfinite(found["gradient"])
    assert np.isfinite(found["lowest"]).sum() == 6  # weights and biases
    assert found["images"] == 20


def test_a_network_that_diverges_in_another_order_has_no_barrier(digits: Dataset, trained: Trained):
    net = Network(hidden_layers=(4,), activation="relu", output="linear", learning_rate=0.01, epochs=1)
    network = trained(net, digits, 2)
    wild = TrainedNetwork("net", net, network.data_folder, network.block_folders)
    object.__setattr__(wild, "net", net.model_copy(update={"learning_rate": 1e30}))
    wild.__dict__["blocks"] = network.blocks  # of the networks that did not diverge
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = barriers((0, 1), Inputs({"net": wild}), images=50, points=3, same_start=True)
    assert np.isnan(found["barrier"]).all()
