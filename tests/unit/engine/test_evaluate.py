"""Outputs, costs and counts on any set of images, compared with the float64 reference and NumPy."""

from itertools import product

import numpy as np
import pytest

from downhill import DownhillError, Images, Network, evaluate, loss_gradient, predict, reference, train
from downhill.datasets.dataset import NO_CLASS
from downhill.network.architecture import count_parameters, unpack
from downhill.network.replicate import training_images_of

from .following import first, mostly_lit

COSTS = [
    *[("sigmoid", "mse"), ("linear", "mse"), ("softmax", "mse")],
    *[("sigmoid", "cross_entropy"), ("softmax", "cross_entropy")],
]
ACTIVATIONS = ["sigmoid", "tanh", "relu", "leaky_relu", "linear", "step"]


def random_weights(net, n_inputs, n_outputs, scale=0.3):
    sizes = net.layer_sizes(n_inputs, n_outputs)
    numbers = np.random.default_rng(2).normal(0, scale, count_parameters(sizes))
    return unpack(numbers.astype(np.float32), sizes)


@pytest.mark.parametrize("lit", [False, True])
@pytest.mark.parametrize(("output", "loss"), COSTS)
@pytest.mark.parametrize("hidden_layers", [(), (16, 8), (300,), (128, 128)])
def test_everything_equals_the_reference(digits, hidden_layers, output, loss, lit):
    net = Network(hidden_layers=hidden_layers, output=output, loss=loss)
    images = (mostly_lit(digits) if lit else digits).test  # 200, which are processed 128 at a time
    weights = random_weights(net, digits.n_inputs, 10, scale=0.1)
    activations, z = reference.forward(weights, images.images, net)
    losses = reference.losses(z, images.labels, net)
    found = evaluate(weights, images, net)
    assert (found.outputs.dtype, found.losses.dtype) == (np.float32, np.float64)
    np.testing.assert_allclose(found.outputs, activations[-1], rtol=1e-5, atol=2e-5)
    np.testing.assert_allclose(found.losses, losses, rtol=1e-4, atol=1e-6)
    assert found.loss == found.losses.mean()
    np.testing.assert_array_equal(predict(weights, images.images, net), found.outputs)

    answers = found.outputs.argmax(axis=1)
    top_two = np.sort(activations[-1], axis=1)[:, -2:]
    sure = top_two[:, 1] - top_two[:, 0] > 1e-4
    assert sure.mean() > 0.9
    np.testing.assert_array_equal(answers[sure], activations[-1].argmax(axis=1)[sure])
    assert found.accuracy == (answers == images.labels).mean()
    assert found.confidence == pytest.approx(found.outputs.max(axis=1).mean(dtype=float), rel=1e-12)
    assert found.confusion.dtype == np.int64
    counts = [
        [((images.labels == label) & (answers == answer)).sum() for answer in range(10)]
        for label in range(10)
    ]
    np.testing.assert_array_equal(found.confusion, counts)


def test_noise_counts_for_the_cost_but_not_for_the_accuracy(digits):
    net = Network(hidden_layers=(16,))
    weights = random_weights(net, digits.n_inputs, 10)
    labels = digits.test.labels.copy()
    labels[::3] = NO_CLASS
    found = evaluate(weights, Images(digits.test.images, labels), net)
    classed = evaluate(weights, digits.test.take(labels != NO_CLASS), net)
    assert found.accuracy == classed.accuracy
    np.testing.assert_array_equal(found.confusion, classed.confusion)
    assert found.confusion.sum() == (labels != NO_CLASS).sum()
    np.testing.assert_array_equal(found.confusion.sum(axis=1), np.bincount(labels, minlength=256)[:10])
    outputs = found.outputs[::3].astype(float)
    np.testing.assert_allclose(found.losses[::3], 0.5 * (outputs**2).sum(axis=1), rtol=1e-6)
    assert found.loss == found.losses.mean()
    assert found.confidence == pytest.approx(found.outputs.max(axis=1).mean(dtype=float), rel=1e-12)


def test_accuracy_of_noise_alone_is_nan():
    random = np.random.default_rng(0)
    noise = Images(random.integers(0, 256, (50, 4, 4), np.uint8), np.full(50, NO_CLASS, np.uint8))
    net = Network(hidden_layers=(5,))
    found = evaluate(random_weights(net, 16, 3), noise, net)
    assert np.isnan(found.accuracy)
    assert not found.confusion.any()
    assert np.isfinite([found.loss, found.confidence]).all()


@pytest.mark.parametrize("n_outputs", [1, 3, 17])
def test_regression_has_a_cost_but_no_accuracy(n_outputs):
    random = np.random.default_rng(0)
    targets = random.normal(size=(150, n_outputs)).astype(np.float32)
    images = Images.with_targets(random.normal(size=(150, 2, 3)).astype(np.float32), targets)
    net = Network(hidden_layers=(5,), output="linear")
    weights = random_weights(net, 6, n_outputs)
    found = evaluate(weights, images, net)
    activations, z = reference.forward(weights, images.images, net)
    np.testing.assert_allclose(found.outputs, activations[-1], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.losses, reference.losses(z, targets, net), rtol=1e-5)
    assert found.loss == found.losses.mean()
    assert np.isnan(found.accuracy)
    assert found.confusion.shape == (n_outputs, n_outputs)
    assert not found.confusion.any()


def test_evaluation_of_no_images_is_empty():
    net = Network(hidden_layers=(5,))
    found = evaluate(
        random_weights(net, 6, 2), Images(np.zeros((0, 2, 3), np.uint8), np.zeros(0, np.uint8)), net
    )
    assert found.outputs.shape == (0, 2)
    assert found.losses.shape == (0,)
    assert np.isnan([found.loss, found.accuracy, found.confidence]).all()
    assert not found.confusion.any()


@pytest.mark.parametrize("n", [1, 2, 3, 5, 127, 129])
def test_outputs_do_not_depend_on_the_other_images(digits, n):
    """Byte for byte, whatever the number of images and whatever the other images are."""
    net = Network(hidden_layers=(20, 9))
    weights = random_weights(net, digits.n_inputs, 10)
    whole = predict(weights, digits.test.images, net)
    np.testing.assert_array_equal(predict(weights, digits.test.images[:n], net), whole[:n])
    np.testing.assert_array_equal(predict(weights, digits.test.images[-n:], net), whole[-n:])


@pytest.mark.parametrize(("activation", "cost"), list(product(ACTIVATIONS, COSTS)))
def test_nan_propagates_to_outputs_and_costs(activation, cost):
    """Divergence is detected by NaN, so no maximum, threshold or clamp may hide it."""
    output, loss = cost
    net = Network(hidden_layers=(5, 4), activation=activation, output=output, loss=loss)
    for layer in range(3):
        weights = [(W.copy(), b.copy()) for W, b in random_weights(net, 6, 3)]
        weights[layer][1][:] = np.nan
        images = Images(np.full((2, 2, 3), 200, np.uint8), np.zeros(2, np.uint8))
        found = evaluate(weights, images, net)
        assert np.isnan(found.outputs).all()
        assert np.isnan(found.losses).all()


def test_scores_in_the_history_equal_those_of_an_evaluation(digits):
    data, net = first(digits, 100), Network(epochs=2)
    run = train(net, data)
    last = run.history.iloc[-1]
    for name, images in (("train", data.train), ("test", data.test)):
        found = evaluate(run.weights, images, net)
        assert (found.loss, found.accuracy) == (last[f"{name}_loss"], last[f"{name}_accuracy"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda weights, images: (weights[:1], images), "do not match the layer sizes"),
        (lambda weights, images: (weights, images.reshape(-1, 4, 4)), "do not match the layer sizes"),
        (lambda weights, images: (weights, images.astype(np.int32)), "pixels must be uint8"),
        (lambda weights, images: (weights, images.ravel()), "images must have shape"),
    ],
)
def test_weights_and_images_that_do_not_match_are_refused(change, message):
    net = Network(hidden_layers=(5,))
    weights, images = change(random_weights(net, 8, 3), np.zeros((4, 2, 4), np.uint8))
    with pytest.raises(DownhillError, match=message):
        predict(weights, images, net)


@pytest.mark.parametrize(
    ("images", "settings", "message"),
    [
        (Images(np.zeros((2, 2, 4), np.uint8), np.array([0, 3], np.uint8)), {}, "labels must be in 0 … 2"),
        (
            Images(np.zeros((2, 2, 4), np.uint8), np.array([0, 255], np.uint8)),
            {"output": "softmax"},
            "1 images belong to no class",
        ),
        (
            Images.with_targets(np.zeros((2, 2, 4), np.uint8), np.zeros((2, 2), np.float32)),
            {},
            "the targets have 2 values per image, but the network has 3 outputs",
        ),
    ],
)
def test_images_that_are_incompatible_with_the_network_are_refused(images, settings, message):
    net = Network(hidden_layers=(5,), **settings)
    with pytest.raises(DownhillError, match=message):
        evaluate(random_weights(net, 8, 3), images, net)


@pytest.mark.parametrize("scale", [1e-7, 1e-4, 0.1, 0.62, 0.63, 3.0, 50.0])
def test_tanh_is_accurate_near_zero_too(scale):
    z = np.linspace(-scale, scale, 64, dtype=np.float32)
    weights = [
        (np.diag(z), np.zeros(64, np.float32)),
        (np.eye(64, dtype=np.float32), np.zeros(64, np.float32)),
    ]
    net = Network(hidden_layers=(64,), activation="tanh", output="linear")
    found = np.diag(predict(weights, np.eye(64, dtype=np.float32), net))
    np.testing.assert_allclose(found, np.tanh(z.astype(np.float64)), rtol=4e-7)


def norms(gradient):
    return [np.sqrt((W**2).sum() + (b**2).sum()) for W, b in gradient]


@pytest.mark.parametrize("lit", [False, True])
@pytest.mark.parametrize(("output", "loss"), COSTS)
@pytest.mark.parametrize("hidden_layers", [(), (20, 12, 9), (300,)])
def test_gradient_of_given_weights_equals_the_reference_in_every_layer(
    digits, hidden_layers, output, loss, lit
):
    net = Network(
        hidden_layers=hidden_layers, activation="tanh", output=output, loss=loss, label_smoothing=0.1
    )
    images = first(mostly_lit(digits) if lit else digits, 300).train  # more than one chunk of the engine
    weights = random_weights(net, digits.n_inputs, 10, scale=0.1)
    before = [(W.copy(), b.copy()) for W, b in weights]
    found = loss_gradient(weights, images, net)
    _, expected = reference.loss_and_gradient(weights, images.images, images.labels, net)
    np.testing.assert_allclose(norms(found), norms(expected), rtol=1e-4)
    for part, true_part in zip(sum(found, ()), sum(expected, ()), strict=True):
        assert part.dtype == np.float64
        np.testing.assert_allclose(part, true_part, rtol=0, atol=1e-4 * np.abs(true_part).max())
    for layer, same in zip(weights, before, strict=True):
        np.testing.assert_array_equal(layer[0], same[0])


def test_gradient_at_a_snapshot_equals_the_reference(digits):
    """For labels that are shuffled per seed, and for regression targets."""
    data = first(digits, 150)
    net = Network(hidden_layers=(12,), epochs=2, snapshot_epochs="history", shuffle_labels=1)
    run, own = train(net, data, seed=3), training_images_of(data.train, net, 3)
    for weights in run.snapshots.values():
        _, expected = reference.loss_and_gradient(weights, own.images, own.labels, net)
        np.testing.assert_allclose(norms(loss_gradient(weights, own, net)), norms(expected), rtol=1e-4)
    random = np.random.default_rng(0)
    targets = random.normal(size=(40, 2)).astype(np.float32)
    images = Images.with_targets(random.random((40, 1, 3), np.float32), targets)
    net = Network(hidden_layers=(5,), output="linear")
    weights = random_weights(net, 3, 2)
    _, expected = reference.loss_and_gradient(weights, images.images, targets, net)
    np.testing.assert_allclose(norms(loss_gradient(weights, images, net)), norms(expected), rtol=1e-4)


def test_gradient_of_no_images_is_refused(digits):
    net = Network(hidden_layers=(5,))
    with pytest.raises(
        DownhillError, match=r"^there are no images to compute a gradient from; pass at least one$"
    ):
        loss_gradient(random_weights(net, digits.n_inputs, 10), digits.train.take(slice(0)), net)
