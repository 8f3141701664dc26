"""Experiments of the family *cost*, compared with plain NumPy and with cases whose answers are known."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse.linalg import LinearOperator, eigsh

from downhill import reference
from downhill.analysis.curvature import Hessian, flat, layers_of
from downhill.config.network import Network
from downhill.datasets import Dataset
from downhill.datasets.dataset import Images
from downhill.experiments import cost
from downhill.experiments.inputs import Inputs
from downhill.runs.trained import TrainedNetwork

from .toys import kinds_of

NET = Network(hidden_layers=(6, 5), epochs=3, snapshot_epochs=(0, 1, 3))


@pytest.fixture(scope="module")
def inputs(train_two_seeds) -> Inputs:
    return train_two_seeds(NET)


def costs(weights, images: Images, net: Network = NET) -> np.ndarray:
    _, z = reference.forward(weights, images.images, net)
    return reference.losses(z, images.labels, net)


def test_costs_of_test_images(inputs: Inputs):
    network = inputs.network
    found = cost.costs_of_test_images(1, inputs)
    activations, _ = reference.forward(network.weights(1), network.data.test.images, NET)
    np.testing.assert_allclose(found["cost"], costs(network.weights(1), network.data.test), rtol=1e-4)
    np.testing.assert_allclose(found["largest"], activations[-1].max(axis=1), rtol=1e-5)
    np.testing.assert_array_equal(found["answer"], activations[-1].argmax(axis=1))


def test_changes_of_training_images(inputs: Inputs):
    network = inputs.network
    train, start = network.data.train, network.start(0)
    found = cost.costs_of_training_images(0, inputs, rate=0.1)
    _, gradient = reference.loss_and_gradient(start, train.images, train.labels, NET)
    step = layers_of(flat(start) - 0.1 * flat(gradient), start)
    before = costs(start, train)
    np.testing.assert_allclose(found["start"], before, rtol=1e-4)
    np.testing.assert_allclose(
        found["change_at_the_end"], costs(network.weights(0), train) - before, atol=1e-4
    )
    np.testing.assert_allclose(found["change_after_a_step"], costs(step, train) - before, atol=1e-5)
    late = costs(network.weights(0), train) - costs(network.snapshot(0, 1), train)
    np.testing.assert_allclose(found["late_change"], late, atol=1e-5)
    assert found["late_epoch"] == 1


def test_without_a_snapshot_between_start_and_end_there_is_no_late_change(train_two_seeds):
    found = cost.costs_of_training_images(
        0, train_two_seeds(Network(hidden_layers=(3,), epochs=1, snapshot_epochs=(0, 1)))
    )
    assert found["late_epoch"] == -1
    assert np.isnan(found["late_change"]).all()


def test_middles_of_segments_are_those_of_outputs_and_of_weights(inputs: Inputs):
    network = inputs.network
    found = cost.segments(1, inputs, images=40, segments=6, curves=2, points=5)
    images, labels = network.data.train.images[:40], network.data.train.labels[:40]
    random = np.random.default_rng([1, 1])

    def draw():
        return [
            (random.standard_normal(W.shape), random.standard_normal(b.shape)) for W, b in network.weights(1)
        ]

    y = np.eye(10)[labels]
    for kind in range(2):
        for place in range(3):
            start = network.weights(1) if kind else draw()
            end = draw()
            middle = layers_of((flat(start) + flat(end)) / 2, start)
            a, b, m = (reference.forward(one, images, NET)[0][-1] for one in (start, end, middle))
            for loss, of in enumerate(
                (
                    lambda a: 0.5 * ((a - y) ** 2).sum(axis=1).mean(),
                    lambda a: -(y * np.log(a) + (1 - y) * np.log(1 - a)).sum(axis=1).mean(),
                )
            ):
                at = (loss, kind, place)
                np.testing.assert_allclose(found["ends"][at], [of(a), of(b)], rtol=1e-9)
                assert found["middle_of_outputs"][at] == pytest.approx(of((a + b) / 2), rel=1e-9)
                assert found["middle_of_weights"][at] == pytest.approx(of(m), rel=1e-9)
    excess = found["middle_of_weights"][0] / found["ends"][0].mean(axis=-1)
    for kind, order in enumerate(np.argsort(-excess, axis=-1)[:, :2]):
        for name in ("outputs", "weights"):
            along = found[f"along_{name}"][kind]
            assert along.shape == (2, 5)
            np.testing.assert_allclose(along[:, [0, -1]], found["ends"][0, kind, order], rtol=1e-12)
            np.testing.assert_allclose(along[:, 2], found[f"middle_of_{name}"][0, kind, order], rtol=1e-12)


def test_a_cost_is_convex_in_the_outputs_and_without_hidden_layers_cross_entropy_in_the_weights(
    train_two_seeds,
):
    """Logistic regression is a convex problem, so this must hold for every segment."""
    found = cost.segments(0, train_two_seeds(Network(hidden_layers=(), epochs=1)), images=40, segments=20)
    chords = found["ends"].mean(axis=-1)
    assert (found["middle_of_outputs"] <= chords * (1 + 1e-12)).all()
    assert (found["middle_of_weights"][1] <= chords[1] * (1 + 1e-12)).all()


def test_steps_are_those_of_the_reference(inputs: Inputs):
    network = inputs.network
    found = cost.steps(0, inputs, images=50, multiples=(0.1, 5.0), tolerance=1e-6)
    images, labels = network.data.train.images[:50], network.data.train.labels[:50]
    assert found["epoch"].tolist() == [0, 1, 3]
    for place, epoch in enumerate(found["epoch"]):
        weights = network.snapshot(0, int(epoch))
        before, gradient = reference.loss_and_gradient(weights, images, labels, NET)
        hessian = Hessian(weights, images, labels, NET)
        size = len(hessian.gradient)
        operator = LinearOperator((size, size), matvec=hessian.product, dtype=np.float64)
        largest = eigsh(operator, k=1, which="LA", return_eigenvectors=False)[0]
        assert found["eigenvalue"][place] == pytest.approx(largest, rel=1e-4)
        assert found["cost"][place] == pytest.approx(before, rel=1e-12)
        for column, c in enumerate((0.1, 5.0)):
            moved = layers_of(flat(weights) - c * 2 / found["eigenvalue"][place] * flat(gradient), weights)
            after, _ = reference.loss_and_gradient(moved, images, labels, NET)
            assert found["change"][place, column] == pytest.approx(after - before, rel=1e-6, abs=1e-12)


def test_steps_on_a_bowl_lower_the_cost_exactly_below_the_limit(train_two_seeds):
    """One linear output layer and one pixel: the cost is a bowl, and from its side every direction is that of λ."""
    pixels = np.full((20, 1, 1), 255, np.uint8)
    labels = np.tile([0, 1], 10).astype(np.uint8)
    some = Images(pixels, labels)
    data = Dataset(some, some.take(slice(0)), some, ("0", "1"))
    net = Network(hidden_layers=(), output="linear", epochs=0)
    found = cost.steps(0, train_two_seeds(net, data), multiples=(0.01, 0.5, 0.99, 1.01, 3.0))
    assert found["eigenvalue"][0] == pytest.approx(2)  # of x·xᵀ with x = (1, 1): a pixel and a bias
    assert (found["change"][0] < 0).tolist() == [True, True, True, False, False]


def test_with_step_units_only_the_rate_counts(train_two_seeds):
    net = Network(hidden_layers=(5,), activation="step", straight_through=True, epochs=1)
    inputs = train_two_seeds(net)
    found = cost.steps(0, inputs, images=50, multiples=(0.5,))
    assert found["by_rate"]
    weights = inputs.network.start(0)
    images, labels = inputs.network.data.train.images[:50], inputs.network.data.train.labels[:50]
    true = net.model_copy(update={"straight_through": False})
    before, gradient = reference.loss_and_gradient(weights, images, labels, true)
    assert not gradient[0][0].any()
    moved = layers_of(flat(weights) - 0.5 * flat(gradient), weights)
    after, _ = reference.loss_and_gradient(moved, images, labels, true)
    assert found["change"][0, 0] == pytest.approx(after - before, rel=1e-9)


def test_a_plateau_has_no_step(train_two_seeds, monkeypatch: pytest.MonkeyPatch):
    """All outputs round to 0 or 1 on it, where slope and curvature are 0."""
    inputs = train_two_seeds(Network(hidden_layers=(), epochs=0))
    far = [(np.full((784, 10), 1e4, np.float32), np.full(10, 1e4, np.float32))]
    monkeypatch.setattr(TrainedNetwork, "start", lambda self, seed: far)
    monkeypatch.setattr(TrainedNetwork, "weights", lambda self, seed: far)
    found = cost.steps(0, inputs, images=20, multiples=(0.5,))
    assert not found["eigenvalue"][0] > 0
    assert np.isnan(found["change"]).all()


def test_surface_is_the_cost_at_the_weights_of_its_grid(inputs: Inputs):
    network = inputs.network
    found = cost.surface(0, inputs, images=50, points=5)
    images = network.data.train.take(slice(50))
    points = [network.snapshot(0, epoch) for epoch in (0, 1, 3)]
    np.testing.assert_allclose(found["path_cost"], [costs(one, images).mean() for one in points], rtol=1e-9)
    # Three points span the plane, so their distances are those in the plane.
    vectors = np.stack([flat(point) for point in points])
    for (a, b), (u, v) in zip(pairwise(vectors), pairwise(found["path"]), strict=True):
        assert np.linalg.norm(a - b) == pytest.approx(np.linalg.norm(u - v))
    assert found["share"] == pytest.approx(1)
    # The weights at a corner, from the snapshots by their coordinates.
    basis, *_ = np.linalg.lstsq(found["path"][:2], vectors[:2] - vectors[2], rcond=None)
    corner = vectors[2] + np.array([found["x"][0], found["y"][-1]]) @ basis
    expected = costs(layers_of(corner, points[0]), images).mean()
    assert found["cost"][-1, 0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("epochs", [0, 1])
def test_without_enough_snapshots_there_is_no_surface_but_its_shape(train_two_seeds, epochs: int):
    found = cost.surface(0, train_two_seeds(Network(hidden_layers=(3,), epochs=epochs)), images=10, points=4)
    assert np.isnan(found["cost"]).all()
    assert found["cost"].shape == (4, 4)
    assert len(found["path_cost"]) == epochs + 1


def test_every_seed_gives_arrays_of_the_same_kind(inputs: Inputs):
    calls = {
        cost.costs_of_test_images: {},
        cost.costs_of_training_images: {},
        cost.segments: {"images": 10, "segments": 4},
        cost.steps: {"images": 10, "multiples": (0.5,)},
        cost.surface: {"images": 10, "points": 3},
    }
    for function, options in calls.items():
        first, second = (kinds_of(function(seed, inputs, **options)) for seed in range(2))
        assert first == second
