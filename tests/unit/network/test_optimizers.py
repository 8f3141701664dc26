"""Steps of the optimisers: computed by hand, compared with equivalent forms, and properties that always hold."""

from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from downhill import Network
from downhill.config.network import Optimizer
from downhill.network.optimizers import initial_state, step

RECIPES = {
    "sgd": {},
    "momentum": {"momentum": 0.9},
    "nesterov": {"momentum": 0.9},
    "adam": {},
}


def network(optimizer, **more):
    return Network(optimizer=optimizer, **RECIPES[optimizer] | more)


def walk(net, start, gradients, rates):
    """Values (steps, 2) of one weight and one bias along given gradients, both starting at `start`."""
    weights = [(np.full((1, 1), start), np.full(1, start))]
    state, values = initial_state(weights, net), []
    for time, (g, rate) in enumerate(zip(gradients, rates, strict=True), 1):
        weights, state = step(weights, state, [(np.full((1, 1), g), np.full(1, g))], net, rate, time)
        values.append([weights[0][0].item(), weights[0][1].item()])
    return np.array(values)


@pytest.mark.parametrize(
    ("optimizer", "gradients", "values"),
    [
        ("sgd", [1, 1, -2], [0.9, 0.8, 1.0]),
        # v: −0.1, −0.19, −0.271
        ("momentum", [1, 1, 1], [0.9, 0.71, 0.439]),
        # 1 − 0.09 − 0.1, then 0.81 − 0.171 − 0.1, then 0.539 − 0.2439 − 0.1
        ("nesterov", [1, 1, 1], [0.81, 0.539, 0.1951]),
        # m̂ / √v̂: 2 / 2, then (0.08 / 0.19) / √(0.004996 / 0.001999)
        ("adam", [2, -1], [0.9000000005, 0.8733662967024313]),
    ],
)
def test_steps_computed_by_hand(optimizer, gradients, values):
    found = walk(network(optimizer), 1.0, gradients, [0.1] * len(gradients))
    np.testing.assert_allclose(found, np.array([values, values]).T, rtol=1e-13)


@pytest.mark.parametrize(
    ("optimizer", "values"),
    [
        # g + 0.5 w: 1.5, then 1.425
        ("sgd", [0.85, 0.7075]),
        # v: −0.15, then −0.135 − 0.1425
        ("momentum", [0.85, 0.5725]),
        # 1 − 0.135 − 0.15, then v = −0.135 − 0.13575 and 0.715 − 0.243675 − 0.13575
        ("nesterov", [0.715, 0.335575]),
        # m̂ / √v̂ = 1 throughout, and the decay is 0.05 w: 1 − 0.1 − 0.05, then 0.85 − 0.1 − 0.0425
        ("adam", [0.85, 0.7075]),
    ],
)
def test_weight_decay_computed_by_hand_does_not_apply_to_biases(optimizer, values):
    found = walk(network(optimizer, weight_decay=0.5), 1.0, [1, 1], [0.1, 0.1])
    np.testing.assert_allclose(found[:, 0], values, rtol=1e-7)
    plain = walk(network(optimizer), 1.0, [1, 1], [0.1, 0.1])
    np.testing.assert_array_equal(found[:, 1], plain[:, 1])


def test_velocity_includes_the_rates_of_the_steps_it_comes_from():
    found = walk(network("momentum"), 1.0, [1, 1], [0.1, 0.01])
    np.testing.assert_allclose(found[:, 0], [0.9, 0.9 - 0.09 - 0.01], rtol=1e-14)


gradients = st.lists(st.floats(-10, 10), min_size=1, max_size=20)
rates = st.floats(1e-4, 1)
shares = st.floats(0.01, 0.99)


@given(gradients, rates, shares, st.sampled_from(["momentum", "nesterov"]))
def test_momentum_with_a_buffer_of_gradients_is_equivalent(gs, rate, momentum, optimizer):
    """At a constant rate. This is the form of PyTorch's `momentum` and `nesterov=True`."""
    buffer, w, values = 0.0, 1.0, []
    for g in gs:
        buffer = momentum * buffer + g
        w -= rate * (g + momentum * buffer if optimizer == "nesterov" else buffer)
        values.append(w)
    found = walk(network(optimizer, momentum=momentum), 1.0, gs, [rate] * len(gs))
    np.testing.assert_allclose(found[:, 0], values, rtol=1e-9, atol=1e-9)


@given(st.floats(0.1, 2), st.floats(0.01, 0.5), shares)
def test_nesterov_is_the_published_method_at_the_point_of_the_gradient(curvature, rate, momentum):
    """Sutskever et al. 2013, eqs. 3 and 4, on C = ½ c w²: the gradient is evaluated at w + μ v, and w moves by v."""
    net = network("nesterov", momentum=momentum)
    w, v = 1.0, 0.0
    weights = [(np.full((1, 1), w), np.zeros(1))]
    state = initial_state(weights, net)
    for time in range(1, 15):
        v = momentum * v - rate * curvature * (w + momentum * v)
        w = w + v
        gradient = [(curvature * weights[0][0], np.zeros(1))]
        weights, state = step(weights, state, gradient, net, rate, time)
        assert weights[0][0].item() == pytest.approx(w + momentum * v, rel=1e-9, abs=1e-12)


@given(gradients, st.lists(rates, min_size=20, max_size=20), st.floats(0, 0.99), st.floats(0.5, 0.999))
def test_shorter_form_of_adam_in_the_paper_is_equivalent(gs, etas, beta1, beta2):
    """Kingma & Ba 2015, end of section 2: both corrections are part of the rate, and ε is rescaled accordingly."""
    m = v = 0.0
    w, values, epsilon = 1.0, [], 1e-3
    for t, (g, eta) in enumerate(zip(gs, etas, strict=False), 1):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        root = np.sqrt(1 - beta2**t)
        w -= eta * root / (1 - beta1**t) * m / (np.sqrt(v) + epsilon * root)
        values.append(w)
    net = network("adam", beta1=beta1, beta2=beta2, epsilon=epsilon)
    found = walk(net, 1.0, gs, etas[: len(gs)])
    np.testing.assert_allclose(found[:, 0], values, rtol=1e-9, atol=1e-9)


@given(st.lists(st.floats(0.1, 10), min_size=1, max_size=20), st.floats(1e-3, 1e3))
def test_adam_does_not_depend_on_the_scale_and_has_bounded_steps(gs, scale):
    net = network("adam", epsilon=1e-12)
    found = walk(net, 0.0, gs, [0.1] * len(gs))
    scaled = walk(net, 0.0, [scale * g for g in gs], [0.1] * len(gs))
    np.testing.assert_allclose(found, scaled, rtol=1e-6)
    moves = np.diff(found[:, 0], prepend=0)
    assert moves[0] == pytest.approx(-0.1)
    assert (np.abs(moves) <= 0.1 * (1 - 0.9) / np.sqrt(1 - 0.999)).all()  # Kingma & Ba 2015, section 2.1


@given(gradients, rates)
def test_tiny_momentum_is_nearly_plain_descent(gs, rate):
    plain = walk(network("sgd"), 1.0, gs, [rate] * len(gs))
    for optimizer in ("momentum", "nesterov"):
        found = walk(network(optimizer, momentum=1e-12), 1.0, gs, [rate] * len(gs))
        np.testing.assert_allclose(found, plain, atol=1e-9)


@pytest.mark.parametrize(
    ("optimizer", "decayed"), [("sgd", 0.99), ("momentum", 0.99), ("nesterov", 0.981), ("adam", 0.99)]
)
def test_zero_gradient_gives_only_decay_and_arguments_are_not_modified(optimizer, decayed):
    net = network(optimizer, weight_decay=0.1)
    weights = [(np.ones((3, 2)), np.ones(2)), (np.ones((2, 1)), np.ones(1))]
    state = initial_state(weights, net)
    zeros = [(0 * W, 0 * b) for W, b in weights]
    moved, after = step(weights, state, zeros, net, 0.1, 1)
    for (W, b), (W_before, b_before) in zip(moved, weights, strict=True):
        np.testing.assert_allclose(W, decayed * W_before, rtol=1e-15)
        np.testing.assert_array_equal(b, b_before)
    assert all((W == 1).all() and (b == 1).all() for W, b in weights)
    assert not any(part.any() for layer in state for part in layer)
    assert [part.shape for layer in after for part in layer] == [
        part.shape for layer in state for part in layer
    ]


@pytest.mark.parametrize("optimizer", get_args(Optimizer))
def test_every_optimizer_finds_the_minimum_of_a_quadratic(optimizer):
    net = network(optimizer)
    weights = [(np.array([[3.0, -2.0]]), np.array([1.0, -4.0]))]
    state = initial_state(weights, net)
    for time in range(1, 401):
        weights, state = step(weights, state, [(W, b) for W, b in weights], net, 0.05, time)
    assert max(np.abs(part).max() for part in weights[0]) < 1e-3
