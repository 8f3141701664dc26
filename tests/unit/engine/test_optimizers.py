"""Optimisers and schedules of the engine, compared with the float64 reference."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from downhill import Network, reference, train
from downhill.engine.layout import Layout, padded, unpadded
from downhill.engine.optimizers import Recipe, State, take_step
from downhill.network.architecture import count_parameters, initial_parameters, unpack

from .following import assert_follows_the_reference, first

OPTIMIZERS = {
    "sgd": {"learning_rate": 0.5},
    "sgd and decay": {"learning_rate": 0.5, "weight_decay": 0.1},
    "momentum": {"optimizer": "momentum", "momentum": 0.8, "learning_rate": 0.1, "weight_decay": 0.01},
    "nesterov": {"optimizer": "nesterov", "momentum": 0.8, "learning_rate": 0.1, "weight_decay": 0.01},
    "adam": {"optimizer": "adam", "learning_rate": 0.005, "beta1": 0.8, "beta2": 0.95, "epsilon": 1e-6},
    "adam and decay": {"optimizer": "adam", "learning_rate": 0.005, "epsilon": 1e-6, "weight_decay": 0.5},
}
SCHEDULES = {
    "constant": {},
    "step": {"learning_rate_schedule": "step", "decay_every": 2, "decay_factor": 0.3},
    "cosine": {"learning_rate_schedule": "cosine"},
    "warm-up": {"warmup_epochs": 2},
    "warm-up, then cosine": {"learning_rate_schedule": "cosine", "warmup_epochs": 1},
}
SIZES = (5, 18, 3)  # neither 18 nor 3 fills its vectors


@pytest.mark.parametrize("batch_size", [7, "full"])
@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_training_follows_the_reference(digits, optimizer, schedule, batch_size):
    net = Network(
        hidden_layers=(12, 8),
        activation="tanh",
        initialization="lecun",
        epochs=5,
        batch_size=batch_size,
        **OPTIMIZERS[optimizer],
        **SCHEDULES[schedule],
    )
    assert_follows_the_reference(net, first(digits, 60))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_gradient_of_a_large_batch_is_accumulated_in_parts(digits, optimizer, monkeypatch):
    from downhill.engine import train as module

    monkeypatch.setattr(module, "LARGEST_PLAIN_BATCH", 50)
    monkeypatch.setattr(module, "_CHUNK", 32)
    for batch_size in (60, "full"):  # two batches of 60 and one of 30, each in parts of at most 32
        net = Network(
            hidden_layers=(12, 8),
            activation="relu",
            output="softmax",
            loss="cross_entropy",
            initialization="lecun",
            epochs=6,
            batch_size=batch_size,
            **OPTIMIZERS[optimizer],
        )
        assert_follows_the_reference(net, first(digits, 150))


@given(
    st.sampled_from(["momentum", "nesterov", "adam"]),
    st.integers(0, 2**32 - 1),
    st.floats(1e-4, 1),
    st.sampled_from([0.0, 0.1]),
    st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=6),
)
@settings(max_examples=60)
def test_steps_along_any_gradients_equal_those_of_the_reference(optimizer, seed, rate, decay, scales):
    """Compared element by element, so that no weight can take the step of another one."""
    momentum = 0.0 if optimizer == "adam" else 0.9
    net = Network(hidden_layers=(18,), optimizer=optimizer, momentum=momentum, weight_decay=decay)
    random, recipe = np.random.default_rng(seed), Recipe.of(net)
    layout = Layout.of(net, SIZES)
    weights = unpack(random.normal(size=count_parameters(SIZES)).astype(np.float32), SIZES)
    parameters, state = padded(weights, layout), State.of(recipe, layout.n_parameters, plain=False)
    true_weights = [(W.astype(float), b.astype(float)) for W, b in weights]
    true_state = reference.initial_state(weights, net)
    for time, scale in enumerate(scales, 1):
        gradient = unpack((scale * random.normal(size=count_parameters(SIZES))).astype(np.float32), SIZES)
        state.gradient[:] = padded(gradient, layout)
        take_step(layout.layers, parameters, *state, rate, recipe, time, None)
        assert not state.gradient.any()
        true_weights, true_state = reference.step(true_weights, true_state, gradient, net, rate, time)
    longest = rate * (1 if optimizer == "adam" else max(scales))  # Adam's steps do not scale with gradients
    for layer, true_layer in zip(unpadded(parameters, layout), true_weights, strict=True):
        for found, expected in zip(layer, true_layer, strict=True):
            np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-5 * longest)
    kept = padded(unpadded(parameters, layout), layout)
    np.testing.assert_array_equal(parameters, kept)  # the padding is still zero


@pytest.mark.parametrize(("optimizer", "rate", "decay"), [("adam", 1e-3, 1e-4), ("sgd", 1e-2, 1e-5)])
def test_a_little_weight_decay_is_not_rounded_away(digits, optimizer, rate, decay):
    few = first(digits, 40)
    black = ~few.train.images.reshape(40, -1).any(axis=0)  # weights of these pixels only ever decay
    net = Network(optimizer=optimizer, learning_rate=rate, weight_decay=decay, epochs=500, history_every=500)
    seed, steps = 3, 500 * 4
    before = initial_parameters(net, net.layer_sizes(784, 10), seed)[: 784 * 16].reshape(784, 16)[black]
    after = train(net, few, seed).weights[0][0][black]
    lost = 1 - np.abs(after).sum(dtype=np.float64) / np.abs(before).sum(dtype=np.float64)
    assert np.abs(before).sum() > 1
    assert lost == pytest.approx(rate * decay * steps, rel=0.1)
