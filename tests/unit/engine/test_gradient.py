"""Gradients: the reference against central differences, the engine against the reference and differences."""

from itertools import product

import numpy as np
import pytest

from downhill import Network, predict, reference
from downhill.engine.evaluate import loss_and_gradient
from downhill.network.architecture import count_parameters, pack, unpack

DEPTHS = [(), (5,), (7, 4), (6, 5, 3)]
COSTS = [
    ("sigmoid", "mse"),
    ("linear", "mse"),
    ("softmax", "mse"),
    ("sigmoid", "cross_entropy"),
    ("softmax", "cross_entropy"),
]
CASES = list(product(["sigmoid", "tanh", "relu", "linear"], COSTS, DEPTHS))
N_PIXELS, N_CLASSES, N_IMAGES = 9, 4, 6


def problem(activation, cost, hidden_layers):
    """A small network away from ReLU's kinks, and images a third of whose pixels are dark."""
    output, loss = cost
    net = Network(hidden_layers=hidden_layers, activation=activation, output=output, loss=loss)
    sizes = net.layer_sizes(N_PIXELS, N_CLASSES)
    random = np.random.default_rng(sum(hidden_layers) + len(activation))
    parameters = random.normal(0, 0.7, count_parameters(sizes))
    images = random.uniform(0.1, 1, (N_IMAGES, N_PIXELS)) * (random.random((N_IMAGES, N_PIXELS)) > 1 / 3)
    return net, sizes, parameters, images, random.integers(0, N_CLASSES, N_IMAGES)


def central_differences(net, sizes, parameters, images, labels, step=1e-5):
    """∂C/∂w of every parameter, (C(w + h) − C(w − h)) / 2h in float64."""
    slopes = np.empty_like(parameters)
    for k in range(len(parameters)):
        costs = []
        for sign in (1, -1):
            nudged = parameters.copy()
            nudged[k] += sign * step
            _, z = reference.forward(unpack(nudged, sizes), images, net)
            costs.append(reference.losses(z, labels, net).mean())
        slopes[k] = (costs[0] - costs[1]) / (2 * step)
    return slopes


def flat(gradient):
    return np.concatenate([part.ravel() for layer in gradient for part in layer])


@pytest.mark.parametrize(("activation", "cost", "hidden_layers"), CASES)
def test_reference_gradient_equals_central_differences(activation, cost, hidden_layers):
    net, sizes, parameters, images, labels = problem(activation, cost, hidden_layers)
    _, gradient = reference.loss_and_gradient(unpack(parameters, sizes), images, labels, net)
    expected = central_differences(net, sizes, parameters, images, labels)
    np.testing.assert_allclose(
        flat(gradient), expected, rtol=1e-6, atol=1e-8 * np.abs(expected).max() + 1e-10
    )


@pytest.mark.parametrize(("activation", "cost", "hidden_layers"), CASES)
def test_engine_gradient_equals_reference_and_central_differences(activation, cost, hidden_layers):
    net, sizes, parameters, images, labels = problem(activation, cost, hidden_layers)
    weights = unpack(pack(unpack(parameters, sizes), sizes), sizes)  # rounded to float32 once, for both
    images = images.astype(np.float32)
    loss, gradient = loss_and_gradient(weights, images, labels, net)
    true_loss, true_gradient = reference.loss_and_gradient(weights, images, labels, net)
    assert loss == pytest.approx(true_loss, rel=1e-5)
    rounded = np.concatenate([part.ravel() for layer in weights for part in layer]).astype(np.float64)
    differences = central_differences(net, sizes, rounded, images, labels)
    largest = np.abs(flat(true_gradient)).max()
    np.testing.assert_allclose(flat(gradient), flat(true_gradient), rtol=1e-4, atol=2e-6 * largest)
    np.testing.assert_allclose(flat(gradient), differences, rtol=1e-4, atol=2e-6 * largest)


@pytest.mark.parametrize(("activation", "cost"), list(product(["sigmoid", "tanh", "relu", "linear"], COSTS)))
def test_engine_gradient_on_real_digits(digits, activation, cost):
    output, loss = cost
    net = Network(hidden_layers=(16, 16), activation=activation, output=output, loss=loss)
    sizes = net.layer_sizes(digits.n_inputs, 10)
    random = np.random.default_rng(1)
    weights = unpack(random.normal(0, 0.05, count_parameters(sizes)).astype(np.float32), sizes)
    value, gradient = loss_and_gradient(weights, digits.train.images, digits.train.labels, net)
    true_value, true_gradient = reference.loss_and_gradient(
        weights, digits.train.images, digits.train.labels, net
    )
    assert value == pytest.approx(true_value, rel=1e-5)
    error = np.linalg.norm(flat(gradient) - flat(true_gradient)) / np.linalg.norm(flat(true_gradient))
    assert error < 1e-5


@pytest.mark.parametrize(("output", "loss"), COSTS)
def test_predict_equals_reference(digits, output, loss):
    net = Network(hidden_layers=(16, 8), output=output, loss=loss)
    random = np.random.default_rng(2)
    sizes = net.layer_sizes(digits.n_inputs, 10)
    weights = unpack(random.normal(0, 0.3, count_parameters(sizes)).astype(np.float32), sizes)
    activations, _ = reference.forward(weights, digits.test.images, net)
    found = predict(weights, digits.test.images, net)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, activations[-1], atol=2e-5)


@pytest.mark.parametrize("z", [200.0, -200.0])
@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_cost_of_wrong_certainty_is_large_but_finite(output, z):
    net = Network(hidden_layers=(), output=output, loss="cross_entropy")
    weights = [(np.zeros((2, 2), np.float32), np.array([z, -z], np.float32))]
    image, label = np.ones((1, 2), np.float32), [1 if z > 0 else 0]
    loss, gradient = loss_and_gradient(weights, image, label, net)
    assert loss == pytest.approx(400.0, rel=1e-5)
    assert np.isfinite(flat(gradient)).all()
    assert reference.loss_and_gradient(weights, image, label, net)[0] == pytest.approx(400.0)
