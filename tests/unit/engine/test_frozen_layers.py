"""Frozen layers: only the output layer is trained, on every path, and nothing else changes."""

import numpy as np
import pytest

from downhill import Network, evaluate, reference, train
from downhill.engine.evaluate import loss_gradient
from downhill.network.architecture import initial_parameters, pack, unpack

from .following import digest, first, mostly_lit, reference_run

SMOOTH = {"activation": "tanh", "output": "softmax", "loss": "cross_entropy", "initialization": "lecun"}
RECIPES = {
    "plain": {"learning_rate": 0.2},
    "decay": {"learning_rate": 0.2, "weight_decay": 0.05},
    "momentum": {"learning_rate": 0.05, "optimizer": "momentum", "momentum": 0.8, "weight_decay": 0.01},
    "adam": {"learning_rate": 1e-3, "optimizer": "adam", "epsilon": 1e-4, "weight_decay": 0.1},
    "full batch": {"learning_rate": 0.2, "batch_size": "full"},
    "sorted": {"learning_rate": 0.2, "batch_size": 32},
}


def start_of(net, data, seed=5):
    sizes = net.layer_sizes(data.n_inputs, data.n_outputs)
    return unpack(initial_parameters(net, sizes, seed), sizes)


@pytest.mark.parametrize("lit", [False, True])
@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("hidden", [(17,), (130, 12), (9, 8, 7)])
def test_only_the_output_layer_follows_the_reference(digits, hidden, recipe, lit):
    few = first(digits, 100)
    data = mostly_lit(few) if lit else few
    net = Network(hidden_layers=hidden, epochs=5, trained_layers="output", **SMOOTH | RECIPES[recipe])
    initial = start_of(net, data)
    run = train(net, data, initial=initial, shuffle=False)
    expected, _ = reference_run(net, data, initial)
    for layer, (found, start) in enumerate(zip(run.weights, initial, strict=True)):
        for part, before, after in zip(found, start, expected[layer], strict=True):
            if layer < len(hidden):
                np.testing.assert_array_equal(part, before)
                np.testing.assert_array_equal(after, before)
            else:
                change = np.abs(after - before).max()
                assert change > 0
                np.testing.assert_allclose(part - before, after - before, rtol=0, atol=1e-4 * change)


def test_the_output_layer_is_trained_like_a_network_of_its_own(digits):
    """The activations of the frozen layers are the images of a network without hidden layers."""
    net = Network(hidden_layers=(12, 7), epochs=3, trained_layers="output")
    data = first(digits, 80)
    start = start_of(net, data)
    run = train(net, data, initial=start, shuffle=False)
    features = reference.forward(start, data.train.images, net)[0][-2]
    alone = Network(hidden_layers=(), epochs=3)
    weights, state = start[-1:], reference.initial_state(start[-1:], alone)
    for _ in range(3):
        for begin in range(0, 80, 10):
            batch = slice(begin, begin + 10)
            _, gradient = reference.loss_and_gradient(
                weights, features[batch], data.train.labels[batch], alone
            )
            weights, state = reference.step(weights, state, gradient, alone, 3.0, 1)
    for found, expected in zip(run.weights[-1], weights[0], strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_frozen_layers_of_every_seed_are_those_of_its_start(digits):
    net = Network(epochs=2, trained_layers="output", snapshot_epochs=(0, 1))
    for seed in (0, 3):
        run = train(net, digits, seed=seed)
        for weights in (run.snapshots[1], run.weights):
            for layer in range(2):
                np.testing.assert_array_equal(
                    pack(weights[layer : layer + 1], (784, 16, 16)[layer : layer + 2]),
                    pack(start_of(net, digits, seed)[layer : layer + 1], (784, 16, 16)[layer : layer + 2]),
                )
        assert not np.array_equal(run.weights[2][0], run.snapshots[0][2][0])


def test_training_the_output_layer_alone_lowers_the_cost(digits):
    net = Network(epochs=10, trained_layers="output")
    run = train(net, digits)
    before = evaluate(start_of(net, digits, 0), digits.train, net)
    assert run.history.train_loss.iloc[-1] < before.loss


def test_gradients_include_frozen_layers(digits):
    """The gradient belongs to the cost, whatever is trained."""
    net, frozen = (Network(trained_layers=layers) for layers in ("all", "output"))
    start = start_of(net, digits)
    for layer, of_frozen in zip(
        loss_gradient(start, digits.train, net), loss_gradient(start, digits.train, frozen), strict=True
    ):
        for part, other in zip(layer, of_frozen, strict=True):
            np.testing.assert_array_equal(part, other)
            assert part.any()


@pytest.mark.parametrize("hidden", [(5,), (16, 16)])
def test_step_units_freeze_the_hidden_layers(digits, hidden):
    """Their gradient is exactly zero, so training all layers has the same bytes as training the last one."""
    net = Network(hidden_layers=hidden, activation="step", epochs=3)
    frozen = net.model_copy(update={"trained_layers": "output"})
    assert digest(train(net, digits, seed=1)) == digest(train(frozen, digits, seed=1))
    *under, top = loss_gradient(start_of(net, digits), digits.train, net)
    assert not any(part.any() for layer in under for part in layer)
    assert top[0].any()
    through = net.model_copy(update={"straight_through": True})
    assert all(part.any() for part in loss_gradient(start_of(net, digits), digits.train, through)[0])


def test_without_hidden_layers_nothing_is_frozen(digits):
    """Such settings are refused, but a copy of others may have them."""
    whole = Network(hidden_layers=(), epochs=1)
    copy = whole.model_copy(update={"trained_layers": "output"})
    assert digest(train(whole, digits)) == digest(train(copy, digits))
