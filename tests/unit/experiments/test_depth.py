"""Experiments of the family *depth*, compared with the reference."""

import numpy as np
import pytest

from downhill import DownhillError, Network, reference, train
from downhill.datasets import Dataset
from downhill.experiments.depth import gradients_by_layer
from downhill.experiments.inputs import Inputs
from downhill.network.architecture import initial_parameters, unpack

KINDS = {"activations": ("sigmoid", "relu"), "initializations": ("lecun", "he")}


def net(depth: int, kind: int = 0, **more) -> Network:
    return Network(
        hidden_layers=(5,) * depth,
        activation=KINDS["activations"][kind],
        initialization=KINDS["initializations"][kind],
        loss="cross_entropy",
        learning_rate=0.1,
        **more,
    )


@pytest.fixture(scope="module")
def found(digits: Dataset):
    data = Inputs({}, {"digits": digits})
    return gradients_by_layer(
        1, data, **KINDS, depths=(3, 1), width=5, images=40, training_images=200, epochs=3, kept=(0, 2, 9),
        scales=(2.0, 0.5),
    )  # fmt: skip


def bias_norms(weights, digits, one) -> list[float]:
    images = digits.train.take(slice(40))
    _, gradient = reference.loss_and_gradient(weights, images.images, images.labels, one)
    return [float(np.sqrt((db**2).sum())) for _, db in gradient[:-1]]


@pytest.mark.parametrize("kind", [0, 1])
@pytest.mark.parametrize(("place", "depth"), [(0, 1), (1, 3)])
def test_norms_and_accuracies_are_those_of_networks_trained_alone(digits, found, kind, place, depth):
    few = Dataset(digits.train.take(slice(200)), digits.validation, digits.test, digits.classes)
    one = net(depth, kind, epochs=3, snapshot_epochs=(0, 2, 3))
    run = train(one, few, 1)
    assert found["epoch"].tolist() == [0, 2, 3]  # 9 is beyond the last one
    assert found["depth"].tolist() == [1, 3]
    for row, epoch in enumerate((0, 2, 3)):
        norms = found["norm"][kind, place, row]
        np.testing.assert_allclose(norms[:depth], bias_norms(run.snapshots[epoch], digits, one), rtol=1e-3)
        assert np.isnan(norms[depth:]).all()
    assert found["accuracy"][kind, place] == run.history.test_accuracy.iloc[-1]


def test_scales_multiply_the_weights_of_the_deepest_network(digits, found):
    sizes = (784, 5, 5, 5, 10)
    start = unpack(initial_parameters(net(3), sizes, 1), sizes)
    assert found["scale"].tolist() == [0.5, 2]
    for scale, norms in zip(found["scale"], found["norm_by_scale"], strict=True):
        expected = bias_norms([(scale * W, b) for W, b in start], digits, net(3))
        np.testing.assert_allclose(norms, expected, rtol=1e-3)


def test_a_sigmoid_gradient_shrinks_at_least_by_what_its_slope_allows(digits):
    """δ below is (δ Wᵀ) σ', with σ' ≤ ¼: its norm is at most ‖W‖ / 4 times that of δ above, for one image."""
    data = Inputs({}, {"digits": digits})
    found = gradients_by_layer(0, data, depths=(4,), width=8, images=1, training_images=10, epochs=0)
    sizes = (784, 8, 8, 8, 8, 10)
    one = Network(hidden_layers=(8,) * 4, initialization="lecun")
    weights = unpack(initial_parameters(one, sizes, 0), sizes)
    norms = found["norm"][0, 0, 0]
    for layer in range(3):
        assert norms[layer] <= np.linalg.norm(weights[layer + 1][0], 2) / 4 * norms[layer + 1] * (1 + 1e-5)


def test_without_training_there_is_a_gradient_but_no_accuracy(digits):
    found = gradients_by_layer(0, Inputs({}, {"d": digits}), depths=(2,), width=3, images=5, epochs=0)
    assert np.isfinite(found["norm"]).all()
    assert np.isnan(found["accuracy"]).all()


def test_a_network_that_diverges_has_neither(digits):
    wild = {"activations": ("linear",), "initializations": ("normal",)}
    data = Inputs({}, {"d": digits})
    found = gradients_by_layer(0, data, **wild, depths=(2,), width=3, images=5, epochs=2, rate=1e30)
    assert np.isnan(found["accuracy"]).all()
    assert np.isnan(found["norm"][0, 0, -1]).all()
    assert np.isfinite(found["norm"][0, 0, 0]).all()


def test_units_and_initial_weights_come_in_pairs(digits):
    with pytest.raises(DownhillError, match="pairs"):
        gradients_by_layer(0, Inputs({}, {"d": digits}), activations=("tanh", "relu"))
