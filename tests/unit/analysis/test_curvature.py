"""Products of the Hessian, compared with differences of the reference's gradient, and eigenvalues that are known."""

from itertools import pairwise, product
from typing import get_args

import numpy as np
import pytest

from downhill import Network, reference
from downhill.analysis.curvature import Hessian, bend, flat, layers_of
from downhill.config.network import Activation
from downhill.datasets.dataset import NO_CLASS
from downhill.network.architecture import count_parameters

PIXELS, CLASSES, IMAGES = 6, 4, 9
COSTS = [
    ("sigmoid", "mse"),
    ("linear", "mse"),
    ("softmax", "mse"),
    ("sigmoid", "cross_entropy"),
    ("softmax", "cross_entropy"),
]


def case(activation: str, output: str, loss: str, hidden: tuple[int, ...] = (5, 4), smoothing: float = 0.0):
    net = Network(
        hidden_layers=hidden, activation=activation, output=output, loss=loss, label_smoothing=smoothing
    )
    sizes = net.layer_sizes(PIXELS, CLASSES)
    random = np.random.default_rng(len(activation) + len(output))
    like = [(np.zeros((a, b)), np.zeros(b)) for a, b in pairwise(sizes)]
    weights = layers_of(random.normal(0, 0.7, count_parameters(sizes)), like)
    images = random.uniform(0, 1, (IMAGES, PIXELS))
    return weights, images, random.integers(0, CLASSES, IMAGES), net


def differences(weights, images, labels, net, vector, step=1e-5):
    """(∇C(w + h·v) − ∇C(w − h·v)) / 2h."""
    at = [
        flat(
            reference.loss_and_gradient(layers_of(flat(weights) + h * vector, weights), images, labels, net)[
                1
            ]
        )
        for h in (step, -step)
    ]
    return (at[0] - at[1]) / (2 * step)


@pytest.mark.parametrize("hidden", [(), (5,), (5, 4, 3)])
@pytest.mark.parametrize(("output", "loss"), COSTS)
@pytest.mark.parametrize("activation", [name for name in get_args(Activation) if name != "step"])
def test_product_equals_differences_of_the_gradient(activation, output, loss, hidden):
    weights, images, labels, net = case(activation, output, loss, hidden, smoothing=0.1)
    vector = np.random.default_rng(7).standard_normal(len(flat(weights)))
    found = Hessian(weights, images, labels, net).product(vector)
    expected = differences(weights, images, labels, net, vector)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize(("output", "loss"), COSTS)
def test_gradient_is_that_of_the_reference(output, loss):
    weights, images, labels, net = case("tanh", output, loss)
    _, expected = reference.loss_and_gradient(weights, images, labels, net)
    np.testing.assert_allclose(Hessian(weights, images, labels, net).gradient, flat(expected), rtol=1e-12)


def test_images_of_no_class_and_pixels_count():
    weights, _, labels, net = case("sigmoid", "sigmoid", "mse")
    images = np.random.default_rng(0).integers(0, 256, (IMAGES, 2, 3), dtype=np.uint8)
    labels[::2] = NO_CLASS
    vector = np.ones(len(flat(weights)))
    found = Hessian(weights, images, labels, net).product(vector)
    np.testing.assert_allclose(found, differences(weights, images, labels, net, vector), atol=1e-8)


def test_pixels_that_are_never_lit_have_no_curvature():
    weights, images, labels, net = case("sigmoid", "sigmoid", "mse")
    images[:, [1, 4]] = 0
    vector = np.random.default_rng(0).standard_normal(len(flat(weights)))
    hessian = Hessian(weights, images, labels, net)
    found = hessian.product(vector)
    np.testing.assert_allclose(found, differences(weights, images, labels, net, vector), atol=1e-8)
    width = net.hidden_layers[0]
    of_dark = np.r_[width : 2 * width, 4 * width : 5 * width]
    assert (found[of_dark] == 0).all()
    assert (hessian.gradient[of_dark] == 0).all()
    assert (np.delete(found, of_dark) != 0).all()


def test_hessian_is_symmetric():
    weights, images, labels, net = case("tanh", "softmax", "cross_entropy", (3,))
    hessian = Hessian(weights, images, labels, net)
    matrix = np.array([hessian.product(row) for row in np.eye(len(flat(weights)))])
    np.testing.assert_allclose(matrix, matrix.T, atol=1e-12)


def test_a_bowl_has_its_known_hessian():
    """Linear outputs with quadratic cost: C = ½ Σ (w·x − y)² / n, whose Hessian is XᵀX / n for each output."""
    net = Network(hidden_layers=(), output="linear", loss="mse")
    images = np.diag([1.0, 2.0, 3.0]) * np.sqrt(3)
    weights = [(np.ones((3, 2)), np.zeros(2))]
    hessian = Hessian(weights, images, np.zeros((3, 2)), net)
    ones = np.column_stack([images, np.ones(3)])
    expected = np.kron(ones.T @ ones / 3, np.eye(2))
    np.testing.assert_allclose([hessian.product(row) for row in np.eye(8)], expected, atol=1e-12)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "linear", "relu", "leaky_relu", "step"])
def test_bend_is_the_derivative_of_the_slope(name):
    z = np.linspace(-3, 3, 40)
    a, near = (reference.activate(name, z + shift) for shift in (0, 1e-6))
    expected = (reference.slope(name, near) - reference.slope(name, a)) / 1e-6
    np.testing.assert_allclose(bend(name, a), expected, atol=1e-5)


@pytest.mark.parametrize(("output", "loss"), list(product(["sigmoid"], ["mse", "cross_entropy"])))
def test_flat_and_layers_of_are_inverse(output, loss):
    weights, *_ = case("sigmoid", output, loss)
    again = layers_of(flat(weights), weights)
    for (W, b), (V, c) in zip(weights, again, strict=True):
        np.testing.assert_array_equal(W, V)
        np.testing.assert_array_equal(b, c)
