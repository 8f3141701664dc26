"""Gradients of the engine, compared with the float64 reference and central differences, for all valid combinations."""

from itertools import pairwise, product

import numpy as np
import pytest

from downhill import Network, reference
from downhill.datasets.dataset import NO_CLASS
from downhill.engine.evaluate import loss_and_gradient
from downhill.engine.images import engine_images
from downhill.network.architecture import count_parameters, unpack

DEPTHS = [(), (5,), (7, 4), (6, 5, 3)]
ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "linear", "step", "straight-through step"]
# Valid combinations of output, loss and kind of target; all others are refused (see `network`).
TARGETS = [
    *product(["sigmoid", "linear", "softmax"], ["mse"], ["labels", "smoothed labels"]),
    *product(["sigmoid", "linear"], ["mse"], ["noise among them", "numbers"]),
    *product(["sigmoid"], ["cross_entropy"], ["labels", "smoothed labels", "noise among them"]),
    *product(["softmax"], ["cross_entropy"], ["labels", "smoothed labels"]),
]
COSTS = sorted({(output, loss) for output, loss, _ in TARGETS})
# Share of lit pixels: the engine processes only those, or all pixels if most are lit.
LIGHT = {"few lit pixels": 0.25, "many lit pixels": 0.9}
N_PIXELS, N_OUTPUTS, N_IMAGES = 9, 4, 6


def network(hidden_layers, activation, output, loss, kind="labels"):
    return Network(
        hidden_layers=hidden_layers,
        activation=activation.split()[-1],
        straight_through=activation == "straight-through step",
        output=output,
        loss=loss,
        label_smoothing=0.2 if kind == "smoothed labels" else 0,
    )


def images_of(pixels, light, random):
    """Float images (n, pixels), or bytes (n, height, width), with the given share of lit pixels."""
    lit = random.permutation(N_IMAGES * N_PIXELS) < LIGHT[light] * N_IMAGES * N_PIXELS
    values = random.uniform(0.1, 1, lit.shape) * lit
    if pixels == "bytes":
        return (255 * values).astype(np.uint8).reshape(N_IMAGES, 3, 3)
    return values.astype(np.float32).reshape(N_IMAGES, N_PIXELS)


def wanted_of(kind, random):
    if kind == "numbers":
        return random.uniform(-1, 2, (N_IMAGES, N_OUTPUTS)).astype(np.float32)
    labels = random.integers(0, N_OUTPUTS, N_IMAGES)
    if kind == "noise among them":
        labels[::3] = NO_CLASS
    return labels


def hidden_sums(weights, images, net):
    """z of each hidden layer."""
    activations, _ = reference.forward(weights, images, net)
    return [a @ W + b for a, (W, b) in zip(activations, weights[:-1], strict=False)]


def weights_away_from_kinks(net, images, random):
    """Random float32 weights for which no hidden z is so small that a rounding could change its sign."""
    sizes = net.layer_sizes(N_PIXELS, N_OUTPUTS)
    while True:
        weights = unpack(random.normal(0, 0.7, count_parameters(sizes)).astype(np.float32), sizes)
        if all(np.abs(z).min() > 1e-3 for z in hidden_sums(weights, images, net)):
            return weights


def flat(gradient):
    return np.concatenate([part.ravel() for layer in gradient for part in layer])


def central_differences(net, weights, images, wanted, step=1e-5):
    """∂C/∂w of every parameter, (C(w + h) − C(w − h)) / 2h in float64, for all perturbed networks at once.

    A straight-through step has slope 1, so here it is z plus the constant by which the step differs from z.
    """
    vector = flat(weights).astype(np.float64)
    vectors = vector + step * np.concatenate([np.eye(len(vector)), -np.eye(len(vector))])
    a, start = reference.scaled(images), 0
    shifts = [(z > 0) - z for z in hidden_sums(weights, images, net)] if net.straight_through else []
    sizes = [len(weights[0][0]), *(len(b) for _, b in weights)]
    for layer, (n_in, n_out) in enumerate(pairwise(sizes)):
        W = vectors[:, start : start + n_in * n_out].reshape(-1, n_in, n_out)
        b = vectors[:, None, start + n_in * n_out : start + (n_in + 1) * n_out]
        z, start = a @ W + b, start + (n_in + 1) * n_out
        a = z + shifts[layer] if layer < len(shifts) else reference.activate(net.activation, z)
    tiled = np.concatenate([wanted] * len(vectors))
    costs = reference.losses(z.reshape(len(tiled), -1), tiled, net).reshape(2, len(vector), -1).mean(axis=2)
    return (costs[0] - costs[1]) / (2 * step)


@pytest.mark.parametrize("light", LIGHT)
@pytest.mark.parametrize("pixels", ["bytes", "floats"])
@pytest.mark.parametrize(("output", "loss", "kind"), TARGETS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_equals_reference_and_central_differences(activation, output, loss, kind, pixels, light):
    random = np.random.default_rng([len(activation), len(kind), len(pixels)])
    for hidden_layers in DEPTHS:
        net = network(hidden_layers, activation, output, loss, kind)
        images, wanted = images_of(pixels, light, random), wanted_of(kind, random)
        assert (len(engine_images(images).pixels) == 0) == (light == "many lit pixels")
        weights = weights_away_from_kinks(net, images, random)

        cost, gradient = loss_and_gradient(weights, images, wanted, net)
        true_cost, true_gradient = reference.loss_and_gradient(weights, images, wanted, net)
        assert cost == pytest.approx(true_cost, rel=1e-5)
        assert [part.shape for layer in gradient for part in layer] == [
            part.shape for layer in weights for part in layer
        ]
        for found, expected in zip(
            gradient, true_gradient, strict=True
        ):  # layer by layer, since their magnitudes differ
            largest = np.abs(flat([expected])).max()
            np.testing.assert_allclose(flat([found]), flat([expected]), rtol=1e-4, atol=2e-6 * largest)
        differences = central_differences(net, weights, images, wanted)
        largest = np.abs(differences).max()
        np.testing.assert_allclose(flat(gradient), differences, rtol=1e-4, atol=2e-6 * largest)
        if activation == "step":
            assert not flat(gradient[:-1] or [(np.zeros(0),)]).any()
        assert flat(gradient[-1:]).any()


@pytest.mark.parametrize(("output", "loss"), COSTS)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradient_on_real_digits(digits, activation, output, loss):
    """500 images: more than the engine processes at a time, and not a multiple of its chunk size."""
    net = network((16, 16), activation, output, loss)
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


@pytest.mark.parametrize("z", [200.0, -200.0])
@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_cost_of_a_confident_wrong_answer_is_large_but_finite(output, z):
    net = Network(hidden_layers=(), output=output, loss="cross_entropy")
    weights = [(np.zeros((2, 2), np.float32), np.array([z, -z], np.float32))]
    image, label = np.ones((1, 2), np.float32), [1 if z > 0 else 0]
    loss, gradient = loss_and_gradient(weights, image, label, net)
    assert loss == pytest.approx(400.0, rel=1e-5)
    assert np.isfinite(flat(gradient)).all()
    assert reference.loss_and_gradient(weights, image, label, net)[0] == pytest.approx(400.0)


def test_gradient_of_no_images_is_zero():
    net = Network(hidden_layers=(3,))
    weights = [(np.ones((4, 3), np.float32), np.ones(3, np.float32))]
    weights += [(np.ones((3, 2), np.float32), np.ones(2, np.float32))]
    loss, gradient = loss_and_gradient(weights, np.zeros((0, 2, 2), np.uint8), [], net)
    assert np.isnan(loss)
    assert not flat(gradient).any()
