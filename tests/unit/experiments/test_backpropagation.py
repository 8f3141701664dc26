"""Experiments of the family *backpropagation*, on networks whose answers are known or computed another way."""

from itertools import pairwise

import numpy as np
import pytest

from downhill.analysis.curvature import flat
from downhill.config.network import Network
from downhill.experiments import backpropagation
from downhill.experiments.backpropagation_checks import (
    ACTIVATIONS,
    COSTS,
    SmallNetwork,
    by_nudging,
    drawn_in_each_layer,
)
from downhill.experiments.inputs import Inputs
from downhill.network import reference

from .toys import kinds_of


@pytest.fixture(scope="module")
def inputs(train_two_seeds) -> Inputs:
    return train_two_seeds(Network(hidden_layers=(6, 5), epochs=1))


def test_gradients_agree_with_differences_and_with_the_tape(inputs: Inputs):
    found = backpropagation.gradient_checks(1, inputs, images=20, parameters=60, other_steps=(1e-3,))
    assert found["steps"].tolist() == [1e-5, 1e-3]
    assert found["small"].shape == (2, len(ACTIVATIONS), len(COSTS), 3)
    assert np.nanmax(found["small"][0]) < 1e-6
    assert np.nanmedian(found["small"][1]) > 10 * np.nanmedian(found["small"][0])
    assert found["tape"].max() < 1e-13
    assert found["trained"].shape == (2, 3)
    assert found["trained"].max() < 1e-6
    assert found["checked"].tolist() == [20, 20, 20]
    assert found["images"] == 20


def test_a_wrong_gradient_is_noticed(inputs: Inputs, monkeypatch: pytest.MonkeyPatch):
    """With the slope of a sigmoid taken as 1, as if backpropagation had forgotten it."""
    monkeypatch.setattr(reference, "slope", lambda name, a, straight_through=False: np.ones_like(a))
    found = backpropagation.gradient_checks(1, inputs, images=20, parameters=60, other_steps=())
    sigmoid = found["small"][0, ACTIVATIONS.index("sigmoid")]
    assert (sigmoid > 1e-3)[:, 0].all()
    assert (found["trained"] > 1e-3).all()
    assert (found["tape"][ACTIVATIONS.index("sigmoid"), :, 0] > 1e-3).all()


def test_differences_are_those_of_the_drawn_parameters(inputs: Inputs):
    """One by one, with the reference alone."""
    network = inputs.network
    weights, images = network.weights(0), network.data.train.take(slice(7))
    places = drawn_in_each_layer(np.random.default_rng(3), weights, 120)
    (first, _, _), left_out = by_nudging(weights, images.images, images.labels, network.net, places, 1e-2)
    _, gradient = reference.loss_and_gradient(weights, images.images, images.labels, network.net)
    expected = []
    for place in places[0]:
        ends = []
        for h in (1e-2, -1e-2):
            moved = [(W.astype(float), b.astype(float)) for W, b in weights]
            W, b = moved[0]
            if place < W.size:
                W[np.unravel_index(place, W.shape)] += h
            else:
                b[place - W.size] += h
            ends.append(reference.loss_and_gradient(moved, images.images, images.labels, network.net)[0])
        expected.append((ends[0] - ends[1]) / 2e-2)
    g, n = flat(gradient)[places[0]], np.array(expected)
    assert left_out == 0
    assert first == pytest.approx(np.linalg.norm(g - n) / (np.linalg.norm(g) + np.linalg.norm(n)), rel=1e-6)


def test_parameters_are_drawn_from_every_layer_once():
    weights = [(np.zeros(shape), np.zeros(shape[1])) for shape in pairwise((10, 4, 1))]
    first, second = drawn_in_each_layer(np.random.default_rng(0), weights, 21)
    assert len(set(first)) == len(first) == 11
    assert set(first) <= set(range(44))
    assert second.tolist() == [44, 45, 46, 47, 48]  # all of them


def test_a_kink_leaves_parameters_out():
    """With steps of 1, many units of a ReLU network are switched on or off."""
    random = np.random.default_rng(0)
    kinked, smooth = (SmallNetwork.drawn(random, name, "sigmoid", "mse") for name in ("relu", "tanh"))
    assert kinked.by_nudging(1.0)[1] > 10
    assert smooth.by_nudging(1.0)[1] == 0


def test_step_units_have_no_gradient_and_no_differences(train_two_seeds):
    net = Network(hidden_layers=(4,), activation="step", straight_through=True, epochs=1)
    found = backpropagation.gradient_checks(0, train_two_seeds(net), images=10, parameters=30, other_steps=())
    assert found["trained"][:, 0].tolist() == [0, 0]
    assert found["trained"][:, 1].max() < 1e-6


def test_operations_are_counted_for_one_image_and_for_several(inputs: Inputs):
    found = backpropagation.operations(0, inputs, images=3)
    assert found["images"].tolist() == [1, 3]
    np.testing.assert_array_equal(found["tape"], found["formulas"])
    weights = 784 * 6 + 6 * 5 + 5 * 10
    assert found["tape"][0, 0, 0] == weights + 2 * 10  # a product for each weight, and ½e² for each output
    assert found["tape"][1, 0, 1] == 3 * (weights + 19) + 2
    assert found["difference"].max() < 1e-13


def test_a_large_network_is_counted_on_fewer_images(inputs: Inputs, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(backpropagation, "_MOST_NUMBERS", 2 * 4784)
    assert backpropagation.operations(0, inputs, images=50)["images"].tolist() == [1, 2]
    monkeypatch.setattr(backpropagation, "_MOST_NUMBERS", 10)
    assert backpropagation.operations(0, inputs, images=50)["images"].tolist() == [1, 1]


def test_every_seed_gives_arrays_of_the_same_kind(inputs: Inputs):
    for function, options in (
        (backpropagation.gradient_checks, {"images": 5, "parameters": 10, "other_steps": (0.1,)}),
        (backpropagation.operations, {"images": 1}),
    ):
        first, second = (kinds_of(function(seed, inputs, **options)) for seed in range(2))
        assert first == second
