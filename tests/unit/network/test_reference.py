"""The reference, compared with central differences for all valid activations, outputs, costs and kinds of target."""

from itertools import pairwise, product
from typing import get_args

import numpy as np
import pytest

from downhill import DownhillError, Images, Network, reference
from downhill.config.network import Activation, Loss, Output
from downhill.datasets.dataset import NO_CLASS
from downhill.network.architecture import count_parameters, unpack
from downhill.network.targets import target_table

N_PIXELS, N_OUTPUTS, N_IMAGES = 7, 4, 8
HIDDEN = (6, 5)
SMOOTHING = 0.2
KINDS = ("labels", "smoothed labels", "noise among them", "numbers")

# Valid combinations of output, loss and kind of target; all others are refused.
TARGETS = [
    *product(["sigmoid", "linear", "softmax"], ["mse"], ["labels", "smoothed labels"]),
    *product(["sigmoid", "linear"], ["mse"], ["noise among them", "numbers"]),
    *product(["sigmoid"], ["cross_entropy"], ["labels", "smoothed labels", "noise among them"]),
    *product(["softmax"], ["cross_entropy"], ["labels", "smoothed labels"]),
]
SLOPED = [name for name in get_args(Activation) if name != "step"]


def network(activation, output, loss, kind, **more):
    smoothing = SMOOTHING if kind == "smoothed labels" else 0.0
    return Network(
        hidden_layers=HIDDEN,
        activation=activation,
        output=output,
        loss=loss,
        label_smoothing=smoothing,
        **more,
    )


def images_of(kind):
    random = np.random.default_rng(KINDS.index(kind))
    pixels = random.uniform(0.1, 1, (N_IMAGES, 1, N_PIXELS)).astype(np.float32)
    if kind == "numbers":
        targets = random.uniform(-1, 2, (N_IMAGES, N_OUTPUTS)).astype(np.float32)
        return Images.with_targets(pixels, targets), targets
    labels = random.integers(0, N_OUTPUTS, N_IMAGES).astype(np.uint8)
    if kind == "noise among them":
        labels[::3] = NO_CLASS
    return Images(pixels, labels), labels


def parameters_of(net):
    """Random parameters with no hidden z close to a kink."""
    sizes = net.layer_sizes(N_PIXELS, N_OUTPUTS)
    random = np.random.default_rng(len(net.activation) + len(net.output))
    return random.normal(0, 0.6, count_parameters(sizes)), sizes


def central_differences(cost, parameters, step=1e-5):
    """∂C/∂w of every parameter, (C(w + h) − C(w − h)) / 2h."""
    shifts = step * np.eye(len(parameters))
    return np.array([(cost(parameters + shift) - cost(parameters - shift)) / (2 * step) for shift in shifts])


def flat(gradient):
    return np.concatenate([part.ravel() for layer in gradient for part in layer])


def assert_close(found, expected):
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7 * np.abs(expected).max())


@pytest.mark.parametrize(("output", "loss", "kind"), TARGETS)
@pytest.mark.parametrize("activation", get_args(Activation))
def test_gradient_equals_central_differences(activation, output, loss, kind):
    net = network(activation, output, loss, kind)
    images, labels = images_of(kind)
    parameters, sizes = parameters_of(net)

    def cost(vector):
        _, z = reference.forward(unpack(vector, sizes), images.images, net)
        return reference.losses(z, labels, net).mean()

    weights = unpack(parameters, sizes)
    z = [
        a @ W + b
        for a, (W, b) in zip(reference.forward(weights, images.images, net)[0], weights, strict=False)
    ]
    assert min(np.abs(layer).min() for layer in z[:-1]) > 1e-4  # no perturbation crosses a kink
    loss_found, gradient = reference.loss_and_gradient(weights, images.images, labels, net)
    assert loss_found == pytest.approx(cost(parameters), rel=1e-14)
    assert_close(flat(gradient), central_differences(cost, parameters))
    assert np.abs(gradient[-1][0]).max() > 1e-3  # the output layer learns, whatever the layers before it


@pytest.mark.parametrize(("output", "loss", "kind"), TARGETS)
def test_hidden_gradient_of_a_step_is_exactly_zero(output, loss, kind):
    net = network("step", output, loss, kind)
    images, labels = images_of(kind)
    parameters, sizes = parameters_of(net)
    _, gradient = reference.loss_and_gradient(unpack(parameters, sizes), images.images, labels, net)
    assert not flat(gradient[:-1]).any()
    assert flat(gradient[-1:]).any()


@pytest.mark.parametrize(("output", "loss", "kind"), TARGETS)
def test_straight_through_is_the_gradient_of_shifted_identities(output, loss, kind):
    """Around one point, 1[z > 0] with slope 1 is z plus a constant, for which central differences exist."""
    net = network("step", output, loss, kind, straight_through=True)
    images, labels = images_of(kind)
    parameters, sizes = parameters_of(net)
    shifts, a = [], reference.scaled(images.images)
    for W, b in unpack(parameters, sizes)[:-1]:
        z = a @ W + b
        a = (z > 0).astype(float)
        shifts.append(a - z)

    def cost(vector):
        a = reference.scaled(images.images)
        *hidden, (W_out, b_out) = unpack(vector, sizes)
        for (W, b), shift in zip(hidden, shifts, strict=True):
            a = a @ W + b + shift
        return reference.losses(a @ W_out + b_out, labels, net).mean()

    _, gradient = reference.loss_and_gradient(unpack(parameters, sizes), images.images, labels, net)
    assert_close(flat(gradient), central_differences(cost, parameters))
    assert flat(gradient[:1]).any()


@pytest.mark.parametrize(("output", "loss", "kind"), list(product(get_args(Output), get_args(Loss), KINDS)))
def test_valid_combinations_are_accepted_and_all_others_refused(output, loss, kind):
    images, _ = images_of(kind)

    def table():
        return target_table(images, network("sigmoid", output, loss, kind), N_OUTPUTS)

    if (output, loss, kind) in TARGETS:
        table()
    else:
        with pytest.raises(DownhillError, match=r"; use output '|; use loss 'mse'"):
            table()


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("sigmoid", [0.1192029220221176, 0.5, 0.8807970779778824]),
        ("tanh", [-0.9640275800758169, 0, 0.9640275800758169]),
        ("relu", [0, 0, 2]),
        ("leaky_relu", [-0.02, 0, 2]),
        ("linear", [-2, 0, 2]),
        ("step", [0, 0, 1]),
    ],
)
def test_activations_at_known_points(name, values):
    np.testing.assert_allclose(reference.activate(name, np.array([-2.0, 0, 2])), values, rtol=1e-15)


@pytest.mark.parametrize("name", SLOPED)
def test_slope_is_computed_from_the_value(name):
    z = np.linspace(-3, 3, 40)
    expected = (reference.activate(name, z + 1e-6) - reference.activate(name, z - 1e-6)) / 2e-6
    np.testing.assert_allclose(
        reference.slope(name, reference.activate(name, z)), expected, rtol=1e-7, atol=1e-9
    )


@pytest.mark.parametrize(
    ("name", "straight_through", "slope"),
    [("relu", False, 0), ("leaky_relu", False, 0.01), ("step", False, 0), ("step", True, 1)],
)
def test_slope_at_zero(name, straight_through, slope):
    assert reference.slope(name, np.zeros(1), straight_through) == [slope]


def test_smoothed_cross_entropy_follows_its_definition():
    net = network("tanh", "softmax", "cross_entropy", "smoothed labels")
    z = np.random.default_rng(0).normal(size=(N_IMAGES, N_OUTPUTS))
    labels = np.arange(N_IMAGES) % N_OUTPUTS
    a = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = np.full(z.shape, SMOOTHING / N_OUTPUTS)
    y[np.arange(N_IMAGES), labels] += 1 - SMOOTHING
    np.testing.assert_allclose(reference.losses(z, labels, net), -(y * np.log(a)).sum(axis=1), rtol=1e-13)


def test_cost_and_gradient_of_noise_push_every_output_to_zero():
    images, _ = images_of("labels")
    labels = np.full(N_IMAGES, NO_CLASS)
    for net in (network("tanh", "sigmoid", loss, "labels") for loss in get_args(Loss)):
        parameters, sizes = parameters_of(net)
        weights = unpack(parameters, sizes)
        activations, _ = reference.forward(weights, images.images, net)
        delta = reference.output_delta(activations[-1], labels, net)
        assert (delta > 0).all()
        if net.loss == "cross_entropy":
            np.testing.assert_array_equal(delta, activations[-1])


def test_targets_may_be_given_instead_of_labels():
    images, labels = images_of("noise among them")
    net = network("tanh", "sigmoid", "cross_entropy", "labels")
    parameters, sizes = parameters_of(net)
    table, index = target_table(images, net, N_OUTPUTS)
    by_label = reference.loss_and_gradient(unpack(parameters, sizes), images.images, labels, net)
    by_target = reference.loss_and_gradient(unpack(parameters, sizes), images.images, table[index], net)
    assert by_label[0] == by_target[0]
    np.testing.assert_array_equal(flat(by_label[1]), flat(by_target[1]))


@pytest.mark.parametrize("label", [-1, N_OUTPUTS, 254])
def test_label_without_an_output_is_refused(label):
    net = network("tanh", "sigmoid", "mse", "labels")
    with pytest.raises(
        DownhillError, match=rf"labels must be in 0 … 3 \(or 255 for .* found {min(0, label)}"
    ):
        reference.losses(np.zeros((2, N_OUTPUTS)), [0, label], net)


def test_gradient_has_the_shapes_of_the_weights():
    net = network("relu", "softmax", "cross_entropy", "labels")
    parameters, sizes = parameters_of(net)
    images, labels = images_of("labels")
    _, gradient = reference.loss_and_gradient(unpack(parameters, sizes), images.images, labels, net)
    assert [(gW.shape, gb.shape) for gW, gb in gradient] == [((i, o), (o,)) for i, o in pairwise(sizes)]


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_no_images_are_no_rows(dtype):
    assert reference.scaled(np.zeros((0, 3, 4), dtype)).shape == (0, 12)
    assert reference.scaled(np.full((2, 3, 4), 255, dtype)).shape == (2, 12)
